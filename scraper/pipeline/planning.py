"""What a run would ask for: the wanted codes and the captures held in, a plan out. No request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scraper import clock
from scraper.archive.store import Archive
from scraper.archive.wanted import read_wanted
from scraper.fetch.conduct import meter_key
from scraper.fetch.ledger import read_meter
from scraper.fetch.meter import MeterState
from scraper.fetch.pace import pace_for
from scraper.fetch.plan import FetchPlan, plan_fetch
from scraper.fetch.robots import RobotsRules
from scraper.fetch.robots_cache import read_cached, robots_url
from scraper.fetch.session import tier_of
from scraper.pipeline.sitemaps import codes_of_sitemap
from scraper.project import Project
from scraper.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """What is known of a site before it is asked.

    `robots` is None where no run of the last day read it, `meter` for a site without one.
    """

    robots: RobotsRules | None
    meter: MeterState | None
    pace_seconds: float


def read_standing(project: Project, site: str | None = None) -> SiteStanding:
    """Return what is known of a site; asks nobody and changes nothing."""
    settings, profile = project.settings, project.profile(site)
    url = robots_url(profile, settings)
    cached = read_cached(settings.raw_dir, profile.name, clock.utc_now(), url=url)
    robots = cached.rules if cached else None
    key = meter_key(profile, tier_of(settings))
    meter = read_meter(settings.raw_dir, key) if key else None
    return SiteStanding(robots, meter, pace_for(profile, settings, robots))


def plan_pages(project: Project, codes: Sequence[str], site: str | None = None) -> FetchPlan:
    """Plan the requests for `codes`, or for all that are wanted; makes no request itself."""
    profile = project.profile(site)
    with Archive.open(project.settings.raw_dir) as archive:
        return plan_wanted(project, profile, archive, codes)


def plan_wanted(
    project: Project, profile: SiteProfile, archive: Archive, codes: Sequence[str]
) -> FetchPlan:
    """Plan the requests for `codes`; without them for all asked for before and the sitemap's."""
    settings, own = project.settings, profile.refresh_days
    wanted = codes or (
        *read_wanted(settings.raw_dir, profile.name),
        *codes_of_sitemap(archive, profile),
    )
    return plan_fetch(
        profile,
        wanted,
        archive.pages(profile.name),
        now=clock.utc_now(),
        refresh_days=settings.refresh_days if own is None else own,
    )
