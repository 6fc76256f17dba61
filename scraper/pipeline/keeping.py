"""Fetched pages into raw/, and what each says of the visit out."""

from __future__ import annotations

import asyncio
import logging

from scraper.archive.joint import JointAppender
from scraper.archive.message import Headers
from scraper.archive.store import Archive
from scraper.capture import Capture, HeldCapture
from scraper.errors import PageError, SiteStopError
from scraper.fetch.answer import STOP_STATUSES
from scraper.fetch.plan import PlannedPage
from scraper.fetch.visit import Seen
from scraper.normalize.reading import judge_page
from scraper.parse.worker import ParsePool
from scraper.parsed import WALLS, ParsedPage
from scraper.pipeline.building import page_input
from scraper.sites.profile import SiteProfile

_log = logging.getLogger(__name__)


class PageKeeper:
    """Keeps the pages of one site; `views_remaining` is what the last page says of the meter."""

    def __init__(
        self,
        archive: Archive,
        pool: ParsePool,
        profile: SiteProfile,
        *,
        request_headers: Headers,
        connections: int = 1,
    ) -> None:
        self.views_remaining: int | None = None
        self._archive = archive
        self._pool = pool
        self._profile = profile
        self._request_headers = request_headers
        self._connections = connections
        self._appender = JointAppender(archive, request_headers, connections)

    async def keep(self, capture: Capture, page: PlannedPage) -> Seen:
        """Return what a page says once it is safe on the disk; raises SiteStopError at a wall."""
        if capture.status == 304 and page.held:
            self._archive.confirm(capture, page.held, self._request_headers)
            return Seen()
        held = await self._appender.append(capture)
        parsed = await self._parse(HeldCapture(held, capture))
        of_page: dict[str, str | None] = {"url": page.url, "code": page.code}
        if isinstance(parsed, PageError):
            _log.warning("%s: %s", page.url, parsed, extra=of_page | {"reason": parsed.reason})
            return Seen()
        _log.info("%s: %s", page.url, parsed.page_kind, extra=of_page | _outcome_of(parsed))
        self._archive.note_parsed(held, parsed.page_kind, parsed.code)
        return self._see(capture, page, parsed)

    async def _parse(self, held: HeldCapture) -> ParsedPage | PageError:
        """Return what a page gives; where others are asked for, their time is not taken for it."""
        page = page_input(held, self._profile)
        if self._connections == 1:
            return self._pool.parse_one(page)
        return await asyncio.to_thread(self._pool.parse_one, page)

    def _see(self, capture: Capture, page: PlannedPage, parsed: ParsedPage) -> Seen:
        if parsed.views_remaining is not None:
            self.views_remaining = parsed.views_remaining
        if parsed.page_kind == "quota_wall" and capture.status == 200:
            return Seen(views_remaining=0, is_quota_wall=True)
        if capture.status in STOP_STATUSES:
            return Seen()  # the visit tells of it, and how long to wait
        if parsed.page_kind in WALLS:
            raise SiteStopError(f"{page.url}: the site shows a {parsed.page_kind}; run again later")
        return Seen(parsed.views_remaining)


def _outcome_of(parsed: ParsedPage) -> dict[str, str | None]:
    judgement = judge_page(parsed)
    return {"outcome": judgement.outcome, "reason": judgement.reason}
