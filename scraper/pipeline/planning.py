"""What a run would ask for: the wanted codes and the captures held in, a plan out. No request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scraper import clock
from scraper.archive.store import Archive
from scraper.archive.wanted import read_wanted
from scraper.fetch.conduct import meter_key
from scraper.fetch.follow import FollowedCode, add_followed
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
        followed = _find_followed(project, profile, archive, codes)
        robots = read_standing(project, site).robots
        return plan_wanted(project, profile, archive, codes, followed=followed, robots=robots)


def _find_followed(
    project: Project, profile: SiteProfile, archive: Archive, codes: Sequence[str]
) -> tuple[FollowedCode, ...]:
    if project.settings.follow == "none":
        return ()
    # A plan that follows nothing starts without the parser.
    from scraper.parse.worker import ParsePool  # noqa: PLC0415
    from scraper.pipeline.following import find_followed  # noqa: PLC0415

    with ParsePool(project.profiles, project.settings) as pool:
        return find_followed(project, profile, archive, pool, codes=codes)


def codes_wanted(project: Project, profile: SiteProfile, archive: Archive) -> tuple[str, ...]:
    """Return the codes asked for before and those of the sitemap."""
    return (
        *read_wanted(project.settings.raw_dir, profile.name),
        *codes_of_sitemap(archive, profile),
    )


def plan_wanted(
    project: Project,
    profile: SiteProfile,
    archive: Archive,
    codes: Sequence[str],
    *,
    followed: Iterable[FollowedCode] = (),
    robots: RobotsRules | None = None,
) -> FetchPlan:
    """Plan the requests for `codes`; without them for all asked for before and the sitemap's.

    After them come codes of `followed`, but for those whose pages `robots` forbids.
    """
    settings, own = project.settings, profile.refresh_days
    wanted = frozenset(codes or codes_wanted(project, profile, archive))
    plan = plan_fetch(
        profile,
        sorted(wanted),
        archive.pages(profile.name),
        now=clock.utc_now(),
        refresh_days=settings.refresh_days if own is None else own,
    )
    allowed = [
        one for one in followed if one.code not in wanted and _may_follow(one, profile, robots)
    ]
    held = archive.pages(profile.name)
    return add_followed(plan, allowed, profile, held, most=settings.follow_pages)


def _may_follow(one: FollowedCode, profile: SiteProfile, robots: RobotsRules | None) -> bool:
    url = profile.url_of_code(one.code)
    return url is not None and (robots is None or robots.allows(url))
