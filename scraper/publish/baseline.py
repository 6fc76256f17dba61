"""The release to compare with in, batch by batch, for the checks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from scraper.errors import ReleaseError
from scraper.publish.comparison import describe_event
from scraper.publish.fact_checks import describe_facts
from scraper.publish.fill import FILL_COLUMNS, describe_fill
from scraper.publish.manifest import Manifest
from scraper.publish.row_checks import RowBefore, is_cut
from scraper.publish.rows import BATCH_ROWS, HISTORY, NEEDED, PAGES, open_table, prove_table
from scraper.publish.version import list_versions, version_order

_EVENT = ("event_date", "event_date_text", "action")
_COLUMNS = tuple(dict.fromkeys((*NEEDED["codes"], *FILL_COLUMNS)))


@dataclass(frozen=True, slots=True)
class Baseline:
    """A release that is whole enough to be compared with."""

    folder: Path
    manifest: Manifest

    @property
    def version(self) -> str:
        """The name of the release."""
        return self.manifest.version

    def rows(self) -> Iterator[RowBefore]:
        """Yield the rows of `codes`; raises ReleaseError where they cannot be read."""
        for row in self._read("codes", _COLUMNS):
            yield RowBefore(
                *(row["code"], row["site"], row["status"], row["gated_sections"], row["layout"]),
                *(row["capture_sha256"], is_cut(row["quality_flags"])),
                *(row["official_description"], row["common_language_description"]),
                describe_fill(row.__getitem__),
                describe_facts(row.get),
            )

    def rowless_captures(self) -> Iterator[str]:
        """Yield the pages, by SHA-256, that were known and made no row."""
        for page in self._read("pages", ("outcome", "capture")):
            if page["outcome"] != "row" and page["capture"]:
                yield page["capture"]

    def events(self) -> Iterator[tuple[str, str, str]]:
        """Yield the code of each line of history, and what describe_event says of it."""
        for line in self._read("history", ("code", *_EVENT)):
            yield line["code"], *describe_event(*(line[name] for name in _EVENT))

    def _read(self, table: str, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        path = self.folder / f"{table}.parquet"
        try:
            with open_table(path) as file:
                held = [name for name in columns if name in file.schema_arrow.names]
                for batch in file.iter_batches(BATCH_ROWS, columns=held):
                    yield from batch.to_pylist()
        except (pa.ArrowException, OSError, ValueError) as error:
            raise ReleaseError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def find_baseline(latest: Path | None, releases: Path) -> tuple[Baseline | None, str | None]:
    """Open the latest release, or the newest one before it whose rows can be relied on.

    `releases` is the folder of all. Beside it is what is wrong where it is not the latest.
    """
    held = list_versions(releases)[::-1]
    if latest:
        newest = version_order(latest.name)
        older = [latest, *(releases / name for name in held if version_order(name) < newest)]
    else:
        older = [releases / name for name in held]
    if not older:
        return None, None
    why = None if latest else f"latest leads nowhere, though {held[0]} is there"
    for folder in older:
        try:
            baseline = _prove(folder)
        except ReleaseError as error:
            why = why or str(error)
        else:
            return baseline, why and f"{why}; {baseline.version} was compared in its place"
    return None, f"{why}; nothing was compared"


def _prove(folder: Path) -> Baseline:
    for table in (PAGES, HISTORY):
        prove_table(folder, table)
    return Baseline(folder, prove_table(folder))
