"""A loopback server that answers each path with raw bytes or a behaviour, whatever HTTP says."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
PAGE = b"<html><body><p>A made-up page.</p></body></html>"
CODE_PATH = "/cpt/codes/10001"


def answer(body: bytes = PAGE, status: int = 200, **headers: str) -> bytes:
    """Return a whole HTTP answer; a header given here replaces the default one."""
    named = {"content_type": "text/html", "content_length": str(len(body))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status} Made up", *lines, "", ""]).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(b"", status, location=location)


def drip(start: bytes, drop: bytes = b"x", seconds: float = 0.02) -> Behaviour:
    """Answer with `start`, then with one `drop` after the other until the client is gone."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


def reset_after(start: bytes) -> Behaviour:
    """Answer with `start`, then break the connection with a TCP reset."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        linger_not = struct.pack("ii", 1, 0)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)

    return behave


class FaultServer:
    """Serves `answers` by path (404 for others) and keeps the head of each request.

    A `greeting` is sent before any request was read.
    """

    def __init__(self, answers: Mapping[str, bytes | Behaviour], greeting: bytes = b"") -> None:
        self.answers = dict(answers)
        self.greeting = greeting
        self._tasks: list[asyncio.Task[None]] = []
        self.requests: list[str] = []
        self.open = 0
        self.most_open = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks)

    @property
    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.append(task)
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away or the test is over
        finally:
            self.open -= 1
            self._tasks.remove(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.greeting)
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests.append(head)
        reply = self.answers.get(self.paths[-1], answer(b"no such page", 404))
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        else:
            await reply(writer)


def make_profile(**changes: object) -> SiteProfile:
    """Return a small fictional site on 127.0.0.1; `changes` replace its keys."""
    values: dict[str, object] = {
        "name": "made-up",
        "title": "Made-up codes",
        "publisher": "Nobody",
        "fictional": True,
        "origin": "http://127.0.0.1",
        "hosts": ("127.0.0.1",),
        "code_paths": {"CPT": "/cpt/codes/{code}"},
        "pace_seconds": 0,
    }
    return SiteProfile.model_validate(values | changes)


def make_settings(**changes: object) -> Settings:
    return Settings(**({"deadline_seconds": 10.0, "max_page_bytes": 100_000} | changes))
