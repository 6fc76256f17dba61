"""Codes that pages held name, though nobody asked: a plan in, the same with them at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from scraper.capture import HeldPage
from scraper.codes import CodeSystem, order_of
from scraper.fetch.plan import FetchPlan, FollowReason, PlannedPage, newest_by_code
from scraper.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class FollowedCode:
    """A code that nobody asked for; `pages` held name it in this way, the first is `found_on`."""

    code: str
    reason: FollowReason
    found_on: str
    pages: int = 1

    @property
    def rank(self) -> tuple[bool, int, tuple[CodeSystem, str]]:
        """The place among the codes followed: links first, then what most pages name."""
        return self.reason != "linked", -self.pages, order_of(self.code)


def add_followed(
    plan: FetchPlan,
    followed: Iterable[FollowedCode],
    profile: SiteProfile,
    held: Iterable[HeldPage],
    *,
    most: int,
) -> FetchPlan:
    """Return the plan with up to `most` pages of codes of which nothing is held but walls.

    A code without a page on the site is left out: what names it may name anything.
    """
    codes = {one.code: one for one in followed}
    newest = newest_by_code(profile, held, frozenset(codes)) if codes else {}
    unseen = [one for one in codes.values() if newest.get(one.code) is None]
    unseen.sort(key=lambda one: one.rank)
    urls = ((one, profile.url_of_code(one.code)) for one in unseen)
    pages = [
        PlannedPage(one.code, url, one.reason, found_on=one.found_on) for one, url in urls if url
    ]
    return replace(plan, pages=(*plan.pages, *pages[:most]), left_out=len(pages[most:]))
