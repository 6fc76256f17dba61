"""WARC 1.1 at the level of bytes: records into gzip members, gzip members into records.

One gzip member per record, so that a record can be read by its offset. The gzip header holds no
time and no name: the same records give the same bytes. What is not whole raises one of DAMAGE.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from fastwarc.warc import HeaderMap, WarcRecord, WarcRecordType

from scraper.archive.digest import digest_label

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DAMAGE = (ValueError, EOFError, zlib.error)
GZIP_MAGIC = b"\x1f\x8b\x08"
PLAIN_MAGIC = b"WARC/1."
MAX_BLOCK = 1 << 28
_LEVEL = 3  # half the work of 6 for a tenth more bytes
_GZIP = 31
_CHUNK = 1 << 14
_MAX_HEAD = 1 << 16
_BLANK = {b"\r\n", b"\n"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record as read; of a block over the limit only the first bytes."""

    headers: HeaderMap
    block: bytes
    is_whole: bool = True

    def header(self, name: str) -> str:
        """Return the value of a WARC header, empty where there is none."""
        return self.headers.get(name) or ""


class Member(io.RawIOBase):
    """The inflated bytes of one gzip member of `file`, its CRC checked at the end."""

    def __init__(self, file: IO[bytes], offset: int) -> None:
        self._file = file
        self._position = offset
        self._inflate = zlib.decompressobj(_GZIP)

    @property
    def end(self) -> int:
        """The offset in the file of the first byte after this member, once all of it was read."""
        return self._position - len(self._inflate.unused_data)

    def readable(self) -> bool:
        """Tell that this is a stream to read from."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill `buffer`; raises EOFError where the file ends before the member does."""
        view = memoryview(buffer)
        while not self._inflate.eof:
            data = self._inflate.decompress(self._next_input(), len(view))
            if data:
                view[: len(data)] = data
                return len(data)
        return 0

    def _next_input(self) -> bytes:
        if self._inflate.unconsumed_tail:
            return self._inflate.unconsumed_tail
        self._file.seek(self._position)
        chunk = self._file.read(_CHUNK)
        if not chunk:
            raise EOFError("the file ends within a record")
        self._position += len(chunk)
        return chunk


def write_member(record_type: str, headers: Sequence[tuple[str, str]], block: bytes) -> bytes:
    """Return one record as one gzip member, with its block digest."""
    record = WarcRecord()
    record.init_headers(getattr(WarcRecordType, record_type))
    for name, value in (*headers, ("WARC-Block-Digest", digest_label(block))):
        record.headers.set(name, value)
    record.set_bytes_content(block)
    out = io.BytesIO()
    record.write(out)
    return zlib.compress(out.getbuffer(), _LEVEL, wbits=_GZIP)


def read_member(file: IO[bytes], offset: int) -> tuple[Record, int]:
    """Return the one record of the member at `offset`, and the member's end; the CRC is checked."""
    member = Member(file, offset)
    stream = io.BufferedReader(member, _CHUNK)
    record = read_record(stream, MAX_BLOCK)
    if record is None or not record.is_whole or stream.read().strip():
        raise ValueError("it is not one record")
    return record, member.end


def read_record(stream: IO[bytes], limit: int) -> Record | None:
    """Read the next record, None at the end; a block over `limit` bytes is passed over."""
    head = _read_head(stream)
    if head is None:
        return None
    headers = HeaderMap()
    headers.parse(io.BytesIO(head))
    length = headers.get("Content-Length") or ""
    if not (length.isascii() and length.isdigit() and len(length) < 20):
        raise ValueError("it has no Content-Length")
    if int(length) > limit:
        block = stream.read(_MAX_HEAD)
        _skip(stream, int(length) - len(block))
        return Record(headers, block, is_whole=False)
    block = stream.read(int(length))
    if len(block) < int(length):
        raise EOFError("the file ends within a record")
    return Record(headers, block)


def find_member(file: IO[bytes], start: int) -> int | None:
    """Return the offset of the first gzip member at or after `start` that begins a record."""
    offset = find_magic(file, GZIP_MAGIC, start)
    while offset is not None:
        try:
            if io.BufferedReader(Member(file, offset)).read(len(PLAIN_MAGIC)) == PLAIN_MAGIC:
                return offset
        except DAMAGE:
            pass
        offset = find_magic(file, GZIP_MAGIC, offset + 1)
    return None


def find_magic(file: IO[bytes], magic: bytes, start: int) -> int | None:
    """Return the offset of the first `magic` at or after `start`."""
    file.seek(start)
    seen = b""
    while chunk := file.read(_CHUNK):
        seen += chunk
        if (found := seen.find(magic)) >= 0:
            return start + found
        start += max(0, len(seen) - len(magic) + 1)
        seen = seen[-len(magic) + 1 :]
    return None


def _read_head(stream: IO[bytes]) -> bytes | None:
    line = stream.readline(_MAX_HEAD)
    while line in _BLANK:
        line = stream.readline(_MAX_HEAD)
    if not line:
        return None
    if not line.startswith(PLAIN_MAGIC):
        raise ValueError("it is no WARC record")
    lines: list[bytes] = []
    size = 0
    while line not in _BLANK:
        lines.append(line.rstrip(b"\r\n"))
        size += len(line)
        if not line:
            raise EOFError("the file ends within a record")
        if size > _MAX_HEAD:
            raise ValueError("its header is too long")
        line = stream.readline(_MAX_HEAD)
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _skip(stream: IO[bytes], length: int) -> None:
    while length > 0:
        chunk = stream.read(min(length, _CHUNK))
        if not chunk:
            raise EOFError("the file ends within a record")
        length -= len(chunk)
