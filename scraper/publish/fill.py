"""Which columns of a row are filled, a letter each, and how far that falls between releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from types import NoneType
from typing import get_args, get_origin

from scraper.publish.checks import FEW, MOST_FALLEN_POINTS
from scraper.publish.findings import Evidence, Finding
from scraper.record import CodeRecord

# A flag that is gone is no loss.
_NOT_COUNTED = frozenset(("quality_flags",))
FILL_COLUMNS = tuple(
    name
    for name, info in CodeRecord.model_fields.items()
    if name not in _NOT_COUNTED
    and (NoneType in get_args(info.annotation) or get_origin(info.annotation) is tuple)
)
# By the newest page alone: the merge keeps what an older page said.
_NEWEST = {
    "official_description (newest page)": "official_capture",
    "common_language_description (newest page)": "common_language_capture",
}
_NAMES = (*FILL_COLUMNS, *_NEWEST)
_FILLED, _EMPTY, _UNKNOWN = "1", "0", "-"


def describe_fill(get: Callable[[str], object]) -> str:
    """Return the letters of a row; `get` gives a column, or raises KeyError."""
    newest = get("capture_sha256")
    of_columns = (_letter(get, column) for column in FILL_COLUMNS)
    of_newest = (_FILLED if get(column) == newest else _EMPTY for column in _NEWEST.values())
    return "".join((*of_columns, *of_newest))


def _letter(get: Callable[[str], object], column: str) -> str:
    try:
        value = get(column)
    except KeyError:
        return _UNKNOWN
    return _EMPTY if value is None or value in ((), []) else _FILLED


class FillCount:
    """Counts rows that both releases have, by the layout that they had, and what they lost."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._lost: Counter[tuple[str, str]] = Counter()

    def add(self, layout: str | None, before: str, now: str) -> None:
        """Count one row."""
        groups = ("all", f"layout {layout or 'none'}")
        self._rows.update(groups)
        if before == now:
            return
        for name, old, new in zip(_NAMES, before, now, strict=True):
            change = {(_FILLED, _EMPTY): 1, (_EMPTY, _FILLED): -1}.get((old, new), 0)
            for group in groups if change else ():
                self._lost[group, name] += change

    def find_falls(self, parent: str) -> Iterator[Finding]:
        """Give a finding for each column of each layout that has fallen too far."""
        for (group, name), lost in sorted(self._lost.items()):
            rows = self._rows[group]
            if lost <= FEW or 100 * lost <= MOST_FALLEN_POINTS * rows:
                continue
            message = f"{name} ({group}): {lost} of {rows} rows have lost it since {parent}"
            evidence = Evidence(before=f"{parent}: {rows}", now=f"{lost} lost")
            yield Finding("fill_rate", f"{group} {name}", message, (evidence,))
