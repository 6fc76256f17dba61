"""A parsed page together with the capture it came from, and what becomes of it."""

from __future__ import annotations

from typing import NamedTuple

from scraper.capture import HeldPage
from scraper.parsed import IDENTITY_DISPUTED, PageKind, ParsedPage
from scraper.record import Outcome

_OUTCOME_OF_KIND: dict[PageKind, Outcome] = {
    "quota_wall": "waiting",
    "login_wall": "waiting",
    "challenge": "waiting",
    "not_found": "absent",
    "guide": "no_code_page",
    "other": "no_code_page",
}


class Reading(NamedTuple):
    """One capture and what the parser read on it."""

    held: HeldPage
    parsed: ParsedPage


class Judgement(NamedTuple):
    """What becomes of a page; `reason` is one snake_case word, None for a row."""

    outcome: Outcome
    reason: str | None


def judge_page(parsed: ParsedPage) -> Judgement:
    """Decide what becomes of a page.

    A page is never a row without evidence of its code, nor when its evidence contradicts itself.
    """
    outcome = _OUTCOME_OF_KIND.get(parsed.page_kind)
    if outcome:
        is_other = parsed.page_kind == "other" and parsed.warnings
        return Judgement(outcome, parsed.warnings[0] if is_other else parsed.page_kind)
    if parsed.code is None:
        return Judgement("quarantined", "no_evidence_of_code")
    if any(warning.startswith(IDENTITY_DISPUTED) for warning in parsed.warnings):
        return Judgement("quarantined", "identity_disputed")
    return Judgement("row", None)
