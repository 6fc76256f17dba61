"""The differences between two releases, from `delta.parquet` or from their codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scraper.publish.compare import find_changes, make_change
from scraper.publish.manifest import Manifest, read_manifest
from scraper.publish.rows import iter_rows, prove_table
from scraper.record import ChangeRow

DELTA = "delta.parquet"
_COLUMNS = tuple(ChangeRow.model_fields)


def compares_with(folder: Path, old: str) -> bool:
    """Tell whether a release has a delta that tells the differences from `old`."""
    manifest = read_manifest(folder)
    return DELTA in manifest.files and manifest.compared_with == old


def read_delta(folder: Path) -> Iterator[ChangeRow]:
    """Yield the delta of a release."""
    return map(make_change, iter_rows(folder, _COLUMNS, DELTA))


def diff_releases(old: Path, new: Path) -> Iterator[ChangeRow]:
    """Yield what differs between two releases, of whatever age.

    `old` may be gone where the delta of `new` tells the differences from it. Raises ReleaseError
    where what must be read is damaged.
    """
    if compares_with(new, old.name):
        prove_table(new, DELTA)
        return read_delta(new)
    for folder in (old, new):
        prove_table(folder)
    return find_changes(old, new)


def parent_of(folder: Path) -> str | None:
    """Return the release that one is compared with when nothing else is said."""
    manifest: Manifest = read_manifest(folder)
    return manifest.compared_with or manifest.parent
