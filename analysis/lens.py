"""Through what a picture of a site is judged: for which path, which addressee, which vocabulary, which day's registry.

The rules and their SQL are the same whatever the lens; it only settles which statements speak and which agents count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from crawler import aipref
from crawler.robots.escapes import normalise
from crawler.robots.matcher import compile_pattern, octets_of
from crawler.vocabulary import ANYONE, Vocabulary


@dataclass(frozen=True, slots=True)
class Lens:
    """The site's front page, everybody, today's words of each draft and today's registry, unless told otherwise.

    `path` is path and query from the first `/`. `agent` is a lower-case token whose own statements count beside those
    to everybody, and which is then the only agent whose refusal counts. `words_of` is the day whose revision of each
    draft is in force, `agents_of` the day by which an agent must have been announced to count (None: today's, all).
    """

    path: str = "/"
    agent: str = ANYONE
    words_of: date | None = None
    agents_of: date | None = None


def register(connection: duckdb.DuckDBPyConnection, lens: Lens | None = None) -> None:
    """Make the lens readable in SQL: `path_asked` (the patterns that match its path, with the octets by which the
    longest wins), `addressee` and `vocabulary_asked`, as temporary tables.
    """
    lens = lens or Lens()
    written = connection.execute("SELECT DISTINCT pattern FROM reading WHERE pattern IS NOT NULL").fetchall()
    found = [(pattern, size) for (pattern,) in written if (size := match_size(pattern, lens.path))]
    put(
        connection,
        "path_asked",
        {
            "pattern": pa.array([row[0] for row in found], pa.string()),
            "size": pa.array([row[1] for row in found], pa.int64()),
        },
    )
    put(connection, "addressee", {"agent": pa.array(sorted({ANYONE, lens.agent}))})
    words = _vocabularies(lens.words_of)
    put(
        connection,
        "vocabulary_asked",
        {
            "vocabulary": pa.array([word.value for word, _ in words]),
            "in_force_on": pa.array([day for _, day in words], pa.date32()),
        },
    )


def match_size(pattern: str, path: str) -> int:
    """The octets of a path pattern, in robots.txt notation, that matches a path; 0 where it does not."""
    compiled = compile_pattern(pattern.encode("utf-8", "surrogatepass"))
    return compiled.size if compiled.matches(normalise(octets_of(path))) else 0


def put(connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.Array]) -> None:
    """Make a temporary table of those columns."""
    connection.register("incoming_words", pa.table(columns))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming_words")
    connection.unregister("incoming_words")


def _vocabularies(words_of: date | None) -> list[tuple[Vocabulary, date | None]]:
    """The readings that count: those on which every revision agrees, and those of the revision in force that day."""
    if words_of is None:
        return [(Vocabulary.BOTH, None), (Vocabulary.CURRENT, None)]
    words: list[tuple[Vocabulary, date | None]] = [(Vocabulary.BOTH, None), (Vocabulary.AS_OF, words_of)]
    if words_of >= aipref.CURRENT.since:
        words.append((Vocabulary.CURRENT, None))
    return words
