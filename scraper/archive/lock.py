"""One writer of raw/ at a time: an advisory lock that the system drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.errors import BusyError

_NAME = ".lock"


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, which must exist; raises BusyError where another run holds it."""
    lock = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{folder}: another run works here; wait until it has ended") from error
        yield
    finally:
        os.close(lock)
