"""What HTTP did to a body on the wire, undone: chunks and compression, never past a size.

Tools differ in whether they keep a body as sent or decoded, with the same headers: a body that is
clearly not coded is taken as it is. Raises PageError without a name.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable

from fastwarc.stream_io import BrotliReader, ZstdReader

from scraper.archive.message import Headers
from scraper.errors import PageError

_CHUNK_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MAX_CODINGS = 2


def decode_body(headers: Headers, body: bytes, max_bytes: int) -> bytes:
    """Return the body as it was before it was sent; it is never over `max_bytes`."""
    if "chunked" in _codings(headers, "transfer-encoding"):
        body = _join_chunks(body)
    codings = [name for name in _codings(headers, "content-encoding") if name != "identity"]
    if len(codings) > _MAX_CODINGS:
        raise PageError("unknown_coding", "it was compressed more than twice; save it again")
    for name in reversed(codings):
        body = _decompress(name, body, max_bytes)
    if len(body) > max_bytes:
        raise too_large(max_bytes)
    return body


def _codings(headers: Headers, name: str) -> list[str]:
    values = ",".join(value for header, value in headers if header.lower() == name)
    return [coding.strip().lower() for coding in values.split(",") if coding.strip()]


def _join_chunks(body: bytes) -> bytes:
    line = _CHUNK_LINE.match(body)
    if line is None:
        return body
    chunks: list[bytes] = []
    while line is not None:
        size, start = int(line[1], 16), line.end()
        if size == 0:
            return b"".join(chunks)
        chunks.append(body[start : start + size])
        line = _CHUNK_LINE.match(body, _after_line_end(body, start + size))
    raise PageError("damaged", "its last chunk is missing; save it again")


def _after_line_end(body: bytes, position: int) -> int:
    if body.startswith(b"\r\n", position):
        return position + 2
    return position + 1 if body.startswith(b"\n", position) else position


def _decompress(name: str, body: bytes, max_bytes: int) -> bytes:
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise PageError("unknown_coding", f"its Content-Encoding is {name!r}; save it again")
    try:
        decoded = decoder(body, max_bytes + 1) if body else b""
    except (OSError, EOFError, zlib.error) as error:
        if _is_plain(body):
            return body
        raise PageError(
            "damaged", f"its {name} coding is broken: {error}; save it again"
        ) from error
    if len(decoded) > max_bytes:
        raise too_large(max_bytes)
    return decoded


def _is_plain(body: bytes) -> bool:
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def too_large(max_bytes: int) -> PageError:
    """Return the error of a body over the size that is kept."""
    return PageError("too_large", f"it is over {max_bytes} bytes; raise max_page_bytes to keep it")


def _inflate(body: bytes, limit: int, wbits: int) -> bytes:
    parts: list[bytes] = []
    while body and limit > 0:
        inflate = zlib.decompressobj(wbits)
        part = inflate.decompress(body, limit)
        parts.append(part)
        limit -= len(part)
        if limit > 0 and not inflate.eof:
            raise EOFError("it ends early")
        body = inflate.unused_data
        if wbits != _GZIP:
            break
    return b"".join(parts)


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, limit, _GZIP)


def _deflate(body: bytes, limit: int) -> bytes:
    """Undo `deflate`, which is zlib (RFC 9110), or bare deflate from servers that got it wrong."""
    try:
        return _inflate(body, limit, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate(body, limit, -zlib.MAX_WBITS)


def _unbrotli(body: bytes, limit: int) -> bytes:
    return BrotliReader(io.BytesIO(body)).read(limit)


def _unzstd(body: bytes, limit: int) -> bytes:
    return ZstdReader(io.BytesIO(body)).read(limit)


_GZIP = 31
_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
