"""Codes that pages held name come after the codes asked for, and not too many of them."""

from __future__ import annotations

from scraper.capture import HeldPage
from scraper.fetch.follow import FollowedCode, add_followed
from scraper.fetch.plan import FetchPlan, FollowReason, PlannedPage

from .test_plan import PROFILE, held

ASKED = PlannedPage("10009", "https://codes.example/cpt/codes/10009", "refresh_due")


def told(code: str, reason: FollowReason = "linked", pages: int = 1) -> FollowedCode:
    return FollowedCode(code, reason, "10001", pages)


def codes_of(
    *followed: FollowedCode, captures: tuple[HeldPage, ...] = (), most: int = 9
) -> list[str]:
    plan = add_followed(FetchPlan((ASKED,), 3, ()), followed, PROFILE, captures, most=most)
    return [page.code for page in plan.pages]


def test_links_come_before_mentions_then_what_most_pages_name_then_code_order() -> None:
    followed = (
        told("10001", "mentioned", 50),
        told("10003"),
        told("10002"),
        told("10005", pages=2),
        told("10004", "mentioned", 51),
    )
    order = ["10009", "10005", "10002", "10003", "10004", "10001"]
    assert codes_of(*followed) == codes_of(*reversed(followed)) == order


def test_a_followed_page_says_why_and_which_page_names_it() -> None:
    plan = add_followed(FetchPlan((), 0, ()), [told("10001", "mentioned")], PROFILE, (), most=1)
    url = "https://codes.example/cpt/codes/10001"
    assert plan.pages == (PlannedPage("10001", url, "mentioned", found_on="10001"),)


def test_no_more_than_the_most_are_followed_and_the_rest_is_counted() -> None:
    followed = [told(f"{number}") for number in range(20_000, 25_000)]
    plan = add_followed(FetchPlan((ASKED,), 3, ("J1885",)), followed, PROFILE, (), most=7)
    assert [page.code for page in plan.pages[1:]] == [f"{n}" for n in range(20_000, 20_007)]
    assert (plan.pages[0], plan.held, plan.no_page, plan.left_out) == (ASKED, 3, ("J1885",), 4_993)


def test_a_code_of_which_something_is_held_is_not_followed_unless_it_is_a_wall() -> None:
    captures = (
        held("10001", days=9_999),
        held("10002", "not_found", status=404),
        held("10003", source="import", status=None),
        held("10004", "quota_wall"),
    )
    followed = [told(f"1000{number}") for number in range(1, 6)]
    assert codes_of(*followed, captures=captures) == ["10009", "10004", "10005"]


def test_a_code_that_has_no_page_on_the_site_takes_no_place() -> None:
    assert codes_of(told("J1885", pages=99), told("10001"), most=1) == ["10009", "10001"]
