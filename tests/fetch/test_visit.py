"""The loop over planned pages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper import clock
from scraper.capture import Capture
from scraper.errors import FetchError, MeterEmptyError, SiteStopError
from scraper.fetch import retry
from scraper.fetch.client import PageClient
from scraper.fetch.conduct import Conduct, ViewMeter
from scraper.fetch.ledger import Ledger
from scraper.fetch.meter import MeterKey
from scraper.fetch.pace import Pacer
from scraper.fetch.plan import PlannedPage
from scraper.fetch.robots import RobotsRules
from scraper.fetch.visit import Seen, Visitor

from .faults import Behaviour, FaultServer, answer, make_profile, make_settings

KEY = MeterKey("lantern", "guest", timedelta(hours=24))


@dataclass
class Visit:
    """Everything that a visit left behind."""

    paths: list[str] = field(default_factory=list)
    captured: list[tuple[str, int | None]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)
    stop: SiteStopError | None = None


def visit(
    answers: Mapping[str, bytes | Behaviour],
    robots: bytes = b"",
    pace: float = 0,
    *,
    ledger: Ledger | None = None,
    says: Mapping[str, Seen] | None = None,
    connections: int = 1,
    later: bytes | None = None,
) -> Visit:
    """Visit every path of `answers` in order; `says` tells what a page says of the meter.

    `later` answers for robots.txt, which is out of date once the second page is here.
    """
    seen = Visit()
    conducts: list[Conduct] = []

    async def sleep(seconds: float) -> None:
        seen.pauses.append(seconds)

    async def on_capture(capture: Capture, page: PlannedPage) -> Seen:
        seen.captured.append((page.code, capture.status))
        if later and len(seen.captured) == 2:
            conducts[0].learned_at = datetime(2026, 1, 1, tzinfo=UTC)
        return (says or {}).get(page.code, Seen())

    def on_failure(page: PlannedPage, error: FetchError) -> None:
        seen.failed.append((page.code, error.reason))

    async def main() -> None:
        served = dict(answers) | ({"/robots.txt": later} if later else {})
        async with FaultServer(served) as server:
            pages = [PlannedPage(path, f"{server.origin}{path}", "never_seen") for path in answers]
            conduct = Conduct(
                RobotsRules.parse(200, robots),
                Pacer(pace, sleep=sleep, monotonic=lambda: 0.0),
                ViewMeter(ledger, KEY) if ledger else None,
            )
            conducts.append(conduct)
            settings = make_settings(origin=server.origin, connections=connections)
            async with PageClient(make_profile(), settings) as client:

                async def learn() -> None:
                    conduct.learn(await client.fetch_robots(), 0)

                visitor = Visitor(
                    client,
                    conduct,
                    on_capture=on_capture,
                    on_failure=on_failure,
                    learn=learn,
                    connections=connections,
                )
                try:
                    await visitor.visit(pages)
                except SiteStopError as error:
                    seen.stop = error
            seen.paths = server.paths

    asyncio.run(main())
    return seen


def fails_at_first(*failures: bytes) -> Behaviour:
    """Answer with each failure once, then with a page."""
    left = list(failures)

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if left else answer())
        await writer.drain()

    return behave


def test_pages_are_visited_one_by_one_in_the_order_of_the_plan() -> None:
    seen = visit({"/b": answer(), "/a": answer(b"none", 404), "/c": answer()})
    assert seen.captured == [("/b", 200), ("/a", 404), ("/c", 200)]
    assert (seen.failed, seen.stop) == ([], None)


def test_what_may_pass_is_tried_three_times_and_then_the_next_page_is_asked_for() -> None:
    seen = visit({"/a": answer(b"", 500), "/b": answer()})
    assert seen.paths == ["/a", "/a", "/a", "/b"]
    assert seen.failed == [("/a", "server_error")]
    assert seen.captured == [("/b", 200)]


def test_what_will_not_pass_is_tried_once() -> None:
    refused = answer(b"%PDF", content_type="application/pdf")
    seen = visit({"/a": refused, "/b": answer(b"", 400), "/c": answer()})
    assert seen.paths == ["/a", "/b", "/c"]
    assert seen.failed == [("/a", "not_text"), ("/b", "http_status")]


def test_a_page_that_comes_with_the_second_try_is_no_failure() -> None:
    seen = visit({"/a": fails_at_first(answer(b"", 503)), "/b": answer()})
    assert seen.paths == ["/a", "/a", "/b"]
    assert seen.captured == [("/a", 200), ("/b", 200)]
    assert seen.failed == []


def test_the_pause_before_a_try_grows_and_is_never_quite_the_same(monkeypatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 2.0)
    first, second = visit({"/a": answer(b"", 500)}).pauses
    assert 1 <= first <= 2 <= second <= 4
    assert visit({"/a": answer(b"", 500)}).pauses != [first, second]


def test_a_pause_that_the_site_asks_for_is_kept() -> None:
    slow = answer(b"", 503, retry_after="40")
    assert visit({"/a": fails_at_first(slow, slow)}).pauses == [40, 40]


def test_a_pause_longer_than_a_run_waits_ends_it() -> None:
    seen = visit({"/a": answer(b"", 503, retry_after="3600"), "/b": answer()})
    assert seen.paths == ["/a"]
    assert "asks to come back in 3600 seconds" in str(seen.stop)


def test_each_request_waits_for_its_turn() -> None:
    assert visit({"/a": answer(), "/b": answer(), "/c": answer()}, pace=5).pauses == [5, 5]


def test_what_robots_txt_forbids_is_told_and_not_asked_for() -> None:
    answers = {f"/no/{n}": answer() for n in range(7)} | {"/yes": answer()}
    seen = visit(answers, robots=b"User-agent: *\nDisallow: /no/", pace=5)
    assert seen.paths == ["/yes"]
    assert [reason for _, reason in seen.failed] == ["robots_disallowed"] * 7
    assert seen.captured == [("/yes", 200)]
    assert seen.pauses == []


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_refusal_is_captured_and_then_ends_the_visit(status: int) -> None:
    seen = visit({"/a": answer(), "/b": answer(b"go away", status), "/c": answer()})
    assert seen.captured == [("/a", 200), ("/b", status)]
    assert seen.paths == ["/a", "/b"]
    assert f"status {status}" in str(seen.stop)
    assert "/b" in str(seen.stop)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        ("120", "in 120 seconds"),
        ("Sun, 01 Mar 2026 12:00:30 GMT", "in 30 seconds"),
        ("Sunday, 01-Mar-26 12:00:30 GMT", "in 30 seconds"),
        ("Sun Mar  1 12:00:30 2026", "in 30 seconds"),
        ("Sun, 01 Mar 2020 12:00:30 GMT", "in 0 seconds"),
        ("soon", "later"),
        ("-5", "later"),
        ("1e9", "later"),
        ("", "later"),
        ("9" * 400, "in 999999999 seconds"),
    ],
)
def test_the_stop_says_when_the_site_may_be_asked_again(monkeypatch, wait: str, words: str) -> None:
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
    seen = visit({"/a": answer(b"slow down", 429, retry_after=wait)})
    assert str(seen.stop).endswith(f"run again {words}")


def test_five_failures_in_a_row_over_all_pages_end_the_visit() -> None:
    seen = visit({f"/{n}": answer(b"", 500) for n in range(7)})
    assert seen.paths == ["/0"] * 3 + ["/1"] * 2
    assert "5 requests in a row failed" in str(seen.stop)


def test_a_page_in_between_begins_the_count_anew() -> None:
    bad = {f"/bad{n}": answer(b"", 400) for n in range(4)}
    worse = {f"/worse{n}": answer(b"", 400) for n in range(4)}
    seen = visit({**bad, "/good": answer(), **worse})
    assert (len(seen.failed), len(seen.captured), seen.stop) == (8, 1, None)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path) as ledger:
        yield ledger


def test_the_visit_ends_before_a_request_that_the_meter_does_not_grant(ledger) -> None:
    answers = {path: answer() for path in ("/a", "/b", "/c", "/d")}
    seen = visit(answers, ledger=ledger, says={"/a": Seen(2), "/b": Seen(1), "/c": Seen(0)})
    assert seen.paths == ["/a", "/b", "/c"]
    assert isinstance(seen.stop, MeterEmptyError)


def test_a_page_that_says_nothing_of_the_meter_counts_all_the_same(ledger) -> None:
    answers = {path: answer() for path in ("/a", "/b", "/c", "/d")}
    assert visit(answers, ledger=ledger, says={"/a": Seen(1)}).paths == ["/a", "/b"]


def test_the_wall_of_the_meter_ends_the_visit_at_once(ledger) -> None:
    seen = visit({"/a": answer(), "/b": answer()}, ledger=ledger, says={"/a": Seen(0, True)})
    assert seen.paths == ["/a"]
    assert isinstance(seen.stop, MeterEmptyError)
    with pytest.raises(MeterEmptyError):
        ledger.reserve(KEY)


def test_a_site_without_a_meter_may_show_its_wall_too() -> None:
    seen = visit({"/a": answer(), "/b": answer()}, says={"/a": Seen(0, True)})
    assert seen.paths == ["/a"]
    assert "/a: the site shows a quota_wall; run again later" in str(seen.stop)


def test_a_try_that_reached_the_site_is_counted_and_one_that_did_not_is_not(ledger) -> None:
    ledger.commit(ledger.reserve(KEY), 5)
    visit({"/a": answer(b"", 500)}, ledger=ledger)
    assert ledger.state(KEY).remaining == 2
    away = PlannedPage("/a", "http://127.0.0.1:9/a", "never_seen")

    async def ask() -> None:
        async with PageClient(make_profile(), make_settings(origin="http://127.0.0.1:9")) as client:
            conduct = Conduct(RobotsRules.parse(404, b""), Pacer(0), ViewMeter(ledger, KEY))
            told: list[str] = []
            visitor = Visitor(
                client,
                conduct,
                on_capture=lambda *_: pytest.fail("nothing answers there"),
                on_failure=lambda page, error: told.append(error.reason),
            )
            await visitor.visit([away])
            assert told == ["connect"]

    asyncio.run(ask())
    assert ledger.state(KEY).remaining == 2


class Crowd:
    """Answers nobody before `most` requests are open at the same time, or a moment has passed."""

    def __init__(self, most: int) -> None:
        self.open = self.greatest = 0
        self._most = most
        self._all_here = asyncio.Event()

    async def __call__(self, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.greatest = max(self.greatest, self.open)
        if self.open == self._most:
            self._all_here.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_here.wait(), 0.05)
        self.open -= 1
        writer.write(answer())
        await writer.drain()


def in_a_crowd(most: int, pages: int = 13) -> tuple[Crowd, dict[str, Behaviour]]:
    crowd = Crowd(most)
    return crowd, {f"/{number:02}": crowd for number in range(pages)}


def test_several_pages_are_asked_for_at_a_time_and_each_once() -> None:
    crowd, pages = in_a_crowd(4)
    seen = visit(pages, connections=4)
    assert crowd.greatest == 4
    assert sorted(seen.paths) == sorted(pages)
    assert sorted(seen.captured) == [(path, 200) for path in sorted(pages)]


@pytest.mark.parametrize("why", ["pace", "crawl_delay", "meter"])
def test_one_page_at_a_time_where_there_is_a_pause_or_a_meter(tmp_path: Path, why: str) -> None:
    crowd, pages = in_a_crowd(2, pages=4)
    with Ledger.open(tmp_path) as ledger:
        visit(
            pages,
            robots=b"User-agent: *\nCrawl-delay: 1" if why == "crawl_delay" else b"",
            pace=1 if why != "meter" else 0,
            ledger=ledger if why == "meter" else None,
            says={path: Seen(9) for path in pages},
            connections=8,
        )
    assert crowd.greatest == 1


def test_a_refusal_of_the_first_page_is_the_only_request() -> None:
    refusals = {f"/{number}": answer(b"", 429) for number in range(40)}
    seen = visit(refusals, connections=32)
    assert seen.paths == ["/0"]
    assert isinstance(seen.stop, SiteStopError)


def test_a_refusal_ends_all_that_are_asked_at_the_same_time() -> None:
    pages = {f"/{number:02}": answer() for number in range(5)}
    refusals = {f"/{number:02}": answer(b"", 429) for number in range(5, 60)}
    seen = visit(pages | refusals, connections=8)
    assert isinstance(seen.stop, SiteStopError)
    assert "429" in str(seen.stop)
    assert len(seen.paths) <= 5 + 8
    assert len(seen.paths) == len(set(seen.paths))


def test_a_failing_page_of_many_is_tried_three_times_and_the_others_are_kept() -> None:
    pages = {f"/{number:02}": answer() for number in range(20)} | {"/07": answer(b"", 500)}
    seen = visit(pages, connections=4)
    assert seen.paths.count("/07") == 3
    assert seen.failed == [("/07", "server_error")]
    assert len(seen.captured) == 19


def test_a_robots_txt_that_cannot_be_read_again_is_asked_for_once() -> None:
    pages = {f"/{number:02}": answer() for number in range(40)}
    seen = visit(pages, connections=8, later=answer(b"", 503))
    assert seen.paths.count("/robots.txt") == 1
    assert "robots.txt cannot be read" in str(seen.stop)
    assert len(seen.captured) == len(seen.paths) - 1 <= 1 + 8


def test_what_robots_txt_forbids_a_day_later_is_asked_for_by_nobody() -> None:
    pages = {f"/{number:02}": answer() for number in range(40)}
    rules = answer(b"User-agent: *\nDisallow: /2", content_type="text/plain")
    seen = visit(pages, connections=8, later=rules)
    assert sorted({path for path, _ in seen.failed}) == [f"/{number}" for number in range(20, 30)]
    assert sorted(set(seen.paths)) == sorted({*pages, "/robots.txt"} - {f for f, _ in seen.failed})


def test_a_pause_that_robots_txt_asks_for_a_day_later_lets_one_ask_at_a_time() -> None:
    crowd, pages = in_a_crowd(2, pages=20)
    at_once = {path: answer() for path in sorted(pages)[:9]}  # what 8 may ask before they learn
    rules = answer(b"User-agent: *\nCrawl-delay: 3", content_type="text/plain")
    seen = visit(pages | at_once, connections=8, later=rules)
    assert crowd.greatest == 1
    assert seen.pauses == [3] * 11
    assert len(seen.captured) == 20


def test_a_refusal_ends_those_who_wait_for_their_turn() -> None:
    pages = {f"/{number:02}": answer(status=429 if number >= 9 else 200) for number in range(30)}
    rules = answer(b"User-agent: *\nCrawl-delay: 3", content_type="text/plain")
    seen = visit(pages, connections=8, later=rules)
    assert [status for _, status in seen.captured].count(429) == 1
    assert isinstance(seen.stop, SiteStopError)
