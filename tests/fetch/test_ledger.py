"""The ledger: never more views than a site granted, in no race, after no crash."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from scraper import clock
from scraper.errors import MeterEmptyError, StorageError
from scraper.fetch.ledger import FILE_NAME, Ledger, read_meter
from scraper.fetch.meter import MeterKey

DAY = timedelta(hours=24)
START = datetime(2026, 3, 1, 3, 17, tzinfo=UTC)
KEY = MeterKey("lantern", "guest", DAY)


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        monkeypatch.setattr(clock, "utc_now", lambda: self.now)


@pytest.fixture
def time(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def ledger(tmp_path, time):
    with Ledger.open(tmp_path) as ledger:
        yield ledger


def use_view(ledger: Ledger, said: int | None = None, key: MeterKey = KEY) -> None:
    ledger.commit(ledger.reserve(key), said)


def count_views(ledger: Ledger, most: int = 50) -> int:
    """Take views that say nothing of what remains until there are no more."""
    for taken in range(most):
        try:
            use_view(ledger)
        except MeterEmptyError:
            return taken
    return most


def test_what_the_site_says_remains_is_granted_and_nothing_beyond(ledger):
    use_view(ledger, said=3)
    assert count_views(ledger) == 3
    assert ledger.state(KEY).remaining == 0


def test_the_end_names_the_time_from_which_on_it_may_grant_again(ledger, time):
    use_view(ledger, said=1)
    time.now += timedelta(hours=2)
    use_view(ledger, said=0)
    with pytest.raises(MeterEmptyError, match="2026-03-02 03:17:00 UTC") as told:
        ledger.reserve(KEY)
    assert told.value.resumes_at == START + DAY
    assert told.value.exit_code == 7


def test_when_the_window_has_passed_one_view_is_tried(ledger, time):
    use_view(ledger, said=0)
    time.now = START + DAY
    first = ledger.reserve(KEY)
    with pytest.raises(MeterEmptyError):
        ledger.reserve(KEY)
    ledger.commit(first, said=1)
    assert count_views(ledger) == 1


def test_before_the_site_has_said_anything_views_are_tried_one_at_a_time(ledger):
    first = ledger.reserve(KEY)
    with pytest.raises(MeterEmptyError):
        ledger.reserve(KEY)
    ledger.commit(first)
    assert count_views(ledger, most=9) == 9


def test_within_a_window_the_least_number_holds(ledger, time):
    use_view(ledger, said=2)
    use_view(ledger, said=9)  # the old number of a page that was seen before
    assert ledger.state(KEY).remaining == 1
    time.now += DAY
    use_view(ledger, said=9)
    assert ledger.state(KEY).remaining == 9


def test_a_view_that_the_site_never_counted_is_given_back(ledger):
    use_view(ledger, said=1)
    ledger.refund(ledger.reserve(KEY))
    assert ledger.state(KEY).remaining == 1
    reserved = ledger.reserve(KEY)
    ledger.refund(reserved)
    ledger.refund(reserved)
    assert count_views(ledger) == 1


def test_a_view_that_is_under_way_is_not_granted_twice(ledger):
    use_view(ledger, said=2)
    under_way = ledger.reserve(KEY)
    use_view(ledger, said=1)  # said before the site counted the one under way, or after
    assert count_views(ledger) == 0
    ledger.commit(under_way, said=0)
    assert ledger.state(KEY).remaining == 0


def test_what_a_crash_left_reserved_counts_as_used(ledger):
    use_view(ledger, said=3)
    ledger.reserve(KEY)
    ledger.settle(KEY)
    assert ledger.state(KEY).remaining == 2
    assert count_views(ledger) == 2


def test_a_crash_before_the_site_said_anything_lets_the_next_run_try_again(ledger):
    ledger.reserve(KEY)
    ledger.settle(KEY)
    use_view(ledger, said=4)
    assert (ledger.state(KEY).remaining, ledger.state(KEY).used) == (4, 2)


def test_a_view_that_ends_in_the_next_window_changes_only_what_is_said(ledger, time):
    use_view(ledger, said=1)
    late = ledger.reserve(KEY)
    time.now += DAY
    use_view(ledger, said=5)
    ledger.refund(late)
    assert ledger.state(KEY).remaining == 5
    ledger.commit(late, said=4)
    assert ledger.state(KEY).remaining == 4


def test_sites_and_tiers_have_meters_of_their_own(ledger):
    use_view(ledger, said=0)
    others = (MeterKey("lantern", "registered", DAY), MeterKey("harbour", "guest", DAY))
    for key in others:
        use_view(ledger, said=5, key=key)
        assert ledger.state(key).remaining == 5
    assert ledger.state(KEY).remaining == 0


def test_the_state_tells_what_was_granted_and_when_the_site_said_so(ledger, time):
    assert ledger.state(KEY).remaining is None
    use_view(ledger)
    time.now += timedelta(minutes=1)
    use_view(ledger, said=8)
    state = ledger.state(KEY)
    assert (state.granted, state.used, state.said_at) == (10, 2, time.now)
    assert state.resumes_at is None


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1)])
def test_a_clock_that_is_set_back_grants_nothing_and_ends_the_window_in_time(ledger, time, jump):
    use_view(ledger, said=0)
    time.now += jump
    with pytest.raises(MeterEmptyError) as told:
        ledger.reserve(KEY)
    assert told.value.resumes_at == time.now + DAY
    time.now += DAY
    assert ledger.reserve(KEY)


def test_a_run_that_looks_after_a_wrong_clock_was_set_right_ends_the_window_in_time(ledger, time):
    time.now += timedelta(days=365)
    use_view(ledger, said=0)
    time.now = START
    ledger.settle(KEY)
    assert ledger.state(KEY).resumes_at == START + DAY
    time.now = START + DAY
    ledger.settle(KEY)
    assert ledger.state(KEY).resumes_at is None
    assert ledger.reserve(KEY)


def test_to_look_at_a_meter_changes_no_byte(tmp_path, time):
    assert read_meter(tmp_path, KEY).remaining is None
    assert not (tmp_path / FILE_NAME).exists()
    with Ledger.open(tmp_path) as ledger:
        use_view(ledger, said=3)
    before = (tmp_path / FILE_NAME).read_bytes()
    assert read_meter(tmp_path, KEY).remaining == 3
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_a_damaged_time_in_the_ledger_is_named(tmp_path, time):
    with Ledger.open(tmp_path) as ledger:
        use_view(ledger, said=3)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as database, database:
        database.execute("UPDATE meter SET opened_at = 'noon'")
    with pytest.raises(StorageError, match="'noon' is no time; if it is damaged, delete it"):
        read_meter(tmp_path, KEY)


def test_the_ledger_outlives_the_process(tmp_path, time):
    with Ledger.open(tmp_path) as ledger:
        use_view(ledger, said=1)
    with Ledger.open(tmp_path) as ledger:
        assert count_views(ledger) == 1


def test_a_damaged_ledger_is_named_with_what_to_do(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"no ledger at all, but a shopping list" * 100)
    told = r"ledger\.sqlite: the ledger cannot be used.*delete it"
    with pytest.raises(StorageError, match=told), Ledger.open(tmp_path):
        raise AssertionError


def test_the_time_since_a_site_was_asked_is_kept(ledger, time):
    assert ledger.seconds_since_asked("lantern") is None
    ledger.note_asked("lantern")
    assert ledger.seconds_since_asked("lantern") == 0
    time.now += timedelta(seconds=5)
    assert ledger.seconds_since_asked("lantern") == 4
    time.now -= timedelta(days=3)
    assert ledger.seconds_since_asked("lantern") == 0
    assert ledger.seconds_since_asked("harbour") is None


TAKER = """
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from scraper.errors import MeterEmptyError
from scraper.fetch.ledger import Ledger
from scraper.fetch.meter import MeterKey

