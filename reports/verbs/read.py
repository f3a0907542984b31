"""`openweb read`: the signals of files at hand, through the same pure readers as a crawl, without any archive."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import click

from crawler.errors import Exit
from crawler.records import AccessRow, Exchange, Fact, Fault, LicenceClaim, Reading, Signal, Statement
from crawler.vocabulary import CoverageState, Interpretation, page_like
from reports.verbs.options import clean, emit, plain


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="FILE|-...")
@click.option("--json", "as_json", is_flag=True, help="JSON lines even on a terminal; elsewhere they are the default.")
@click.option("--text", "as_text", is_flag=True, help="Text for people even where the output is no terminal.")
@click.option(
    "--facts", is_flag=True, help="Also what is no stance and no licence: faults, prices, contacts, dialects."
)
@click.option(
    "--second",
    is_flag=True,
    help="Also what extruct and BeautifulSoup find on pages, and whether it was read; a hundred times slower.",
)
def command(inputs: tuple[str, ...], as_json: bool, as_text: bool, facts: bool, second: bool) -> int:
    """Read the signals of local files or a WARC, no archive needed.

    FILE holds JSON lines {"url", "status", "headers", "body" or "body_b64", "fetched_at"}, plain, .gz or .zst, or is a
    WARC, ARC or WACZ file; `-` is standard input. What an address is asked for is told from its path: robots.txt, a
    well-known file, an RSL or TDM policy document, else a page.

    One JSON object a line comes out, with the input's `url` and a `kind`: `reading`, `licence`, `coverage` of every
    carrier, and last `page`, the licence of the page's own main content. A reading is `strict` as the specification
    says, or `lenient`: only what the publisher plainly meant; who reads leniently takes both. Input that cannot be
    used is a line of kind `error`, and the run goes on. --second adds lines of kind `second`: a licence statement as
    others find it (`by`, `raw`), with `read` false where no reader here names the same address or words, or `failed`
    with the reason where they could not tell.

    \b
    Examples:
      openweb read pages.jsonl > readings.jsonl
      openweb read --second pages.jsonl | jq 'select(.kind == "second" and .read == false)'
      curl -s https://example.org/ | jq -Rs '{url: "https://example.org/", body: .}' -c | openweb read -
    """
    # Imported where they are used, so that `-h` answers at once.
    from crawler.given import Broken
    from crawler.sources.lines import exchanges_of

    if as_json and as_text:
        raise click.UsageError("--json and --text exclude each other; give one")
    text = as_text or (sys.stdout.isatty() and not as_json)
    now = datetime.now(UTC)
    bad = used = 0
    for name in inputs:
        for found in exchanges_of(name, now=now):
            if isinstance(found, Broken):
                bad += 1
                if text:
                    click.echo(clean(f"{name}: {found.place}: {found.reason}"), err=True)
                else:
                    where = {"input": name, "place": found.place}
                    emit({"kind": "error", "url": found.url, **where, "error": found.reason})
                continue
            used += 1
            if text:
                _show(found, second=second)
            else:
                click.echo("\n".join(as_line(record) for record in records_of(found, facts=facts, second=second)))
    if bad:
        click.echo(f'{bad} of {bad + used} inputs could not be used; see the lines of kind "error"', err=True)
    return Exit.DONE


def as_line(record: Mapping[str, object]) -> str:
    """One JSON object as its line, as `options.emit` writes it; an exchange's lines go out together."""
    return json.dumps(plain(record), ensure_ascii=False)


def records_of(exchange: Exchange, *, facts: bool = False, second: bool = False) -> Iterator[dict[str, object]]:
    """The output objects of one exchange: readings, licences, coverage of every carrier, last the page."""
    from crawler.coverage import cover
    from crawler.licences.page import page_licence
    from crawler.signals import read

    found = list(read(exchange))
    statements = [statement for _, statement in found]
    claims = [statement for statement in statements if isinstance(statement, LicenceClaim)]
    own = page_licence(claims)
    for signal, statement in found:
        if isinstance(statement, Reading):
            yield _reading(exchange, signal, statement)
    for signal, statement in found:
        if isinstance(statement, LicenceClaim):
            yield _licence(exchange, signal, statement, conflict=own.conflict)
    if facts:
        yield from _facts(exchange, statements)
    if second and page_like(exchange.role):
        yield from _second(exchange, statements)
    for covered in cover(exchange, found):
        yield {
            "url": exchange.url,
            "kind": "coverage",
            "carrier": covered.carrier,
            "state": covered.state,
            "reason": covered.reason,
        }
    yield {
        "url": exchange.url,
        "kind": "page",
        "page_licence": own.spdx,
        "page_licence_class": own.licence_class,
        "partial": own.partial,
        "conflict": own.conflict,
        "role": exchange.role,
        "status": exchange.status,
        "outcome": exchange.outcome,
        "detail": exchange.detail,
        "fetched_at": exchange.fetched_at,
    }


