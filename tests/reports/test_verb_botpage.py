"""`openweb botpage`: it says what the settings say, hostile words stay words, the same input gives the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.botpage import networks
from crawler.errors import Exit, InputError
from crawler.politeness import OptOuts, RobotsGate
from crawler.signals import PROBES
from tests.reports.archives import records, run

CONTACT = "https://lab.openweb-audit.net/bot"


def text_of(path: Path) -> str:
    body = LexborHTMLParser(path.read_text(encoding="utf-8")).body
    assert body is not None
    return " ".join(body.text().split())


def test_it_says_what_the_settings_say(tmp_path: Path) -> None:
    out = tmp_path / "public" / "bot"
    sets = ["politeness.delay=2.5", "politeness.requests_per_site=7", "identity.token=LabBot", "crawl.media_per_site=3"]
    sets += ["crawl.pages_per_site=2", "politeness.media_bytes=1048576"]
    options = [word for text in sets for word in ("--set", text)]
    code, _ = run(
        "botpage", "-o", out, "--contact", CONTACT, "--every", "once a month", "--operator", "The Lab", *options
    )
    assert code == Exit.DONE
    text = text_of(out / "index.html")
    for words in (
        "The Lab runs this crawler",
        f"(+{CONTACT})",
        "User-Agent: LabBot/",
        "User-agent: LabBot Disallow: /",
        "A run takes place once a month.",
        "At most 7 requests to a site",
        "at least 2.5 s between two requests to it",
        "read anew after 24 hours",
        "at most 2 more of your pages",
        "at most 3 images or documents",
        "asked for only if they have changed",
        "512 KiB",
        "1024 KiB of an image or document",
        *PROBES.values(),
    ):
        assert words in text, words
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "report.css"]
    assert "crawler.json" not in text


def test_it_promises_nothing_that_is_switched_off(tmp_path: Path) -> None:
    code, _ = run("botpage", "-o", tmp_path / "bot", "--contact", CONTACT, "--set", "politeness.conditional=false")
    text = text_of(tmp_path / "bot" / "index.html")
    assert code == Exit.DONE
    for words in ("more of your pages", "images or documents", "an image or document", "only if they have changed"):
        assert words not in text, words


def test_the_rules_it_gives_do_keep_us_away(tmp_path: Path) -> None:
    """What the page tells webmasters to write is read as what it promises."""
    run("botpage", "-o", tmp_path, "--contact", CONTACT)
    document = LexborHTMLParser((tmp_path / "index.html").read_text(encoding="utf-8"))
    rules = [node.text() for node in document.css("pre") if "Disallow" in node.text()]
    assert len(rules) == 1
    gate = RobotsGate("OpenWebAudit", body=rules[0].encode())
    assert not gate.rule("https://a.example/").allowed
    assert gate.rule("https://a.example/robots.txt").allowed
    assert OptOuts(["a.example"]).covers("b.a.example") == "a.example"


def test_addresses(tmp_path: Path) -> None:
    ranges = ("--ip-range", "2001:db8:1::/48", "--ip-range", "198.51.100.7", "--ip-range", "192.0.2.0/28")
    command = ("botpage", "-o", tmp_path, "--contact", CONTACT, *ranges, "--created", "2026-11-25T03:00:00Z", "--json")
    code, text = run(*command)
    assert code == Exit.DONE
    assert [Path(record["file"]).name for record in records(text)] == ["index.html", "report.css", "crawler.json"]
    assert json.loads((tmp_path / "crawler.json").read_text(encoding="utf-8")) == {
        "creationTime": "2026-11-25T03:00:00Z",
        "prefixes": [
            {"ipv4Prefix": "192.0.2.0/28"},
            {"ipv4Prefix": "198.51.100.7/32"},
            {"ipv6Prefix": "2001:db8:1::/48"},
        ],
    }
    document = LexborHTMLParser((tmp_path / "index.html").read_text(encoding="utf-8"))
    (link,) = document.css("link[rel=client-ranges]")
    assert link.attributes["href"] == "crawler.json"
    assert "198.51.100.7/32" in text_of(tmp_path / "index.html")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    run(*command)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    code, text = run("botpage", "-o", tmp_path, "--contact", CONTACT)
    assert code == Exit.USAGE
    assert "lists addresses of an earlier page" in text
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_hostile_words_stay_words(tmp_path: Path, hostile: tuple[str, ...]) -> None:
    plain, bad = tmp_path / "plain", tmp_path / "bad"
    words = [text.replace("\x00", "") for text in hostile]
    run("botpage", "-o", plain, "--contact", CONTACT, "--operator", "x", "--every", "x", "--set", "crawl.vantage=x")
    shape = [node.tag for node in LexborHTMLParser((plain / "index.html").read_text(encoding="utf-8")).css("*")]
    for word in words:
        run("botpage", "-o", bad, "--contact", CONTACT, "--operator", word, "--every", word)
        html = (bad / "index.html").read_text(encoding="utf-8")
        tags = [node.tag for node in LexborHTMLParser(html).css("*") if node.attributes.get("class") != "esc"]
        assert tags == shape, word
        assert "\u202e" not in html


def test_mail_as_the_contact(tmp_path: Path) -> None:
    run("botpage", "-o", tmp_path, "--contact", "mailto:bot@lab.openweb-audit.net?subject=bot")
    assert "Write to bot@lab.openweb-audit.net ." in text_of(tmp_path / "index.html").replace("net.", "net .")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "contact_url is empty"),
        (["--contact", "https://example.org/"], "placeholder"),
        (["--contact", CONTACT, "--ip-range", "192.0.2.0/28"], "with --created"),
        (["--contact", CONTACT, "--created", "2026-11-25", "--ip-range", "192.0.2.1/28"], "has host bits set"),
        (["--contact", CONTACT, "--created", "2026-11-25", "--ip-range", "10.0.0.0/8"], "nobody is reached from there"),
        (["--contact", CONTACT, "--created", "yesterday"], "yesterday"),
    ],
)
def test_what_gives_no_page(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = run("botpage", "-o", "out", *arguments)
    assert code == Exit.USAGE
    assert message in text
    assert not Path("out").exists()


def test_networks_are_each_named_once() -> None:
    assert [str(network) for network in networks(["8.8.8.0/24", "1.1.1.1", "8.8.8.0/24"])] == [
        "1.1.1.1/32",
        "8.8.8.0/24",
    ]
    with pytest.raises(InputError, match="give a network such as"):
        networks(["x"])
