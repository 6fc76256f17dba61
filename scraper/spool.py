"""What was read of every page, on disk until all of it is read: memory stays flat.

Readings go in as pages come, in any order; they come out grouped by code, in the order of the
tables, with the sums that account for every wanted code.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from types import TracebackType
from typing import Self

from scraper.capture import HeldPage
from scraper.codes import order_of
from scraper.errors import StorageError
from scraper.normalize.family import Standing, kin_of
from scraper.normalize.reading import Reading
from scraper.record import PageRow

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE reading (system TEXT, code TEXT, content BLOB);
CREATE TABLE page (
    site TEXT, url TEXT, name TEXT, system TEXT, code TEXT, page_kind TEXT, outcome TEXT,
    reason TEXT, capture TEXT, raw_file TEXT, raw_offset INTEGER, retrieved_at TEXT
);
CREATE TABLE kin (
    system TEXT, code TEXT, family BLOB, standing INTEGER,
    year INTEGER, retrieved_at TEXT, raw_file TEXT, raw_offset INTEGER
);
CREATE TABLE wanted (site TEXT, code TEXT, url TEXT, PRIMARY KEY (code, site));
"""
# One line a page: the capture that makes a row, else the newest.
_PAGES = """
SELECT site, url, code, page_kind, outcome, reason, capture, raw_file, raw_offset, name FROM (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY site, url, CASE WHEN url IS NULL THEN name END
        ORDER BY outcome = 'row' DESC, retrieved_at DESC, raw_file DESC, raw_offset DESC
    ) AS rank FROM page
) WHERE rank = 1
UNION ALL
SELECT site, url, code, NULL, 'waiting', 'never_fetched', NULL, NULL, NULL, NULL FROM wanted
WHERE NOT EXISTS (SELECT 1 FROM page WHERE page.code = wanted.code)
ORDER BY site, url, name, raw_file, raw_offset
"""
# One line a code, by the descriptor that its row shows: the newest year, then the newest capture.
_FAMILIES = """
CREATE TABLE member AS SELECT system, code, family, standing FROM (
    SELECT *, ROW_NUMBER() OVER (
        PARTITION BY code ORDER BY year DESC, retrieved_at DESC, raw_file DESC, raw_offset DESC
    ) AS rank FROM kin
) WHERE rank = 1;
CREATE INDEX member_code ON member (code);
CREATE INDEX member_family ON member (family, standing, system, code);
"""
_PARENT = """
SELECT parent.code FROM member JOIN member AS parent USING (family)
WHERE member.code = ? AND member.standing > ? AND parent.standing < ?
ORDER BY parent.standing, parent.system, parent.code LIMIT 1
"""
# Newer pages of a code than those that make its row, and that could not be read.
_UNREAD = """
SELECT code, url, reason, raw_file, raw_offset FROM page JOIN (
    SELECT code, MAX(retrieved_at) AS newest FROM page WHERE outcome = 'row' GROUP BY code
) USING (code)
WHERE outcome = 'quarantined' AND retrieved_at > newest ORDER BY code, raw_file, raw_offset
"""
# The best that any page says of a code; a guide in its place is evidence that it has no page.
_COVERAGE = """
SELECT CASE MIN(standing) WHEN 1 THEN 'row' WHEN 2 THEN 'quarantined' WHEN 4 THEN 'waiting'
       ELSE 'absent' END, COUNT(*)
FROM (
    SELECT code, MIN(CASE outcome WHEN 'row' THEN 1 WHEN 'quarantined' THEN 2
                     WHEN 'waiting' THEN 4 ELSE 3 END) AS standing
    FROM (SELECT code, outcome FROM page UNION ALL SELECT code, 'waiting' FROM wanted)
    WHERE code IS NOT NULL GROUP BY code
) GROUP BY standing
"""

# Codes whose page is no longer there, on every site that had one, and since when.
_GONE = """
WITH held AS (
    SELECT code, site, MAX(retrieved_at) AS seen FROM page
    WHERE outcome = 'row' GROUP BY code, site
)
SELECT code, MIN(gone) FROM (
    SELECT held.code, (
        SELECT MIN(retrieved_at) FROM page
        WHERE code = held.code AND site = held.site AND outcome = 'absent' AND retrieved_at > seen
    ) AS gone FROM held
) GROUP BY code HAVING COUNT(gone) = COUNT(*)
"""


