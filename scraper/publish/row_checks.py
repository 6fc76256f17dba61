"""One row, and what the release before said of its code, in; what is wrong with it out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from scraper.publish.findings import Evidence, Finding
from scraper.publish.text_checks import find_misread_word, has_lost_characters, is_shortened
from scraper.record import PAGE_FACT_COLUMNS, CodeRecord
from scraper.sites.profile import SiteProfile

DESCRIPTIONS = ("official_description", "common_language_description")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright\b)\W{0,3}(?:(?:©|\(c\)|copyright\b)\W{0,3})?(?:19|20)[0-9]{2}\b",
    re.IGNORECASE,
)
_FACTS = (*PAGE_FACT_COLUMNS, "page_facts")


class RowBefore(NamedTuple):
    """What the release before said of a code; `filled` has a letter a column of fill.py."""

    code: str
    site: str
    status: str
    gated_sections: int
    layout: str | None
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
        message = f"{record.code}: its page is at the address of {shown}"
        yield _of_row("identity", record, message, record.code, shown)
    for column in DESCRIPTIONS:
        text = getattr(record, column)
        if line := find_boilerplate(text, profile):
            message = (
                f"{record.code}: {column} holds a line of {profile.title}; correct its profile"
            )
            yield _of_row("boilerplate", record, message, None, line)
        if text and (word := find_misread_word(text)):
            message = f"{record.code}: {column} was read in the wrong encoding"
            yield _of_row("broken_encoding", record, message, None, word)


def find_boilerplate(text: str | None, profile: SiteProfile) -> str | None:
    """Return the first paragraph of a description that is a line of the site's own furniture.

    A copyright line is one in whatever words: a site may reword its own.
    """
    paragraphs = text.split("\n\n") if text else ()
    furniture = (p for p in paragraphs if profile.is_furniture(p) or _COPYRIGHT.match(p))
    return next(furniture, None)


def check_change(record: CodeRecord, change: Change) -> Iterator[Finding]:
    """Check a changed description against what it was."""
    column, before, now = change
    if is_shortened(before, now):
        message = f"{record.code}: {column} is only a piece of what it was"
        yield _of_row("shortened_description", record, message, before, now)
    if has_lost_characters(before, now):
        message = f"{record.code}: {column} has lost characters"
        yield _of_row("lost_characters", record, message, before, now)


def describe_facts(get: Callable[[str], object]) -> str:
    """Return the facts of a row as JSON; `get` gives a column, None where there is none."""
    values = {name: get(name) for name in _FACTS}
    lists = {name: "\n".join(v) if isinstance(v, list | tuple) else v for name, v in values.items()}
    return json.dumps({name: value for name, value in lists.items() if value})


def check_facts(record: CodeRecord, before: RowBefore) -> Iterator[Finding]:
    """Check that no fact is only the beginning of what it was."""
    told = describe_facts(record.__dict__.get)
    if told == before.facts:
        return
    now = json.loads(told)
    for name, value in json.loads(before.facts).items():
        piece = now.get(name)
        if piece and piece != value and value.startswith(piece):
            message = f"{record.code}: {name} is only the beginning of what it was"
            yield _of_row("shortened_fact", record, message, value, piece)


def find_move(record: CodeRecord, change: Change, owner: str) -> Finding:
    """Say that a changed description is the one that `owner` had."""
    whose = "the other of its own two" if owner == record.code else f"that of {owner}"
    message = f"{record.code}: {change.column} is now {whose} in the release before"
    return _of_row("moved_description", record, message, change.before, change.now)


def has_lost_gates(record: CodeRecord, before: RowBefore) -> bool:
    """Tell whether a page asks less often for registration, and shows nothing of what it hid."""
    is_less = record.gated_sections < before.gated_sections
    return is_less and not any(getattr(record, column) for column in _FACTS)


def place_of_row(record: CodeRecord) -> str:
    """Return where in raw/ the page of a row is."""
    return f"{record.raw_file}:{record.raw_offset}"


def evidence_of(record: CodeRecord, before: str | None = None, now: str | None = None) -> Evidence:
    """Return a row as evidence, with a value before and now."""
    return Evidence(record.code, record.source_url, place_of_row(record), before, now)


def _of_row(  # noqa: PLR0917 - the two values are last, as in Evidence
    check: str, record: CodeRecord, message: str, before: str | None, now: str | None
) -> Finding:
    column = message.removeprefix(f"{record.code}: ").partition(" ")[0]
    subject = f"{record.code} {column}" if column in {*DESCRIPTIONS, *_FACTS} else record.code
    return Finding(check, subject, message, (evidence_of(record, before, now),))
