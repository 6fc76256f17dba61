"""The CSV twin gives every value back, whatever text there is in it."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from scraper.errors import ReleaseError
from scraper.publish.tables import TableWriter
from scraper.publish.twin import read_csv

from .rows import SEEN, make_record

ODD = [
    "NA",
    "null",
    "00100",
    "1e5",
    '"',
    '""',
    "a,b",
    "a\nb",
    "a\r\nb",
    "\r",
    " ",
    "[]",
    "\\N",
    "é—“",
]
TEXT = st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=12))
CODES = st.sampled_from(["00100", "0042T", "J1885"])
RECORDS = st.builds(
    lambda **values: values,
    official_description=st.none() | TEXT,
    section=st.none() | TEXT,
    source_url=st.none() | TEXT,
    is_add_on=st.none() | st.booleans(),
    mentioned_codes=st.lists(CODES, max_size=3).map(tuple),
    page_facts=st.lists(TEXT, max_size=3).map(tuple),
    ama_copyright_year=st.none() | st.integers(1966, 2100),
    raw_offset=st.integers(0, 2**62),
    first_seen=st.integers(0, 4 * 10**9).map(lambda seconds: SEEN + timedelta(seconds=seconds)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(RECORDS, max_size=4))
def test_the_csv_reads_back_equal_to_the_parquet(values):
    records = [make_record(f"{10_000 + n}", **value) for n, value in enumerate(values)]
    with tempfile.TemporaryDirectory() as folder:
        with TableWriter(Path(folder), "codes", csv=True) as writer:
            writer.write(records)
        table = read_csv(Path(folder) / "codes.csv")
        assert table.equals(parquet.read_table(writer.path))
    assert [row["official_description"] for row in table.to_pylist()] == [
        value["official_description"] for value in values
    ]


@pytest.fixture
def twin(tmp_path):
    record = make_record("00100", section="NA", page_facts=("Größe: 1", 'A: "b"'))
    with TableWriter(tmp_path, "codes", csv=True) as writer:
        writer.write([record])
    return tmp_path / "codes.csv"


def test_the_csv_quotes_text_and_leaves_null_bare(twin):
    header, line = twin.read_text("utf-8").splitlines()
    assert header.startswith('"code","code_system",')
    assert line.startswith('"00100","CPT","Category I","NA",,"unknown",,"[]",')
    assert '"[""Größe: 1"", ""A: \\""b\\""""]"' in line
    assert ",2026-11-03 08:15:42Z," in line


def test_a_csv_with_other_columns_is_refused(twin):
    twin.write_text(twin.read_text("utf-8").replace('"section"', '"chapter"'), "utf-8")
    with pytest.raises(ReleaseError, match="is not the CSV of this table: its columns are code, "):
        read_csv(twin)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b'"code"\n"unclosed'], ids=["empty", "binary", "torn"]
)
def test_a_damaged_csv_is_refused_in_one_line(twin, content):
    twin.write_bytes(content)
    with pytest.raises(ReleaseError) as caught:
        read_csv(twin)
    assert str(caught.value).startswith(f"{twin}: is not the CSV of this table")
    assert "\n" not in str(caught.value)


def test_a_list_that_is_no_json_is_refused(twin):
    twin.write_text(twin.read_text("utf-8").replace('"[]"', '"[oops"', 1), "utf-8")
    with pytest.raises(ReleaseError, match="is not the CSV of this table"):
        read_csv(twin)
