"""Segments appended durably, and the errors of the disk and the index in one line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.disk import make_folder, storage_errors, sync
from scraper.errors import StorageError


def append_durably(path: Path, content: bytes) -> None:
    """Append all of `content` and return when it is on the disk; on failure none of it stays."""
    is_new = not path.exists()
    if is_new:
        make_folder(path.parent)
    segment = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    size = os.fstat(segment).st_size
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(segment, rest) :]
        os.fsync(segment)
        if is_new:
            sync(path.parent)
    except BaseException:
        os.ftruncate(segment, size)
        raise
    finally:
        os.close(segment)


@contextmanager
def naming_storage(folder: Path) -> Iterator[None]:
    """Turn an error of the disk or of SQLite into a StorageError of one line."""
    try:
        with storage_errors(folder):
            yield
    except sqlite3.Error as error:
        message = f"{folder}: the index is damaged or busy: {error}; run `scraper index --rebuild`"
        raise StorageError(message) from error
