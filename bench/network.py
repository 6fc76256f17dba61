"""Pages over loopback in, pages a second and CPU a page out: our transport beside that of httpx.

The server is a process of its own (`python -m bench.network`) and gives one generated page, zipped,
to every request. CPU is that of the asking process, in the kernel too; the clients are the same but
for the transport, and each asks over one connection.
"""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.corpus import make_page
from scraper.archive.store import Archive
from scraper.capture import Capture
from scraper.fetch.client import PageClient
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

_CODE = 63020
MakeTransport = Callable[[], httpx.AsyncBaseTransport | None]
_KEPT = httpx.Limits(max_connections=1, max_keepalive_connections=1)


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


def transport_of_httpx() -> httpx.AsyncBaseTransport:
    """Return what httpx would send the same requests over, with one connection to keep."""
    return httpx.AsyncHTTPTransport(limits=_KEPT, trust_env=False)


def measure_fetching(
    count: int, connections: int, make_transport: MakeTransport = lambda: None
) -> FetchCost:
    """Fetch about `count` pages over so many connections; None is our own transport."""
    with _server() as origin:
        visits = _Visits(origin, count // connections, make_transport, _check)
        return asyncio.run(visits.measure(connections))


def measure_keeping(count: int) -> FetchCost:
    """Fetch so many pages over one connection and keep each in an archive."""
    with (
        _server() as origin,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
        Archive.open(Path(folder, "raw"), write=True) as archive,
    ):
        visits = _Visits(origin, count, lambda: None, archive.append)
        return asyncio.run(visits.measure(connections=1))


@dataclass(frozen=True, slots=True)
class _Visits:
    """What each connection does: so many pages, one after the other."""

    origin: str
    pages: int
    make_transport: MakeTransport
    keep: Callable[[Capture], object]

    async def measure(self, connections: int) -> FetchCost:
        start, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._visit() for _ in range(connections)))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
        return FetchCost(self.pages * connections, seconds, cpu_seconds)

    async def _visit(self) -> None:
        profile, settings = load_profiles()["codingahead"], Settings(origin=self.origin)
        async with PageClient(profile, settings, self.make_transport()) as client:
            for number in range(self.pages):
                self.keep(await client.fetch(f"{self.origin}/cpt/codes/{_CODE + number}"))


def _check(capture: Capture) -> None:
    if capture.status != 200 or not capture.body.rstrip().endswith(b"</html>"):
        raise AssertionError(f"{capture.url}: no whole page")


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.network"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


class _PageServer(asyncio.Protocol):
    """Gives the same answer to each request of a connection."""

    answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        *whole, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for _ in whole:
            self._transport.write(self.answer)  # type: ignore[attr-defined]


async def _serve() -> None:
    body = gzip.compress(make_page(_CODE).body, mtime=0)
    head = (
        "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 09:30:00 GMT\r\nServer: made-up\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        "Vary: Accept-Encoding\r\nCache-Control: max-age=0\r\n"
        f'ETag: "made-up"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    _PageServer.answer = head.encode("ascii") + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_PageServer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
