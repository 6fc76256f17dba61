"""One file that a user brings, read as what its name says: the pages in it.

Archives are opened one level deep: what is an archive in an archive is refused by name.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from scraper.archive.foreign import read_warc
from scraper.archive.har import read_har
from scraper.archive.member import BroughtMembers, Caps, Member, Meter
from scraper.archive.mhtml import read_mhtml
from scraper.archive.saved_comment import read_comment
from scraper.archive.saved_kind import SavedKind, kind_of_name, most_bytes
from scraper.archive.saved_page import BroughtPages, SavedPage, check_text
from scraper.archive.tar_file import read_tar
from scraper.archive.wacz import read_wacz
from scraper.archive.zip_file import read_zip
from scraper.errors import PageError


@dataclass(frozen=True, slots=True)
class _Saved:
    """An open file or member: its bytes, its name for the archive and its path for people."""

    content: IO[bytes]
    kind: SavedKind
    name: str
    where: str
    name_inside: str


class FileReader:
    """Reads files with pages of at most `max_bytes`; `urls` names the address of a saved page.

    A page is looked up by its whole name, its name in the archive that it is in, and its bare name.
    """

    def __init__(self, max_bytes: int, urls: Mapping[str, str], caps: Caps | None = None) -> None:
        self._max_bytes = max_bytes
        self._urls = urls
        self._caps = caps or Caps(max_bytes)

    def read(self, content: IO[bytes], name: str, where: str) -> BroughtPages:
        """Give the pages of an open file, and each thing in it that cannot be used.

        Raises PageError, unnamed, where the file itself cannot be used. A name without a known
        ending is that of a page.
        """
        kind = kind_of_name(name) or SavedKind.PAGE
        return self._read(_Saved(content, kind, name, where, name), Meter(self._caps))

    def _read(self, saved: _Saved, meter: Meter) -> BroughtPages:
        match saved.kind:
            case SavedKind.WARC:
                yield from read_warc(saved.content, saved.name, self._max_bytes)
            case SavedKind.HAR:
                yield from read_har(self._bytes_of(saved), saved.name, self._max_bytes)
            case SavedKind.MHTML:
                yield self._with_url(saved, self._read_mhtml(saved))
            case SavedKind.PAGE:
                yield self._with_url(saved, self._read_page(saved))
            case _:
                yield from self._read_members(saved, meter)

    def _read_members(self, saved: _Saved, meter: Meter) -> BroughtPages:
        for item in _members(saved, meter):
            if not isinstance(item, Member):
                inside, problem = item
                where = f"{saved.where}/{inside}"
                message = f"{where}: {problem}"
                yield f"{saved.name}/{inside}", PageError(problem.reason, message)
                continue
            name, where = f"{saved.name}/{item.name}", f"{saved.where}/{item.name}"
            try:
                member = _Saved(item.content, item.kind, name, where, item.name)
                yield from self._read(member, meter)
            except PageError as error:
                yield name, PageError(error.reason, f"{where}: {error}")

    def _read_page(self, saved: _Saved) -> SavedPage:
        body = self._bytes_of(saved)
        check_text(body)
        url, saved_at = read_comment(body)
        return SavedPage(saved.name, url, body, retrieved_at=saved_at)

    def _read_mhtml(self, saved: _Saved) -> SavedPage:
        return read_mhtml(self._bytes_of(saved), saved.name, self._max_bytes)

    def _with_url(self, saved: _Saved, page: SavedPage) -> SavedPage:
        bare = saved.name.rpartition("/")[2]
        names = (saved.name, saved.name_inside, bare)
        url = next((self._urls[name] for name in names if name in self._urls), page.url)
        return SavedPage(page.name, url, page.body, page.status, page.headers, page.retrieved_at)

    def _bytes_of(self, saved: _Saved) -> bytes:
        """Return all of a file; raises PageError, unnamed, where it is over the limit."""
        size = saved.content.seek(0, io.SEEK_END)
        limit = most_bytes(saved.kind, self._max_bytes)
        if limit is not None and size > limit:
            message = f"it has {size} bytes, more than {limit}; raise max_page_bytes to keep it"
            raise PageError("too_large", message)
        saved.content.seek(0)
        return saved.content.read()


def _members(saved: _Saved, meter: Meter) -> BroughtMembers:
    match saved.kind:
        case SavedKind.WACZ:
            return read_wacz(saved.content, meter)
        case SavedKind.TAR:
            return read_tar(saved.content, meter)
        case _:
            return read_zip(saved.content, meter, lambda _: True)
