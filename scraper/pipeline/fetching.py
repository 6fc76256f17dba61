"""Plan in, captures in raw/ out: robots.txt, sitemap, pages, until done or the site says stop."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from scraper import clock
from scraper.archive.store import Archive
from scraper.archive.wanted import add_wanted, read_wanted
from scraper.capture import Capture, HeldCapture, HeldPage
from scraper.errors import FetchError, PageError, SiteStopError
from scraper.fetch.client import PageClient
from scraper.fetch.pace import Pacer, pace_for
from scraper.fetch.plan import FetchPlan, PlannedPage, plan_fetch
from scraper.fetch.robots import RobotsRules
from scraper.fetch.sitemap import read_sitemap
from scraper.fetch.visit import check_welcome, visit_pages
from scraper.normalize.reading import judge_page
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import WALLS, ParsedPage
from scraper.pipeline.building import page_input
from scraper.pipeline.sitemaps import codes_of_sitemap
from scraper.progress import Progress
from scraper.project import Project
from scraper.sites.profile import SiteProfile

_log = logging.getLogger(__name__)


@dataclass
class FetchReport:
    """What a run of requests gave; `stopped` says why the site ended it, None if it did not."""

    planned: int = 0
    fetched: int = 0
    held: int = 0
    failures: list[tuple[str, FetchError]] = field(default_factory=list)
    stopped: str | None = None
    disallowed: int = 0
    views_remaining: int | None = None

    @property
    def waiting(self) -> int:
        """How many planned pages wait for the next run."""
        return self.planned - self.fetched - self.disallowed


def plan_pages(project: Project, codes: Sequence[str], site: str | None = None) -> FetchPlan:
    """Plan the requests for `codes`, or for all that are wanted; makes no request itself."""
    profile = project.profile(site)
    with Archive.open(project.settings.raw_dir) as archive:
        return _plan(project, profile, archive, codes)


async def fetch_pages(
    project: Project,
    codes: Sequence[str],
    site: str | None = None,
    progress: Progress | None = None,
) -> FetchReport:
    """Fetch the planned pages of a site into raw/, one at a time, at its pace.

    Raises UsageError where a live site would be asked without a contact, BusyError where another
    run works on raw/.
    """
    profile, settings = project.profile(site), project.settings
    async with PageClient(profile, settings) as client:
        with (
            Archive.open(
                settings.raw_dir, segment_bytes=settings.segment_bytes, write=True
            ) as archive,
            ParsePool(project.profiles, settings, workers=1) as pool,
        ):
            add_wanted(settings.raw_dir, profile.name, codes)
            _parse_unknown(archive, profile, pool)
            visit = _Visit(project, profile, archive=archive, pool=pool, client=client)
            with visit.noting_stop():
                await visit.run(codes, progress)
            return visit.report


def _plan(
    project: Project, profile: SiteProfile, archive: Archive, codes: Sequence[str]
) -> FetchPlan:
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


def _parse_unknown(archive: Archive, profile: SiteProfile, pool: ParsePool) -> None:
    """Let the parser tell what the captures are that the index knows nothing of: walls wait."""
    unknown = [held for held in archive.pages(profile.name) if held.page_kind is None]
    inputs = (pair for held in unknown for pair in _readable(archive, held, profile))
    for held, parsed in pool.parse_all(inputs):
        if not isinstance(parsed, PageError):
            archive.note_parsed(held, parsed.page_kind, parsed.code)


def _readable(
    archive: Archive, held: HeldPage, profile: SiteProfile
) -> Iterator[tuple[HeldPage, PageInput]]:
    try:
        yield held, page_input(archive.read(held), profile)
    except PageError as error:
        _log.warning("%s", error)


class _Visit:
    """One run of requests to one site."""

    def __init__(
        self,
        project: Project,
        profile: SiteProfile,
        *,
        archive: Archive,
        pool: ParsePool,
        client: PageClient,
    ) -> None:
        self.report = FetchReport()
        self._project = project
        self._profile = profile
        self._archive = archive
        self._pool = pool
        self._client = client
        self._progress: Progress | None = None

    async def run(self, codes: Sequence[str], progress: Progress | None) -> None:
        robots = await self._client.fetch_robots()
        pacer = Pacer(pace_for(self._profile, self._project.settings, robots))
        pacer.note_start()
        self._client.obey(robots, pacer)
        if self._profile.sitemap and not codes:
            await self._fetch_sitemap(self._profile.sitemap, robots, pacer)
        plan = _plan(self._project, self._profile, self._archive, codes)
        self.report.planned, self.report.held = len(plan.pages), plan.held
        self._progress = progress
        await visit_pages(
            self._client, plan.pages, robots, pacer, self._keep_page, self._note_failure
        )

    @contextmanager
    def noting_stop(self) -> Iterator[None]:
        try:
            yield
        except SiteStopError as stop:
            self.report.stopped = str(stop)

    async def _fetch_sitemap(self, path: str, robots: RobotsRules, pacer: Pacer) -> None:
        url = f"{self._profile.origin}{path}"
        if not robots.allows(url):
            _log.warning("%s: robots.txt asks not to; not asked", url)
            return
        await pacer.wait()
        try:
            capture = await self._client.fetch(url, kind="sitemap")
            check_welcome(capture)
            read_sitemap(capture.body)
        except PageError as error:
            words = "%s: the copy held before, if any, is used: %s"
            _log.warning(words, url, error, extra={"url": url, "reason": error.reason})
            return
        if not self._holds(capture):
            self._archive.append(capture, self._client.request_headers)

    def _holds(self, capture: Capture) -> bool:
        """Tell whether nothing is new: a run that was interrupted goes on as if it were not."""
        held = self._archive.newest(capture.site, capture.url)
        return (
            held is not None
            and (held.sha256, held.kind) == (capture.sha256, capture.kind)
            and any(True for _ in _readable(self._archive, held, self._profile))
        )

    async def _keep_page(self, capture: Capture, page: PlannedPage) -> None:
        held = self._archive.append(capture, self._client.request_headers)
        self.report.fetched += 1
        if self._progress:
            self._progress(self.report.fetched, self.report.planned)
        parsed = self._pool.parse_one(page_input(HeldCapture(held, capture), self._profile))
        of_page: dict[str, str | None] = {"url": page.url, "code": page.code}
        if isinstance(parsed, PageError):
            _log.warning("%s: %s", page.url, parsed, extra=of_page | {"reason": parsed.reason})
            return
        _log.info("%s: %s", page.url, parsed.page_kind, extra=of_page | _outcome_of(parsed))
        self._archive.note_parsed(held, parsed.page_kind, parsed.code)
        if parsed.views_remaining is not None:
            self.report.views_remaining = parsed.views_remaining
        check_welcome(capture)  # a refusal may say how long to wait
        if parsed.page_kind in WALLS:
            raise SiteStopError(f"{page.url}: the site shows a {parsed.page_kind}; run again later")
        if parsed.views_remaining == 0 and self.report.waiting:
            raise SiteStopError(
                f"{self._profile.title} says that no page views remain; "
                "the rest waits for the next run"
            )

    def _note_failure(self, page: PlannedPage, error: FetchError) -> None:
        fields = {"url": page.url, "code": page.code, "outcome": "failed", "reason": error.reason}
        if error.reason == "robots_disallowed":
            _log.info("%s", error, extra=fields)
            self.report.disallowed += 1
            return
        _log.warning("%s", error, extra=fields)
        self.report.failures.append((page.code, error))


def _outcome_of(parsed: ParsedPage) -> dict[str, str | None]:
    judgement = judge_page(parsed)
    return {"outcome": judgement.outcome, "reason": judgement.reason}
