"""The pause between the starts of two requests, within a run and from one run to the next."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from scraper.fetch.robots import RobotsRules
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile


def pace_for(profile: SiteProfile, settings: Settings, robots: RobotsRules | None = None) -> float:
    """Return the seconds between two requests: the most that anyone asks for."""
    asked = robots.crawl_delay if robots else 0.0
    return max(profile.pace_seconds, settings.pace_seconds, asked)


class Pacer:
    """Lets one request start at least `seconds` after the one before, if there was one.

    `since` is how long ago another run asked the site, None if none did; `note` is told of each
    start, for the runs to come.
    """

    def __init__(  # noqa: PLR0917 - the last two are for tests
        self,
        seconds: float,
        since: float | None = None,
        note: Callable[[], object] = lambda: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds = seconds
        self._note = note
        self._sleep = sleep
        self._monotonic = monotonic
        self._turn = asyncio.Lock()
        self._rests = 0
        self._rested = asyncio.Event()
        self._rested.set()
        self._started = -math.inf if since is None else monotonic() - since

    async def wait(self) -> None:
        """Return when the next request may start, and count it as started."""
        async with self._turn:
            await self._rested.wait()
            pause = self._started + self.seconds - self._monotonic()
            if pause > 0:
                await self._sleep(pause)
            self._started = self._monotonic()
            if self.seconds:
                self._note()

    async def rest(self, seconds: float, *, is_asked: bool = False) -> None:
        """Wait before a failed request is made again; all wait where the site asks for it."""
        self._rests += is_asked
        if is_asked:
            self._rested.clear()
        try:
            await self._sleep(seconds)
        finally:
            self._rests -= is_asked
            if not self._rests:
                self._rested.set()
