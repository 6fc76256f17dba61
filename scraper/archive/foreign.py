"""WARC files of other tools (.warc and .warc.gz, 1.0 and 1.1): the pages in them.

Pages are `response` and `resource` records with HTML or text; other records are passed over. What
is damaged is named with its offset in the file, and reading goes on after it where that can be.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import IO

from scraper.archive.coding import decode_body, too_large
from scraper.archive.digest import matches_digest
from scraper.archive.entry import FILE_URN, parse_time
from scraper.archive.message import Headers, Message, parse_response, without_secrets
from scraper.archive.saved_page import (
    BroughtPages,
    SavedPage,
    check_text,
    is_web_page,
    is_web_url,
    web_url,
)
from scraper.archive.warc import (
    DAMAGE,
    GZIP_MAGIC,
    PLAIN_MAGIC,
    Member,
    Record,
    find_magic,
    find_member,
    read_record,
)
from scraper.capture import content_type_of
from scraper.errors import PageError

HEAD_ROOM = 1 << 16
_MAX_DAMAGE = 100
_RECORD_END = b"\r\n\r\n"

_Read = tuple[int, Record | Exception]


def read_warc(file: IO[bytes], name: str, max_bytes: int) -> BroughtPages:
    """Give each page of a WARC file, and a PageError for each record that cannot be used."""
    damage = 0
    file.seek(0)
    is_gzip = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    records = (_gzip_records if is_gzip else _plain_records)(file, max_bytes + HEAD_ROOM)
    for offset, record in records:
        where = f"{name}: record at byte {offset}"
        if isinstance(record, Exception):
            damage += 1
            yield name, PageError("damaged", f"{where}: {record}; get a whole copy of the file")
            if damage == _MAX_DAMAGE:
                return
            continue
        try:
            page = read_page(record, name, max_bytes)
        except PageError as error:
            yield name, PageError(error.reason, f"{where}: {error}")
            continue
        if page is not None:
            yield page


def _plain_records(file: IO[bytes], limit: int) -> Iterator[_Read]:
    size = file.seek(0, io.SEEK_END)
    offset: int | None = 0
    while offset is not None and offset < size:
        file.seek(offset)
        try:
            record = read_record(file, limit)
        except DAMAGE as error:
            yield offset, error
            line_end = find_magic(file, b"\n" + PLAIN_MAGIC, offset)
            offset = None if line_end is None else line_end + 1
            continue
        if record is not None:
            yield offset, record
        end = file.tell()
        offset = end + len(_RECORD_END) if file.read(len(_RECORD_END)) == _RECORD_END else end


def _gzip_records(file: IO[bytes], limit: int) -> Iterator[_Read]:
    size = file.seek(0, io.SEEK_END)
    offset: int | None = 0
    while offset is not None and offset < size:
        member = Member(file, offset)
        stream = io.BufferedReader(member)
        record = None
        try:
            record = read_record(stream, limit)
            while record is not None:
                # The end of the member, where its CRC is, is read before its last record is given.
                following = read_record(stream, limit)
                yield offset, record
                record = following
            offset = member.end
        except DAMAGE as error:
            if record is not None and _is_proved(record):
                yield offset, record
            yield offset, error
            offset = find_member(file, offset + 1)


def read_page(record: Record, name: str, max_bytes: int) -> SavedPage | None:
    """Return the page of a record, None where it is another thing; raises PageError, unnamed."""
    if record.header("WARC-Type") not in {"response", "resource"}:
        return None
    if record.is_whole and not _has_right_digest(record):
        raise PageError("damaged", "its digest does not match; get a whole copy of the file")
    uri = record.header("WARC-Target-URI").strip("<> ")
    if record.header("WARC-Type") == "resource":
        status, headers, body = _read_resource(record)
    else:
        status, headers, body = parse_response(record.block)
    if not _is_page(uri, headers, body) or (status is not None and 300 <= status < 400):
        return None
    if not record.is_whole:
        raise too_large(max_bytes)
    if record.header("WARC-Truncated") or status == 206:
        raise PageError("truncated", "only a part of the page is in it; save the page again")
    body = decode_body(headers, body, max_bytes)
    check_text(body)
    return SavedPage(name, web_url(uri), body, status, without_secrets(headers), _date_of(record))


def _read_resource(record: Record) -> Message:
    content_type = record.header("Content-Type")
    return Message(None, (("Content-Type", content_type),), record.block)


def _is_page(uri: str, headers: Headers, body: bytes) -> bool:
    if uri.startswith(FILE_URN):
        return True
    if not is_web_url(uri):
        return False
    return is_web_page(uri, content_type_of(headers), body)


def _has_right_digest(record: Record) -> bool:
    label = record.header("WARC-Block-Digest")
    if label:
        return matches_digest(label, record.block) is not False
    label = record.header("WARC-Payload-Digest")
    payload = parse_response(record.block).body
    return not label or matches_digest(label, payload) is not False


def _is_proved(record: Record) -> bool:
    return bool(record.header("WARC-Block-Digest")) and _has_right_digest(record)


def _date_of(record: Record) -> datetime | None:
    with suppress(ValueError, OverflowError):
        return parse_time(record.header("WARC-Date"))
    return None
