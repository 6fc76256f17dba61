"""index.sqlite: where each capture is, by site and URL. A cache: `recovery` makes it from raw/.

It is written after the segment it speaks of is safe on the disk: it may be behind, never ahead.
A commit waits for the disk several times, so that one is made for many captures.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from scraper.archive.entry import Revisit, parse_time
from scraper.capture import CaptureKind, HeldPage
from scraper.clock import format_time
from scraper.parsed import WALLS

FILE_NAME = "index.sqlite"
_VERSION = 1
_PAGE_ROWS = 1_000
_WAIT_SECONDS = 30
_SCHEMA = f"""
CREATE TABLE segments (raw_file TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE captures (
    site TEXT NOT NULL, url TEXT, kind TEXT NOT NULL, status INTEGER, retrieved_at TEXT NOT NULL,
    checked_at TEXT NOT NULL, sha256 TEXT NOT NULL, source TEXT NOT NULL, source_name TEXT,
    raw_file TEXT NOT NULL, raw_offset INTEGER NOT NULL, page_kind TEXT, code TEXT,
    PRIMARY KEY (raw_file, raw_offset)
) WITHOUT ROWID;
CREATE INDEX captures_by_url ON captures (site, url, checked_at);
CREATE INDEX captures_by_kind ON captures (site, kind, checked_at);
PRAGMA user_version = {_VERSION};
"""
_COLUMNS = (
    "site, url, kind, status, retrieved_at, checked_at, sha256, source, source_name, "
    "raw_file, raw_offset, page_kind, code"
)
_NEWEST_FIRST = "ORDER BY checked_at DESC, raw_file DESC, raw_offset DESC LIMIT 1"

_INSERT = f"INSERT INTO captures VALUES ({', '.join('?' * 13)})"  # noqa: S608
_MOVE_CHECKED_AT = (
    "UPDATE captures SET checked_at = max(checked_at, ?) WHERE (raw_file, raw_offset) = ("
    "SELECT raw_file, raw_offset FROM captures WHERE site = ? AND url IS ? AND sha256 = ? "
    "ORDER BY checked_at DESC, raw_file DESC, raw_offset DESC LIMIT 1)"
)

_OLDEST = (
    "SELECT site, min(checked) FROM (SELECT site, max(checked_at) AS checked FROM captures "
    "WHERE kind = 'page' AND source = 'fetch' AND coalesce(status, 200) NOT IN (401, 403, 429) "
    "AND coalesce(page_kind, '') NOT IN (SELECT value FROM json_each(?)) "
    "AND (? IS NULL OR site = ?) GROUP BY site, url) GROUP BY site"
)

Entry = HeldPage | Revisit


class Index:
    """An open index; changes are seen by others after `commit` or `close`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def create(cls, path: Path | None) -> Index:
        """Make an empty index in a new file, or in memory."""
        index = cls(_connect(str(path) if path else ":memory:"))
        index._db.executescript(_SCHEMA)
        return index

    @classmethod
    def open(cls, path: Path, *, write: bool) -> Index:
        """Open an index; sqlite3.Error where it is missing, damaged or of another version."""
        mode = "rw" if write else "ro"
        index = cls(_connect(f"{path.absolute().as_uri()}?mode={mode}"))
        try:
            index._check()
        except BaseException:
            index.close()
            raise
        return index

    def close(self) -> None:
        """Commit and close the index; it cannot be used again."""
        try:
            self._db.commit()
        finally:
            self._db.close()

    def commit(self) -> None:
        """Make every change so far durable."""
        self._db.commit()

    def segment_sizes(self) -> dict[str, int]:
        """Return how many bytes of each segment the index knows."""
        return dict(self._db.execute("SELECT raw_file, size FROM segments WHERE size"))

    def add(self, entries: Iterable[tuple[Entry, int]], raw_file: str, start: int) -> int:
        """Add what a segment holds from `start` on: each entry and where it ends, all or nothing.

        Returns the end of the last entry, which is how much of the segment the index then knows.
        """
        end = start
        try:
            for entry, end in entries:  # noqa: B007 - the last one is used
                if isinstance(entry, Revisit):
                    self._move_checked_at(entry)
                else:
                    self._db.execute(_INSERT, _row(entry))
            self._db.execute("INSERT OR REPLACE INTO segments VALUES (?, ?)", (raw_file, end))
        except BaseException:
            self._db.rollback()
            raise
        return end

    def count(self) -> int:
        """Return the number of captures."""
        (number,) = self._db.execute("SELECT count(*) FROM captures").fetchone()
        return int(number)

    def count_pages(self) -> dict[str, int]:
        """Return the number of captures of pages by site, in order of the sites."""
        counts = "SELECT site, count(*) FROM captures WHERE kind = 'page' GROUP BY site"
        return dict(self._db.execute(counts))

    def count_kinds(self, site: str | None) -> dict[tuple[str, str], int]:
        """Return the number of captures of pages by site and page kind, `unread` where unknown."""
        query = (
            "SELECT site, coalesce(page_kind, 'unread'), count(*) FROM captures "
            "WHERE kind = 'page' AND (? IS NULL OR site = ?) GROUP BY 1, 2"
        )
        return {(site, kind): n for site, kind, n in self._db.execute(query, (site, site))}

    def oldest_checks(self, site: str | None) -> dict[str, datetime]:
        """Return by site when that fetched page was last checked which waits longest for it.

        Walls and refusals are no page: they do not make an address look fresh.
        """
        rows = self._db.execute(_OLDEST, (json.dumps(sorted(WALLS)), site, site))
        return {site: parse_time(checked) for site, checked in rows}

    def note_parsed(self, page: HeldPage, page_kind: str, code: str | None) -> None:
        """Keep what the parser said of a page."""
        place = "WHERE raw_file = ? AND raw_offset = ?"
        values = (page_kind, code, page.raw_file, page.raw_offset)
        self._db.execute(f"UPDATE captures SET page_kind = ?, code = ? {place}", values)  # noqa: S608

    def pages(self, site: str | None, kind: str) -> Iterator[HeldPage]:
        """Give the captures in the order of their place, a thousand at a time in memory."""
        query = (
            f"SELECT {_COLUMNS} FROM captures WHERE (raw_file, raw_offset) > (?, ?) "  # noqa: S608
            "AND kind = ? AND (? IS NULL OR site = ?) ORDER BY raw_file, raw_offset LIMIT ?"
        )
        place: tuple[str, int] = ("", -1)
        while rows := self._db.execute(query, (*place, kind, site, site, _PAGE_ROWS)).fetchall():
            pages = [_page(row) for row in rows]
            yield from pages
            place = (pages[-1].raw_file, pages[-1].raw_offset)

    def newest(self, site: str, url: str | None) -> HeldPage | None:
        """Return the capture of a URL that was last seen to be so."""
        return self._one(f"site = ? AND url IS ? {_NEWEST_FIRST}", (site, url))

    def newest_of_kind(self, site: str, kind: CaptureKind) -> HeldPage | None:
        """Return the capture of a kind that was last seen to be so."""
        return self._one(f"site = ? AND kind = ? {_NEWEST_FIRST}", (site, kind))

    def find_import(
        self, site: str, url: str | None, source_name: str | None, sha256: str
    ) -> HeldPage | None:
        """Return the import of this very file, if it is held."""
        where = "site = ? AND url IS ? AND source_name IS ? AND sha256 = ? AND source = 'import'"
        return self._one(f"{where} {_NEWEST_FIRST}", (site, url, source_name, sha256))

    def _one(self, where: str, values: tuple[Any, ...]) -> HeldPage | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM captures WHERE {where}", values).fetchone()  # noqa: S608
        return _page(row) if row else None

    def _move_checked_at(self, revisit: Revisit) -> None:
        values = (format_time(revisit.checked_at), revisit.site, revisit.url, revisit.sha256)
        self._db.execute(_MOVE_CHECKED_AT, values)

    def _check(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            raise sqlite3.DatabaseError(f"version {version} instead of {_VERSION}")
        (verdict,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)


def _connect(database: str) -> sqlite3.Connection:
    is_uri = database.startswith("file:")
    return sqlite3.connect(database, uri=is_uri, timeout=_WAIT_SECONDS)


def _row(page: HeldPage) -> tuple[Any, ...]:
    return (
        page.site,
        page.url,
        page.kind,
        page.status,
        format_time(page.retrieved_at),
        format_time(page.checked_at),
        page.sha256,
        page.source,
        page.source_name,
        page.raw_file,
        page.raw_offset,
        page.page_kind,
        page.code,
    )


def _page(row: tuple[Any, ...]) -> HeldPage:
    site, url, kind, status, retrieved_at, checked_at, *rest = row
    times = parse_time(retrieved_at), parse_time(checked_at)
    return HeldPage(site, url, kind, status, *times, *rest)
