"""What parse gives: the strings of one page, in the page's own words, and no guesses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PageKind = Literal["code", "guide", "quota_wall", "login_wall", "challenge", "not_found", "other"]
Layout = Literal["A", "B", "guide_A", "guide_B"]
CodeEvidence = Literal["url", "ask_line", "prose", "heading"]

# What the site shows in the place of a page: it stops a run, and is asked for again in the next.
WALLS: frozenset[PageKind] = frozenset(("quota_wall", "login_wall", "challenge"))

# How the warning begins that one page gives evidence of two codes; such a page makes no row.
IDENTITY_DISPUTED = "identity_disputed_by"


@dataclass(frozen=True, slots=True)
class Section:
    """A titled part of an open page; `blocks` are its paragraphs, list items and table rows."""

    title: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One label and value as the page shows them."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a page's history table; `date` is as the page writes it."""

    date: str
    action: str
    notes: str | None


@dataclass(frozen=True, slots=True)
class NamedCodes:
    """The codes that a page names: those whose pages it links to, and those in its text."""

    linked: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """The strings of one page; the keys of `scraper parse --json`, in this order.

    `code` is None unless the page gives evidence of it, and `code_evidence` says which.
    Descriptions join their paragraphs by one blank line. Years are of the two copyright lines.
    """

    file: str | None
    site: str | None
    url: str | None
    page_kind: PageKind
    layout: Layout | None
    code: str | None
    code_evidence: CodeEvidence | None
    official_description: str | None
    common_language_description: str | None
    status_notice: str | None
    gated_sections: int
    views_remaining: int | None
    ama_copyright_year: int | None
    publisher_copyright_year: int | None
    mentioned_codes: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]
    history: tuple[HistoryLine, ...]
    warnings: tuple[str, ...]
