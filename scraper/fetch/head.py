"""The head of an HTTP/1 answer: bytes in, status, fields and the length of the body out.

Stricter than browsers: what two readers could read in two ways (RFC 9112, 11) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from scraper.errors import FetchError

MAX_HEAD_BYTES = 64 * 1024
MAX_FIELDS = 256

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_LENGTH = re.compile(rb"[0-9]{1,18}")

Field = tuple[bytes, bytes]


class Framing(Enum):
    """How an answer without Content-Length ends."""

    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Head:
    """Status and fields; `length` is the number of body bytes, or how else the body ends."""

    status: int
    fields: tuple[Field, ...]
    length: int | Framing


def parse_head(block: bytes) -> Head:
    r"""Read the head of an answer, with its empty line; raises FetchError("protocol").

    >>> parse_head(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").length
    5
    """
    lines = block[:-4].split(b"\r\n")
    start = _STATUS_LINE.fullmatch(lines[0])
    if start is None:
        raise _refusal("does not begin as HTTP/1 does")
    if _CONTROL.search(b"".join(lines)):
        raise _refusal("holds a control character or a bare line end")
    if len(lines) > MAX_FIELDS:
        raise _refusal(f"has more than {MAX_FIELDS} header fields")
    fields = tuple(map(_parse_field, lines[1:]))
    status, is_old = int(start[2]), start[1] == b"0"
    length = _body_length(status, fields)
    if is_old and length is Framing.CHUNKED:
        raise _refusal("has a transfer coding, which HTTP/1.0 has not")
    return Head(status, fields, length)


def _parse_field(line: bytes) -> Field:
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name):  # a folded line begins with a blank, no name does
        raise _refusal("has a line that is no header field")
    return name, value.strip(b" \t")


def _body_length(status: int, fields: tuple[Field, ...]) -> int | Framing:
    lengths, codings = _values(fields, b"content-length"), _values(fields, b"transfer-encoding")
    if len(lengths) + len(codings) > 1:
        raise _refusal("gives its length twice")
    if codings and codings[0].lower() != b"chunked":
        raise _refusal("has a transfer coding that was not asked for")
    if lengths and not _LENGTH.fullmatch(lengths[0]):
        raise _refusal("has a Content-Length that is no number")
    if status < 200 or status in {204, 304}:
        return 0
    if codings:
        return Framing.CHUNKED
    return int(lengths[0]) if lengths else Framing.CLOSE


def _values(fields: tuple[Field, ...], wanted: bytes) -> list[bytes]:
    return [value for name, value in fields if name.lower() == wanted]


def _refusal(words: str) -> FetchError:
    return FetchError("protocol", f"the answer is no valid HTTP: its head {words}")
