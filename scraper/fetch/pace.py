"""The pause between the starts of two requests."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from scraper.fetch.robots import RobotsRules
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile


def pace_for(profile: SiteProfile, settings: Settings, robots: RobotsRules) -> float:
    """Return the seconds between two requests: the most that anyone asks for."""
    return max(profile.pace_seconds, settings.pace_seconds, robots.crawl_delay)


class Pacer:
    """Lets one request start at least `seconds` after the one before, if there was one."""

    def __init__(
        self,
        seconds: float,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._sleep = sleep
        self._monotonic = monotonic
        self._next_start = -math.inf

    async def wait(self) -> None:
        """Return when the next request may start, and count it as started."""
        pause = self._next_start - self._monotonic()
        if pause > 0:
            await self._sleep(pause)
        self.note_start()

    def note_start(self) -> None:
        """Count a request as started now."""
        self._next_start = self._monotonic() + self._seconds
