"""How far a run is: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import click

# Called with how many pages are done, and of how many.
Progress: TypeAlias = Callable[[int, int], None]

_SECONDS_BETWEEN_LINES = 10.0
_log = logging.getLogger(__name__)


@contextmanager
def show_progress(label: str) -> Iterator[Progress]:
    """Give a function to tell progress with: a bar on standard error, or records of the log."""
    if not sys.stderr.isatty():
        yield _PlainLines(label)
        return
    with click.progressbar(length=1, label=label, file=sys.stderr, show_pos=True) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield tell


class _PlainLines:
    """A line when the work is done, and every ten seconds until then."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def __call__(self, done: int, total: int) -> None:
        if done == total or time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES
            counts = {"done": done, "total": total}
            _log.info("%s: %d of %d pages", self._label, done, total, extra=counts)
