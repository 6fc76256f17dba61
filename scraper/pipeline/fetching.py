"""Plan in, captures in raw/ out: robots.txt, sitemap, pages, until done or the site says stop."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from scraper.archive.store import Archive
from scraper.archive.wanted import add_wanted
from scraper.capture import Capture, HeldPage
from scraper.errors import FetchError, MeterEmptyError, PageError, SiteStopError
from scraper.fetch.client import PageClient
from scraper.fetch.conduct import Conduct, ViewMeter, meter_key
from scraper.fetch.follow import FollowedCode
from scraper.fetch.ledger import Ledger
from scraper.fetch.pace import Pacer, pace_for
from scraper.fetch.plan import FetchPlan, PlannedPage
from scraper.fetch.robots import NOTHING_ALLOWED, RobotsRules
from scraper.fetch.robots_cache import robots_url, write_cached
from scraper.fetch.session import tier_of
from scraper.fetch.sitemap import read_sitemap
from scraper.fetch.visit import Seen, Visitor, check_welcome
from scraper.parse.worker import ParsePool
from scraper.pipeline.following import find_followed, want_followed
from scraper.pipeline.keeping import PageKeeper
from scraper.pipeline.planning import plan_wanted
from scraper.pipeline.recognizing import parse_unknown, readable
from scraper.progress import Progress
from scraper.project import Project
from scraper.sites.profile import SiteProfile

_log = logging.getLogger(__name__)


@dataclass
class FetchReport:
    """What a run of requests gave; `stopped` is what the site ended it with, None if it did not."""

    planned: int = 0
    fetched: int = 0
    held: int = 0
    failures: list[tuple[str, FetchError]] = field(default_factory=list)
    stopped: SiteStopError | None = None
    disallowed: int = 0
    views_remaining: int | None = None

    @property
    def waiting(self) -> int:
        """How many planned pages wait for the next run."""
        return self.planned - self.fetched - self.disallowed


async def fetch_pages(
    project: Project,
    codes: Sequence[str],
    site: str | None = None,
    progress: Progress | None = None,
) -> FetchReport:
    """Fetch the planned pages of a site into raw/, at its pace.

    Raises UsageError where a live site would be asked without a contact, BusyError where another
    run works on raw/.
    """
    profile, settings = project.profile(site), project.settings
    async with PageClient(profile, settings) as client:
        with (
            Archive.open(
                settings.raw_dir, segment_bytes=settings.segment_bytes, write=True
            ) as archive,
            Ledger.open(settings.raw_dir) as ledger,
            ParsePool(project.profiles, settings, workers=1) as pool,
        ):
            add_wanted(settings.raw_dir, profile.name, codes)
            parse_unknown(archive, profile, pool)
            followed = find_followed(project, profile, archive, pool, codes=codes)
            visit = _Visit(
                project, profile, archive=archive, pool=pool, client=client, followed=followed
            )
            with visit.noting_stop():
                await visit.run(codes, ledger, progress)
            want_followed(project, profile, archive, followed)
            return visit.report


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
        followed: tuple[FollowedCode, ...],
    ) -> None:
        self.report = FetchReport()
        self._followed = followed
        self._project = project
        self._profile = profile
        self._archive = archive
        self._client = client
        self._keeper = PageKeeper(
            archive,
            pool,
            profile,
            request_headers=client.request_headers,
            connections=project.settings.connections,
        )
        self._progress: Progress | None = None

    async def run(self, codes: Sequence[str], ledger: Ledger, progress: Progress | None) -> None:
        self._progress = progress
        self._check_meter(codes, ledger)
        conduct = self._begin_conduct(ledger)
        self._client.obey(conduct)
        await self._learn_rules(conduct)
        if self._profile.sitemap and not codes:
            await self._fetch_sitemap(self._profile.sitemap, conduct)
        plan = self._plan(codes, conduct.robots)
        self.report.planned, self.report.held = len(plan.pages), plan.held
        visitor = Visitor(
            self._client,
            conduct,
            on_capture=self._keep_page,
            on_failure=self._note_failure,
            held_body=lambda page: self._read(page.held),
            learn=partial(self._learn_rules, conduct),
            connections=self._project.settings.connections,
        )
        await visitor.visit(plan.pages)

    def _plan(self, codes: Sequence[str], robots: RobotsRules | None = None) -> FetchPlan:
        about = (self._project, self._profile, self._archive)
        return plan_wanted(*about, codes, followed=self._followed, robots=robots)

    def _check_meter(self, codes: Sequence[str], ledger: Ledger) -> None:
        """Raise MeterEmptyError, before anything is asked, where pages wait and none is granted."""
        key = meter_key(self._profile, tier_of(self._project.settings))
        if key is None:
            return
        ledger.settle(key)
        plan = self._plan(codes)
        resumes_at = ledger.state(key).resumes_at
        if plan.pages and resumes_at:
            self.report.planned, self.report.held = len(plan.pages), plan.held
            raise MeterEmptyError(self._profile.name, resumes_at)

    def _begin_conduct(self, ledger: Ledger) -> Conduct:
        """Take up pace and meter where the last run left them; nothing is allowed yet."""
        site, settings = self._profile.name, self._project.settings
        pacer = Pacer(
            pace_for(self._profile, settings),
            since=ledger.seconds_since_asked(site),
            note=partial(ledger.note_asked, site),
        )
        key = meter_key(self._profile, tier_of(settings))
        return Conduct(NOTHING_ALLOWED, pacer, ViewMeter(ledger, key) if key else None)

    async def _learn_rules(self, conduct: Conduct) -> None:
        settings = self._project.settings
        await conduct.pacer.wait()
        answer = await self._client.fetch_robots()
        conduct.learn(answer, pace_for(self._profile, settings))
        url = robots_url(self._profile, settings)
        write_cached(settings.raw_dir, self._profile.name, answer, url=url)

    @contextmanager
    def noting_stop(self) -> Iterator[None]:
        try:
            yield
        except SiteStopError as stop:
            self.report.stopped = stop

    async def _fetch_sitemap(self, path: str, conduct: Conduct) -> None:
        url = f"{self._profile.origin}{path}"
        if not conduct.robots.allows(url):
            _log.warning("%s: robots.txt asks not to; not asked", url)
            return
        await conduct.pacer.wait()
        before = self._archive.newest_of_kind(self._profile.name, "sitemap")
        held = self._read(before if before and before.url == url else None)
        try:
            capture = await self._client.fetch(url, kind="sitemap", held=held)
            if capture.status == 304:
                return
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
            and any(True for _ in readable(self._archive, held, self._profile))
        )

    def _read(self, held: HeldPage | None) -> Capture | None:
        """Return a capture whose digest is right; without one the page is asked for anew."""
        try:
            return self._archive.read(held).capture if held else None
        except PageError as error:
            _log.warning("%s", error)
            return None

    async def _keep_page(self, capture: Capture, page: PlannedPage) -> Seen:
        self.report.fetched += 1
        if self._progress:
            self._progress(self.report.fetched, self.report.planned)
        try:
            return await self._keeper.keep(capture, page)
        finally:
            self.report.views_remaining = self._keeper.views_remaining

    def _note_failure(self, page: PlannedPage, error: FetchError) -> None:
        fields = {"url": page.url, "code": page.code, "outcome": "failed", "reason": error.reason}
        if error.reason == "robots_disallowed":
            _log.info("%s", error, extra=fields)
            self.report.disallowed += 1
            return
        _log.warning("%s", error, extra=fields)
        self.report.failures.append((page.code, error))
