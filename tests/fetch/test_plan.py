"""Which pages are asked for, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.capture import CaptureKind, CaptureSource, HeldPage
from scraper.fetch.plan import FetchPlan, plan_fetch

from .faults import make_profile

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PROFILE = make_profile(origin="https://codes.example", hosts=("codes.example", "www.codes.example"))


def held(
    code: str,
    page_kind: str | None = "code",
    *,
    days: float = 1,
    url: str | None = "https://codes.example/cpt/codes/{code}",
    site: str = "made-up",
    source: CaptureSource = "fetch",
    kind: CaptureKind = "page",
    status: int | None = 200,
) -> HeldPage:
    """Return a capture of a code's page, checked `days` ago."""
    return HeldPage(
        site=site,
        url=url and url.format(code=code),
        kind=kind,
        status=status,
        retrieved_at=NOW - timedelta(days=days),
        checked_at=NOW - timedelta(days=days),
        sha256="0" * 64,
        source=source,
        source_name=None,
        raw_file="made-up/1.warc.gz",
        raw_offset=0,
        page_kind=page_kind,
    )


def plan(
    wanted: Sequence[str],
    captures: Sequence[HeldPage] = (),
    refresh_days: int = 90,
) -> FetchPlan:
    return plan_fetch(PROFILE, wanted, captures, now=NOW, refresh_days=refresh_days)


def test_an_import_without_address_is_held_by_the_code_that_it_was_parsed_to() -> None:
    capture = replace(held("10001"), url=None, code="10001", source="import")
    assert plan(["10001"], [capture]).held == 1


def reasons(result: FetchPlan) -> list[tuple[str, str]]:
    return [(page.code, page.reason) for page in result.pages]


def test_a_code_that_was_never_seen_is_asked_for_at_its_address() -> None:
    (page,) = plan(["10001"]).pages
    assert (page.code, page.reason) == ("10001", "never_seen")
    assert page.url == "https://codes.example/cpt/codes/10001"


def test_the_order_is_new_codes_then_walls_then_the_oldest() -> None:
    captures = [
        held("10001", days=100),
        held("10002", days=300),
        held("10003", "quota_wall"),
        held("10004", "login_wall"),
        held("10005"),
    ]
    wanted = ["0042T", "10001", "10002", "10004", "10003", "10005", "10007", "10006", "10006"]
    result = plan(wanted, captures)
    assert reasons(result) == [
        ("0042T", "never_seen"),
        ("10006", "never_seen"),
        ("10007", "never_seen"),
        ("10003", "waiting"),
        ("10004", "waiting"),
        ("10002", "refresh_due"),
        ("10001", "refresh_due"),
    ]
    assert (result.held, result.no_page) == (1, ())


@pytest.mark.parametrize(
    "capture",
    [
        held("10001"),
        held("10001", None),
        held("10001", "not_found", status=404),
        held("10001", "not_found", status=302),
        held("10001", source="import", status=None),
        held("10001", url="https://www.codes.example/cpt/codes/{code}"),
        held("10001", url="https://codes.example/cpt/codes/{code}/?from=list"),
    ],
    ids=["code", "not parsed yet", "404", "redirect", "import", "other host", "query"],
)
def test_a_capture_that_is_no_wall_is_enough(capture: HeldPage) -> None:
    result = plan(["10001"], [capture])
    assert (result.pages, result.held) == ((), 1)


@pytest.mark.parametrize(
    "capture",
    [
        held("10001", site="other"),
        held("10001", url=None),
        held("10001", url="https://codes.example/about/{code}"),
        held("10001", url="https://other.example/cpt/codes/{code}"),
        held("10001", kind="sitemap"),
        held("10002"),
    ],
    ids=["other site", "no address", "no code page", "other host", "sitemap", "other code"],
)
def test_a_capture_of_something_else_is_not(capture: HeldPage) -> None:
    assert reasons(plan(["10001"], [capture])) == [("10001", "never_seen")]


@pytest.mark.parametrize(
    "capture",
    [
        held("10001", "quota_wall"),
        held("10001", "login_wall"),
        held("10001", "challenge"),
        held("10001", "other"),
        held("10001", None, status=403),
        held("10001", None, status=429),
    ],
)
def test_a_wall_is_asked_for_again(capture: HeldPage) -> None:
    assert reasons(plan(["10001"], [capture])) == [("10001", "waiting")]


def test_a_wall_takes_nothing_from_a_page_that_is_held() -> None:
    captures = [held("10001", days=2), held("10001", "quota_wall", days=1)]
    assert plan(["10001"], captures).held == 1


@pytest.mark.parametrize(("days", "is_due"), [(89, False), (90, False), (91, True)])
def test_a_page_is_due_again_after_the_days_of_the_settings(days: int, *, is_due: bool) -> None:
    assert bool(plan(["10001"], [held("10001", days=days)]).pages) is is_due


def test_zero_days_mean_never() -> None:
    assert plan(["10001"], [held("10001", days=9_999)], refresh_days=0).pages == ()


def test_a_newer_check_or_import_keeps_an_old_page_from_being_due() -> None:
    old = held("10001", days=400)
    assert plan(["10001"], [old, held("10001", days=3)]).pages == ()
    assert plan(["10001"], [old, held("10001", days=3, source="import")]).pages == ()


def test_a_code_without_a_page_on_the_site_is_told() -> None:
    result = plan(["J1885", "10001"])
    assert result.no_page == ("J1885",)
    assert reasons(result) == [("10001", "never_seen")]
