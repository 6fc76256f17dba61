"""A release folder in, findings out; none means that every byte and every row is as published.

Tables are only read once their bytes are proven, so a damaged file cannot harm the reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from scraper.errors import ReleaseError
from scraper.publish.editions import OPEN, find_licensed_words
from scraper.publish.keys import KEYS, find_coverage_gap
from scraper.publish.manifest import Manifest, find_damage, read_manifest
from scraper.publish.rows import open_table
from scraper.publish.schema import describe_schema
from scraper.publish.twin import iter_csv


def verify_release(folder: Path) -> tuple[str, ...]:
    """List what is wrong with a release, a line each; empty means that it is proven."""
    try:
        manifest = read_manifest(folder)
        # Each looks only at what the one before has proven.
        damage = tuple(find_damage(folder, manifest))
        faults = damage or tuple(_find_faults(folder, manifest))
        return faults or tuple(_find_leaks(folder))
    except ReleaseError as error:
        return (str(error),)
    except (pa.ArrowException, OSError, ValueError) as error:
        return (f"{folder}: cannot be read: {' '.join(str(error).split())}",)


def _find_faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    codes = manifest.files.get("codes.parquet")
    if codes and (gap := find_coverage_gap(manifest.coverage, codes.rows)):
        yield gap
    for table in manifest.tables:
        path = folder / f"{table}.parquet"
        if f"{table}.parquet" not in manifest.files:
            yield f"{path}: is not listed in the manifest"
            continue
        yield from _find_table_faults(path, table, manifest)
        twin = path.with_suffix(".csv")
        if f"{table}.csv" in manifest.files and not _is_twin(path, twin):
            yield f"{twin}: does not hold the same rows as {path.name}"


def _find_leaks(folder: Path) -> Iterator[str]:
    if (folder / OPEN).is_dir() and (found := find_licensed_words(folder, folder / OPEN)):
        words = " ".join(min(found))
        yield f"{folder / OPEN}: holds words of a licensed text: {words!r}"


def _find_table_faults(path: Path, table: str, manifest: Manifest) -> Iterator[str]:
    with open_table(path) as file:
        if describe_schema(file.schema_arrow) != manifest.tables[table]:
            yield f"{path}: its columns are not those of the manifest"
        if file.metadata.num_rows != manifest.files[f"{table}.parquet"].rows:
            yield f"{path}: holds {file.metadata.num_rows} rows, not those of the manifest"
        keys = _iter_keys(file, KEYS.get(path.stem, ()))
        # A null has no place in an order.
        if any(None in left + right or left >= right for left, right in pairwise(keys)):
            yield f"{path}: its rows are not in strict order of their key"


def _iter_keys(
    file: parquet.ParquetFile, columns: tuple[str, ...]
) -> Iterator[tuple[str | None, ...]]:
    for batch in file.iter_batches():
        yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def _is_twin(path: Path, twin: Path) -> bool:
    with open_table(path) as file:
        rows = _Rows(file.iter_batches(), file.schema_arrow)
        same = all(
            rows.take(len(batch)).equals(pa.Table.from_batches([batch]))
            for batch in iter_csv(twin, file.schema_arrow)
        )
        return same and not len(rows.take(1))


class _Rows:
    """Batches of any length in, as many rows as are asked for out."""

    def __init__(self, batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> None:
        self._batches = batches
        self._held = schema.empty_table()

    def take(self, count: int) -> pa.Table:
        while len(self._held) < count and (batch := next(self._batches, None)) is not None:
            self._held = pa.concat_tables([self._held, pa.Table.from_batches([batch])])
        taken, self._held = self._held.slice(0, count), self._held.slice(count)
        return taken
