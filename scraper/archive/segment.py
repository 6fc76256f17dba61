"""Segments: the files raw/<site>/<site>-00001.warc.gz. Appended durably, scanned, and cut."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from scraper.archive.entry import Revisit, decode_entry, is_our_info
from scraper.archive.warc import DAMAGE, find_member, read_member
from scraper.capture import HeldPage
from scraper.disk import sync
from scraper.errors import StorageError

logger = logging.getLogger(__name__)

PARTIAL_SUFFIX = ".partial"
_NAME = re.compile(r"(?P<site>.+)-(?P<number>[0-9]{5,})\.warc\.gz")


def list_segments(raw_dir: Path) -> dict[str, int]:
    """Return the size of each segment that holds anything, by its name relative to raw/."""
    found = {}
    for path in sorted(raw_dir.glob("*/*.warc.gz")):
        match = _NAME.fullmatch(path.name)
        if match and match["site"] == path.parent.name and path.is_file():
            found[f"{path.parent.name}/{path.name}"] = path.stat().st_size
    return {raw_file: size for raw_file, size in found.items() if size}


def segment_name(site: str, number: int) -> str:
    """Return the name of a segment relative to raw/.

    >>> segment_name("sample", 1)
    'sample/sample-00001.warc.gz'
    """
    return f"{site}/{site}-{number:05}.warc.gz"


def next_segment(raw_file: str) -> str:
    """Return the name of the segment that follows."""
    site, _, file_name = raw_file.partition("/")
    match = _NAME.fullmatch(file_name)
    return segment_name(site, int(match["number"]) + 1 if match else 1)


def scan_segment(
    raw_dir: Path, raw_file: str, start: int
) -> Iterator[tuple[HeldPage | Revisit, int]]:
    """Give each whole capture and revisit from `start` on and where it ends; log damage between."""
    with (raw_dir / raw_file).open("rb") as file:
        offset: int | None = start
        while offset is not None and offset < os.fstat(file.fileno()).st_size:
            try:
                record, end = read_member(file, offset)
                entry = decode_entry(record, raw_file, offset)
            except DAMAGE as error:
                offset = _next_member(file, raw_file, offset, error)
                continue
            if entry is not None:
                yield (entry if isinstance(entry, Revisit) else entry.page), end
            offset = end


def check_ours(path: Path) -> None:
    """Raise StorageError where a whole record, but none of ours, opens the file: it is not cut."""
    with path.open("rb") as file:
        try:
            record, _ = read_member(file, 0)
        except DAMAGE:
            return
    if not is_our_info(record):
        raise StorageError(f"{path}: another program wrote it; move it away and import it")


def cut_tail(path: Path, end: int) -> None:
    """Cut a segment after its last whole entry; what is cut is kept beside it."""
    with path.open("r+b") as segment, Path(f"{path}{PARTIAL_SUFFIX}").open("ab") as partial:
        segment.seek(end)
        tail = segment.read()
        partial.write(tail)
        partial.flush()
        os.fsync(partial.fileno())
        segment.truncate(end)
        os.fsync(segment.fileno())
    sync(path.parent)
    kept = f"{path.name}{PARTIAL_SUFFIX}"
    logger.warning("%s: cut %d torn bytes at byte %d; kept in %s", path, len(tail), end, kept)


def _next_member(file: IO[bytes], raw_file: str, offset: int, cause: Exception) -> int | None:
    found = find_member(file, offset + 1)
    if found is not None:
        message = "%s: damaged from byte %d to byte %d: %s; restore it from a copy"
        logger.warning(message, raw_file, offset, found, cause)
    return found
