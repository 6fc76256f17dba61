"""The last gate refuses furniture of a site, keys out of order and sums that do not add up."""

from __future__ import annotations

import pytest

from scraper.errors import ReleaseError
from scraper.publish.checks import KeyOrder, check_records, find_boilerplate, find_coverage_gap
from scraper.sites.profile import load_profiles

from .rows import coverage_of, make_page, make_record

PROFILE = load_profiles()["sample"]
(GATE,) = PROFILE.boilerplate.gates
METER = "Moon meter: 7 of 200 page views left today. Card holders may read all night."
FURNITURE = [GATE, METER, "© 2026 Moonbeam Press. All lanterns reserved.", "In plain words"]


@pytest.mark.parametrize("line", FURNITURE)
@pytest.mark.parametrize("column", ["official_description", "common_language_description"])
def test_a_description_with_a_furniture_paragraph_is_refused(column, line):
    record = make_record("10010", **{column: f"A boat is folded.\n\n{line}"})
    with pytest.raises(ReleaseError, match=f"^10010: {column} holds the line '{line[:9]}"):
        list(check_records([record], {record.site: PROFILE}))


def test_furniture_inside_a_sentence_is_content():
    record = make_record(common_language_description=f"The words {GATE} are painted on the boat.")
    assert list(check_records([record], {record.site: PROFILE})) == [record]


def test_a_missing_description_holds_no_furniture():
    assert find_boilerplate(None, PROFILE) is None


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
