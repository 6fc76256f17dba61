"""HTTP/1.1 over TCP and TLS for httpx: a request in, an answer out whose body is read as it comes.

It reaches checked addresses only and trusts what the system's trust store trusts. Each request has
a connection of its own: what a server sends too much, or too late, can answer no other. It follows
no redirect, keeps no cookie and undoes no content coding.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import AsyncIterator

import httpx

from scraper.errors import FetchError
from scraper.fetch.address import find_addresses
from scraper.fetch.connection import Connection, open_connection
from scraper.fetch.head import MAX_HEAD_BYTES, Framing, Head, parse_head
from scraper.fetch.trust import open_trust

MAX_INTERIM_ANSWERS = 10

_PIECE_BYTES = 64 * 1024
_MAX_LINE_BYTES = 1024
_PORTS = {"http": 80, "https": 443}
_HEX_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
_REQUEST_LINE = re.compile(rb"[!-~]+")
_LINE_END = re.compile(rb"[\r\n\0]")

_Origin = tuple[str, str, int]


class DirectTransport(httpx.AsyncBaseTransport):
    """Asks the network itself; `origin_host` alone may be an address that is not public.

    Raises FetchError, OSError where the look-up or the trust fails, UsageError where this machine
    trusts nobody. Times are the caller's.
    """

    def __init__(self, origin_host: str) -> None:
        self._origin_host = origin_host
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body; the body of the answer waits to be read or closed."""
        origin = _origin_of(request.url)
        message = _format_request(request)
        connection = await self._open(origin)
        answer = await _ask(connection, message)
        body = _Body(connection, answer)
        return httpx.Response(answer.status, headers=list(answer.fields), stream=body)

    async def _open(self, origin: _Origin) -> Connection:
        scheme, host, port = origin
        tls = self._trust(host) if scheme == "https" else None
        addresses = await find_addresses(host, port, self._origin_host)
        return await open_connection(addresses, port, host, tls)

    def _trust(self, host: str) -> ssl.SSLContext:
        """Read the trust store when it is first needed: that takes longer than a page."""
        if self._tls is None:
            self._tls = open_trust(host)
        return self._tls


class _Body(httpx.AsyncByteStream):
    """The body of an answer; its connection ends with it."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self._head = head

    async def __aiter__(self) -> AsyncIterator[bytes]:
        match self._head.length:
            case Framing.CHUNKED:
                pieces = _read_chunks(self._connection)
            case Framing.CLOSE:
                pieces = _read_to_close(self._connection)
            case int(length):
                pieces = _read_exactly(self._connection, length)
        async for piece in pieces:
            yield piece

    async def aclose(self) -> None:
        await self._connection.close()


async def _ask(connection: Connection, message: bytes) -> Head:
    try:
        connection.send(message)
        return await _read_head(connection)
    except BaseException:
        await connection.close()
        raise


async def _read_head(connection: Connection) -> Head:
    for _ in range(MAX_INTERIM_ANSWERS + 1):
        block = await connection.read_until(b"\r\n\r\n", MAX_HEAD_BYTES)
        if block is None:
            raise FetchError("reset", "the connection ended before an answer")
        head = parse_head(block)
        if head.status == 101:
            raise FetchError("protocol", "the answer changes to a protocol that was not asked for")
        if head.status >= 200:
            return head
    raise FetchError("protocol", f"more than {MAX_INTERIM_ANSWERS} interim answers")


async def _read_exactly(connection: Connection, length: int) -> AsyncIterator[bytes]:
    while length:
        piece = await connection.read_some(min(length, _PIECE_BYTES))
        if not piece:
            raise _truncated()
        length -= len(piece)
        yield piece


async def _read_to_close(connection: Connection) -> AsyncIterator[bytes]:
    while piece := await connection.read_some(_PIECE_BYTES):
        yield piece


async def _read_chunks(connection: Connection) -> AsyncIterator[bytes]:
    while size := await _read_chunk_size(connection):
        async for piece in _read_exactly(connection, size):
            yield piece
        if await _read_line(connection) != b"\r\n":
            raise FetchError("protocol", "a chunk is longer than it says")
    left = MAX_HEAD_BYTES
    while (line := await _read_line(connection)) != b"\r\n":  # trailers say nothing we need
        left -= len(line)
        if left < 0:
            raise FetchError("protocol", f"the trailers are over {MAX_HEAD_BYTES} bytes")


async def _read_chunk_size(connection: Connection) -> int:
    match = _HEX_SIZE.fullmatch(await _read_line(connection))
    if match is None:
        raise FetchError("protocol", "a chunk has no size")
    return int(match[1], 16)


async def _read_line(connection: Connection) -> bytes:
    line = await connection.read_until(b"\r\n", _MAX_LINE_BYTES)
    if line is None:
        raise _truncated()
    return line


def _truncated() -> FetchError:
    return FetchError("truncated", "the body ended early; the next run asks again")


def _origin_of(url: httpx.URL) -> _Origin:
    return url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]


def _format_request(request: httpx.Request) -> bytes:
    target, fields = request.url.raw_path, request.headers.raw
    if not _REQUEST_LINE.fullmatch(target) or any(_LINE_END.search(b"".join(f)) for f in fields):
        raise FetchError("bad_url", "the request would hold a character that HTTP forbids")
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%s: %s" % field for field in fields]
    return b"\r\n".join([*lines, b"", b""])
