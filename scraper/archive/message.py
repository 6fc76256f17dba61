"""HTTP messages as the block of a WARC record: head lines and body in bytes, and back.

Secrets are never written. The headers that describe the body on the wire are renamed, because the
body kept is the decoded one.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

Headers = tuple[tuple[str, str], ...]

_SECRET = {"cookie", "set-cookie", "set-cookie2", "authorization", "proxy-authorization"}
_WIRE = {"content-encoding", "transfer-encoding", "content-length"}
_ORIGINAL = "X-Archive-Orig-"


class Message(NamedTuple):
    """An HTTP response as read from a block; `status` is None where the first line is none."""

    status: int | None
    headers: Headers
    body: bytes


def format_request(url: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """Return the request for `url` without its secrets."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = [(name, value) for name, value in headers if name.lower() != "host"]
    host = ("Host", parts.netloc.rpartition("@")[2])
    return _format_head(f"GET {target} HTTP/1.1", without_secrets([host, *given]))


def format_response_head(status: int, headers: Iterable[tuple[str, str]], length: int) -> bytes:
    """Return the head of a response whose body is `length` decoded bytes."""
    kept = [
        (f"{_ORIGINAL}{name}" if name.lower() in _WIRE else name, value)
        for name, value in without_secrets(headers)
    ]
    line = f"HTTP/1.1 {status} {_phrase(status)}".rstrip()
    return _format_head(line, [*kept, ("Content-Length", str(length))])


def parse_kept_response(block: bytes) -> Message:
    """Return the response that `format_response_head` began, with the headers of the wire."""
    message = parse_response(block)
    kept = (header for header in message.headers if header[0].lower() != "content-length")
    headers = tuple((_wire_name(name), value) for name, value in kept)
    return message._replace(headers=headers)


def parse_response(block: bytes) -> Message:
    """Split the block of a `response` record that any tool wrote."""
    head, gap, body = block.partition(b"\r\n\r\n")
    if not gap:
        head, _, body = block.partition(b"\n\n")
    first, *lines = _decode(head).replace("\r\n", "\n").split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return Message(
        _status(first), tuple((name.strip(), value.strip()) for name, _, value in pairs), body
    )


def without_secrets(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that may be kept: no cookies and no credentials."""
    return tuple(header for header in headers if header[0].strip().lower() not in _SECRET)


def _format_head(first_line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    lines = [first_line, *(f"{name}: {value}" for name, value in headers)]
    folded = (" ".join(line.split()) if "\n" in line or "\r" in line else line for line in lines)
    return ("\r\n".join(folded) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _wire_name(name: str) -> str:
    short = name.removeprefix(_ORIGINAL)
    return short if short.lower() in _WIRE else name


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _status(line: str) -> int | None:
    version, _, rest = line.partition(" ")
    code = rest[:3]
    is_status = version.startswith("HTTP/") and code.isascii() and code.isdigit()
    return int(code) if is_status and len(code) == 3 else None


def _decode(head: bytes) -> str:
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")
