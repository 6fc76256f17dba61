"""Keys out of order and sums that do not add up are told."""

from __future__ import annotations

import pytest

from scraper.errors import ReleaseError
from scraper.publish.keys import KeyOrder, find_coverage_gap

from .rows import coverage_of, make_page, make_record


@pytest.mark.parametrize(
    ("first", "second"), [("10011", "10010"), ("10010", "10010"), ("A1000", "10010")]
)
def test_a_code_that_does_not_follow_the_one_before_is_refused(first, second):
    order = KeyOrder("codes")
    order.check(make_record(first))
    with pytest.raises(ReleaseError, match=rf"^\w+ {second}: comes after \w+ {first}"):
        order.check(make_record(second))


def test_codes_go_by_system_and_then_by_code():
    order = KeyOrder("codes")
    for code in ("00100", "0042T", "99000", "A1000"):
        order.check(make_record(code))
    with pytest.raises(ReleaseError):
        order.check(make_record("99001"))


def test_pages_may_come_in_any_order():
    order = KeyOrder("pages")
    rows = [make_page("10011"), make_page("10010"), make_page("10010")]
    assert [order.check(row) for row in rows] == [None, None, None]


def test_coverage_that_adds_up_has_no_gap():
    assert find_coverage_gap(coverage_of(3) | {"no_code_page": 7}, 3) is None


@pytest.mark.parametrize("outcome", ["wanted", "row", "absent", "waiting", "quarantined"])
def test_coverage_with_a_code_lost_or_not_counted_has_a_gap(outcome):
    coverage = coverage_of(3)
    rows = 9 if outcome == "row" else 3
    assert "accounted for" in (find_coverage_gap(coverage | {outcome: 9}, rows) or "")
    del coverage[outcome]
    assert find_coverage_gap(coverage, 3) == f"coverage: {outcome} not counted"


def test_coverage_that_counts_other_rows_than_the_table_holds_has_a_gap():
    gap = find_coverage_gap(coverage_of(3), 2)
    assert gap == "coverage: 3 codes with a row, but the table holds 2"
