"""History lines become rows with dates, where a date is one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.readings import CODE, make_reading, sha
from scraper.normalize.events import history_rows, parse_date


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
