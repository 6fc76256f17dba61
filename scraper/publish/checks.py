"""The last gate before a row is written: a release with a finding of these is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scraper.errors import ReleaseError
from scraper.record import CodeRecord, Row
from scraper.sites.profile import SiteProfile

KEYS: dict[str, tuple[str, ...]] = {"codes": ("code_system", "code")}
WANTED, OUTCOMES = "wanted", ("row", "absent", "waiting", "quarantined")
_DESCRIPTIONS = ("official_description", "common_language_description")


class KeyOrder:
    """Refuses rows that are not in strict order of their table's key."""

    def __init__(self, table: str) -> None:
        self._columns = KEYS.get(table, ())
        self._last: tuple[str, ...] = ()

    def check(self, row: Row) -> None:
        """Raise ReleaseError unless the row's key follows the key before it."""
        key = tuple(getattr(row, column) for column in self._columns)
        if key and key <= self._last:
            raise ReleaseError(
                f"{' '.join(key)}: comes after {' '.join(self._last)}; "
                "give each code once, in order of system and code"
            )
        self._last = key


def find_boilerplate(text: str | None, profile: SiteProfile) -> str | None:
    """Return the first paragraph of a description that is a line of the site's own furniture."""
    paragraphs = text.split("\n\n") if text else ()
    return next((paragraph for paragraph in paragraphs if profile.is_furniture(paragraph)), None)


def check_records(
    records: Iterable[CodeRecord], profiles: Mapping[str, SiteProfile]
) -> Iterator[CodeRecord]:
    """Give the records on; raise ReleaseError at the first whose description holds boilerplate."""
    for record in records:
        for column in _DESCRIPTIONS:
            if line := find_boilerplate(getattr(record, column), profiles[record.site]):
                raise ReleaseError(
                    f"{record.code}: {column} holds the line {line!r}, which is no description; "
                    f"correct the profile of site {record.site}"
                )
        yield record


def find_coverage_gap(coverage: Mapping[str, int], rows: int) -> str | None:
    """Say what is wrong with the sums, if the wanted codes are not all accounted for.

    `rows` is how many the table of codes holds.

    >>> find_coverage_gap({"wanted": 3, "row": 1, "absent": 0, "waiting": 1, "quarantined": 0}, 1)
    'coverage: 3 codes wanted, but 2 accounted for (row, absent, waiting, quarantined)'
    """
    missing = [name for name in (WANTED, *OUTCOMES) if name not in coverage]
    if missing:
        return f"coverage: {', '.join(missing)} not counted"
    if coverage["row"] != rows:
        return f"coverage: {coverage['row']} codes with a row, but the table holds {rows}"
    total = sum(coverage[name] for name in OUTCOMES)
    if coverage[WANTED] == total:
        return None
    return (
        f"coverage: {coverage[WANTED]} codes wanted, but {total} accounted for "
        f"({', '.join(OUTCOMES)})"
    )
