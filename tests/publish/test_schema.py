"""Column types come from the annotations of the record classes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import pyarrow as pa
import pytest
from pydantic import Field

from scraper.publish.schema import arrow_schema, describe_columns
from scraper.record import TABLES, CodeRecord, Row, Sha256, Text, Year


class EveryKind(Row):
    """One field of each kind."""

    word: Text = Field(description="A word.")
    digest: Sha256 | None
    choice: Literal["a", "b"]
    year: Year | None
    flag: bool
    day: date | None
    moment: datetime
    words: tuple[Text, ...]


def test_each_annotation_becomes_its_column_type():
    schema = arrow_schema(EveryKind)
    types = {field.name: (field.type, field.nullable) for field in schema}
    assert types == {
        "word": (pa.string(), False),
        "digest": (pa.string(), True),
        "choice": (pa.string(), False),
        "year": (pa.int64(), True),
        "flag": (pa.bool_(), False),
        "day": (pa.date32(), True),
        "moment": (pa.timestamp("ms", tz="UTC"), False),
        "words": (pa.list_(pa.field("element", pa.string(), nullable=False)), False),
    }


@pytest.mark.parametrize(
    "annotation",
    [bytes, bytes | None, dict[str, str], tuple[str, int], Literal[1], str | int | None],
)
def test_an_annotation_without_a_column_type_is_refused_by_name(annotation):
    odd = type("Odd", (Row,), {"__annotations__": {"measure": annotation}})
    with pytest.raises(TypeError, match="measure: no column type stands for"):
        arrow_schema(odd)


@pytest.mark.parametrize("row", TABLES.values(), ids=TABLES)
def test_every_column_of_the_tables_is_described(row):
    columns = describe_columns(row)
    assert [column.name for column in columns] == list(row.model_fields)
    assert all(column.description for column in columns)


def test_a_column_is_described_in_words():
    columns = {column.name: column for column in describe_columns(CodeRecord)}
    assert columns["mentioned_codes"].type == "list<string>"
    assert columns["retrieved_at"].type == "timestamp[ms, tz=UTC]"
    assert columns["section"].nullable
    assert not columns["code"].nullable


def test_a_schema_says_whose_text_it_is():
    metadata = arrow_schema(CodeRecord).metadata
    assert metadata[b"title"] == b"Medical procedure codes: codes"
    assert metadata[b"record"] == b"CodeRecord"
    assert b"American Medical Association" in metadata[b"licence"]
