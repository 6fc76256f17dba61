"""Undo the content coding of a body as it arrives, never giving more than asked for.

Only gzip is asked for, so only gzip is undone; other and stacked codings are refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from scraper.errors import FetchError

_GZIP_ONLY = 16 + zlib.MAX_WBITS
# What cannot be compressed is longer as gzip: by 5 bytes for each block, and 18 around it all.
_GZIP_BYTES = 64


class BodyDecoder:
    """Takes the wire bytes of one body piece by piece; holds the page, and no wire bytes.

    `codings` are the values of Content-Encoding. The page may be no more than `max_bytes`, and what
    is on the wire hardly more. Each step raises FetchError: bad_encoding, truncated or too_large.

    >>> decoder = BodyDecoder(["identity"], max_bytes=10)
    >>> decoder.feed(b"a page")
    >>> decoder.finish()
    b'a page'
    """

    def __init__(self, codings: Sequence[str], max_bytes: int) -> None:
        names = [name.strip().lower() for name in codings]
        self._names = [name for name in names if name not in {"", "identity"}]
        self._max_bytes = max_bytes
        self._max_wire_bytes = (
            max_bytes + max_bytes // 1000 + _GZIP_BYTES if self._names else max_bytes
        )
        self._wire_bytes = 0
        self._body = bytearray()
        self._gzip = zlib.decompressobj(_GZIP_ONLY) if self._names else None

    def feed(self, piece: bytes) -> None:
        """Take the next wire bytes."""
        self._wire_bytes += len(piece)
        if self._wire_bytes > self._max_wire_bytes:
            raise self._too_large()
        self._body += self._gunzip(self._gzip, piece) if self._gzip else piece
        if len(self._body) > self._max_bytes:
            raise self._too_large()

    def finish(self) -> bytes:
        """Return the body; no coding needs to be undone where no byte came."""
        if self._gzip and self._wire_bytes and not self._gzip.eof:
            raise FetchError("truncated", "the gzip stream ended early; the next run asks again")
        return bytes(self._body)

    def _gunzip(self, stream: zlib._Decompress, piece: bytes) -> bytes:
        if len(self._names) > 1 or self._names[0] not in {"gzip", "x-gzip"}:
            words = ", ".join(self._names)
            raise FetchError("bad_encoding", f"content coding {words!r:.80} was not asked for")
        try:
            page = stream.decompress(piece, self._max_bytes + 1 - len(self._body))
        except zlib.error as error:
            raise FetchError("bad_encoding", f"the gzip stream is broken: {error}") from error
        if stream.unused_data:
            raise FetchError("bad_encoding", "bytes follow the end of the gzip stream")
        return page

    def _too_large(self) -> FetchError:
        return FetchError("too_large", f"more than {self._max_bytes} bytes; see max_page_bytes")
