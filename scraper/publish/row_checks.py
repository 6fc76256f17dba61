"""One row, and what the release before said of its code, in; what is wrong with it out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from scraper.publish.checks import YEARS_AHEAD
from scraper.publish.findings import Evidence, Finding
from scraper.publish.text_checks import find_misread_word, has_lost_characters, is_shortened
from scraper.record import FACT_COLUMNS, CodeRecord
from scraper.sites.profile import SiteProfile

DESCRIPTIONS = ("official_description", "common_language_description")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright\b)\W{0,3}(?:(?:©|\(c\)|copyright\b)\W{0,3})?(?:19|20)[0-9]{2}\b",
    re.IGNORECASE,
)


class RowBefore(NamedTuple):
    """What the release before said of a code; `filled` has a letter a column of fill.py."""

    code: str
    site: str
    status: str
    gated_sections: int
    layout: str | None
    capture: str
    is_cut: bool
    official_description: str | None
    common_language_description: str | None
    filled: str
    facts: str


class Change(NamedTuple):
    """A description that differs from the one of the release before."""

    column: str
    before: str
    now: str


def find_changes(record: CodeRecord, before: RowBefore) -> list[Change]:
    """Return the descriptions that both releases have and that are not the same."""
    pairs = (
        Change(column, getattr(before, column), getattr(record, column)) for column in DESCRIPTIONS
    )
    return [pair for pair in pairs if pair.before and pair.now and pair.before != pair.now]


def check_row(record: CodeRecord, profiles: Mapping[str, SiteProfile]) -> Iterator[Finding]:
    """Check what a row is by itself: identity, furniture, encoding."""
    profile = profiles[record.site]
    shown = profile.code_of_url(record.source_url) if record.source_url else None
    if shown not in {None, record.code}:
        message = f"its page is at the address of {shown}"
        yield finding_of("identity", record, message, values=(record.code, shown))
    for column in DESCRIPTIONS:
        text = getattr(record, column)
        if line := find_boilerplate(text, profile):
            message = f"{column} holds a line of {profile.title}; correct its profile"
            yield finding_of("boilerplate", record, message, values=(None, line), column=column)
        if text and (word := find_misread_word(text)):
            message = f"{column} was read in the wrong encoding"
            yield finding_of("broken_encoding", record, message, values=(None, word), column=column)
    yield from _check_years(record)


def _check_years(record: CodeRecord) -> Iterator[Finding]:
    latest = record.retrieved_at.year + YEARS_AHEAD
    for column in ("ama_copyright_year", "publisher_copyright_year"):
        year = getattr(record, column)
        if year and year > latest:
            message = f"{column} is {year}, of a page of {record.retrieved_at.year}"
            yield finding_of(
                "future_year", record, message, values=(None, str(year)), column=column
            )


def find_boilerplate(text: str | None, profile: SiteProfile) -> str | None:
    """Return the first paragraph of a description that is a line of the site's own furniture.

    A copyright line is one in whatever words: a site may reword its own.
    """
    paragraphs = text.split("\n\n") if text else ()
    furniture = (p for p in paragraphs if profile.is_furniture(p) or _COPYRIGHT.match(p))
    return next(furniture, None)


def check_change(record: CodeRecord, change: Change) -> Iterator[Finding]:
    """Check a changed description against what it was."""
    column, *values = change
    before, now = values
    if is_shortened(before, now):
        message = f"{column} is only a piece of what it was"
        yield finding_of("shortened_description", record, message, values=values, column=column)
    if has_lost_characters(before, now):
        message = f"{column} has lost characters"
        yield finding_of("lost_characters", record, message, values=values, column=column)


def find_move(record: CodeRecord, change: Change, owner: str) -> Finding:
    """Say that a changed description is the one that `owner` had."""
    whose = "the other of its own two" if owner == record.code else f"that of {owner}"
    column, *values = change
    message = f"{column} is now {whose} in the release before"
    return finding_of("moved_description", record, message, values=values, column=column)


def has_lost_gates(record: CodeRecord, before: RowBefore) -> bool:
    """Tell whether a page asks less often for registration, and shows nothing of what it hid."""
    is_less = record.gated_sections < before.gated_sections
    return is_less and not any(getattr(record, column) for column in FACT_COLUMNS)


def is_cut(flags: Collection[str] | None) -> bool:
    """Tell by the flags of a row whether its page was cut."""
    return "page_cut" in (flags or ())


def place_of_row(record: CodeRecord) -> str:
    """Return where in raw/ the page of a row is."""
    return f"{record.raw_file}:{record.raw_offset}"


def evidence_of(record: CodeRecord, before: str | None = None, now: str | None = None) -> Evidence:
    """Return a row as evidence, with a value before and now."""
    return Evidence(record.code, record.source_url, place_of_row(record), before, now)


def finding_of(
    check: str,
    record: CodeRecord,
    message: str,
    *,
    values: Sequence[str | None],
    column: str | None = None,
) -> Finding:
    """Make a finding of one row, or of a column of it; `values` are that before and that now."""
    subject = f"{record.code} {column}" if column else record.code
    return Finding(check, subject, f"{record.code}: {message}", (evidence_of(record, *values),))
