"""Differences of any two releases: the delta tells the same as the codes, and both are proven."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from scraper.errors import ReleaseError
from scraper.publish.difference import compares_with, diff_releases, parent_of

from .rows import NOW, make_record, make_records, publish_rows, rewrite, with_values


@pytest.fixture
def three(tmp_path):
    """Three releases: 3 codes, 5 codes, and 5 codes of which one has changed."""
    last = [*make_records(4), make_record("00104", official_description="A tin whistle")]
    return [
        publish_rows(tmp_path, records, NOW + timedelta(days=day)).folder
        for day, records in enumerate((make_records(3), make_records(5), last))
    ]


def words_of(changes):
    return [(row.code, row.change, row.field) for row in changes]


def test_releases_that_do_not_follow_each_other_are_compared(three):
    first, _, third = three
    assert words_of(diff_releases(first, third)) == [
        ("00103", "added", None),
        ("00104", "added", None),
    ]
    assert words_of(diff_releases(third, first)) == [
        ("00103", "removed", None),
        ("00104", "removed", None),
    ]
    assert words_of(diff_releases(third, third)) == []


def test_the_delta_tells_the_same_as_the_codes(three):
    _, second, third = three
    told = list(diff_releases(second, third))
    assert ("00104", "changed", "official_description") in words_of(told)
    with_delta, without = compares_with(third, second.name), compares_with(second, third.name)
    assert (with_delta, without) == (True, False)
    elsewhere = shutil.copytree(second, second.with_name("elsewhere"))
    assert list(diff_releases(elsewhere, third)) == told


def test_a_release_before_that_is_gone_is_in_the_delta(three):
    _, second, third = three
    told = list(diff_releases(second, third))
    shutil.rmtree(second)
    assert parent_of(third) == second.name
    assert list(diff_releases(second, third)) == told


@pytest.mark.parametrize("name", ["codes.parquet", "delta.parquet"])
def test_what_is_damaged_is_not_compared(three, name):
    first, second, third = three
    old = second if name == "delta.parquet" else first
    path = third / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ReleaseError, match=f"{name}: was changed"):
        list(diff_releases(old, third))
    path.unlink()
    with pytest.raises(ReleaseError, match="No such file or directory; the release is damaged"):
        list(diff_releases(old, third))


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("codes.parquet", "code", None),
        ("codes.parquet", "code", "kite"),
        ("codes.parquet", "capture_sha256", "zz"),
        ("delta.parquet", "change", "moon"),
        ("delta.parquet", "code", None),
    ],
)
def test_rows_that_no_release_can_have_are_one_line(three, name, column, value):
    first, second, third = three
    rewrite(third, name, lambda table: with_values(table, column, [value] * len(table)))
    old = second if name == "delta.parquet" else first
    with pytest.raises(ReleaseError, match="release is damaged") as told:
        list(diff_releases(old, third))
    assert "\n" not in str(told.value)
