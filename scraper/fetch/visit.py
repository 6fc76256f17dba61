"""Ask for planned pages, as conduct demands, until it is done or the site says stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from scraper import clock
from scraper.capture import Capture
from scraper.errors import FetchError, ScraperError, SiteStopError
from scraper.fetch.answer import STOP_STATUSES
from scraper.fetch.client import PageClient
from scraper.fetch.conduct import Conduct
from scraper.fetch.plan import PlannedPage
from scraper.fetch.retry import UNCOUNTED, RetryPolicy, retry_after
from scraper.fetch.robots import Verdict


class Seen(NamedTuple):
    """What a page says of the visit: the views that remain, and whether it is the meter's wall."""

    views_remaining: int | None = None
    is_quota_wall: bool = False


HeldBody = Callable[[PlannedPage], Capture | None]
OnCapture = Callable[[Capture, PlannedPage], Awaitable[Seen]]
OnFailure = Callable[[PlannedPage, FetchError], None]


class Visitor:
    """Asks one site for pages; `on_capture` keeps each and says what it says of the meter.

    `held_body` gives the whole capture of a page that is held, None where it cannot be read;
    `learn` brings the conduct up to date in a run that goes on for days. It asks for one page at a
    time; for up to `connections` where the site has no meter and nobody asks for a pause.
    """

    def __init__(
        self,
        client: PageClient,
        conduct: Conduct,
        *,
        on_capture: OnCapture,
        on_failure: OnFailure,
        held_body: HeldBody = lambda _: None,
        learn: Callable[[], Awaitable[None]] | None = None,
        policy: RetryPolicy | None = None,
        connections: int = 1,
    ) -> None:
        self._client = client
        self._conduct = conduct
        self._on_capture = on_capture
        self._on_failure = on_failure
        self._held_body = held_body
        self._learn = learn
        self._policy = policy or RetryPolicy()
        self._connections = connections
        self._learning = asyncio.Lock()
        self._alone = asyncio.Lock()
        self._end: ScraperError | None = None

    async def visit(self, pages: Sequence[PlannedPage]) -> None:
        """Visit each page; what `on_capture` raises ends the loop and is passed on.

        Raises SiteStopError after a refusal (401, 403, 429) or the wall of the meter, once it was
        given to `on_capture`, and where the retry policy says so; MeterEmptyError before a request
        that the meter does not grant.
        """
        waiting = iter(pages)
        await self._walk(waiting, most=1)  # a site that refuses is asked once
        is_hurried = not self._conduct.meter and not self._conduct.pacer.seconds
        lanes = self._connections if is_hurried else 1
        await asyncio.gather(*(self._walk(waiting) for _ in range(lanes)))
        if self._end:
            raise self._end

    async def _walk(self, pages: Iterator[PlannedPage], most: int | None = None) -> None:
        """Visit what is left of the pages; where one walk ends in an error, all of them end."""
        for page in islice(pages, most):
            try:
                await self._visit_page(page)
            except FetchError as error:
                self._on_failure(page, error)
            except ScraperError as error:
                self._end = self._end or error
            if self._end:
                return

    async def _visit_page(self, page: PlannedPage) -> None:
        tries = 0
        while True:
            tries += 1
            try:
                await self._ask(page)
            except FetchError as error:
                pause = self._policy.pause_after(error, tries)
                if pause is None:
                    raise
                await self._conduct.pacer.rest(pause, is_asked=bool(error.retry_after))
            else:
                return

    async def _ask(self, page: PlannedPage) -> None:
        verdict = await self._admit(page)
        # A robots.txt that was read again may ask for a pause that nobody asked for before.
        async with self._alone if self._conduct.pacer.seconds else nullcontext():
            await self._ask_admitted(page, verdict)

    async def _ask_admitted(self, page: PlannedPage, verdict: Verdict) -> None:
        meter = self._conduct.meter
        view = meter.reserve() if meter else None
        await self._conduct.pacer.wait()
        self._check_end()
        try:
            capture = await self._client.fetch(page.url, held=self._held_body(page))
        except (FetchError, SiteStopError) as error:
            if meter and view:
                is_uncounted = isinstance(error, FetchError) and error.reason in UNCOUNTED
                (meter.ledger.refund if is_uncounted else meter.ledger.commit)(view)
            raise
        capture = replace(capture, headers=(*capture.headers, *verdict.as_headers()))
        self._policy.note_success()
        seen = Seen()
        try:
            seen = await self._on_capture(capture, page)
        finally:
            if meter and view:
                meter.ledger.commit(view, seen.views_remaining)
        check_welcome(capture)
        if seen.is_quota_wall:
            words = f"{page.url}: the site shows a quota_wall; run again later"
            raise meter.stop() if meter else SiteStopError(words)

    async def _admit(self, page: PlannedPage) -> Verdict:
        """Return what robots.txt says of a page; raises FetchError where it forbids it."""
        async with self._learning:
            self._check_end()
            if self._conduct.is_outdated and self._learn:
                await self._learn()
        verdict = self._conduct.robots.verdict(page.url)
        if not verdict.allowed:
            words = f"{page.url}: robots.txt asks not to, by {verdict.rule}; not asked"
            raise FetchError("robots_disallowed", words)
        return verdict

    def _check_end(self) -> None:
        """Raise what ended another walk, perhaps while this one waited."""
        if self._end:
            raise self._end


def check_welcome(capture: Capture) -> None:
    """Raise SiteStopError where the site refused (401, 403, 429), with the pause it asks for."""
    if capture.status in STOP_STATUSES:
        seconds = retry_after(capture.headers, clock.utc_now())
        when = "later" if seconds is None else f"in {seconds:.0f} seconds"
        raise SiteStopError(
            f"{capture.url}: the site refuses with status {capture.status}; run again {when}"
        )
