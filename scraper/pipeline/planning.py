"""What a run would ask for: the wanted codes and the captures held in, a plan out. No request."""

from __future__ import annotations

from collections.abc import Sequence

from scraper import clock
from scraper.archive.store import Archive
from scraper.archive.wanted import read_wanted
from scraper.fetch.plan import FetchPlan, plan_fetch
from scraper.pipeline.sitemaps import codes_of_sitemap
from scraper.project import Project
from scraper.sites.profile import SiteProfile


def plan_pages(project: Project, codes: Sequence[str], site: str | None = None) -> FetchPlan:
    """Plan the requests for `codes`, or for all that are wanted; makes no request itself."""
    profile = project.profile(site)
    with Archive.open(project.settings.raw_dir) as archive:
        return plan_wanted(project, profile, archive, codes)


def plan_wanted(
    project: Project, profile: SiteProfile, archive: Archive, codes: Sequence[str]
) -> FetchPlan:
    """Plan the requests for `codes`; without them for all asked for before and the sitemap's."""
    wanted = codes or (
        *read_wanted(project.settings.raw_dir, profile.name),
        *codes_of_sitemap(archive, profile),
    )
    return plan_fetch(
        profile,
        wanted,
        archive.pages(profile.name),
        now=clock.utc_now(),
        refresh_days=project.settings.refresh_days,
    )
