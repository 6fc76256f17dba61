"""The pause between two requests, on a clock of its own."""

from __future__ import annotations

import asyncio

import pytest

from scraper.fetch.pace import Pacer, pace_for
from scraper.fetch.robots import RobotsRules

from .faults import make_profile, make_settings


class Watch:
    """A clock that moves only when someone sleeps or works."""

    def __init__(self) -> None:
        self.time = 100.0

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    def read(self) -> float:
        return self.time


def starts(seconds: float, work: list[float]) -> list[float]:
    """Return when each request starts, where request n takes work[n] seconds."""
    watch = Watch()
    pacer = Pacer(seconds, sleep=watch.sleep, monotonic=watch.read)

    async def main() -> list[float]:
        times = []
        for duration in work:
            await pacer.wait()
            times.append(watch.time - 100.0)
            watch.time += duration
        return times

    return asyncio.run(main())


def test_the_first_request_starts_at_once_and_the_next_after_the_pause() -> None:
    assert starts(5, [0, 0, 0]) == [0, 5, 10]


def test_the_time_of_a_request_is_part_of_the_pause() -> None:
    assert starts(5, [2, 4.5, 0]) == [0, 5, 10]


def test_a_slow_request_shortens_no_later_pause() -> None:
    assert starts(5, [12, 1, 0]) == [0, 12, 17]


def test_no_pause_is_asked_for_by_zero() -> None:
    assert starts(0, [0, 0, 0]) == [0, 0, 0]


def test_the_pause_is_kept_from_one_run_to_the_next_and_each_start_is_noted() -> None:
    watch, noted = Watch(), []
    pacer = Pacer(10, 3, lambda: noted.append(watch.time), watch.sleep, watch.read)
    asyncio.run(pacer.wait())
    assert (watch.time, noted) == (107, [107])
    asyncio.run(pacer.wait())
    assert noted == [107, 117]


def test_a_pace_that_robots_txt_slows_down_counts_from_its_own_request() -> None:
    watch = Watch()
    pacer = Pacer(1, sleep=watch.sleep, monotonic=watch.read)
    asyncio.run(pacer.wait())
    pacer.seconds = 30
    asyncio.run(pacer.wait())
    assert watch.time == 130


def test_without_a_pace_no_start_is_noted() -> None:
    noted: list[str] = []
    asyncio.run(Pacer(0, note=lambda: noted.append("started")).wait())
    assert noted == []


@pytest.mark.parametrize(
    ("profile", "settings", "robots", "pace"), [(3, 1, 2, 3), (1, 3, 2, 3), (1, 2, 3, 3)]
)
def test_the_longest_pause_that_anyone_asks_for_counts(
    profile: float, settings: float, robots: float, pace: float
) -> None:
    rules = RobotsRules.parse(200, f"User-agent: *\nCrawl-delay: {robots}".encode())
    site = make_profile(pace_seconds=profile)
    assert pace_for(site, make_settings(pace_seconds=settings), rules) == pace


@pytest.mark.parametrize(("is_asked", "starts_at"), [(True, [140.0, 140.0]), (False, [100.0] * 2)])
def test_all_wait_where_the_site_asks_for_it_and_for_the_longest(is_asked, starts_at) -> None:
    time, times = [100.0], []
    rests = {40.0: asyncio.Event(), 20.0: asyncio.Event()}

    async def sleep(seconds: float) -> None:
        await rests[seconds].wait()

    async def ask(pacer: Pacer) -> None:
        await pacer.wait()
        times.append(time[0])

    async def main() -> None:
        pacer = Pacer(0, sleep=sleep, monotonic=lambda: time[0])
        resting = [asyncio.create_task(pacer.rest(s, is_asked=is_asked)) for s in rests]
        await asyncio.sleep(0)
        asking = [asyncio.create_task(ask(pacer)) for _ in range(2)]
        for seconds in sorted(rests):
            await asyncio.sleep(0.01)
            time[0] = 100.0 + seconds
            rests[seconds].set()
        await asyncio.gather(*resting, *asking)

    asyncio.run(main())
    assert times == starts_at
