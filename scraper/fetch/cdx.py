"""Lines of a CDX index as Common Crawl's API gives them: JSON in, the place of a record out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from scraper.errors import FetchError

_FILE_NAME = re.compile(r"[A-Za-z0-9_=.-]+(?:/[A-Za-z0-9_=.-]+)*")
_NUMBER = re.compile(r"[0-9]{1,15}")
_SHA1 = re.compile(r"(?:sha1:)?([A-Z2-7]{32})")
_PAGES = {"text/html", "application/xhtml+xml", "text/plain"}


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """Where a record of one URL lies in the crawl, and the digest of what is in it."""

    url: str
    digest: str
    file_name: str
    offset: int
    length: int

    @property
    def name(self) -> str:
        """The name that the archive keeps as the source of the page."""
        return f"{self.file_name}:{self.offset}"


def parse_cdx_line(line: bytes) -> CrawlRecord | None:
    """Return the record of a line, None where it is no page with status 200.

    Raises FetchError("bad_index"), unnamed, for what cannot be trusted.
    """
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FetchError("bad_index", "a line of it is no JSON") from error
    if not isinstance(fields, dict):
        raise FetchError("bad_index", "a line of it is no JSON object")
    values = {key: str(value) for key, value in fields.items() if isinstance(value, str | int)}
    if values.get("status") != "200" or values.get("mime", "").lower() not in _PAGES:
        return None
    return _record_of(values)


def _record_of(values: dict[str, str]) -> CrawlRecord:
    file_name, url = values.get("filename", ""), values.get("url", "")
    numbers = [values.get(key, "") for key in ("offset", "length")]
    digest = _SHA1.fullmatch(values.get("digest", ""))
    if not _FILE_NAME.fullmatch(file_name) or not {".", ".."}.isdisjoint(file_name.split("/")):
        raise FetchError("bad_index", f"{file_name[:100]!r} is no name of a file of the crawl")
    if not url.isprintable() or " " in url:
        raise FetchError("bad_index", f"{url[:200]!r} is no address")
    if digest is None or not all(map(_NUMBER.fullmatch, numbers)) or int(numbers[1]) == 0:
        raise FetchError("bad_index", f"the line of {url[:200]!r} has no digest, offset or length")
    return CrawlRecord(url, f"sha1:{digest[1]}", file_name, *map(int, numbers))
