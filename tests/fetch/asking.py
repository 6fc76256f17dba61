"""Ask a fault server for many paths in a process of its own, and say what became of each.

`python -m tests.fetch.asking ORIGIN` reads lines of `path deadline` and prints a line of JSON for
each.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from scraper.errors import FetchError
from scraper.fetch.client import PageClient

from .faults import make_profile, make_settings


@dataclass(frozen=True)
class Outcome:
    """What became of one path; `peak` and `now` are KiB of memory, `files` open descriptors."""

    path: str
    reason: str | None
    message: str
    status: int | None
    sha256: str | None
    seconds: float
    peak: int
    now: int
    files: int


async def ask_all(origin: str, lines: Iterable[str]) -> None:
    async with Asker(origin) as asker:
        for line in lines:
            path, deadline = line.split()
            print(json.dumps(asdict(await asker.ask(path, float(deadline)))), flush=True)


class Asker:
    """Holds one client for each deadline that is wanted."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self._clients: dict[float, PageClient] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        for client in self._clients.values():
            await client.__aexit__(None, None, None)

    def _client(self, deadline: float) -> PageClient:
        if deadline not in self._clients:
            settings = make_settings(
                origin=self.origin, deadline_seconds=deadline, max_page_bytes=10_000_000
            )
            self._clients[deadline] = PageClient(make_profile(), settings)
        return self._clients[deadline]

    async def ask(self, path: str, deadline: float) -> Outcome:
        start = time.monotonic()
        reason, message, status, sha256 = None, "", None, None
        try:
            capture = await self._client(deadline).fetch(f"{self.origin}{path}")
            status, sha256 = capture.status, hashlib.sha256(capture.body).hexdigest()
            del capture
        except FetchError as error:
            reason, message = error.reason, str(error)
        seconds = time.monotonic() - start
        return Outcome(path, reason, message, status, sha256, seconds, *size_of_this_process())


def size_of_this_process() -> tuple[int, int, int]:
    """Return the most and the present memory in KiB as the kernel counts, and the open files."""
    values = dict(_status_lines())
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return values.get("VmHWM", 0), values["VmRSS"], files


def _status_lines() -> Iterator[tuple[str, int]]:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            yield name, int(value[:-3])


if __name__ == "__main__":
    asyncio.run(ask_all(sys.argv[1], sys.stdin))
