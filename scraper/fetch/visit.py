"""Ask for planned pages one by one, at the site's pace, until it is done or the site says stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from scraper.capture import Capture
from scraper.errors import FetchError, SiteStopError
from scraper.fetch.answer import STOP_STATUSES
from scraper.fetch.client import PageClient
from scraper.fetch.pace import Pacer
from scraper.fetch.plan import PlannedPage
from scraper.fetch.robots import RobotsRules

MAX_FAILURES_IN_A_ROW = 5


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """How many of the pages were captured, how many gave no whole page or may not be asked."""

    captured: int
    failed: int


async def visit_pages(  # noqa: PLR0917 - each is a collaborator of the loop
    client: PageClient,
    pages: Sequence[PlannedPage],
    robots: RobotsRules,
    pacer: Pacer,
    on_capture: Callable[[Capture, PlannedPage], Awaitable[None]],
    on_failure: Callable[[PlannedPage, FetchError], None],
) -> VisitOutcome:
    """Visit each page once; what `on_capture` raises ends the loop and is passed on.

    Raises SiteStopError after a refusal (401, 403, 429), once it was given to `on_capture`, and
    after MAX_FAILURES_IN_A_ROW.
    """
    captured = failed = in_a_row = 0
    for page in pages:
        try:
            capture = await _visit(client, page, robots, pacer)
        except FetchError as error:
            on_failure(page, error)
            failed += 1
            in_a_row += error.reason != "robots_disallowed"
            if in_a_row == MAX_FAILURES_IN_A_ROW:
                raise SiteStopError(
                    f"{in_a_row} requests in a row failed, run again later; the last: {error}"
                ) from error
            continue
        await on_capture(capture, page)
        captured, in_a_row = captured + 1, 0
        check_welcome(capture)
    return VisitOutcome(captured, failed)


async def _visit(
    client: PageClient, page: PlannedPage, robots: RobotsRules, pacer: Pacer
) -> Capture:
    if not robots.allows(page.url):
        raise FetchError("robots_disallowed", f"{page.url}: robots.txt asks not to; not asked")
    await pacer.wait()
    return await client.fetch(page.url)


def check_welcome(capture: Capture) -> None:
    """Raise SiteStopError where the site refused (401, 403, 429), with the pause it asks for."""
    if capture.status in STOP_STATUSES:
        wait = next((v for name, v in capture.headers if name.lower() == "retry-after"), "")
        when = f"in {wait} seconds" if wait.isascii() and wait.isdigit() else "later"
        raise SiteStopError(
            f"{capture.url}: the site refuses with status {capture.status}; run again {when}"
        )
