"""A page that a user brings: saved by a browser, or kept in a WARC file of another tool."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from scraper.errors import PageError

_WEB_URL = re.compile(r"https?://[^\s<>\"/?#]+[^\s<>\"]*", re.IGNORECASE)
_PASSWORD = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)
_FOR_ROBOTS = re.compile(r"(?:robots\.txt|sitemap[^/]*)$", re.IGNORECASE)
_BINARY_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HTML = {"text/html", "application/xhtml+xml"}
_TEXT = "text/plain"
_SAMPLE = 4_096
_SNIFFED = 1_024


@dataclass(frozen=True, slots=True)
class SavedPage:
    """One page as brought; `name` is the file it came from, None is what that does not tell."""

    name: str
    url: str | None
    body: bytes = field(repr=False)
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    retrieved_at: datetime | None = None


Brought = SavedPage | tuple[str, PageError]
BroughtPages = Iterator[Brought]


def is_web_url(text: str) -> bool:
    """Tell whether this is an http or https URL without white space.

    >>> is_web_url("https://codes.example/cpt/1"), is_web_url("codes.example"), is_web_url("https://")
    (True, False, False)
    """
    return text.isprintable() and _WEB_URL.fullmatch(text) is not None


def web_url(text: str) -> str | None:
    """Return the address that may be kept: without a user name and password; None where it is none.

    >>> web_url(" https://me:secret@codes.example/cpt/1 ")
    'https://codes.example/cpt/1'
    """
    url = _PASSWORD.sub(r"\1", text.strip())
    return url if is_web_url(url) else None


def is_web_page(url: str, content_type: str | None, body: bytes) -> bool:
    """Tell whether an answer is HTML or text for people, by its type, else by its first bytes."""
    media_type = (content_type or "").partition(";")[0].strip().lower()
    if not media_type:
        return body[:_SNIFFED].lstrip().lower().startswith((b"<!doctype html", b"<html"))
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    return media_type in _HTML or (media_type == _TEXT and not _FOR_ROBOTS.search(path))


def check_text(body: bytes) -> None:
    """Raise PageError, without a name, where `body` cannot be HTML or text."""
    if not body.strip(b"\0 \t\r\n\f\xef\xbb\xbf\xff\xfe"):
        raise PageError("empty", "it is empty; save the page again")
    if body.startswith(_BINARY_MAGIC) or (b"\0" in body and not _is_utf16(body)):
        raise PageError("binary", "it is no HTML or text; save the page as HTML")


def printable(path: Path | str) -> str:
    """Return a path as one line that can be printed and stored, whatever bytes it is made of."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _is_utf16(body: bytes) -> bool:
    """Tell by its mark, or by every other byte of Latin text being NUL."""
    if body.startswith(_UTF16_MARKS):
        return True
    sample = body[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return min(even, odd) == 0 and max(even, odd) > len(sample) // 4
