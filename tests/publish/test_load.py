"""A release loads into pandas with the right types, by version, folder or as the latest."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from scraper.errors import ReleaseError, UsageError
from scraper.publish.latest import find_release
from scraper.publish.load import load, read_csv

from .rows import SEEN, make_records, publish_rows


@pytest.fixture
def output(tmp_path):
    publish_rows(tmp_path, make_records(2))
    publish_rows(tmp_path, make_records(3))
    return tmp_path


def test_columns_load_with_their_types(output):
    frame = load(output_dir=output)
    dtypes = frame.dtypes.astype(str)
    names = ["code", "is_add_on", "ama_copyright_year", "mentioned_codes", "retrieved_at"]
    assert dtypes[names].tolist() == ["string", "boolean", "Int64", "object", "datetime64[ms, UTC]"]
    assert frame["code"].tolist() == ["00100", "00101", "00102"]
    assert frame["mentioned_codes"].tolist() == [["00100"], ["00100", "J1885"], []]
    assert frame["ama_copyright_year"][0] is pd.NA
    assert frame["retrieved_at"][0] == pd.Timestamp(SEEN)


def test_dates_load_as_dates(output):
    assert load(table="history", output_dir=output)["event_date"][0] == date(2025, 1, 1)


def test_an_older_release_loads_by_version_or_folder(output):
    assert len(load("2026.11.20", output_dir=output)) == 2
    assert len(load(output / "releases" / "2026.11.20", output_dir=output)) == 2


def test_the_latest_release_is_found_under_its_own_name(output):
    assert find_release(output) == output / "releases" / "2026.11.20.1"


@pytest.mark.parametrize("version", [None, "2020.01.01"])
def test_a_release_that_is_not_there_says_what_to_run(tmp_path, version):
    with pytest.raises(ReleaseError, match="run `scraper build`"):
        load(version, output_dir=tmp_path)


def test_a_folder_without_the_table_says_what_to_run(tmp_path):
    with pytest.raises(ReleaseError, match=r"codes\.parquet: there is no such table; run `scraper"):
        load(tmp_path, output_dir=tmp_path)


def test_a_table_of_another_name_is_refused(output):
    with pytest.raises(UsageError, match="prices: is no table; choose one of codes, pages"):
        load(table="prices", output_dir=output)


def test_a_damaged_table_is_named(output):
    path = find_release(output) / "codes.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReleaseError, match=f"^{path}: cannot be read"):
        load(output_dir=output)


def test_the_csv_of_a_release_reads_back(output):
    table = read_csv(find_release(output) / "codes.csv")
    assert table.column("code").to_pylist() == ["00100", "00101", "00102"]
