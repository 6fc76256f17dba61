"""One generated page, zipped, for every request over loopback, on the core that is named.

`python -m bench.server CORE` prints its port; its connections are kept as long as a client likes.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.corpus import make_page

_CODE = 63020
_CLOSE = b"\r\nconnection: close"


@contextmanager
def page_server(core: int) -> Iterator[str]:
    """Give the origin of a server in a process of its own."""
    command = [sys.executable, "-m", "bench.server", str(core)]
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
        for head in whole:
            self._transport.write(self.answer)  # type: ignore[attr-defined]
            if _CLOSE in head.lower():
                self._transport.close()


async def _serve(core: int) -> None:
    os.sched_setaffinity(0, {core})
    body = gzip.compress(make_page(_CODE).body, mtime=0)
    head = (
        "HTTP/1.1 200 OK\r\nDate: Fri, 20 Nov 2026 09:30:00 GMT\r\nServer: made-up\r\n"
        "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        "Vary: Accept-Encoding\r\nCache-Control: max-age=0\r\n"
        f'ETag: "made-up"\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    _PageServer.answer = head.encode("ascii") + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_PageServer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
