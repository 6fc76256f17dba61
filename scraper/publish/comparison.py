"""The rows of this run and of the release before, side by side in a file that goes with it.

Memory stays flat: the rows before lie there whole, of the rows now only hashes and what evidence
needs. Texts are compared by hashes of eight bytes.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from scraper.publish.row_checks import DESCRIPTIONS, RowBefore, place_of_row
from scraper.record import CodeRecord

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE before (
    code TEXT PRIMARY KEY, site TEXT, status TEXT, gates INTEGER, layout TEXT,
    capture TEXT, cut INTEGER, official TEXT, common TEXT, filled TEXT, facts TEXT
) WITHOUT ROWID;
CREATE TABLE text_before (hash INTEGER, code TEXT, PRIMARY KEY (hash, code)) WITHOUT ROWID;
CREATE TABLE event_before (code TEXT, event TEXT, by_text TEXT);
CREATE TABLE event (code TEXT, event TEXT, PRIMARY KEY (code, event)) WITHOUT ROWID;
CREATE TABLE page_before (capture INTEGER PRIMARY KEY);
CREATE TABLE now (
    code TEXT, url TEXT, place TEXT, body INTEGER, official INTEGER, common INTEGER, opening TEXT
);
CREATE TABLE passage (kind TEXT, hash INTEGER, code TEXT, opening TEXT);
"""
_OPENING = 160
_GROUPS = """
SELECT {key}, code, url, place, opening FROM now WHERE {key} IN (
    SELECT {key} FROM now WHERE {key} IS NOT NULL GROUP BY {key} HAVING COUNT(*) > 1
) ORDER BY {key}, code
"""
_PASSAGES = """
SELECT hash, passage.code, url, place, MIN(passage.opening) FROM passage
JOIN now ON now.code = passage.code
WHERE kind = ? AND hash IN (
    SELECT hash FROM passage WHERE kind = ? GROUP BY hash HAVING COUNT(DISTINCT code) >= ?
) GROUP BY hash, passage.code ORDER BY hash, passage.code
"""

_LOST_EVENTS = """
SELECT DISTINCT code, event FROM event_before AS old
WHERE EXISTS (SELECT 1 FROM now WHERE now.code = old.code)
AND EXISTS (SELECT 1 FROM before WHERE before.code = old.code)
AND NOT EXISTS (
    SELECT 1 FROM event WHERE event.code = old.code AND event.event IN (old.event, old.by_text)
)
ORDER BY code, event
"""


class Holder(NamedTuple):
    """A row of this run that shares something, by its hash, with others."""

    hash: int
    code: str
    url: str | None
    place: str
    opening: str | None


def describe_event(day: date | None, text: str, action: str) -> tuple[str, str]:
    """Return a line of history without its notes, which may be edited: by its date, by its text.

    >>> describe_event(date(2026, 1, 1), "1/1/2026", "Added")
    ('2026-01-01 added', '1/1/2026 added')
    """
    return f"{day or text} {action.casefold()}", f"{text} {action.casefold()}"


