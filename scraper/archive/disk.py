"""Bytes and names made durable on the disk, and its errors in one line."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
            sync_folder(path.parent)
    except BaseException:
        os.ftruncate(segment, size)
        raise
    finally:
        os.close(segment)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder whose name is durable."""
    if not folder.exists():
        folder.mkdir(parents=True)
        sync_folder(folder.parent)


@contextmanager
def naming_storage(folder: Path) -> Iterator[None]:
    """Turn an error of the disk or of SQLite into a StorageError of one line."""
    try:
        yield
    except OSError as error:
        cause = f"{error.filename or folder}: {error.strerror or error}"
        raise StorageError(f"{cause}; check the folder and its disk") from error
    except sqlite3.Error as error:
        message = f"{folder}: the index is damaged or busy: {error}; run `scraper index --rebuild`"
        raise StorageError(message) from error
