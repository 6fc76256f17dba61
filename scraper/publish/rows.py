"""Rows of a published table, one after the other and in the order of its key, in flat memory.

A release is read only once the bytes of the file are proven to be those of its manifest, and its
rows to be such as record.py allows: a seal proves who wrote last, not what.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from scraper.errors import ReleaseError
from scraper.publish.keys import KEYS, find_key_fault
from scraper.publish.manifest import Manifest, file_sha256, read_manifest
from scraper.publish.schema import describe_columns, describe_schema
from scraper.record import CODE_KEY, TABLES

BATCH_ROWS = 500
CODES, PAGES, HISTORY = "codes.parquet", "pages.parquet", "history.parquet"
# What every release has; other columns may be newer than a release.
NEEDED = {
    "codes": (
        *(*CODE_KEY, "site", "status", "gated_sections", "layout", "capture_sha256"),
        *("official_description", "common_language_description", "status_notice"),
        *(
            "official_capture",
            "common_language_capture",
            "first_seen",
            "last_changed",
            "quality_flags",
        ),
    ),
    "pages": ("site", "outcome", "capture"),
    "history": (*CODE_KEY, "event_date", "event_date_text", "action"),
    "delta": (*CODE_KEY, "change"),
}

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
    _prove_rows(folder / name)
    return manifest


def _prove_rows(path: Path) -> None:
    try:
        with open_table(path) as file:
            fault = _find_column_fault(path.stem, file.schema_arrow) or _find_row_fault(
                path.stem, file
            )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReleaseError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    if fault:
        raise ReleaseError(f"{path}: {fault}; the release is damaged")


def _find_column_fault(table: str, schema: pa.Schema) -> str | None:
    if lacking := next((name for name in NEEDED[table] if name not in schema.names), None):
        return f"has no column {lacking}"
    known = {column.name: column.type for column in describe_columns(TABLES[table])}
    for column in describe_schema(schema):
        if column.type != known.get(column.name, column.type):
            return f"{column.name} is of type {column.type}, not {known[column.name]}"
    return None


def _find_row_fault(table: str, file: parquet.ParquetFile) -> str | None:
    """Say which column is empty where it may not be, or which row's key is wrong."""
    held = set(file.schema_arrow.names)
    columns = [column for column in describe_columns(TABLES[table]) if column.name in held]
    last: Values = ()
    for batch in file.iter_batches(BATCH_ROWS, columns=[column.name for column in columns]):
        for column in columns:
            values = batch.column(column.name)
            is_empty = column.type == "string" and pc.any(pc.equal(values, "")).as_py()
            if is_empty or (values.null_count and not column.nullable):
                return f"{column.name} is empty in a row"
        for key in zip(*(batch.column(n).to_pylist() for n in KEYS.get(table, ())), strict=True):
            if fault := find_key_fault(key, last):
                return fault
            last = key
    return None


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
