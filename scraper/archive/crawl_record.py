"""One record of a crawl as fetched by its range: the page in it, proved by the index's digest."""

from __future__ import annotations

import io

from scraper.archive.digest import matches_digest
from scraper.archive.foreign import HEAD_ROOM, read_page
from scraper.archive.message import parse_response
from scraper.archive.saved_page import SavedPage
from scraper.archive.warc import DAMAGE, Member, Record, read_record
from scraper.errors import PageError

_TAIL = 1 << 10


def read_crawl_record(
    content: bytes, name: str, *, url: str, digest: str, max_bytes: int
) -> SavedPage:
    """Return the page of `url`; raises PageError where it is not just that, and whole."""
    try:
        record = _only_record(content, max_bytes)
        _check_record(record, url, digest)
        page = read_page(record, name, max_bytes)
    except PageError as error:
        raise PageError(error.reason, f"{name}: {error}") from error
    if page is None:
        raise PageError("binary", f"{name}: {url} is no page")
    return page


def _check_record(record: Record, url: str, digest: str) -> None:
    if record.header("WARC-Target-URI").strip("<> ") != url:
        raise PageError("damaged", f"it is no record of {url}; the index is wrong")
    is_right = matches_digest(digest, parse_response(record.block).body)
    if record.is_whole and not is_right:
        raise PageError("damaged", f"{url} is not what the digest of the index says")


def _only_record(content: bytes, max_bytes: int) -> Record:
    try:
        member = Member(io.BytesIO(content), 0)
        stream = io.BufferedReader(member)
        record = read_record(stream, max_bytes + HEAD_ROOM)
        tail = stream.read(_TAIL)  # at its end, the CRC is checked
        if record is None or tail.strip() or len(tail) == _TAIL or member.end != len(content):
            raise ValueError("it is not one record")
    except DAMAGE as error:
        raise PageError("damaged", f"{error}; the index or the file is wrong") from error
    return record