class Spool:
    """Readings and pages of one build, in a file that goes with it; use as a context manager."""

    def __init__(self) -> None:
        # A database without a name is a file that SQLite removes, whatever ends the process.
        self._file = sqlite3.connect("")
        self._file.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if isinstance(error, sqlite3.Error):
            raise StorageError(f"folder of temporary files: {error}; set TMPDIR") from error

    def add_wanted(self, site: str, codes: Iterable[tuple[str, str | None]]) -> None:
        """Add codes that somebody asked for, each with the address of its page."""
        rows = ((site, code, url) for code, url in codes)
        self._file.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?, ?)", rows)

    def add_reading(self, code: str, reading: Reading) -> None:
        """Add a reading that makes, or helps to make, the row of a code."""
        content = pickle.dumps(tuple(reading), pickle.HIGHEST_PROTOCOL)
        self._file.execute("INSERT INTO reading VALUES (?, ?, ?)", (*order_of(code), content))
        held, parsed = reading
        if kin := kin_of(code, parsed.official_description):
            year, taken = parsed.ama_copyright_year or 0, held.retrieved_at.isoformat()
            line = (*order_of(code), *kin, year, taken, held.raw_file, held.raw_offset)
            self._file.execute("INSERT INTO kin VALUES (?, ?, ?, ?, ?, ?, ?, ?)", line)

    def add_page(self, page: PageRow, held: HeldPage) -> None:
        """Add what became of a page."""
        order = order_of(page.code) if page.code else (None, None)
        self._file.execute(
            "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(page.site, page.url, page.source_name, *order, page.page_kind, page.outcome),
                *(page.reason, page.capture, page.raw_file, page.raw_offset),
                held.retrieved_at.isoformat(),
            ),
        )

    def readings_by_code(self) -> Iterator[tuple[str, list[Reading]]]:
        """Yield each code with its readings, in the order of the tables."""
        self._file.execute("CREATE INDEX reading_order ON reading (system, code)")
        self._file.executescript(_FAMILIES)
        rows = self._file.execute("SELECT code, content FROM reading ORDER BY system, code")
        for code, group in groupby(rows, key=itemgetter(0)):
            yield code, [_restore(content) for _, content in group]

    def parent_of(self, code: str) -> str | None:
        """Return the code whose family a code belongs to; None for a parent and for a lone code."""
        bounds = (Standing.STEM_ALONE, Standing.EACH_ADDITIONAL)
        found = self._file.execute(_PARENT, (code, *bounds)).fetchone()
        return found[0] if found and found[0] != code else None

    def gone_codes(self) -> dict[str, datetime]:
        """Return the codes with readings whose pages are gone, and since when."""
        self._file.execute("CREATE INDEX page_code ON page (code, site)")
        rows = self._file.execute(_GONE)
        return {code: datetime.fromisoformat(gone) for code, gone in rows}

    def pages(self) -> Iterator[PageRow]:
        """Yield one row per page, ordered by site and address, waiting codes among them."""
        for row in self._file.execute(_PAGES):
            yield PageRow(**dict(zip(PageRow.model_fields, row, strict=True)))

    def unread_pages(self) -> Iterator[tuple[str, str | None, str, str, int]]:
        """Yield code, address, reason and place of each quarantined page newer than its row."""
        yield from self._file.execute(_UNREAD)

    def coverage(self) -> dict[str, int]:
        """Count the wanted codes by what became of them; the counts add up to `wanted`."""
        counts = dict.fromkeys(("row", "absent", "waiting", "quarantined"), 0)
        for outcome, count in self._file.execute(_COVERAGE):
            counts[outcome] += count
        return {"wanted": sum(counts.values()), **counts}


def _restore(content: bytes) -> Reading:
    return Reading(*pickle.loads(content))  # noqa: S301 - written by this run, in its own folder
