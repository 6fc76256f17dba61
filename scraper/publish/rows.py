"""Rows of a published table, one after the other and in the order of its key, in flat memory.

A release is read only once the bytes of the file are proven to be those of its manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from scraper.errors import ReleaseError
from scraper.publish.manifest import Manifest, file_sha256, read_manifest

BATCH_ROWS = 500
CODES = "codes.parquet"

Values = tuple[Any, ...]


def prove_table(folder: Path, name: str = CODES) -> Manifest:
    """Return the manifest of a release whose table is the one that was published.

    Raises ReleaseError that says why the table cannot be relied on.
    """
    manifest = read_manifest(folder)
    if name not in manifest.files:
        raise ReleaseError(f"{folder}: holds no {name}; `scraper build` publishes a new release")
    try:
        whole = file_sha256(folder / name) == manifest.files[name].sha256
    except OSError as error:
        raise ReleaseError(f"{folder / name}: {error.strerror}; the release is damaged") from error
    if not whole:
        raise ReleaseError(f"{folder / name}: was changed; `scraper verify` tells what is damaged")
    return manifest


def columns_of(folder: Path, name: str = CODES) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    with open_table(folder / name) as file:
        return tuple(file.schema_arrow.names)


def iter_rows(folder: Path, columns: tuple[str, ...], name: str = CODES) -> Iterator[Values]:
    """Yield the values of these columns, row by row; lists are tuples.

    A column that the table does not have is null.
    """
    with open_table(folder / name) as file:
        held = {column for column in columns if column in file.schema_arrow.names}
        for batch in file.iter_batches(BATCH_ROWS, columns=list(held)):
            nulls = [None] * len(batch)
            values = (_values(batch.column(c)) if c in held else nulls for c in columns)
            yield from zip(*values, strict=True)


def find_rows(folder: Path, code_system: str, code: str, name: str = CODES) -> list[dict[str, Any]]:
    """Return the rows of a code in a table, in their order; other row groups are not read."""
    table = parquet.read_table(
        folder / name,
        filters=[("code", "=", code), ("code_system", "=", code_system)],
        page_checksum_verification=True,
        partitioning=None,  # a folder called `a=b` is no column
    )
    names = table.schema.names
    lists = zip(*map(_values, table.columns), strict=True)
    return [dict(zip(names, row, strict=True)) for row in lists]


def _values(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_list(column.type):
        return [None if value is None else tuple(value) for value in values]
    return values


def open_table(path: Path) -> parquet.ParquetFile:
    """Open a table to read; its pages are checked as they are read."""
    return parquet.ParquetFile(path, page_checksum_verification=True)
