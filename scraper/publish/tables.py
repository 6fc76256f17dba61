"""Rows of one table in, `<table>.parquet` and its CSV twin out, in flat memory.

The same rows give the same bytes, however a caller batches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import attrgetter, itemgetter
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from pyarrow import parquet

from scraper.disk import storage_errors, sync
from scraper.errors import ReleaseError
from scraper.publish.keys import KeyOrder
from scraper.publish.schema import arrow_schema
from scraper.publish.twin import CsvTwin
from scraper.record import TABLES, Row

# Rows wait as objects for a batch, and in the tenth of the memory, as Arrow, for their row group.
BATCH_ROWS = 500
ROW_GROUP_ROWS = 2_000


class TableWriter:
    """Writes one table into a folder; `rows` counts what was written."""

    def __init__(self, folder: Path, table: str, *, csv: bool = False) -> None:
        self.table = table
        self.schema = arrow_schema(TABLES[table])
        self.path = folder / f"{table}.parquet"
        twin = self.path.with_suffix(".csv") if csv else None
        self.paths = (self.path, twin) if twin else (self.path,)
        self.rows = 0
        self._order = KeyOrder(table)
        self._waiting: list[Row] = []
        self._group: list[pa.RecordBatch] = []
        with storage_errors(self.path):
            self._parquet = open_parquet(self.path, self.schema)
            self._twin = CsvTwin(twin, self.schema) if twin else None
        self._is_open = True

    def write(self, rows: Iterable[Row]) -> None:
        """Append rows; raise ReleaseError for one that the table cannot hold."""
        for row in rows:
            self._order.check(row)
            self._waiting.append(row)
            if len(self._waiting) == BATCH_ROWS:
                self._write_batch()

    def close(self) -> None:
        """Write out what waits, and return once the files would outlive a loss of power."""
        if not self._is_open:
            return
        if self._waiting:
            self._write_batch()
        if self._group:
            self._write_group()
        self._close_files()
        for path in self.paths:
            with storage_errors(path):
                sync(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._is_open:
            self._close_files()

    def _write_batch(self) -> None:
        with storage_errors(self.path), _value_errors(self.table):
            batch = to_batch(self._waiting, self.schema)
            if self._twin:
                self._twin.write(batch)
        self.rows += len(self._waiting)
        self._waiting.clear()
        self._group.append(batch)
        if len(self._group) * BATCH_ROWS >= ROW_GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        with storage_errors(self.path):
            self._parquet.write_table(pa.Table.from_batches(self._group))
        self._group.clear()

    def _close_files(self) -> None:
        self._is_open = False
        with storage_errors(self.path):
            self._parquet.close()
            if self._twin:
                self._twin.close()


def to_batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """Turn rows into one Arrow batch."""
    # A pydantic row keeps its fields in `__dict__`: five times as quick as `model_dump`.
    values = map(itemgetter(*schema.names), map(attrgetter("__dict__"), rows))
    columns = map(pa.array, zip(*values, strict=True), schema.types)
    return pa.RecordBatch.from_arrays(list(columns), schema=schema)


@contextmanager
def _value_errors(table: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, ValueError, OverflowError) as error:
        reason = " ".join(str(error).split())
        raise ReleaseError(f"{table}: a row does not fit the table: {reason}") from error


def open_parquet(path: Path, schema: pa.Schema) -> parquet.ParquetWriter:
    """Open a Parquet file for writing, compressed and with checksums."""
    return parquet.ParquetWriter(
        path, schema, compression="zstd", write_page_checksum=True, write_statistics=True
    )