def _reading(exchange: Exchange, signal: Signal, found: Reading) -> dict[str, object]:
    lenient = found.interpretation is Interpretation.LENIENT
    return {
        "url": exchange.url,
        "kind": "reading",
        "carrier": found.carrier,
        "use": found.use,
        "stance": found.stance,
        "reading": Interpretation.LENIENT if lenient else Interpretation.STRICT,
        "interpretation": found.interpretation,
        "scope": found.scope,
        "pattern": found.pattern,
        "agent": found.agent,
        "raw": found.raw,
        "locator": found.locator,
        "line": found.line,
        "strength": found.strength,
        "provenance": found.provenance,
        "vocabulary": found.vocabulary,
        "in_force_from": found.in_force_from,
        "in_force_until": found.in_force_until,
        "condition": found.condition,
        "note": found.note,
        "reader": f"{signal.id}@{signal.version}",
    }


def _licence(exchange: Exchange, signal: Signal, found: LicenceClaim, *, conflict: bool) -> dict[str, object]:
    return {
        "url": exchange.url,
        "kind": "licence",
        "spdx": found.spdx,
        "class": found.licence_class,
        "subject": found.subject,
        "source": found.carrier,
        "licence_url": found.url,
        "family": found.family,
        "version": found.version,
        "jurisdiction": found.jurisdiction,
        "raw": found.raw,
        "locator": found.locator,
        "location": found.location,
        "partial": found.partial,
        "conflict": conflict,
        "note": found.note,
        "reader": f"{signal.id}@{signal.version}",
    }


def _second(exchange: Exchange, statements: list[Statement]) -> Iterator[dict[str, object]]:
    from crawler.licences.second import same, second_reading

    ours = {same(one.url, exchange.url) for one in statements if isinstance(one, LicenceClaim)}
    for found in second_reading(exchange.body or b"", exchange.url):
        told = (
            {"failed": found.failed}
            if found.failed
            else {"raw": found.raw, "read": same(found.raw, exchange.url) in ours}
        )
        yield {"url": exchange.url, "kind": "second", "by": found.by, **told}


def _facts(exchange: Exchange, statements: list[Statement]) -> Iterator[dict[str, object]]:
    for found in statements:
        if isinstance(found, Fact):
            yield {
                "url": exchange.url,
                "kind": "fact",
                "carrier": found.carrier,
                "name": found.name,
                "value": found.value,
                "locator": found.locator,
                "raw": found.raw,
            }
        elif isinstance(found, AccessRow):
            yield {"url": exchange.url, "kind": "access", **found._asdict()}
        elif isinstance(found, Fault):
            yield {
                "url": exchange.url,
                "kind": "fault",
                "carrier": found.carrier,
                "reason": found.reason,
                "locator": found.locator,
                "raw": found.raw,
            }


def _show(exchange: Exchange, *, second: bool = False) -> None:
    """One exchange for people: what it is, what it says, what it declares, what could not be read."""
    from crawler.coverage import cover
    from crawler.licences.page import page_licence
    from crawler.signals import read

    status = exchange.status if exchange.status is not None else "no answer"
    detail = f" ({exchange.detail})" if exchange.detail else ""
    click.echo(clean(f"{exchange.url}  {exchange.role}, {status}: {exchange.outcome}{detail}"))
    pairs = list(read(exchange))
    statements = [statement for _, statement in pairs]
    for found in statements:
        if isinstance(found, Reading):
            to = "" if found.agent == "*" else f" to {found.agent}"
            where = f" for {found.pattern}" if found.pattern else ""
            how = f", {found.strength}" + (", lenient" if found.interpretation is Interpretation.LENIENT else "")
            terms = f" if {found.condition}" if found.condition else ""
            _line(f"{found.use} {found.stance}{to}{where}{terms}{how}: {found.carrier}, {found.locator}", found.raw)
        elif isinstance(found, LicenceClaim):
            name = found.spdx or found.url
            _line(f"licence {name} of {found.subject}, class {found.licence_class}: {found.carrier}", found.raw)
        elif isinstance(found, Fault):
            _line(f"malformed {found.carrier}, {found.locator}: {found.reason}", found.raw)
        elif isinstance(found, Fact):
            _line(f"{found.name} {found.value}: {found.carrier}, {found.locator}", found.raw)
    if second and page_like(exchange.role):
        for told in _second(exchange, statements):
            verdict = told.get("failed") or ("read here too" if told["read"] else "not read here")
            _line(f"found by {told['by']}: {verdict}", str(told.get("raw") or ""))
    unread = [
        f"{covered.carrier} ({covered.reason})"
        for covered in cover(exchange, pairs)
        if covered.state is CoverageState.UNOBSERVED and covered.reason != "not_asked"
    ]
    if unread:
        click.echo(clean(f"  could not be read: {', '.join(unread)}"))
    own = page_licence([statement for statement in statements if isinstance(statement, LicenceClaim)])
    if own.spdx or own.conflict:
        notes = [word for word, so in (("in part only", own.partial), ("in conflict", own.conflict)) if so]
        click.echo(clean(f"  the page declares {own.spdx or 'more than one licence'} {', '.join(notes)}".rstrip()))


def _line(text: str, raw: str) -> None:
    click.echo(clean(f"  {text}"))
    if raw:
        click.echo(clean(f"    {' '.join(raw.split())[:160]}"))
