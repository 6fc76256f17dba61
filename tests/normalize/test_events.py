"""History lines become rows with dates, where a date is one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.readings import CODE, make_reading, merge, sha
from scraper.normalize.events import find_history, history_rows, parse_date


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31",
        "2024-1-31",
        "1/31/2024",
        "01/31/2024",
        "January 31, 2024",
        "Jan 31, 2024",
        "2024/01/31",
        "20240131",
    ],
)
def test_a_full_date_is_read_however_it_is_written(text):
    assert parse_date(text) == date(2024, 1, 31)


@pytest.mark.parametrize(
    "text",
    ["", "2024", "202401", "2024013", "2024-01", "1/2024", "January 2024", "2024-02-30", "today"],
)
def test_a_month_or_a_year_or_a_word_is_no_date(text):
    assert parse_date(text) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_date_is_read_back(day):
    assert parse_date(day.isoformat()) == parse_date(f"{day:%m/%d/%Y}") == day


def test_lines_are_numbered_in_the_order_of_the_page():
    reading = make_reading(3, history=(("2024-01-01", "Changed"), ("long ago", "Added")))
    rows = list(history_rows(CODE, reading))
    assert [(row.line, row.event_date, row.event_date_text) for row in rows] == [
        (1, date(2024, 1, 1), "2024-01-01"),
        (2, None, "long ago"),
    ]
    assert {(row.code, row.code_system, row.capture) for row in rows} == {(CODE, "CPT", sha(3))}


def test_a_page_without_history_gives_no_rows():
    assert list(history_rows(CODE, make_reading())) == []


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"day": 5, "ama_copyright_year": 2024}, {"day": 1, "ama_copyright_year": 2026}),
        ({"day": 1, "offset": 1}, {"day": 1, "offset": 2}),
    ],
)
def test_the_history_that_counts_is_that_of_the_status(older, newer, reverse):
    added = make_reading(history=(("2024-01-01", "Added"),), **older)
    deleted = make_reading(history=(("2026-01-01", "Deleted"),), **newer)
    readings = [deleted, added] if reverse else [added, deleted]
    assert find_history(readings) is deleted
    assert merge(*readings).status == "deleted"


def test_a_newer_page_without_history_takes_none_away():
    told = make_reading(1, history=(("2024-01-01", "Added"),))
    assert find_history([told, make_reading(2)]) is told
    assert find_history([make_reading(2)]) is None
