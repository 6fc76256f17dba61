"""An entry: the records that keep one capture (request and response, resource, or revisit).

Everything in them is taken from the capture, record ids too, so that the same captures give the
same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote
from uuid import NAMESPACE_URL, uuid5

from scraper.archive.digest import matches_digest
from scraper.archive.message import (
    Headers,
    format_request,
    format_response_head,
    parse_kept_response,
)
from scraper.archive.warc import Record, write_member
from scraper.capture import Capture, CaptureKind, CaptureSource, HeldCapture, HeldPage
from scraper.clock import format_time

FILE_URN = "urn:scraper:file:"
_SOURCES: dict[str, CaptureSource] = {"fetch": "fetch", "import": "import"}
_KINDS: dict[str, CaptureKind] = {"page": "page", "sitemap": "sitemap"}
_UNKNOWN_TYPE = "application/octet-stream"
_SAME_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_INFO = (
    b"software: scraper\r\nformat: WARC File Format 1.1\r\n"
    b"conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
)


@dataclass(frozen=True, slots=True)
class Revisit:
    """What a `revisit` record says: at `checked_at` the site still gave the body held."""

    site: str
    url: str | None
    sha256: str
    checked_at: datetime


def encode_warcinfo(site: str, file_name: str, created: datetime) -> bytes:
    """Return the record that opens a segment; `created` is the time of its first capture."""
    headers = [
        ("WARC-Date", format_time(created)),
        ("WARC-Record-ID", _record_id(site, file_name, format_time(created), "warcinfo")),
        ("WARC-Filename", file_name),
        ("Content-Type", "application/warc-fields"),
    ]
    return write_member("warcinfo", headers, _INFO)


def encode_capture(capture: Capture) -> bytes:
    """Return the `response` record of a capture, or the `resource` record of a saved file."""
    if capture.status is None:
        kind, content_type = "resource", capture.content_type or _UNKNOWN_TYPE
        block = capture.body
    else:
        kind, content_type = "response", "application/http;msgtype=response"
        head = format_response_head(capture.status, capture.headers, len(capture.body))
        block = head + capture.body
    headers = [
        *_envelope(capture, kind),
        ("Content-Type", " ".join(content_type.split())),
    ]
    return write_member(kind, headers, block)


def encode_revisit(capture: Capture, held: HeldPage) -> bytes:
    """Return the `revisit` record of a capture whose body is, or is said to be, that of `held`."""
    head = format_response_head(capture.status or 200, capture.headers, len(capture.body))
    headers = [
        *_envelope(capture, "revisit"),
        ("WARC-Profile", _NOT_MODIFIED if capture.status == 304 else _SAME_PAYLOAD),
        ("WARC-Refers-To", _id_of_held(held)),
        ("WARC-Refers-To-Target-URI", _target_uri(held.url, held.source_name)),
        ("WARC-Refers-To-Date", format_time(held.retrieved_at)),
        ("Content-Type", "application/http;msgtype=response"),
    ]
    return write_member("revisit", headers, head)


def encode_request(capture: Capture, request_headers: Headers, answer: str) -> bytes:
    """Return the `request` record before a fetched capture; `answer` is the type of that record."""
    date, url = format_time(capture.retrieved_at), capture.url or ""
    parts = (capture.site, url, date, capture.sha256)
    headers = [
        ("WARC-Date", date),
        ("WARC-Record-ID", _record_id(*parts, "request")),
        ("WARC-Concurrent-To", _record_id(*parts, answer)),
        ("WARC-Target-URI", url),
        ("Content-Type", "application/http;msgtype=request"),
    ]
    return write_member("request", headers, format_request(url, request_headers))


def is_our_info(record: Record) -> bool:
    """Tell whether a record is the one that opens our segments."""
    return record.header("WARC-Type") == "warcinfo" and record.block == _INFO


def decode_entry(record: Record, raw_file: str, raw_offset: int) -> HeldCapture | Revisit | None:
    """Return what a record of ours keeps; None for warcinfo and request.

    Raises ValueError where a header is missing or the body is not what its digest says.
    """
    if not matches_digest(record.header("WARC-Block-Digest"), record.block):
        raise ValueError("its digest does not match")
    match record.header("WARC-Type"):
        case "response" | "resource":
            return _decode_capture(record, raw_file, raw_offset)
        case "revisit":
            return Revisit(
                site=record.header("X-Scraper-Site"),
                url=_url_and_name(record)[0],
                sha256=record.header("WARC-Payload-Digest").removeprefix("sha256:"),
                checked_at=parse_time(record.header("WARC-Date")),
            )
        case "warcinfo" | "request":
            return None
        case other:
            raise ValueError(
                f"it is a {other or 'nameless'} record, which this program never writes"
            )


def _decode_capture(record: Record, raw_file: str, raw_offset: int) -> HeldCapture:
    status, headers, body = _content(record)
    url, source_name = _url_and_name(record)
    source = _SOURCES.get(record.header("X-Scraper-Source"))
    kind = _KINDS.get(record.header("X-Scraper-Kind"))
    if source is None or kind is None:
        raise ValueError("it was not written by this program")
    capture = Capture(
        site=record.header("X-Scraper-Site"),
        url=url,
        retrieved_at=parse_time(record.header("WARC-Date")),
        body=body,
        status=status,
        headers=headers,
        source=source,
        source_name=source_name,
        kind=kind,
    )
    if record.header("WARC-Payload-Digest") != f"sha256:{capture.sha256}":
        raise ValueError("its digest does not match")
    return HeldCapture(hold(capture, raw_file, raw_offset), capture)


def hold(capture: Capture, raw_file: str, raw_offset: int) -> HeldPage:
    """Return the line of the index for a capture kept at this place."""
    return HeldPage(
        site=capture.site,
        url=capture.url,
        kind=capture.kind,
        status=capture.status,
        retrieved_at=capture.retrieved_at,
        checked_at=capture.retrieved_at,
        sha256=capture.sha256,
        source=capture.source,
        source_name=capture.source_name,
        raw_file=raw_file,
        raw_offset=raw_offset,
    )


def parse_time(text: str) -> datetime:
    """Return the UTC time of a WARC-Date, in whole seconds; raises ValueError."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)


