"""Tar files, plain or packed with gzip or bzip2: their members one by one, within the caps.

The library reads heads alone, from a stream that never goes back and gives only so much for one
head: so no head fills memory and no size leads round in a ring.
"""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from itertools import islice
from tarfile import TarInfo
from typing import IO, cast

from scraper.archive.member import BroughtMembers, Caps, Member, Meter, Roster, check_size
from scraper.archive.member import shown_name as shown
from scraper.errors import PageError

_AGAIN = "get a whole copy of the file"
_BLOCK = 512
_CHUNK = 1 << 16
_MAX_HEAD = 1 << 18
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ"
_DAMAGE = (
    tarfile.TarError,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    RecursionError,
    UnicodeError,
    ValueError,
    zlib.error,
)


class _Forward(io.RawIOBase):
    """The inflated bytes of a tar file, forward only."""

    def __init__(self, file: IO[bytes], meter: Meter) -> None:
        file.seek(0)
        self._packed = file
        self._stream = _inflated(file)
        self._meter = meter
        self._position = 0
        self._head_left = 0
        self._last = b""

    def begin_head(self) -> None:
        """Let the library read one head, and no more than that."""
        self._head_left = _MAX_HEAD

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= self._head_left:
            raise ValueError("a head of it is too long")
        self._head_left -= size
        self._last = self.read_on(size)
        return self._last

    def read_on(self, size: int) -> bytes:
        """Read content, which is not counted as head."""
        content = self._stream.read(size)
        self._position += len(content)
        if self._stream is not self._packed:
            self._meter.check_ratio(self._position, self._packed.tell())
        return content

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self._position:
            raise ValueError("a size in it is wrong")
        while self._position < offset:
            content = self.read_on(min(_CHUNK, offset - self._position))
            if not content:
                raise EOFError("it ends early")
            self._meter.count(len(content))
        return self._position

    def tell(self) -> int:
        return self._position

    def close_well(self) -> None:
        """Raise one of _DAMAGE where it does not end as a tar file does."""
        if len(self._last) < _BLOCK:
            raise EOFError("it ends early")
        if self._last.count(0) != _BLOCK:
            raise ValueError(f"the head before byte {self._position} is damaged")
        while content := self.read_on(_CHUNK):  # the CRC of gzip is at the end
            self._meter.count(len(content))


def read_tar(file: IO[bytes], meter: Meter) -> BroughtMembers:
    """Give each member that can be a page or hold pages; raises PageError, unnamed."""
    caps = meter.caps
    roster = Roster(_names(file, caps), caps)
    stream = _Forward(file, meter)
    try:
        for number, info in enumerate(_heads(stream)):
            if number >= caps.members:
                raise PageError("too_many", f"it has over {caps.members} members; split it")
            try:
                admitted = None if info.isdir() else roster.admit(info.name)
                if admitted is None:
                    continue
                name, kind = admitted
                _check_kind(info)
                check_size(info.size, caps.of_member(kind))
            except PageError as error:
                yield shown(info.name), error
                continue
            stream.seek(info.offset_data)
            with meter.copy(cast("IO[bytes]", _Content(stream)), info.size) as content:
                yield Member(name, kind, content)
        stream.close_well()
    except _DAMAGE as error:
        message = f"cannot be read to its end: {error or 'it is too deep'}; {_AGAIN}"
        raise PageError("damaged", message) from error


class _Content(io.RawIOBase):
    """What follows in a stream, read as content and not as a head."""

    def __init__(self, stream: _Forward) -> None:
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read_on(size)


def _names(file: IO[bytes], caps: Caps) -> list[str]:
    """Return the names of all members; what is damaged is told when the members are read."""
    names: list[str] = []
    try:
        heads = islice(_heads(_Forward(file, Meter(caps))), caps.members)
        names.extend(info.name[: caps.name_chars + 1] for info in heads)
    except (*_DAMAGE, PageError):
        pass
    return names


def _heads(stream: _Forward) -> Iterator[TarInfo]:
    stream.begin_head()
    archive = tarfile.TarFile(fileobj=cast("IO[bytes]", stream), mode="r")
    stream.begin_head()
    while (info := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # else it keeps them all
        yield info
        stream.begin_head()


def _check_kind(info: TarInfo) -> None:
    if info.issym() or info.islnk():
        raise PageError("link", "is a link and not a file; pack the file itself")
    if not info.isreg() or info.issparse():
        raise PageError("unreadable", "is no plain file; pack a saved page")


def _inflated(file: IO[bytes]) -> IO[bytes]:
    magic = file.read(len(_XZ))
    file.seek(0)
    if magic.startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=file))
    if magic.startswith(_BZIP2):
        return bz2.BZ2File(file)
    if magic == _XZ:
        raise PageError("unknown_coding", "is packed with xz; pack it with gzip, as .tar.gz")
    return file
