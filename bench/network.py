"""Pages over loopback in, pages a second and CPU a page out: our fetcher beside those of others.

In each round every client fetches from the same server, one after the other, on a core of its own;
the server has the other. Ratios are taken round by round.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.clients import CLIENTS
from bench.server import page_server
from bench.speed import Spread


@dataclass(frozen=True, slots=True)
class FetchCost:
    """What so many pages took, in seconds of the clock and of the processor."""

    pages: int
    seconds: float
    cpu_seconds: float

    @property
    def pages_per_second(self) -> float:
        """Pages read whole in a second."""
        return self.pages / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """Milliseconds of the processor for a page."""
        return self.cpu_seconds / self.pages * 1e3


Rounds = Mapping[str, Sequence[FetchCost]]


def measure_fetching(
    count: int, connections: int, *, rounds: int, names: Sequence[str] = tuple(CLIENTS)
) -> Rounds:
    """Let each client fetch and keep `count` pages, by turns, so many rounds."""
    cores = sorted(os.sched_getaffinity(0))
    costs: dict[str, list[FetchCost]] = {name: [] for name in names}
    with page_server(cores[-1]) as origin:
        for _ in range(rounds):
            for name in names:
                costs[name].append(_measure(name, origin, count, connections, cores[0]))
    return costs


def times_as_fast(rounds: Rounds, other: str) -> Spread:
    """Return how many times as long as we another client takes, by the clock."""
    pairs = zip(rounds[other], rounds["ours"], strict=True)
    return Spread.of([theirs.seconds / ours.seconds for theirs, ours in pairs])


def _measure(name: str, origin: str, *numbers: int) -> FetchCost:
    command = [sys.executable, "-m", "bench.clients", name, origin, *map(str, numbers)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return FetchCost(**json.loads(ran.stdout.splitlines()[-1]))