def hash_text(text: str) -> int:
    """Return eight bytes of a text's hash, as SQLite's signed integer."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


class Comparison:
    """Both releases of one build; `close` it at its end."""

    def __init__(self) -> None:
        # As in spool.py: a database without a name is a file that SQLite removes by itself.
        self._file = sqlite3.connect("")
        self._file.executescript(_SCHEMA)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def add_before(self, rows: Iterable[RowBefore]) -> None:
        """Add rows of the release before."""
        for row in rows:
            self._file.execute("INSERT OR REPLACE INTO before VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
            for column in DESCRIPTIONS:
                if text := getattr(row, column):
                    values = (hash_text(text), row.code)
                    self._file.execute("INSERT OR IGNORE INTO text_before VALUES (?, ?)", values)

    def add_pages_before(self, captures: Iterable[str]) -> None:
        """Add the pages, by SHA-256, that made no row in the release before."""
        rows = ((hash_text(capture),) for capture in captures)
        self._file.executemany("INSERT OR IGNORE INTO page_before VALUES (?)", rows)

    def add_events_before(self, events: Iterable[tuple[str, str, str]]) -> None:
        """Add lines of history of the release before: the code, and what describe_event says."""
        self._file.executemany("INSERT INTO event_before VALUES (?, ?, ?)", events)

    def add_event(self, code: str, forms: Iterable[str]) -> None:
        """Add a line of history of this run, in each of its forms."""
        rows = ((code, form) for form in forms)
        self._file.executemany("INSERT OR IGNORE INTO event VALUES (?, ?)", rows)

    def add_now(self, record: CodeRecord) -> None:
        """Add a row of this run."""
        texts = [getattr(record, column) for column in DESCRIPTIONS]
        values = (
            *(record.code, record.source_url, place_of_row(record)),
            _hash_capture(record.capture_sha256),
            *(hash_text(text) if text else None for text in texts),
            next((text[:_OPENING] for text in reversed(texts) if text), None),
        )
        self._file.execute("INSERT INTO now VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def add_passage(self, kind: str, code: str, text: str) -> None:
        """Add a part of a description that is to be of one code alone."""
        values = (kind, hash_text(text), code, text[:_OPENING])
        self._file.execute("INSERT INTO passage VALUES (?, ?, ?, ?)", values)

    def row_before(self, code: str) -> RowBefore | None:
        """Return what the release before said of a code."""
        row = self._file.execute("SELECT * FROM before WHERE code = ?", (code,)).fetchone()
        return RowBefore(*row) if row else None

    def owner_before(self, text: str) -> str | None:
        """Return a code that had this description in the release before."""
        query = "SELECT MIN(code) FROM text_before WHERE hash = ?"
        owner: str | None = self._file.execute(query, (hash_text(text),)).fetchone()[0]
        return owner

    def held_before(self, capture: str) -> bool:
        """Tell whether the release before knew a page, and made no row of it."""
        query = "SELECT 1 FROM page_before WHERE capture = ?"
        return self._file.execute(query, (hash_text(capture),)).fetchone() is not None

    def count_before(self) -> int:
        """Count the rows of the release before."""
        count: int = self._file.execute("SELECT COUNT(*) FROM before").fetchone()[0]
        return count

    def vanished(self) -> Iterator[tuple[str, str]]:
        """Yield code and status of each row before that has none now."""
        self._index_codes()
        yield from self._file.execute(
            "SELECT code, status FROM before WHERE code NOT IN (SELECT code FROM now) ORDER BY code"
        )

    def lost_events(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of history before that are gone, of the codes that have a row now."""
        self._index_codes()
        yield from self._file.execute(_LOST_EVENTS)

    def sharing(self, column: str) -> Iterator[Holder]:
        """Yield the rows that have `body`, `official` or `common` in common, group by group."""
        yield from map(Holder._make, self._file.execute(_GROUPS.format(key=column)))

    def official_hash(self, code: str) -> int | None:
        """Return the hash of a row's official description."""
        self._index_codes()
        query = "SELECT official FROM now WHERE code = ?"
        row = self._file.execute(query, (code,)).fetchone()
        return row[0] if row else None

    def passages_on(self, kind: str, least: int) -> Iterator[Holder]:
        """Yield the rows that hold a passage which stands on at least so many codes."""
        self._index_codes()
        rows = self._file.execute(_PASSAGES, (kind, kind, least))
        yield from map(Holder._make, rows)

    def _index_codes(self) -> None:
        """Key the rows now by code: not before they are all there."""
        self._file.execute("CREATE INDEX IF NOT EXISTS now_code ON now (code)")


def _hash_capture(capture: str) -> int:
    return int.from_bytes(bytes.fromhex(capture[:16]), signed=True)
