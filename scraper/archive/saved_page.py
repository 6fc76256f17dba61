"""A page that a user brings: saved by a browser, or kept in a WARC file of another tool."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from scraper.errors import PageError

_WEB_URL = re.compile(r"https?://[^\s<>\"/?#]+[^\s<>\"]*", re.IGNORECASE)
_BINARY_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 4_096


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page as brought; `name` is the file it came from, None is what that does not tell."""

    name: str
    url: str | None
    body: bytes = field(repr=False)
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    retrieved_at: datetime | None = None


def is_web_url(text: str) -> bool:
    """Tell whether this is an http or https URL without white space.

    >>> is_web_url("https://codes.example/cpt/1"), is_web_url("codes.example"), is_web_url("https://")
    (True, False, False)
    """
    return text.isprintable() and _WEB_URL.fullmatch(text) is not None


def check_text(body: bytes) -> None:
    """Raise PageError, without a name, where `body` cannot be HTML or text."""
    if not body.strip(b"\0 \t\r\n\f\xef\xbb\xbf\xff\xfe"):
        raise PageError("empty", "it is empty; save the page again")
    if body.startswith(_BINARY_MAGIC) or (b"\0" in body and not _is_utf16(body)):
        raise PageError("binary", "it is no HTML or text; save the page as HTML")


def _is_utf16(body: bytes) -> bool:
    """Tell by its mark, or by every other byte of Latin text being NUL."""
    if body.startswith(_UTF16_MARKS):
        return True
    sample = body[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return min(even, odd) == 0 and max(even, odd) > len(sample) // 4
