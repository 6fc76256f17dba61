"""The key of a table and the sums of a release: what its files must hold, whoever wrote them."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.codes import parse_code, system_of
from scraper.errors import ReleaseError
from scraper.record import CODE_KEY, Row

KEYS: dict[str, tuple[str, ...]] = {"codes": CODE_KEY}
WANTED, OUTCOMES = "wanted", ("row", "absent", "waiting", "quarantined")


class KeyOrder:
    """Refuses rows that are not in strict order of their table's key."""

    def __init__(self, table: str) -> None:
        self._columns = KEYS.get(table, ())
        self._last: tuple[str, ...] = ()

    def find_fault(self, row: Row) -> str | None:
        """Say what is wrong with a row's key, None where it follows the key before it."""
        key = tuple(getattr(row, column) for column in self._columns)
        last, self._last = self._last, max(key, self._last)
        if not key or key > last:
            return None
        return (
            f"{' '.join(key)}: comes after {' '.join(last)}; "
            "give each code once, in order of system and code"
        )

    def check(self, row: Row) -> None:
        """Raise ReleaseError unless the row's key follows the key before it."""
        if fault := self.find_fault(row):
            raise ReleaseError(fault)


def find_key_fault(key: tuple[str, ...], last: tuple[str, ...]) -> str | None:
    """Say what is wrong with a key of `codes` that was read after `last`, None if nothing is.

    >>> find_key_fault(("CPT", "00100"), ()), find_key_fault(("CPT", "kite"), ())
    (None, 'kite is no code of CPT')
    """
    system, code = key
    if parse_code(code) != code or system_of(code) != system:
        return f"{code} is no code of {system}"
    return None if key > last else f"{code} is out of order"


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
