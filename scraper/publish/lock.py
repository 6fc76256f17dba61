"""One publisher to output/ at a time: a lock that the system drops when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.disk import storage_errors
from scraper.errors import BusyError

_NAME = ".lock"


@contextmanager
def hold_output(output_dir: Path) -> Iterator[None]:
    """Hold the lock of a folder that exists; raises BusyError where another process does."""
    # A record lock, unlike flock, is not inherited: worker processes that outlive a killed run
    # do not hold it.
    with storage_errors(output_dir):
        lock = (output_dir / _NAME).open("wb")
    with lock:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                f"{output_dir}: another run publishes here; wait until it ends"
            ) from error
        yield
