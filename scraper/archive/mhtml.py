"""MHTML files (RFC 2557), as Chrome, Edge and Internet Explorer save them: the page in them.

The parts are cut here, in one pass: the email package takes time without bound over parts nested in
parts. It reads the heads. Its older policy does not choke on a malformed header.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parsedate_to_datetime
from itertools import islice

from scraper.archive.coding import too_large
from scraper.archive.saved_page import SavedPage, check_text, is_web_page, web_url
from scraper.errors import PageError

_MAX_HEAD = 1 << 14
_MAX_PARTS = 10_000
_HEAD_END = re.compile(rb"\r?\n[ \t]*\r?\n")
_TRANSFER = {"", "7bit", "8bit", "binary"}
_AGAIN = "save the page again"


@dataclass(frozen=True, slots=True)
class _Part:
    head: Message
    body: bytes
    is_closed: bool = True

    def header(self, name: str) -> str:
        """Return a header in one line, empty where there is none."""
        return " ".join(str(self.head.get(name, "")).split())

    @property
    def location(self) -> str:
        """The address that the part is a copy of; long ones are folded, and hold no space."""
        return self.header("Content-Location").replace(" ", "")


def read_mhtml(content: bytes, name: str, max_bytes: int) -> SavedPage:
    """Return the page of an MHTML file; raises PageError, unnamed."""
    message = _split_head(content.lstrip())
    own = message.header("Snapshot-Content-Location").replace(" ", "") or message.location
    root = _find_root(message, own)
    if not root.is_closed:
        raise PageError("truncated", f"it ends within the page; {_AGAIN}")
    body = _decode(root, max_bytes)
    check_text(body)
    url = web_url(own) or web_url(root.location)
    content_type = root.header("Content-Type")
    headers = (("Content-Type", content_type),) if content_type.isprintable() else ()
    return SavedPage(name, url, body, None, headers, _date_of(message))


def _split_head(part: bytes, *, is_closed: bool = True) -> _Part:
    gap = _HEAD_END.search(part, 0, _MAX_HEAD)
    if gap is None:
        raise PageError("damaged", f"it is no MHTML: it has no head; {_AGAIN}")
    head = BytesHeaderParser(policy=compat32).parsebytes(part[: gap.start()])
    return _Part(head, part[gap.end() :], is_closed)


def _find_root(message: _Part, own: str) -> _Part:
    """Return the part that is the page: named by `start`, else by the address, else the first."""
    if not message.header("Content-Type").lower().startswith("multipart/"):
        if message.header("MIME-Version") or own:
            return message
        raise PageError("damaged", f"it is no MHTML: it has no parts; {_AGAIN}")
    start = _parameter(message, "start")
    pages = []
    for part in _parts(message):
        if start and part.header("Content-ID").strip("<>") == start.strip("<>"):
            return part
        if is_web_page(part.location, part.header("Content-Type") or "-", b""):
            pages.append(part)
    if not pages:
        raise PageError("empty", f"there is no page in it; {_AGAIN}")
    return next((page for page in pages if own and page.location == own), pages[0])


def _parts(message: _Part) -> list[_Part]:
    boundary = _parameter(message, "boundary").encode("utf-8", "surrogateescape")
    if not boundary:
        raise PageError("damaged", f"it is no MHTML: it names no boundary; {_AGAIN}")
    fence = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|$)")
    fences = []
    for found in islice(fence.finditer(message.body), _MAX_PARTS + 1):
        fences.append(found)
        if found[1]:
            break
    if len(fences) > _MAX_PARTS:
        raise PageError("too_large", f"it has over {_MAX_PARTS} parts; {_AGAIN}")
    ends = [found.start() for found in fences[1:]]
    parts = []
    for number, found in enumerate(fences):
        if found[1]:
            break
        is_closed = number < len(ends)
        end = ends[number] if is_closed else len(message.body)
        with suppress(PageError):  # a part without a head is not the page
            text = message.body[found.end() : end]
            parts.append(_split_head(text.lstrip(b"\r\n"), is_closed=is_closed))
    return parts


def _parameter(part: _Part, name: str) -> str:
    # The package meets a malformed parameter with any of these.
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        value = part.head.get_param(name, "", unquote=True)
        return collapse_rfc2231_value(value).strip()
    return ""


def _decode(part: _Part, max_bytes: int) -> bytes:
    coding = part.header("Content-Transfer-Encoding").lower()
    if coding == "quoted-printable":
        body = quopri.decodestring(part.body)
    elif coding == "base64":
        try:
            body = base64.b64decode(b"".join(part.body.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise PageError("damaged", f"its base64 is broken; {_AGAIN}") from error
    elif coding in _TRANSFER:
        body = part.body
    else:
        raise PageError("unknown_coding", f"its Content-Transfer-Encoding is unknown; {_AGAIN}")
    if len(body) > max_bytes:
        raise too_large(max_bytes)
    return body


def _date_of(message: _Part) -> datetime | None:
    with suppress(ValueError, TypeError, LookupError, OverflowError):
        date = parsedate_to_datetime(message.header("Date"))
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC).replace(microsecond=0)
    return None
