"""What the release before knows and raw/ may have lost: since when a code stands as it does.

Without a release before that can be relied on, records go through as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from scraper.publish.rows import Values, iter_rows
from scraper.record import CODE_KEY, CodeRecord

_TIMES = ("first_seen", "last_changed")
# `last_changed` is the time of these.
_WORDING = ("status", "status_notice", "official_description", "common_language_description")
_COLUMNS = (*CODE_KEY, *_TIMES, *_WORDING)


def keep_times(records: Iterable[CodeRecord], before: Path | None) -> Iterator[CodeRecord]:
    """Give records on, in order of their key, with the times that raw/ has lost put back.

    Where raw/ holds the first capture still, its own times stand, whatever was published before.
    """
    past = iter_rows(before, _COLUMNS) if before else iter(())
    row = next(past, None)
    for record in records:
        while row and row[:2] < _key(record):
            row = next(past, None)
        yield _with_times(record, row) if row and row[:2] == _key(record) else record


def _with_times(record: CodeRecord, row: Values) -> CodeRecord:
    first_seen, last_changed, *wording = row[2:]
    if first_seen >= record.first_seen:
        return record
    times = {"first_seen": first_seen}
    is_unchanged = record.last_changed == record.first_seen
    if is_unchanged and wording == [getattr(record, name) for name in _WORDING]:
        times["last_changed"] = last_changed
    return record.model_copy(update=times)


def _key(record: CodeRecord) -> Values:
    return record.code_system, record.code
