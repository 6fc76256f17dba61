"""What is asked of a disk: bytes and names that are down when we say so, errors in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import StorageError


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError of the block into a StorageError that names the file."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
        name = error.filename or path
        raise StorageError(f"{name}: {reason}; check its permissions and the disk") from error


def sync(path: Path) -> None:
    """Return once a file's bytes, or a folder's names, would outlive a loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder whose name is durable."""
    if not folder.exists():
        folder.mkdir(parents=True)
        sync(folder.parent)


def replace_durably(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file: a reader sees the old one or the new one, whole.

    What a link leads to is replaced, not the link; raises OSError, and the old file then stays.
    """
    target = path.resolve()
    staged = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        staged.write_bytes(content)
        sync(staged)
        staged.replace(target)
        sync(target.parent)
    finally:
        staged.unlink(missing_ok=True)
