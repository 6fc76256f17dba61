"""The spool: readings by code in table order, one line a page, sums that add up."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.ground import BOOK, CODES, START, capture_of, keep, page_of
from publish.rows import make_page

from scraper import parse_page
from scraper.archive.store import Archive
from scraper.codes import order_of
from scraper.errors import StorageError
from scraper.normalize.reading import Reading
from scraper.spool import Spool

OUTCOMES = ("row", "absent", "waiting", "quarantined", "no_code_page")
HOME = "http://127.0.0.1/cpt/codes"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spool")
    keep(folder, capture_of("99216"))
    with Archive.open(folder) as archive:
        (page,) = archive.pages()
    return page


@pytest.fixture
def spool():
    with Spool() as opened:
        yield opened


def add(spool, held, code, outcome="row", *, days=0, **changes):
    values = {"code": code, "outcome": outcome, "url": f"{HOME}/{code}"} | changes
    seen = replace(held, retrieved_at=START + timedelta(days=days))
    spool.add_page(make_page(**values), seen)


def seen(spool):
    return [(page.code, page.outcome, page.reason) for page in spool.pages()]


def test_readings_come_back_as_they_were_grouped_in_table_order(spool, held):
    readings = {
        code: Reading(held, parse_page(page_of(code))) for code in reversed((*CODES[:5], "J9998"))
    }
    for code, reading in readings.items():
        spool.add_reading(code, reading)
        spool.add_reading(code, reading)
    given_back = list(spool.readings_by_code())
    assert [code for code, _ in given_back] == sorted(readings, key=order_of)
    assert all(found == [readings[code]] * 2 for code, found in given_back)


def test_an_empty_spool_gives_nothing_and_sums_of_nothing(spool):
    assert list(spool.readings_by_code()) == []
    assert list(spool.pages()) == []
    assert set(spool.coverage().values()) == {0}


def test_a_page_comes_back_as_it_was_put_in(spool, held):
    page = make_page("99216", reason=None, url=f"{HOME}/99216", source_name="a.html")
    spool.add_page(page, held)
    assert list(spool.pages()) == [page]


def test_several_captures_of_a_page_are_one_line_that_of_the_row_else_the_newest(spool, held):
    add(spool, held, "10001", "row", days=0)
    add(spool, held, "10001", "waiting", days=5, reason="quota_wall")
    add(spool, held, "10002", "absent", days=0, reason="not_found")
    add(spool, held, "10002", "waiting", days=5, reason="login_wall")
    assert seen(spool) == [("10001", "row", None), ("10002", "waiting", "login_wall")]


def test_saved_pages_without_address_are_a_line_each_by_their_names(spool, held):
    for name in ("b.html", "a.html", "a.html"):
        add(spool, held, None, "quarantined", url=None, source_name=name, reason="x")
    assert [page.source_name for page in spool.pages()] == ["a.html", "b.html"]


def test_a_wanted_code_without_page_is_a_line_that_waits(spool, held):
    add(spool, held, "10001")
    spool.add_wanted("sample", [("10001", f"{HOME}/10001"), ("10002", f"{HOME}/10002")])
    spool.add_wanted("sample", [("10002", "another address"), ("10003", None)])
    assert seen(spool) == [
        ("10003", "waiting", "never_fetched"),
        ("10001", "row", None),
        ("10002", "waiting", "never_fetched"),
    ]
    assert spool.coverage() == {
        "wanted": 3,
        "row": 1,
        "absent": 0,
        "waiting": 2,
        "quarantined": 0,
    }


@pytest.mark.parametrize(
    ("outcomes", "counted"),
    [
        (["row", "quarantined", "waiting", "absent"], "row"),
        (["quarantined", "waiting", "absent"], "quarantined"),
        (["absent", "waiting"], "absent"),
        (["no_code_page"], "absent"),
        (["no_code_page", "row"], "row"),
        (["waiting"], "waiting"),
    ],
)
def test_a_code_counts_once_by_the_best_that_any_page_says_of_it(spool, held, outcomes, counted):
    for number, outcome in enumerate(outcomes):
        add(spool, held, "10001", outcome, url=f"{HOME}/10001?{number}")
    spool.add_wanted("sample", [("10001", None)])
    sums = spool.coverage()
    assert sums[counted] == sums["wanted"] == 1


def test_pages_without_a_code_are_lines_and_count_nowhere(spool, held):
    add(spool, held, None, "no_code_page", url="http://127.0.0.1/", reason="unknown_page")
    assert len(list(spool.pages())) == 1
    assert spool.coverage()["wanted"] == 0


_codes = st.sampled_from([f"1000{n}" for n in range(5)])
_pages = st.lists(st.tuples(_codes, st.sampled_from(OUTCOMES), st.integers(0, 3)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(pages=_pages, wanted=st.sets(_codes))
def test_the_sums_always_add_up_to_every_code_that_is_known(held, pages, wanted):
    with Spool() as spool:
        for code, outcome, days in pages:
            add(spool, held, code, outcome, days=days)
        spool.add_wanted("sample", [(code, f"{HOME}/{code}") for code in sorted(wanted)])
        sums = spool.coverage()
        lines = [page.code for page in spool.pages()]
    known = {code for code, _, _ in pages} | wanted
    assert sums.pop("wanted") == sum(sums.values()) == len(known)
    assert sorted(lines) == sorted(known)
    rows = {code for code, outcome, _ in pages if outcome == "row"}
    assert sums["row"] == len(rows)


def test_the_order_of_pages_is_that_of_site_and_address_whatever_order_they_came_in(held):
    order = []
    for codes in (CODES, tuple(reversed(CODES))):
        with Spool() as spool:
            for code in codes:
                add(spool, held, code)
            order.append([page.url for page in spool.pages()])
    assert order[0] == order[1] == sorted(order[0])
    assert len(order[0]) == len(BOOK.pages)


def test_a_full_disk_is_an_error_that_says_what_to_do():
    with pytest.raises(StorageError, match="disk is full; set TMPDIR"), Spool():
        raise sqlite3.OperationalError("database or disk is full")
