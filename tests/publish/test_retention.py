"""Old releases go whole; the latest, the one before it and the pinned never do."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.errors import BusyError, ReleaseError, StorageError, UsageError
from scraper.publish.lock import hold_output
from scraper.publish.release import stage_release
from scraper.publish.retention import pin_release, read_pins, remove_old, unpin_release
from scraper.publish.verify import verify_release

from .killing import is_change, kill_at_moments
from .rows import NOW, make_records, publish_rows


def days(*numbers):
    return [f"2026.11.{number}" for number in numbers]


def names_in(output):
    return sorted(path.name for path in (output / "releases").iterdir())


@pytest.fixture
def output(tmp_path):
    """Five releases, of the 20th to the 24th."""
    for day in range(5):
        publish_rows(tmp_path, make_records(day + 1), NOW + timedelta(days=day))
    return tmp_path


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        (0, days(20, 21, 22, 23, 24)),
        (1, days(23, 24)),
        (2, days(23, 24)),
        (3, days(22, 23, 24)),
        (9, days(20, 21, 22, 23, 24)),
    ],
)
def test_the_newest_are_kept_and_the_parent_of_the_latest(output, keep, kept):
    removed = remove_old(output, keep)
    assert names_in(output) == kept
    assert sorted([*removed, *kept]) == days(20, 21, 22, 23, 24)
    assert verify_release(output / "latest") == ()


def test_what_is_pinned_stays_until_it_is_let_go(output):
    assert pin_release(output, "2026.11.21") == days(21)
    assert pin_release(output, "2026.11.20") == days(20, 21)
    assert pin_release(output, "2026.11.20") == days(20, 21)
    assert remove_old(output, 1) == days(22)
    assert unpin_release(output, "2026.11.20") == days(21)
    assert remove_old(output, 1) == days(20)
    assert names_in(output) == days(21, 23, 24)
    assert (output / "pinned").read_text() == "2026.11.21\n"


def test_the_latest_stays_where_a_person_went_back_to_it(output):
    (output / "latest").unlink()
    (output / "latest").symlink_to("releases/2026.11.21")
    remove_old(output, 1)
    assert names_in(output) == days(20, 21, 24)


def test_versions_of_one_day_go_in_their_order(tmp_path):
    for count in range(1, 13):
        publish_rows(tmp_path, make_records(count))
    remove_old(tmp_path, 3)
    assert names_in(tmp_path) == ["2026.11.20.10", "2026.11.20.11", "2026.11.20.9"]
    assert publish_rows(tmp_path, make_records(13)).version == "2026.11.20.12"


def test_what_is_no_release_is_left_alone(output):
    (output / "releases" / "mine").mkdir()
    (output / "releases" / "2026.11.19").symlink_to(output / "releases" / "mine")
    (output / "releases" / "2026.11.18").write_text("a note")
    remove_old(output, 1)
    assert names_in(output) == [*days(18, 19, 23, 24), "mine"]


@pytest.mark.parametrize("damage", ["pins", "latest", "no latest"])
def test_where_it_is_not_sure_what_may_go_nothing_goes(output, caplog, damage):
    if damage == "pins":
        (output / "pinned").write_bytes(b"2026.11.20\nthe first\n\xff")
    elif damage == "latest":
        (output / "latest" / "_manifest.json").write_text("{}")
    else:
        (output / "latest").unlink()
    assert remove_old(output, 1) == []
    assert names_in(output) == days(20, 21, 22, 23, 24)
    assert "old releases stay: " in caplog.text


def test_pins_are_checked_when_they_are_set(output):
    for wrong in ("2027.01.01", "../releases/2026.11.20", "latest", ""):
        with pytest.raises((UsageError, ReleaseError)):
            pin_release(output, wrong)
    with pytest.raises(UsageError, match="is not pinned; `scraper pin` lists"):
        unpin_release(output, "2026.11.20")
    assert read_pins(output) == []
    (output / "pinned").write_text("soon\n")
    with pytest.raises(StorageError, match="'soon' is no version; write one a line"):
        pin_release(output, "2026.11.20")
    assert (output / "pinned").read_text() == "soon\n"


def hold(output, is_held, may_end):
    with hold_output(output):
        is_held.set()
        may_end.wait(30)


def test_pins_wait_for_a_run_that_publishes(output):
    context = multiprocessing.get_context("spawn")
    is_held, may_end = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(output, is_held, may_end))
    holder.start()
    assert is_held.wait(30)
    with pytest.raises(BusyError):
        pin_release(output, "2026.11.20")
    may_end.set()
    holder.join(30)
    assert read_pins(output) == []


def remove_all_but_two(output: Path) -> None:
    remove_old(output, 2)


def test_killed_at_any_moment_every_release_that_is_there_is_whole(output, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills")
    outputs = kill_at_moments(folder, output, remove_all_but_two, is_change)
    assert len(outputs) > 20
    for killed in outputs:
        shown = [path for path in (killed / "releases").iterdir() if path.name[0] != "."]
        assert {path.name for path in shown} >= {*days(23, 24)}
        assert [verify_release(path) for path in shown] == [()] * len(shown)
        with stage_release(killed):
            remove_old(killed, 2)
        assert names_in(killed) == days(23, 24)
