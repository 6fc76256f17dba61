"""Two releases in, their differences out: one for each code added or removed, or changed field.

Only columns that say something of the code are compared, and only those that both releases have:
what a newer program reads for the first time is no change of the code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from scraper.errors import ReleaseError
from scraper.publish.rows import Values, columns_of, iter_rows
from scraper.record import CODE_KEY, COMPARED_COLUMNS, ChangeRow

_EVIDENCE = ("source_url", "capture_sha256", "raw_file", "raw_offset")
_NO_EVIDENCE = (None,) * len(_EVIDENCE)


class _Row(NamedTuple):
    key: Values
    evidence: Values
    values: Values


def find_changes(old: Path, new: Path) -> Iterator[ChangeRow]:
    """Yield what differs between two releases, by code, then in the order of the columns."""
    fields = shared_fields(columns_of(old), columns_of(new))
    for left, right in _pair(_read(old, fields), _read(new, fields)):
        yield from _compare(left, right, fields)


def compare_code(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[ChangeRow]:
    """Yield what differs between two rows of one code; None where a release has none."""
    fields = shared_fields(tuple(old or new or ()), tuple(new or old or ()))
    return _compare(_row_of(old, fields), _row_of(new, fields), fields)


def shared_fields(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that are compared where two releases have these."""
    return tuple(name for name in COMPARED_COLUMNS if name in old and name in new)


def to_text(value: object) -> str | None:
    """Write a value of any column as text.

    >>> to_text(("00100", "J1885")), to_text(True), to_text(7), to_text(None)
    ('["00100", "J1885"]', 'true', '7', None)
    """
    match value:
        case None | str():
            return value
        case bool():
            return str(value).lower()
        case tuple():
            return json.dumps(value, ensure_ascii=False)
        case date():
            return value.isoformat()
    return str(value)


def _read(folder: Path, fields: tuple[str, ...]) -> Iterator[_Row]:
    first, second = len(CODE_KEY), len(CODE_KEY) + len(_EVIDENCE)
    for row in iter_rows(folder, (*CODE_KEY, *_EVIDENCE, *fields)):
        yield _Row(row[:first], row[first:second], row[second:])


def _row_of(row: Mapping[str, Any] | None, fields: tuple[str, ...]) -> _Row | None:
    if row is None:
        return None
    return _Row(
        *(tuple(row.get(name) for name in names) for names in (CODE_KEY, _EVIDENCE, fields))
    )


def _pair(old: Iterator[_Row], new: Iterator[_Row]) -> Iterator[tuple[_Row | None, _Row | None]]:
    """Walk through both in the order of the key; a code that one of them lacks is None there."""
    left, right = next(old, None), next(new, None)
    while left or right:
        if right is None or (left and left.key < right.key):
            yield left, None
            left = next(old, None)
        elif left is None or right.key < left.key:
            yield None, right
            right = next(new, None)
        else:
            yield left, right
            left, right = next(old, None), next(new, None)


def _compare(left: _Row | None, right: _Row | None, fields: tuple[str, ...]) -> Iterator[ChangeRow]:
    if right is None and left:
        yield _change(left.key, _NO_EVIDENCE, "removed")
    elif left is None and right:
        yield _change(right.key, right.evidence, "added")
    elif left and right and left.values != right.values:
        texts = (map(to_text, row.values) for row in (left, right))
        for values in zip(fields, *texts, strict=True):
            if values[1] != values[2]:
                yield _change(right.key, right.evidence, "changed", values)


def _change(
    key: Values, evidence: Values, change: str, values: Values = (None, None, None)
) -> ChangeRow:
    code_system, code = key
    return make_change((code, code_system, change, *values, *evidence))


def make_change(row: Values) -> ChangeRow:
    """Make a difference of its values; ReleaseError for one that only a damaged release has."""
    try:
        return ChangeRow.model_validate(dict(zip(ChangeRow.model_fields, row, strict=True)))
    except ValueError as error:
        words = " ".join(str(error).split())
        raise ReleaseError(f"{row[0]}: a release is damaged: {words}") from error
