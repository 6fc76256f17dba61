"""What a run owes the site that it asks: its rules, its pace and its meter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from scraper import clock
from scraper.errors import MeterEmptyError, SiteStopError
from scraper.fetch.ledger import Ledger
from scraper.fetch.meter import MeterKey, Reservation, Tier
from scraper.fetch.pace import Pacer
from scraper.fetch.robots import RobotsRules
from scraper.fetch.robots_cache import MAX_AGE, RobotsAnswer
from scraper.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class ViewMeter:
    """The site's meter of page views, as this visitor sees it."""

    ledger: Ledger
    key: MeterKey

    def reserve(self) -> Reservation:
        """Take one view; raises MeterEmptyError."""
        return self.ledger.reserve(self.key)

    def stop(self) -> SiteStopError:
        """Return the error that ends a run at the wall of the meter."""
        resumes_at = self.ledger.state(self.key).resumes_at
        if resumes_at is None:
            return SiteStopError(f"{self.key.site}: shows the wall of its meter; run again later")
        return MeterEmptyError(self.key.site, resumes_at)


@dataclass(slots=True)
class Conduct:
    """The rules that every request of one run keeps; a site may have no meter.

    `learned_at` is when robots.txt was read, None where it need not be read again.
    """

    robots: RobotsRules
    pacer: Pacer
    meter: ViewMeter | None = None
    learned_at: datetime | None = None

    @property
    def is_outdated(self) -> bool:
        """Tell whether robots.txt must be read again: it holds for a day (RFC 9309, 2.4)."""
        return self.learned_at is not None and clock.utc_now() - self.learned_at > MAX_AGE

    def learn(self, answer: RobotsAnswer, pace: float) -> None:
        """Take on an answer to a request for robots.txt; raises SiteStopError."""
        self.robots, self.learned_at = answer.rules, answer.fetched_at
        self.pacer.seconds = max(pace, self.robots.crawl_delay)


def meter_key(profile: SiteProfile, tier: Tier) -> MeterKey | None:
    """Return whose meter counts the views of a visitor, None for a site that shows no meter."""
    if not (profile.patterns.meter or profile.walls.get("quota_wall")):
        return None
    return MeterKey(profile.name, tier, timedelta(hours=profile.meter_hours))
