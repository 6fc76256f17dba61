"""Undo the content coding of a body: wire bytes in, page bytes out, never more than asked for.

Only gzip is asked for, so only gzip is undone; other and stacked codings are refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from scraper.errors import FetchError

_GZIP_ONLY = 16 + zlib.MAX_WBITS


def decode_body(wire: bytes, codings: Sequence[str], max_bytes: int) -> bytes:
    """Return the body without its `codings`, the values of Content-Encoding.

    Raises FetchError: bad_encoding, truncated or too_large.

    >>> decode_body(b"a page", ["identity"], max_bytes=10)
    b'a page'
    """
    names = [name.strip().lower() for name in codings]
    names = [name for name in names if name not in {"", "identity"}]
    if not names or not wire:
        return wire
    if len(names) > 1 or names[0] not in {"gzip", "x-gzip"}:
        raise FetchError("bad_encoding", f"content coding {', '.join(names)!r} was not asked for")
    return _decode_gzip(wire, max_bytes)


def _decode_gzip(wire: bytes, max_bytes: int) -> bytes:
    stream = zlib.decompressobj(_GZIP_ONLY)
    try:
        body = stream.decompress(wire, max_bytes + 1)
    except zlib.error as error:
        raise FetchError("bad_encoding", f"the gzip stream is broken: {error}") from error
    if len(body) > max_bytes:
        raise FetchError("too_large", f"decodes to more than {max_bytes} bytes; see max_page_bytes")
    if not stream.eof:
        raise FetchError("truncated", "the gzip stream ended early; the next run asks again")
    if stream.unused_data:
        raise FetchError("bad_encoding", "bytes follow the end of the gzip stream")
    return body
