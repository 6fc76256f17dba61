"""Bring index and segments together: after a crash, a lost index, or damage to either.

The segments are the truth. A torn tail is cut only by the one who holds the lock.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from scraper.archive.index import FILE_NAME, Index
from scraper.archive.lock import hold_lock
from scraper.archive.segment import check_ours, cut_tail, list_segments, scan_segment
from scraper.disk import sync
from scraper.errors import BusyError, StorageError

logger = logging.getLogger(__name__)


def open_recovered(raw_dir: Path) -> Index:
    """Open the index for writing, true to the segments; the caller holds the lock."""
    path = raw_dir / FILE_NAME
    try:
        with ExitStack() as stack:
            index = Index.open(path, write=True)
            stack.callback(index.close)
            _check_only_grown(index, raw_dir)
            read_tails(index, raw_dir, cut=True)
            stack.pop_all()
            return index
    except sqlite3.DatabaseError as error:
        if path.exists():
            logger.info("%s: is made anew: %s", path, error)
    build_index(raw_dir)
    return Index.open(path, write=True)


def open_to_read(raw_dir: Path) -> Index:
    """Open the index for reading, true to the segments; a folder without any is an empty index."""
    present = list_segments(raw_dir)
    if not present and not (raw_dir / FILE_NAME).exists():
        return Index.create(None)
    with suppress(sqlite3.Error):
        index = Index.open(raw_dir / FILE_NAME, write=False)
        if index.segment_sizes() == present:
            return index
        index.close()
    return _open_after_crash(raw_dir)


def build_index(raw_dir: Path) -> int:
    """Make index.sqlite anew from the segments, return its captures; the caller holds the lock."""
    path, new = raw_dir / FILE_NAME, raw_dir / f"{FILE_NAME}.new"
    new.unlink(missing_ok=True)
    try:
        with closing(Index.create(new)) as index:
            read_tails(index, raw_dir, cut=True)
            count = index.count()
        # A journal that a killed writer left would be played into the new file.
        Path(f"{path}-journal").unlink(missing_ok=True)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    sync(raw_dir)
    return count


def read_tails(index: Index, raw_dir: Path, *, cut: bool) -> None:
    """Read into the index what it does not know of each segment; with `cut`, cut what is torn."""
    known = index.segment_sizes()
    for raw_file, size in list_segments(raw_dir).items():
        start = known.get(raw_file, 0)
        if start == size:
            continue
        check_ours(raw_dir / raw_file)
        end = index.add(scan_segment(raw_dir, raw_file, start), raw_file, start)
        index.commit()
        if cut and end < size:
            cut_tail(raw_dir / raw_file, end)


def _open_after_crash(raw_dir: Path) -> Index:
    try:
        with hold_lock(raw_dir):
            open_recovered(raw_dir).close()
        return Index.open(raw_dir / FILE_NAME, write=False)
    except BusyError:
        # A writer is at work: its index is at most the capture of this moment behind.
        with suppress(sqlite3.Error):
            return Index.open(raw_dir / FILE_NAME, write=False)
    except (OSError, sqlite3.Error):
        logger.info("%s: cannot be written; its index is made in memory", raw_dir)
    index = Index.create(None)
    read_tails(index, raw_dir, cut=False)
    return index


def _check_only_grown(index: Index, raw_dir: Path) -> None:
    present = list_segments(raw_dir)
    for raw_file, size in index.segment_sizes().items():
        if present.get(raw_file, -1) < size:
            raise StorageError(
                f"{raw_dir / raw_file}: is shorter than it was, or gone: pages are lost; "
                "restore it, or run `scraper index --rebuild` to go on without them"
            )
