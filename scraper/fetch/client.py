"""Ask one site for its pages: a URL in, a Capture out.

It refuses what leaves the site, what is too large or too slow, and what did not arrive whole; it
keeps no cookies and follows no proxy of the environment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

import httpx

from scraper import clock
from scraper.capture import Capture, CaptureKind
from scraper.errors import FetchError, SiteStopError
from scraper.fetch.agent import contact_for, request_headers
from scraper.fetch.answer import Answer, answer_of, check_content, check_status, validators_of
from scraper.fetch.conduct import Conduct
from scraper.fetch.exchange import RequestHeaders, SiteExchange
from scraper.fetch.meter import Tier
from scraper.fetch.reasons import fetch_errors
from scraper.fetch.robots import MAX_ROBOTS_BYTES
from scraper.fetch.robots_cache import RobotsAnswer
from scraper.fetch.session import open_session
from scraper.fetch.tier import is_of_tier, tier_headers
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile


class PageClient:
    """An asynchronous context manager that asks one site, `connections` requests at a time.

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
        self._turn = asyncio.Semaphore(settings.connections)
        self._conduct: Conduct | None = None
        self._session = open_session(profile, settings)

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
        """The headers of every request, but for Host and what is asked of one page alone."""
        return tuple((name.lower(), value) for name, value in self._headers.items())

    def obey(self, conduct: Conduct) -> None:
        """Follow redirects as robots.txt allows and at the pace of the site."""
        self._conduct = conduct

    async def fetch(
        self, url: str, kind: CaptureKind = "page", held: Capture | None = None
    ) -> Capture:
        """Fetch one URL; a status of EVIDENCE_STATUSES is a Capture, whatever its page says.

        `held` is what the URL gave before: the site is asked whether it is still the same, and if
        so the Capture has status 304 and the body of `held`; but not where it was given to another
        tier. A code's address that leads to another page is kept under that address, with the
        status of the redirect: evidence that the code has no page. Raises FetchError with a reason,
        SiteStopError for a refusal whose page cannot be read.
        """
        tier = self._tier_for(url)
        validators = validators_of(held) if held and is_of_tier(held, tier) else ()
        with fetch_errors(url):
            answer = await self._ask(url, self._settings.max_page_bytes, validators)
            if held and validators and answer.status == 304 and answer.redirect_status == 200:
                now = clock.utc_now()
                headers = (*answer.headers, *tier_headers(tier))
                return replace(held, status=304, headers=headers, retrieved_at=now)
            check_status(answer)
            if answer.status == 200:
                check_content(answer, self._profile.complete_marks if kind == "page" else ())
            answer = answer_of(url, answer, self._profile)
        return Capture(
            site=self._profile.name,
            url=answer.url,
            retrieved_at=clock.utc_now(),
            body=answer.body,
            status=answer.status,
            headers=(*answer.headers, *tier_headers(tier)),
            kind=kind,
        )

    async def fetch_robots(self) -> RobotsAnswer:
        """Fetch the site's robots.txt; raises SiteStopError where it is out of reach."""
        url = f"{self._exchange.origin}/robots.txt"
        limit = max(MAX_ROBOTS_BYTES, self._settings.max_page_bytes)
        try:
            with fetch_errors(url):
                answer = await self._ask(url, limit, before_redirect=self._wait_for_turn)
        except FetchError as error:
            raise SiteStopError(f"robots.txt cannot be read, run again later: {error}") from error
        return RobotsAnswer(answer.status, answer.body, clock.utc_now())

    def _tier_for(self, url: str) -> Tier:
        """Tell as whom the site is asked for a URL: cookies may be of some paths alone."""
        is_known = self._session and self._session.header_for(url)
        return "registered" if is_known else "guest"

    async def _ask(
        self,
        url: str,
        max_bytes: int,
        of_page: RequestHeaders = (),
        before_redirect: Callable[[str], Awaitable[None]] | None = None,
    ) -> Answer:
        """Ask for a URL and where it leads to; `of_page` goes with the first request alone."""

        def headers_for(target: str, *, is_first: bool) -> RequestHeaders:
            cookies = self._session.header_for(target) if self._session else None
            own = (*self.request_headers, *([("Cookie", cookies)] if cookies else []))
            return (*own, *of_page) if is_first else own

        async with self._turn:
            return await self._exchange.ask(
                url,
                headers_for,
                max_bytes,
                before_redirect=before_redirect or self._admit_redirect,
            )

    async def _admit_redirect(self, target: str) -> None:
        if self._conduct and not self._conduct.robots.allows(target):
            raise FetchError(
                "redirect_disallowed", f"redirects to {target:.200}, which robots.txt forbids"
            )
        await self._wait_for_turn(target)

    async def _wait_for_turn(self, _target: str) -> None:
        """Keep the pace alone: no rule of robots.txt applies to where robots.txt itself lies."""
        if self._conduct:
            await self._conduct.pacer.wait()
