"""The loop over planned pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from scraper.capture import Capture
from scraper.errors import FetchError, SiteStopError
from scraper.fetch.client import PageClient
from scraper.fetch.pace import Pacer
from scraper.fetch.plan import PlannedPage
from scraper.fetch.robots import RobotsRules
from scraper.fetch.visit import VisitOutcome, visit_pages

from .faults import FaultServer, answer, make_profile, make_settings


@dataclass
class Visit:
    """Everything that a visit left behind."""

    paths: list[str] = field(default_factory=list)
    captured: list[tuple[str, int | None]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    outcome: VisitOutcome | None = None
    stop: SiteStopError | None = None


def visit(
    answers: Mapping[str, bytes], robots: bytes = b"", meter: int = 1_000, pace: float = 0
) -> Visit:
    """Visit every path of `answers` in order; `meter` pages are given before the site says stop."""
    seen = Visit()

    async def sleep(seconds: float) -> None:
        seen.pauses.append(seconds)

    async def on_capture(capture: Capture, page: PlannedPage) -> None:
        seen.captured.append((page.code, capture.status))
        if len(seen.captured) == meter:
            raise SiteStopError("the meter is empty")

    def on_failure(page: PlannedPage, error: FetchError) -> None:
        seen.failed.append((page.code, error.reason))

    async def main() -> None:
        async with FaultServer(answers) as server:
            pages = [PlannedPage(path, f"{server.origin}{path}", "never_seen") for path in answers]
            rules = RobotsRules.parse(200, robots)
            pacer = Pacer(pace, sleep=sleep, monotonic=lambda: 0.0)
            async with PageClient(make_profile(), make_settings(origin=server.origin)) as client:
                try:
                    seen.outcome = await visit_pages(
                        client, pages, rules, pacer, on_capture, on_failure
                    )
                except SiteStopError as error:
                    seen.stop = error
            seen.paths = server.paths

    asyncio.run(main())
    return seen


def test_pages_are_visited_one_by_one_in_the_order_of_the_plan() -> None:
    seen = visit({"/b": answer(), "/a": answer(b"none", 404), "/c": answer()})
    assert seen.captured == [("/b", 200), ("/a", 404), ("/c", 200)]
    assert seen.outcome == VisitOutcome(captured=3, failed=0)


def test_a_failure_is_told_and_the_next_page_is_asked_for() -> None:
    seen = visit({"/a": answer(b"", 500), "/b": answer()})
    assert seen.failed == [("/a", "server_error")]
    assert seen.captured == [("/b", 200)]
    assert seen.outcome == VisitOutcome(captured=1, failed=1)


def test_each_request_waits_for_its_turn() -> None:
    assert visit({"/a": answer(), "/b": answer(), "/c": answer()}, pace=5).pauses == [5, 5]


def test_what_robots_txt_forbids_is_told_and_not_asked_for() -> None:
    answers = {f"/no/{n}": answer() for n in range(7)} | {"/yes": answer()}
    seen = visit(answers, robots=b"User-agent: *\nDisallow: /no/", pace=5)
    assert seen.paths == ["/yes"]
    assert {reason for _, reason in seen.failed} == {"robots_disallowed"}
    assert seen.outcome == VisitOutcome(captured=1, failed=7)
    assert seen.pauses == []


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_is_captured_and_then_ends_the_visit(status: int) -> None:
    seen = visit({"/a": answer(), "/b": answer(b"go away", status), "/c": answer()})
    assert seen.captured == [("/a", 200), ("/b", status)]
    assert seen.paths == ["/a", "/b"]
    assert f"status {status}" in str(seen.stop)
    assert "/b" in str(seen.stop)


@pytest.mark.parametrize(("wait", "words"), [("120", "in 120 seconds"), ("soon", "later")])
def test_the_stop_says_when_the_site_may_be_asked_again(wait: str, words: str) -> None:
    seen = visit({"/a": answer(b"slow down", 429, retry_after=wait)})
    assert str(seen.stop).endswith(f"run again {words}")


def test_a_stop_of_the_callback_ends_the_visit() -> None:
    seen = visit({"/a": answer(), "/b": answer(), "/c": answer()}, meter=2)
    assert seen.paths == ["/a", "/b"]
    assert str(seen.stop) == "the meter is empty"


def test_five_failures_in_a_row_end_the_visit() -> None:
    seen = visit({f"/{n}": answer(b"", 500) for n in range(7)})
    assert len(seen.failed) == len(seen.paths) == 5
    assert "5 requests in a row failed" in str(seen.stop)


def test_a_page_in_between_begins_the_count_anew() -> None:
    bad = {f"/bad{n}": answer(b"", 500) for n in range(4)}
    worse = {f"/worse{n}": answer(b"", 500) for n in range(4)}
    seen = visit({**bad, "/good": answer(), **worse})
    assert seen.outcome == VisitOutcome(captured=1, failed=8)
