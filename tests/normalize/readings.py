"""Readings to merge; all texts are fictional."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from scraper.capture import HeldPage
from scraper.normalize.merge import merge_readings
from scraper.normalize.reading import Reading
from scraper.parsed import Fact, HistoryLine, ParsedPage
from scraper.record import CodeRecord
from scraper.sites.profile import load_profiles

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PROFILES = load_profiles()
CODE = "99042"


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def sha(day: int, offset: int = 0) -> str:
    return hashlib.sha256(f"{day} {offset}".encode()).hexdigest()


def make_parsed(**changes: object) -> ParsedPage:
    values: dict[str, object] = {
        "file": None,
        "site": "sample",
        "url": None,
        "page_kind": "code",
        "layout": "A",
        "code": CODE,
        "code_evidence": "url",
        "official_description": None,
        "common_language_description": None,
        "status_notice": None,
        "gated_sections": 0,
        "views_remaining": None,
        "ama_copyright_year": None,
        "publisher_copyright_year": None,
        "mentioned_codes": (),
        "sections": (),
        "facts": (),
        "history": (),
        "warnings": (),
    }
    return ParsedPage(**(values | changes))


def make_reading(
    day: int = 0,
    *,
    offset: int = 0,
    facts: dict[str, str] | None = None,
    history: tuple[tuple[str, str], ...] = (),
    **changes: object,
) -> Reading:
    """Return a reading of the capture of a day; `changes` are those of its ParsedPage."""
    held = HeldPage(
        site="sample",
        url=f"http://127.0.0.1:8642/cpt/codes/{CODE}",
        kind="page",
        status=200,
        retrieved_at=at(day),
        checked_at=at(day),
        sha256=sha(day, offset),
        source="fetch",
        source_name=None,
        raw_file="sample/sample-00001.warc.gz",
        raw_offset=offset,
    )
    parsed = make_parsed(
        facts=tuple(Fact(*fact) for fact in (facts or {}).items()),
        history=tuple(HistoryLine(date, action, None) for date, action in history),
        **changes,
    )
    return Reading(held, parsed)


def merge(*readings: Reading, code: str = CODE) -> CodeRecord:
    return merge_readings(code, readings, PROFILES, "1")
