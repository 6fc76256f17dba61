"""One code in, its life over the releases that are kept out: first seen, changes, page history."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from scraper.codes import system_of
from scraper.errors import ReleaseError, UsageError
from scraper.publish.compare import compare_code
from scraper.publish.latest import RELEASES
from scraper.publish.rows import CODES, HISTORY, find_rows, prove_table
from scraper.publish.version import list_versions
from scraper.record import ChangeRow

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LifeChange:
    """A change between two releases that are kept, `since` and `version`."""

    version: str
    since: str
    change: ChangeRow


@dataclass(frozen=True, slots=True)
class Life:
    """What the releases tell of a code.

    `known_from` is the oldest release that is kept: of what was before it, nothing is known.
    `first_release` and `last_release` are the first and the last with a row of the code.
    """

    code: str
    code_system: str
    known_from: str
    first_release: str
    last_release: str
    in_latest: bool
    status: str
    first_seen: datetime
    last_changed: datetime
    changes: tuple[LifeChange, ...]
    page_history: tuple[dict[str, Any], ...]


def read_life(output_dir: Path, code: str) -> Life:
    """Read the life of a code.

    Raises ReleaseError where no release can be read, UsageError where none has the code.
    """
    rows = list(_read_rows(output_dir / RELEASES, code))
    if not rows:
        raise ReleaseError(f"{output_dir}: holds no whole release; run `scraper build`")
    held = [(version, row) for version, row in rows if row]
    if not held:
        raise UsageError(f"{code}: stands in no release of {output_dir}; `scraper show {code}`?")
    last, row = held[-1]
    return Life(
        code=code,
        code_system=row["code_system"],
        known_from=rows[0][0],
        first_release=held[0][0],
        last_release=last,
        in_latest=last == rows[-1][0],
        status=row["status"],
        first_seen=row["first_seen"],
        last_changed=row["last_changed"],
        changes=tuple(_find_changes(rows)),
        page_history=tuple(_page_history(output_dir / RELEASES / last, code)),
    )


def _read_rows(releases: Path, code: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    for version in list_versions(releases):
        try:
            for table in (CODES, HISTORY):
                prove_table(releases / version, table)
        except ReleaseError as error:
            _log.warning("left out: %s", error)
            continue
        rows = find_rows(releases / version, system_of(code), code)
        yield version, rows[0] if rows else None


def _find_changes(rows: list[tuple[str, dict[str, Any] | None]]) -> Iterator[LifeChange]:
    for (since, old), (version, new) in pairwise(rows):
        for change in compare_code(old, new):
            yield LifeChange(version, since, change)


def _page_history(folder: Path, code: str) -> list[dict[str, Any]]:
    return find_rows(folder, system_of(code), code, HISTORY)
