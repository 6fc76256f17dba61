"""One TCP or TLS connection: bytes in a bounded buffer, read up to a mark or piece by piece.

A peer cannot make it hold more than the buffer and one read of the event loop.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

from scraper.errors import FetchError

MAX_BUFFER_BYTES = 64 * 1024
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 1.0


class Connection(asyncio.Protocol):
    """The client's end of a connection; only one task reads from it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, as asyncio asks a protocol to."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and no more until these were read if they are many."""
        self._buffer += data
        if len(self._buffer) > MAX_BUFFER_BYTES:
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> None:
        """Note that the peer sends no more; asyncio then closes our side too."""
        self._ended = True
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note how the connection ended."""
        self._ended, self._error = True, exc
        self._tell()
        if not self._lost.done():
            self._lost.set_result(None)

    def _tell(self) -> None:
        if self._news and not self._news.done():
            self._news.set_result(None)

    def send(self, data: bytes) -> None:
        """Write a request."""
        self._transport.write(data)

    async def read_until(self, mark: bytes, max_bytes: int) -> bytes | None:
        """Return the bytes up to and with `mark`, None where the connection ends before it.

        Raises FetchError("protocol") where `max_bytes` do not hold the mark, "reset" where the
        connection broke off.
        """
        start = 0
        while (place := self._buffer.find(mark, start, max_bytes)) < 0:
            if len(self._buffer) >= max_bytes:
                raise FetchError("protocol", f"a line or head is over {max_bytes} bytes")
            start = max(0, len(self._buffer) - len(mark) + 1)
            if not await self._more():
                return None
        return self._take(place + len(mark))

    async def read_some(self, max_bytes: int) -> bytes:
        """Return 1 to `max_bytes` bytes, none at the end of the connection."""
        while not self._buffer:
            if not await self._more():
                return b""
        return self._take(max_bytes)

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    async def _more(self) -> bool:
        """Wait until more bytes or the end are here; tell whether there may be more."""
        if self._error:
            raise FetchError("reset", "the connection broke off") from self._error
        if self._ended:
            return False
        self._transport.resume_reading()
        self._news = asyncio.get_running_loop().create_future()
        await self._news
        return True

    async def close(self) -> None:
        """Close at once, and return when the socket is closed; nobody is waited for for long."""
        self._transport.abort()
        await asyncio.wait({self._lost}, timeout=CLOSE_SECONDS)


async def open_connection(
    addresses: list[str], port: int, host: str, tls: ssl.SSLContext | None
) -> Connection:
    """Connect to the first of the addresses that takes a connection, with TLS for `host`.

    Raises FetchError "connect" or "reset", SSLError where there is no trust.
    """
    for address in addresses[:-1]:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await _connect(address, port, host, tls)
        except (FetchError, TimeoutError):
            continue
    return await _connect(addresses[-1], port, host, tls)


async def _connect(address: str, port: int, host: str, tls: ssl.SSLContext | None) -> Connection:
    loop = asyncio.get_running_loop()
    name = host if tls else None
    try:
        _, connection = await loop.create_connection(
            Connection, address, port, ssl=tls, server_hostname=name
        )
    except ssl.SSLError:
        raise
    except (ConnectionResetError, BrokenPipeError) as error:
        raise FetchError("reset", "the connection broke off as it began") from error
    except OSError as error:
        raise FetchError("connect", "no connection; the next run asks again") from error
    return connection
