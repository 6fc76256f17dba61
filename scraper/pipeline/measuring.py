"""What raw/ and output/ hold, in numbers; makes no request and reads no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scraper.archive.store import Archive
from scraper.errors import ReleaseError
from scraper.publish.latest import find_release
from scraper.publish.manifest import read_manifest
from scraper.settings import Settings


@dataclass(frozen=True, slots=True)
class Holdings:
    """Captures by (site, page kind), the oldest page of each site, and the latest release."""

    captures: Mapping[tuple[str, str], int]
    oldest: Mapping[str, datetime]
    coverage: Mapping[str, int]
    released: datetime | None = None
    release_rows: int = 0


def measure_holdings(settings: Settings, site: str | None = None) -> Holdings:
    """Count what is held, of one site or of all; raises StorageError where raw/ cannot be read."""
    with Archive.open(settings.raw_dir) as archive:
        captures = archive.count_kinds(site)
        oldest = archive.oldest_checks(site)
    try:
        manifest = read_manifest(find_release(settings.output_dir))
    except ReleaseError:  # none yet, or a damaged one: the run itself says so
        return Holdings(captures, oldest, {})
    rows = manifest.files["codes.parquet"].rows if "codes.parquet" in manifest.files else 0
    return Holdings(captures, oldest, manifest.coverage, manifest.created_at, rows)
