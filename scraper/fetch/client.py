"""Ask one site for its pages, one request at a time: a URL in, a Capture out.

It refuses what leaves the site, what is too large or too slow, and what did not arrive whole; it
keeps no cookies and follows no proxy of the environment.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import httpx

from scraper import clock
from scraper.capture import Capture, CaptureKind
from scraper.errors import FetchError, SiteStopError
from scraper.fetch.agent import contact_for, request_headers
from scraper.fetch.answer import EVIDENCE_STATUSES, Answer, answer_of, check_content
from scraper.fetch.exchange import SiteExchange
from scraper.fetch.pace import Pacer
from scraper.fetch.reasons import fetch_errors, reason_of_status
from scraper.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile


class PageClient:
    """An asynchronous context manager that asks one site, one request at a time.

    With `settings.origin` set only that origin is asked; else the hosts of the profile. Raises
    UsageError where a live site would be asked without a contact. A `transport` stands in for the
    network.
    """

    def __init__(
        self,
        profile: SiteProfile,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._profile = profile
        self._settings = settings
        self._headers = request_headers(contact_for(profile, settings))
        self._exchange = SiteExchange(profile, settings, transport)
        self._turn = asyncio.Lock()
        self._robots: RobotsRules | None = None
        self._pacer: Pacer | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._exchange.aclose()

    @property
    def request_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request, but for Host."""
        return tuple((name.lower(), value) for name, value in self._headers.items())

    def obey(self, robots: RobotsRules, pacer: Pacer) -> None:
        """Follow redirects as robots.txt allows and at the pace of the site."""
        self._robots, self._pacer = robots, pacer

    async def fetch(self, url: str, kind: CaptureKind = "page") -> Capture:
        """Fetch one URL; a status of EVIDENCE_STATUSES is a Capture, whatever its page says.

        A code's address that leads to another page is kept under that address, with the status of
        the redirect: evidence that the code has no page. Raises FetchError with a reason,
        SiteStopError for a refusal whose page cannot be read.
        """
        with fetch_errors(url):
            answer = await self._ask(url, self._settings.max_page_bytes)
            if answer.status not in EVIDENCE_STATUSES:
                reason = reason_of_status(answer.status)
                raise FetchError(reason, f"status {answer.status}; the next run asks again")
            if answer.status == 200:
                check_content(answer, self._profile.complete_marks if kind == "page" else ())
            answer = answer_of(url, answer, self._profile)
        return Capture(
            site=self._profile.name,
            url=answer.url,
            retrieved_at=clock.utc_now(),
            body=answer.body,
            status=answer.status,
            headers=answer.headers,
            kind=kind,
        )

    async def fetch_robots(self) -> RobotsRules:
        """Fetch and read the site's robots.txt; raises SiteStopError where it forbids to go on."""
        url = f"{self._exchange.origin}/robots.txt"
        limit = max(MAX_ROBOTS_BYTES, self._settings.max_page_bytes)
        try:
            with fetch_errors(url):
                answer = await self._ask(url, limit)
        except FetchError as error:
            raise SiteStopError(f"robots.txt cannot be read, run again later: {error}") from error
        return RobotsRules.parse(answer.status, answer.body)

    async def _ask(self, url: str, max_bytes: int) -> Answer:
        async with self._turn:
            return await self._exchange.ask(
                url, self.request_headers, max_bytes, before_redirect=self._admit_redirect
            )

    async def _admit_redirect(self, target: str) -> None:
        if self._robots and not self._robots.allows(target):
            raise FetchError(
                "robots_disallowed", f"redirects to {target:.200}, which robots.txt forbids"
            )
        if self._pacer:
            await self._pacer.wait()
