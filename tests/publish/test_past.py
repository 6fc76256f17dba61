"""Times that raw/ has lost come back from the release before; what it holds is its own to say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scraper.publish.past import keep_times

from .rows import SEEN, make_record, publish_rows

DAY = timedelta(days=1)


@pytest.fixture
def before(tmp_path):
    rows = [
        make_record("10010", official_description="A kite", last_changed=SEEN + DAY),
        make_record("10020"),
        make_record("10030"),
    ]
    return publish_rows(tmp_path, rows).folder


def times_of(before, *records):
    return [(r.first_seen, r.last_changed) for r in keep_times(records, before)]


def test_what_raw_lost_is_kept_from_the_release_before(before):
    later = {"first_seen": SEEN + 9 * DAY, "last_changed": SEEN + 9 * DAY}
    same = make_record("10010", official_description="A kite", **later)
    other = make_record("10010", official_description="A tail", **later)
    assert times_of(before, same) == [(SEEN, SEEN + DAY)]
    assert times_of(before, other) == [(SEEN, SEEN + 9 * DAY)]


def test_raw_that_lost_nothing_has_the_last_word(before):
    back = make_record("10010", official_description="A kite", last_changed=SEEN + 3 * DAY)
    older = make_record("10010", official_description="A kite", first_seen=SEEN - DAY)
    assert times_of(before, back) == [(SEEN, SEEN + 3 * DAY)]
    assert times_of(before, older) == [(SEEN - DAY, SEEN)]


def test_a_change_that_raw_still_shows_is_not_hidden(before):
    record = make_record(
        "10010",
        official_description="A kite",
        first_seen=SEEN + 2 * DAY,
        last_changed=SEEN + 3 * DAY,
    )
    assert times_of(before, record) == [(SEEN, SEEN + 3 * DAY)]


def test_codes_that_only_one_of_both_knows_are_passed_by(before):
    late = {"first_seen": SEEN + DAY, "last_changed": SEEN + DAY}
    records = [make_record(code, **late) for code in ("10000", "10020", "10025", "10031", "J1000")]
    assert [seen for seen, _ in times_of(before, *records)] == [
        SEEN + DAY,
        SEEN,
        SEEN + DAY,
        SEEN + DAY,
        SEEN + DAY,
    ]


def test_without_a_release_before_records_go_through_as_they_are(tmp_path):
    records = [make_record("10010"), make_record("10020")]
    assert list(keep_times(records, None)) == records