def _envelope(capture: Capture, record_type: str) -> list[tuple[str, str]]:
    target, date = _target_uri(capture.url, capture.source_name), format_time(capture.retrieved_at)
    headers = [
        ("WARC-Date", date),
        ("WARC-Record-ID", _record_id(capture.site, target, date, capture.sha256, record_type)),
        ("WARC-Target-URI", target),
        ("WARC-Payload-Digest", f"sha256:{capture.sha256}"),
        ("X-Scraper-Site", capture.site),
        ("X-Scraper-Source", capture.source),
        ("X-Scraper-Kind", capture.kind),
    ]
    if capture.source_name is not None:
        headers.append(("X-Scraper-Source-Name", quote(capture.source_name)))
    return headers


def _id_of_held(held: HeldPage) -> str:
    target, date = _target_uri(held.url, held.source_name), format_time(held.retrieved_at)
    record_type = "resource" if held.status is None else "response"
    return _record_id(held.site, target, date, held.sha256, record_type)


def _record_id(*parts: str) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(parts))}>"


def _target_uri(url: str | None, source_name: str | None) -> str:
    return f"{FILE_URN}{quote(source_name or '')}" if url is None else url


def _url_and_name(record: Record) -> tuple[str | None, str | None]:
    target, name = record.header("WARC-Target-URI"), record.headers.get("X-Scraper-Source-Name")
    url = None if target.startswith(FILE_URN) else target
    return url, None if name is None else unquote(name)


def _content(record: Record) -> tuple[int | None, Headers, bytes]:
    block = record.block
    if record.header("WARC-Type") == "response":
        return parse_kept_response(block)
    content_type = record.header("Content-Type")
    headers = () if content_type == _UNKNOWN_TYPE else (("Content-Type", content_type),)
    return None, headers, block