key = MeterKey("lantern", "guest", timedelta(hours=24))
with Ledger.open(Path(sys.argv[1])) as ledger:
    try:
        while True:
            view = ledger.reserve(key)
            print("asked", flush=True)
            ledger.commit(view)
    except MeterEmptyError:
        print("empty", flush=True)
"""


def start_taker(folder):
    command = [sys.executable, "-c", TAKER, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_race_are_granted_no_more_than_there_is(tmp_path):
    with Ledger.open(tmp_path) as ledger:
        use_view(ledger, said=60)
    takers = [start_taker(tmp_path) for _ in range(4)]
    told = [taker.communicate(timeout=120)[0].splitlines() for taker in takers]
    assert [lines[-1] for lines in told] == ["empty"] * 4
    assert sum(lines.count("asked") for lines in told) == 60


def test_processes_that_are_killed_are_granted_no_more_than_there_is(tmp_path):
    granted, asked, rng = 40, 0, Random(7)
    with Ledger.open(tmp_path) as ledger:
        use_view(ledger, said=granted)
    for _ in range(8):
        with start_taker(tmp_path) as taker:
            assert taker.stdout is not None
            for _ in range(rng.randint(1, 5)):
                asked += taker.stdout.readline() == "asked\n"
            os.kill(taker.pid, signal.SIGKILL)
            asked += taker.stdout.read().count("asked")
    with start_taker(tmp_path) as taker:
        asked += taker.communicate(timeout=60)[0].count("asked")
    # A kill between a reservation and its request loses one view, and never wins one.
    assert granted - 8 <= asked <= granted
