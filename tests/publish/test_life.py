"""The life of a code over the releases that are kept."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from scraper.errors import ReleaseError, UsageError
from scraper.publish.life import read_life

from .rows import NOW, SEEN, make_record, publish_rows

STAGES = (
    [make_record("10010")],
    [make_record("10010"), make_record("10011", status="active")],
    [make_record("10010"), make_record("10011", status="deleted", replaced_by=("10010",))],
    [make_record("10010", mue="4")],
    [make_record("10010", mue="5"), make_record("10011", status="deleted")],
)


@pytest.fixture
def output(tmp_path):
    for day, records in enumerate(STAGES):
        publish_rows(tmp_path, records, NOW + timedelta(days=day))
    return tmp_path


def changes_of(life):
    return [
        (change.version[-2:], change.since[-2:], change.change.change, change.change.field)
        for change in life.changes
    ]


def test_a_life_has_its_beginning_its_changes_its_end_and_its_return(output):
    life = read_life(output, "10011")
    assert changes_of(life) == [
        ("21", "20", "added", None),
        ("22", "21", "changed", "status"),
        ("22", "21", "changed", "replaced_by"),
        ("23", "22", "removed", None),
        ("24", "23", "added", None),
    ]
    assert (life.first_release, life.last_release) == ("2026.11.21", "2026.11.24")
    assert (life.known_from, life.in_latest, life.status) == ("2026.11.20", True, "deleted")
    assert life.first_seen == SEEN
    assert [event["action"] for event in life.page_history] == ["Added"]


def test_a_code_that_left_is_told_from_its_last_release(output):
    shutil.rmtree(output / "releases" / "2026.11.24")
    life = read_life(output, "10011")
    assert (life.last_release, life.in_latest) == ("2026.11.22", False)


def test_a_change_within_releases_that_are_gone_is_told_between_those_that_are_kept(output):
    for day in (20, 21, 23):
        shutil.rmtree(output / "releases" / f"2026.11.{day}")
    life = read_life(output, "10010")
    assert life.known_from == "2026.11.22"
    assert changes_of(life) == [("24", "22", "changed", "mue")]
    assert (life.changes[0].change.old_value, life.changes[0].change.new_value) == (None, "5")


def test_a_damaged_release_is_named_and_left_out(output, caplog):
    path = output / "releases" / "2026.11.23" / "codes.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    life = read_life(output, "10011")
    assert [change[:2] for change in changes_of(life)] == [
        ("21", "20"),
        ("22", "21"),
        ("22", "21"),
        ("24", "22"),
    ]
    assert "2026.11.23/codes.parquet: was changed" in caplog.text


def test_what_no_release_has_is_refused_by_name(output, tmp_path_factory):
    with pytest.raises(UsageError, match="10099: stands in no release"):
        read_life(output, "10099")
    with pytest.raises(ReleaseError, match="holds no whole release"):
        read_life(tmp_path_factory.mktemp("empty"), "10010")


def test_a_folder_named_like_a_partition_is_no_column(tmp_path):
    output = tmp_path / "code=99999"
    publish_rows(output, STAGES[0])
    assert read_life(output, "10010").code == "10010"
