"""Zip files: their members one by one, from the central directory, within the caps.

Members are stored or deflated; others, encrypted ones, links, and members that overlap are refused.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from stat import S_ISLNK
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from scraper.archive.member import BroughtMembers, Member, Meter, Roster, check_size
from scraper.archive.member import shown_name as shown
from scraper.errors import PageError

_AGAIN = "get a whole copy of the file"
_MAX_DIRECTORY = 1 << 25
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
# What the library meets a damaged file with, beside its own error.
_DAMAGE = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)


class _ModestReads(io.RawIOBase):
    """A file that refuses to read a directory too large to hold, and what lies before its start."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if size > _MAX_DIRECTORY:
            raise ValueError("its directory is too large")
        return self._file.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_SET and offset < 0:
            raise ValueError("a place in it is wrong")
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


class OpenZip:
    """An open zip file: the entries that are no folders, in the order of its directory."""

    def __init__(self, archive: ZipFile, meter: Meter) -> None:
        self._archive = archive
        self._meter = meter
        self.entries = [info for info in archive.infolist() if not info.filename.endswith("/")]
        self._overlapping = _overlapping(self.entries)

    def read(self, info: ZipInfo, limit: int) -> IO[bytes]:
        """Return the bytes of one entry; raises PageError, unnamed."""
        if info.flag_bits & _ENCRYPTED:
            raise PageError("encrypted", "it needs a password; pack it without one")
        if S_ISLNK(info.external_attr >> 16):
            raise PageError("link", "is a link and not a file; pack the file itself")
        if info.header_offset in self._overlapping:
            raise PageError("damaged", "it overlaps another member; pack the archive again")
        if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
            raise PageError("unknown_coding", "is neither stored nor deflated; pack it so")
        check_size(info.file_size, limit)
        try:
            with self._archive.open(info) as stream:  # its last read checks the CRC
                return self._meter.copy(stream, info.file_size, info.compress_size)
        except _DAMAGE as error:
            raise PageError("damaged", f"cannot be unpacked: {error}; {_AGAIN}") from error


@contextmanager
def open_zip(file: IO[bytes], meter: Meter) -> Iterator[OpenZip]:
    """Open a zip file; raises PageError, unnamed, where it is none or has too many members."""
    try:
        archive = ZipFile(cast("IO[bytes]", _ModestReads(file)))
    except _DAMAGE as error:
        raise PageError("damaged", f"is no whole zip file: {error}; {_AGAIN}") from error
    with archive:
        if len(archive.infolist()) > meter.caps.members:
            raise PageError("too_many", f"it has over {meter.caps.members} members; split it")
        yield OpenZip(archive, meter)


def read_zip(file: IO[bytes], meter: Meter, is_wanted: Callable[[str], bool]) -> BroughtMembers:
    """Give each member that is wanted, by its name, and can be a page or hold pages."""
    with open_zip(file, meter) as archive:
        roster = Roster((info.filename for info in archive.entries), meter.caps)
        for info in archive.entries:
            if not is_wanted(info.filename):
                continue
            try:
                admitted = roster.admit(info.filename)
                if admitted is None:
                    continue
                name, kind = admitted
                content = archive.read(info, meter.caps.of_member(kind))
            except PageError as error:
                yield shown(info.filename), error
                if meter.is_full:
                    return
                continue
            with content:
                yield Member(name, kind, content)


def _overlapping(entries: list[ZipInfo]) -> set[int]:
    """Return the offsets of entries that share bytes with another, as those of a zip bomb do."""
    ordered = sorted(entries, key=lambda info: (info.header_offset, info.compress_size))
    found: set[int] = set()
    end = -1
    for one, other in pairwise(ordered):
        end = max(end, one.header_offset + _LOCAL_HEADER + one.compress_size)
        if other.header_offset < end:
            found |= {one.header_offset, other.header_offset}
    return found
