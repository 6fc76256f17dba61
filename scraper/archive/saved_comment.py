"""The comment that a browser or SingleFile leaves in a page it saves: the address and the time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from scraper.archive.saved_page import web_url

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\([0-9]{1,9}\)\s*([^\s>]+)")
_SAVED_FROM_WITHIN = 2_048
# It stands behind the <html> tag, whose attributes can be long.
_SINGLE_FILE = re.compile(
    rb"<!--\s{0,9}Page saved with SingleFile\s{1,9}url:[ \t]{0,9}([^\s>]+)"
    rb"(?:\s{1,9}saved date:[ \t]{0,9}([^\r\n>]{1,100}))?"
)
_SINGLE_FILE_WITHIN = 16_384
# What `Date.toString()` of a browser gives, in English whatever its language.
_DATE = re.compile(r"\w{3} (\w{3}) (\d{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT([+-])(\d{2})(\d{2})")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def read_comment(body: bytes) -> tuple[str | None, datetime | None]:
    """Return the address and the UTC time that the comment tells, None for what it does not."""
    # Without NULs, the comment is found in UTF-16 too.
    head = body[:_SINGLE_FILE_WITHIN].replace(b"\0", b"")
    if single := _SINGLE_FILE.search(head):
        date = (single[2] or b"").decode("ascii", "replace")
        return web_url(single[1].decode("utf-8", "replace")), _parse_date(date)
    saved_from = _SAVED_FROM.search(body[:_SAVED_FROM_WITHIN].replace(b"\0", b""))
    url = saved_from[1].decode("utf-8", "replace") if saved_from else ""
    return web_url(url), None


def _parse_date(text: str) -> datetime | None:
    match = _DATE.match(text)
    if match is None or match[1] not in _MONTHS:
        return None
    month, (day, year, hour, minute, second) = match[1], map(int, match.groups()[1:6])
    try:
        away = timedelta(hours=int(match[8]), minutes=int(match[9]))
        zone = timezone(-away if match[7] == "-" else away)
        local = datetime(year, _MONTHS.index(month) + 1, day, hour, minute, second, tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
