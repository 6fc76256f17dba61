"""What kind of page it is, and how much of it the site shows to this visitor."""

from __future__ import annotations

import re
from collections.abc import Sequence

from scraper.parse.lexicon import CHROME, LABELS, Lexicon, Mark, Role
from scraper.parsed import PageKind
from scraper.record import YEARS

_KIND_BY_STATUS: dict[int, PageKind] = {
    **dict.fromkeys((301, 302, 303, 307, 308), "not_found"),
    401: "login_wall",
    403: "challenge",
    404: "not_found",
    410: "not_found",
    429: "quota_wall",
}
_NUMBER = re.compile("[0-9]{1,9}")


def classify_page(
    lexicon: Lexicon,
    lines: Sequence[str],
    marks: Sequence[Mark],
    *,
    has_description: bool,
    has_code: bool,
    status: int | None,
) -> PageKind:
    """Return the kind of a page; what is none of the known kinds is `other`.

    A banner that says 0 views remain stands on full pages too: it proves nothing alone. The site's
    chrome at a code's address without any description is the wall of its meter.
    """
    roles = {mark.role for mark in marks}
    if status in _KIND_BY_STATUS:
        return lexicon.wall_kind(lines) or _KIND_BY_STATUS[status]
    if has_description:
        return "code"
    if Role.GUIDE in roles and not roles & LABELS:
        return "guide"
    if wall := lexicon.wall_kind(lines):
        return wall
    return "quota_wall" if has_code and roles & CHROME else "other"


def count_gates(marks: Sequence[Mark]) -> int:
    """Return how many parts of the page ask for registration."""
    return sum(mark.role is Role.GATE for mark in marks)


def views_remaining(marks: Sequence[Mark]) -> int | None:
    """Return what the page's meter says is left, the least where it says so more than once."""
    views = [
        int(m.groups["views"])
        for m in marks
        if m.role is Role.METER and _NUMBER.fullmatch(m.groups.get("views", ""))
    ]
    return min(views, default=None)


def copyright_year(marks: Sequence[Mark], role: Role, closing: int) -> int | None:
    """Return the year of a copyright line, None if there is no such line.

    Of several it is that on line `closing`, which closes the description, else the first. A number
    that can be no year of the code book is none.
    """
    years = {mark.line: mark.groups["year"] for mark in marks if mark.role is role}
    text = years.get(closing) or next(iter(years.values()), "")
    year = int(text) if _NUMBER.fullmatch(text) else 0
    return year if year in YEARS else None
