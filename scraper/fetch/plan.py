"""Which pages to ask for, in which order and why: wanted codes and held captures in, a plan out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from scraper.capture import HeldPage
from scraper.codes import order_of
from scraper.parsed import WALLS
from scraper.sites.profile import SiteProfile

FollowReason = Literal["linked", "mentioned"]
PlanReason = Literal["never_seen", "waiting", "refresh_due", FollowReason]
_REASONS = get_args(PlanReason)  # in the order in which pages are asked for

# What shows neither a code's page nor that there is none: a wall, or a page nobody foresaw.
_UNREAD_KINDS = WALLS | {"other"}
_WALL_STATUSES = frozenset({401, 403, 429})


@dataclass(frozen=True, slots=True)
class PlannedPage:
    """One page to ask for; `held` is the capture that the site may say is still the same.

    `found_on` is the page that names a code which nobody asked for: its code, address or file.
    """

    code: str
    url: str
    reason: PlanReason
    held: HeldPage | None = None
    found_on: str | None = None


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """`pages` to ask for in this order; the other wanted codes are held or have no page here.

    `left_out` counts the codes that pages name and this run may not follow any more.
    """

    pages: tuple[PlannedPage, ...]
    held: int
    no_page: tuple[str, ...]
    left_out: int = 0


def plan_fetch(
    profile: SiteProfile,
    wanted: Sequence[str],
    held: Iterable[HeldPage],
    *,
    now: datetime,
    refresh_days: int,
) -> FetchPlan:
    """Plan the requests for `wanted`: never seen in code order, then walls, then the oldest.

    A code is held by any capture that is no wall, an import or a 404 too. A held page is due
    again `refresh_days` after it was last checked (0 means never), but an import is not.
    """
    codes = sorted(set(wanted), key=order_of)
    newest = newest_by_code(profile, held, frozenset(codes))
    due_before = now - timedelta(days=refresh_days) if refresh_days else None
    planned: list[PlannedPage] = []
    no_page: list[str] = []
    for code in codes:
        url = profile.url_of_code(code)
        if url is None:
            no_page.append(code)
        elif code not in newest:
            planned.append(PlannedPage(code, url, "never_seen"))
        elif reason := _reason_to_ask_again(newest[code], due_before):
            page = newest[code]
            planned.append(PlannedPage(code, url, reason, page if _is_of(page, url) else None))
    planned.sort(key=lambda page: _rank(page, newest.get(page.code)))
    return FetchPlan(tuple(planned), len(codes) - len(planned) - len(no_page), tuple(no_page))


def _reason_to_ask_again(newest: HeldPage | None, due_before: datetime | None) -> PlanReason | None:
    if newest is None:
        return "waiting"
    is_due = due_before and newest.source == "fetch" and newest.checked_at < due_before
    return "refresh_due" if is_due else None


def _is_of(page: HeldPage | None, url: str) -> bool:
    """Tell whether a capture is a page that this very address gave."""
    return page is not None and (page.source, page.status, page.url) == ("fetch", 200, url)


def _rank(page: PlannedPage, newest: HeldPage | None) -> tuple[int, datetime]:
    oldest_first = newest.checked_at if newest else datetime.min.replace(tzinfo=UTC)
    return _REASONS.index(page.reason), oldest_first


def newest_by_code(
    profile: SiteProfile, held: Iterable[HeldPage], codes: frozenset[str]
) -> dict[str, HeldPage | None]:
    """Return the newest capture of each code that is held, None where none could be read."""
    newest: dict[str, HeldPage | None] = {}
    for page in held:
        if page.site != profile.name or page.kind != "page":
            continue
        code = page.code or (profile.code_of_url(page.url) if page.url else None)
        if code in codes:
            before = newest.setdefault(code, None)
            if not _is_unread(page) and (before is None or page.checked_at > before.checked_at):
                newest[code] = page
    return newest


def _is_unread(page: HeldPage) -> bool:
    return page.page_kind in _UNREAD_KINDS or page.status in _WALL_STATUSES
