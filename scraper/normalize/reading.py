"""A parsed page together with the capture it came from, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from scraper.capture import HeldPage
from scraper.parsed import IDENTITY_DISPUTED, WALLS, PageKind, ParsedPage
from scraper.record import Outcome

_OUTCOME_OF_KIND: dict[PageKind, Outcome] = {
    **dict.fromkeys(WALLS, "waiting"),
    "not_found": "absent",
    "guide": "no_code_page",
}


class Reading(NamedTuple):
    """One capture and what the parser read on it."""

    held: HeldPage
    parsed: ParsedPage

    @property
    def age(self) -> tuple[datetime, str, int]:
        """The sort key by time; no two captures share one."""
        return self.held.retrieved_at, self.held.raw_file, self.held.raw_offset

    @property
    def rank(self) -> tuple[int, datetime, str, int]:
        """The sort key by the newest copyright year, then by time."""
        years = self.parsed.ama_copyright_year, self.parsed.publisher_copyright_year
        return (max(year or 0 for year in years), *self.age)


class Judgement(NamedTuple):
    """What becomes of a page; `reason` is one snake_case word, None for a row."""

    outcome: Outcome
    reason: str | None


def judge_page(parsed: ParsedPage) -> Judgement:
    """Decide what becomes of a page.

    A page is never a row without evidence of its code, nor when its evidence contradicts itself.
    An unknown page in the place of a code's is no evidence that the code has none.
    """
    if parsed.page_kind == "other":
        return Judgement("quarantined" if parsed.code else "no_code_page", "unknown_page")
    if outcome := _OUTCOME_OF_KIND.get(parsed.page_kind):
        return Judgement(outcome, parsed.page_kind)
    if parsed.code is None:
        return Judgement("quarantined", "no_evidence_of_code")
    if any(warning.startswith(IDENTITY_DISPUTED) for warning in parsed.warnings):
        return Judgement("quarantined", "identity_disputed")
    return Judgement("row", None)
