"""The CSV twin of a table: written from Arrow batches, and read back to the same values.

Text is quoted and null is not, so "NA" stays text and `00100` keeps its zeros; lists are JSON
arrays; times are whole seconds. Plain CSV readers guess types: give them a schema, or `read_csv`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from scraper.errors import ReleaseError
from scraper.publish.schema import arrow_schema
from scraper.record import TABLES

# A row must fit into one block; the largest page that is read is far smaller.
_BLOCK_BYTES = 64 << 20


class CsvTwin:
    """Writes the batches of one table as CSV."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = pa.schema([(field.name, _written_type(field.type)) for field in schema])
        self._writer = csv.CSVWriter(str(path), self._schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append one batch."""
        columns = [_join_lists(column) for column in batch.columns]
        flat = pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
        self._writer.write_batch(flat.cast(self._schema))

    def close(self) -> None:
        """Write out what is held."""
        self._writer.close()


def read_csv(path: Path, schema: pa.Schema | None = None) -> pa.Table:
    """Read a CSV twin; the schema is that of the table which the file is named after.

    Raises ReleaseError where the file does not fit the schema.
    """
    schema = schema or arrow_schema(TABLES[path.stem])
    return pa.Table.from_batches(iter_csv(path, schema), schema)


def iter_csv(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Read a CSV twin batch by batch."""
    try:
        for batch in _open_csv(path, schema):
            columns = list(map(_split_lists, batch.columns, schema.types))
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ReleaseError(f"{path}: is not the CSV of this table: {reason}") from error


def _open_csv(path: Path, schema: pa.Schema) -> csv.CSVStreamingReader:
    reader = csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=min(path.stat().st_size + 1, _BLOCK_BYTES)),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types={field.name: _text_type(field.type) for field in schema},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    if reader.schema.names != schema.names:
        raise ValueError(f"its columns are {', '.join(reader.schema.names)}")
    return reader


def _text_type(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_list(kind) else kind


def _written_type(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("s", tz=kind.tz) if pa.types.is_timestamp(kind) else _text_type(kind)


def _join_lists(column: pa.Array) -> pa.Array:
    if not pa.types.is_list(column.type):
        return column
    return pa.array((_join(items) for items in column.to_pylist()), pa.string())


def _join(items: list[str] | None) -> str | None:
    return None if items is None else json.dumps(items, ensure_ascii=False) if items else "[]"


def _split_lists(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_list(kind):
        return column
    return pa.array((_split(text) for text in column.to_pylist()), kind)


def _split(text: str | None) -> list[str] | None:
    return None if text is None else json.loads(text) if text != "[]" else []
