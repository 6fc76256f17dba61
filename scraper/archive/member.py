"""What zip and tar have in common: members, which of them are read, and the caps of reading.

Nothing is ever written under the name of a member: its bytes go to an unnamed temporary file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from scraper.archive.saved_kind import SavedKind, kind_of_name, most_bytes
from scraper.archive.saved_page import printable
from scraper.errors import PageError

_CHUNK = 1 << 16
_IN_MEMORY = 1 << 24
_FREE_BYTES = 1 << 20
_DRIVE = re.compile(r"[A-Za-z]:")
_HIDDEN = (".", "__MACOSX")
_ASSETS = "_files"
_ARCHIVES = {SavedKind.ZIP, SavedKind.TAR}


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that is read of one archive; `page_bytes` holds for a page in it."""

    page_bytes: int
    members: int = 100_000
    member_bytes: int = 4_000_000_000
    total_bytes: int = 16_000_000_000
    ratio: int = 200
    name_chars: int = 1_000

    def of_member(self, kind: SavedKind) -> int:
        """Return the most bytes of one member of this kind."""
        return most_bytes(kind, self.page_bytes) or self.member_bytes


@dataclass(frozen=True, slots=True)
class Member:
    """One member as read, whole: its name in the archive, its kind, and its bytes from 0."""

    name: str
    kind: SavedKind
    content: IO[bytes] = field(repr=False)


BroughtMembers = Iterator[Member | tuple[str, PageError]]


class Roster:
    """Which members of an archive are read, by their names."""

    def __init__(self, names: Iterable[str], caps: Caps) -> None:
        self._caps = caps
        self._seen: set[PurePosixPath] = set()
        paths = [PurePosixPath(_slashed(name)) for name in names]
        pages = (path for path in paths if path.suffix.lower() in {".html", ".htm"})
        self._assets = {path.with_name(f"{path.stem}{_ASSETS}") for path in pages}

    def admit(self, name: str) -> tuple[str, SavedKind] | None:
        """Return the name to print and the kind of a member, None for what is passed over.

        Raises PageError, unnamed, for what looks like a page and cannot be one.
        """
        path = PurePosixPath(_slashed(name))
        self._check_name(name, path)
        if any(part.startswith(_HIDDEN) for part in path.parts):
            return None
        if not self._assets.isdisjoint(path.parents):
            return None
        if path in self._seen:
            raise PageError("duplicate", "the archive names it twice; pack it again")
        self._seen.add(path)
        kind = kind_of_name(path.name)
        if kind is None:
            raise PageError("unknown_type", "is none of the files that are taken; leave it out")
        if kind in _ARCHIVES:
            raise PageError("nested", "is an archive in an archive; unpack it and import it")
        return printable(str(path)), kind

    def _check_name(self, name: str, path: PurePosixPath) -> None:
        is_outside = path.is_absolute() or ".." in path.parts or _DRIVE.match(name)
        if is_outside or not path.parts:
            raise PageError("bad_name", "its name leads out of the archive; pack it again")
        if len(name) > self._caps.name_chars:
            message = f"its name has over {self._caps.name_chars} characters; shorten it"
            raise PageError("bad_name", message)


class Meter:
    """Counts what is inflated of one file that was given, and copies members."""

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self._total = 0

    @property
    def is_full(self) -> bool:
        """Tell whether the archive has given all that is read of one."""
        return self._total > self.caps.total_bytes

    def count(self, size: int) -> None:
        """Count bytes; raises PageError, unnamed, past the cap of the archive."""
        self._total += size
        if self.is_full:
            message = f"the archive holds over {self.caps.total_bytes} bytes; split it"
            raise PageError("too_large", message)

    def check_ratio(self, size: int, packed: int) -> None:
        """Raise PageError, unnamed, where so few bytes have become so many."""
        if size > _FREE_BYTES + self.caps.ratio * packed:
            message = f"was packed over {self.caps.ratio} to 1, as only a bomb is; leave it out"
            raise PageError("too_large", message)

    def copy(self, stream: IO[bytes], size: int, packed: int | None = None) -> IO[bytes]:
        """Return a copy of the next `size` bytes of `stream`; raises EOFError where it ends."""
        # SpooledTemporaryFile is an IO[bytes] in all but its declaration.
        copy = cast("IO[bytes]", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
        try:
            for chunk in self._chunks(stream, size, packed):
                copy.write(chunk)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def _chunks(self, stream: IO[bytes], size: int, packed: int | None) -> Iterator[bytes]:
        done = 0
        while done < size:
            chunk = stream.read(min(_CHUNK, size - done))
            if not chunk:
                raise EOFError("it ends early")
            done += len(chunk)
            self.count(len(chunk))
            if packed is not None:
                self.check_ratio(done, packed)
            yield chunk


def check_size(size: int, limit: int) -> None:
    """Raise PageError, unnamed, for a member that is empty or over its limit."""
    if size <= 0:
        raise PageError("empty", "it is empty; save the page again")
    if size > limit:
        message = f"it has {size} bytes, more than {limit}; see max_page_bytes in docs/archive.md"
        raise PageError("too_large", message)


def shown_name(name: str) -> str:
    """Return the name of a member for a message, in one short line."""
    text = printable(name)
    return text if len(text) <= 100 else f"{text[:100]}..."


def _slashed(name: str) -> str:
    return name.replace("\\", "/")
