"""Tables: every reader sees the same values, and the same rows give the same bytes."""

from __future__ import annotations

import multiprocessing
import resource
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from pyarrow import parquet

from scraper.errors import ReleaseError, StorageError
from scraper.publish.schema import arrow_schema, describe_schema
from scraper.publish.tables import ROW_GROUP_ROWS, TableWriter
from scraper.record import CodeRecord

from .rows import SEEN, make_page, make_record, make_records


def write_codes(folder: Path, *batches: list[CodeRecord]) -> Path:
    folder.mkdir(exist_ok=True)
    with TableWriter(folder, "codes", csv=True) as writer:
        for batch in batches:
            writer.write(batch)
    return writer.path


@pytest.fixture
def codes(tmp_path):
    rows = [
        make_record("00100", mentioned_codes=("J1885", "00102"), is_add_on=True),
        make_record("0042T"),
    ]
    return write_codes(tmp_path / "codes", rows)


def test_pandas_reads_codes_as_text_and_lists_as_lists(codes):
    frame = pd.read_parquet(codes)
    assert frame["code"].tolist() == ["00100", "0042T"]
    assert list(frame["mentioned_codes"][0]) == ["J1885", "00102"]
    assert frame["retrieved_at"][0] == pd.Timestamp(SEEN)
    assert frame["section"].isna().all()


def test_duckdb_reads_codes_as_text_and_lists_as_lists(codes):
    query = "SELECT code, mentioned_codes, epoch(retrieved_at), section FROM read_parquet(?)"
    with duckdb.connect() as connection:
        rows = connection.execute(query, [str(codes)]).fetchall()
        kinds = connection.execute(
            "SELECT typeof(COLUMNS(['code', 'mentioned_codes', 'retrieved_at']))"
            " FROM read_parquet(?)",
            [str(codes)],
        ).fetchone()
    assert rows[0] == ("00100", ["J1885", "00102"], SEEN.timestamp(), None)
    assert rows[1][:2] == ("0042T", [])
    assert kinds == ("VARCHAR", "VARCHAR[]", "TIMESTAMP WITH TIME ZONE")


def test_polars_reads_codes_as_text_and_lists_as_lists(codes):
    frame = pl.read_parquet(codes)
    assert frame["code"].to_list() == ["00100", "0042T"]
    assert frame["mentioned_codes"].to_list() == [["J1885", "00102"], []]
    assert frame.schema["mentioned_codes"] == pl.List(pl.String)
    assert frame["retrieved_at"][0] == SEEN
    assert frame["is_add_on"].to_list() == [True, None]


def test_a_file_keeps_schema_descriptions_and_licence(codes):
    schema = parquet.read_schema(codes)
    assert schema == arrow_schema(CodeRecord)
    assert schema.metadata == arrow_schema(CodeRecord).metadata
    assert describe_schema(schema) == describe_schema(arrow_schema(CodeRecord))


def test_every_value_of_a_row_comes_back(codes):
    row = parquet.read_table(codes).to_pylist()[0]
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    assert CodeRecord.model_validate(row | lists) == make_record(
        "00100", mentioned_codes=("J1885", "00102"), is_add_on=True
    )


def test_columns_are_compressed_and_have_statistics(codes):
    column = parquet.read_metadata(codes).row_group(0).column(0)
    assert (column.compression, column.statistics.min) == ("ZSTD", "00100")


def test_the_same_rows_give_the_same_bytes_however_they_are_batched(tmp_path):
    records = make_records(ROW_GROUP_ROWS + 300)
    whole = write_codes(tmp_path / "whole", records)
    parts = write_codes(tmp_path / "parts", records[:7], [], records[7:1_234], records[1_234:])
    assert whole.read_bytes() == parts.read_bytes()
    assert whole.with_suffix(".csv").read_bytes() == parts.with_suffix(".csv").read_bytes()
    assert parquet.read_metadata(whole).num_row_groups == 2


def test_a_table_without_rows_keeps_its_columns(tmp_path):
    table = parquet.read_table(write_codes(tmp_path, []))
    assert (len(table), table.schema) == (0, arrow_schema(CodeRecord))


def test_a_writer_counts_its_rows(tmp_path):
    with TableWriter(tmp_path, "pages") as writer:
        writer.write([make_page("10010"), make_page(None)])
    assert writer.rows == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pages.parquet"]


def test_a_value_too_large_for_its_column_is_refused(tmp_path):
    with (
        pytest.raises(ReleaseError, match="codes: a row does not fit the table: "),
        TableWriter(tmp_path, "codes") as writer,
    ):
        writer.write([make_record(raw_offset=2**70)])


def test_a_time_finer_than_a_second_is_refused_where_csv_would_lose_it(tmp_path):
    record = make_record(first_seen=SEEN + timedelta(milliseconds=5))
    with pytest.raises(ReleaseError, match="codes: a row does not fit the table: "):
        write_codes(tmp_path, [record])


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(StorageError, match=f"^{tmp_path}/none/codes.parquet: No such file"):
        TableWriter(tmp_path / "none", "codes")


def write_on_a_full_disk(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096))
    try:
        write_codes(folder, make_records(2_000))
    except StorageError as error:
        (folder / "said").write_text(str(error))


def test_a_full_disk_is_one_line_that_names_the_file(tmp_path):
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=write_on_a_full_disk, args=(tmp_path,))
    child.start()
    child.join(30)
    said = (tmp_path / "said").read_text()
    assert said.startswith(str(tmp_path / "codes.parquet"))
    assert "\n" not in said
