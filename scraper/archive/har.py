"""HAR files, as the network panel of a browser saves them: the pages among their answers.

Of the headers only those of _KEPT are taken, so that no cookie or token of the session is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from scraper.archive.coding import too_large
from scraper.archive.entry import parse_time
from scraper.archive.har_entries import AGAIN, STRING, find_entries
from scraper.archive.saved_page import BroughtPages, SavedPage, check_text, is_web_page, web_url
from scraper.errors import PageError

_MOST_BESIDE = 4_000_000
_STRING = re.compile(STRING, re.DOTALL)
_TOO_LONG = b'"\\u0000too long"'
_TOO_LONG_READ = json.loads(_TOO_LONG)
_KEPT = {"date", "last-modified", "content-language"}


def read_har(content: bytes, name: str, max_bytes: int) -> BroughtPages:
    """Give each page of a HAR file; raises PageError, unnamed, where it is none."""
    content = _in_utf8(content)
    for number, place in enumerate(find_entries(content)):
        try:
            page = _read_entry(_parse_entry(content[place], max_bytes), name, max_bytes)
        except PageError as error:
            yield name, PageError(error.reason, f"{name}: entry {number}: {error}")
            continue
        if page is not None:
            yield page


def _in_utf8(content: bytes) -> bytes:
    encoding = json.detect_encoding(content)
    if encoding.startswith("utf-8"):
        return content
    try:
        return content.decode(encoding).encode("utf-8", "surrogatepass")
    except ValueError as error:
        raise PageError("damaged", f"it is no HAR; {AGAIN}") from error


def _parse_entry(text: bytes, max_bytes: int) -> object:
    """Read an entry as JSON, without the strings that are longer than a page can be."""
    most = 2 * max_bytes  # escapes make a page longer, up to this
    if len(text) > most:
        text = _STRING.sub(lambda s: s[0] if len(s[0]) <= most + 2 else _TOO_LONG, text)
    if len(text) > most + _MOST_BESIDE:
        raise PageError("too_large", f"it has over {most + _MOST_BESIDE} bytes")
    try:
        # No number is needed as one, and a long one takes long to read.
        return json.loads(text, parse_int=_no_number, parse_float=_no_number)
    except (ValueError, RecursionError) as error:
        raise PageError("damaged", f"it is no JSON; {AGAIN}") from error


def _no_number(text: str) -> str:
    return text[:20]


def _read_entry(entry: object, name: str, max_bytes: int) -> SavedPage | None:
    """Return the page of an entry, None where it is another thing; raises PageError, unnamed."""
    request, response = _table(entry, "request"), _table(entry, "response")
    content = _table(response, "content")
    url, status = web_url(_text(request, "url")), _text(response, "status")
    if url is None or _text(request, "method") != "GET" or not status.isascii():
        return None
    if not (status.isdigit() and len(status) == 3) or status[0] == "3" or status < "200":
        return None
    if not is_web_page(url, _text(content, "mimeType") or "-", b""):
        return None
    if status == "206" or "truncated" in _text(content, "comment").lower():
        raise PageError("truncated", f"only a part of {url} is in it; save the page again")
    body = _body_of(content, url, max_bytes)
    headers = (("Content-Type", _type_of(content)), *_kept_headers(response))
    return SavedPage(name, url, body, int(status), headers, _time_of(entry))


def _body_of(content: Mapping[str, Any], url: str, max_bytes: int) -> bytes:
    text = _text(content, "text")
    if not text:
        raise PageError("empty", f"the content of {url} is not in it; {AGAIN}")
    if text == _TOO_LONG_READ:
        raise too_large(max_bytes)
    if _text(content, "encoding") == "base64":
        try:
            body = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise PageError("damaged", f"the base64 of {url} is broken; {AGAIN}") from error
    else:
        body = text.encode("utf-8", "replace")
    if len(body) > max_bytes:
        raise too_large(max_bytes)
    check_text(body)
    return body


def _type_of(content: Mapping[str, Any]) -> str:
    """Return the Content-Type; text that the browser has decoded is kept in UTF-8."""
    full = " ".join(_text(content, "mimeType").split())
    is_bytes = _text(content, "encoding") == "base64"
    return full if is_bytes else f"{full.partition(';')[0].strip()}; charset=utf-8"


def _kept_headers(response: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    headers = response.get("headers")
    for header in headers if isinstance(headers, list) else ():
        header_name, value = _text(header, "name"), _text(header, "value")
        if header_name.lower() in _KEPT and value.isprintable():
            yield header_name, value


def _time_of(entry: object) -> datetime | None:
    with suppress(ValueError, OverflowError):
        return parse_time(_text(entry, "startedDateTime"))
    return None


def _table(value: object, key: str) -> Mapping[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(value: object, key: str) -> str:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, str) else ""
