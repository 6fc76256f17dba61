"""How parse workers start: with locks that last as long as their pool, and deaf to Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext
from multiprocessing.synchronize import RLock


class LastingLocks(SpawnContext):
    """Keeps the pool's locks as long as the pool, which lets them go before it ends its workers.

    A worker that has just been started would not find them, and complain of it with a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._locks: list[RLock] = []

    def RLock(self) -> RLock:  # noqa: N802 - the name that it has in the standard library
        """Return a lock, and hold on to it."""
        self._locks.append(super().RLock())
        return self._locks[-1]


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Let the processes that start here never see Ctrl-C: the run ends them."""
    resource_tracker.ensure_running()  # its start would let interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
