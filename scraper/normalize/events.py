"""The history lines of a page in, the rows of the `history` table out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from operator import attrgetter

from scraper.codes import system_of
from scraper.normalize.reading import Reading
from scraper.normalize.text import normalize_text
from scraper.record import HistoryRow

# The forms in which pages write a full date; a month or year alone is no date.
_NO_DATE = re.compile("[0-9]{0,7}")
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%B %d, %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d")


def find_history(readings: Sequence[Reading]) -> Reading | None:
    """Return the reading whose history counts: the newest, as for the descriptions, with one."""
    told = (reading for reading in readings if reading.parsed.history)
    return max(told, key=attrgetter("rank"), default=None)


def history_rows(code: str, reading: Reading) -> Iterator[HistoryRow]:
    """Yield the history of a code as one page tells it, in the page's order."""
    for number, line in enumerate(reading.parsed.history, 1):
        yield HistoryRow(
            code=code,
            code_system=system_of(code),
            line=number,
            event_date=parse_date(line.date),
            event_date_text=line.date,
            action=line.action,
            notes=normalize_text(line.notes),
            capture=reading.held.sha256,
        )


def parse_date(text: str) -> date | None:
    """Return the full date that a text writes, or None.

    >>> parse_date("2011-01-01"), parse_date("1/31/2024"), parse_date("2024")
    (datetime.date(2011, 1, 1), datetime.date(2024, 1, 31), None)
    """
    if _NO_DATE.fullmatch(text):
        return None
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None
