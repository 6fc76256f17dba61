"""What is asked for again, when, and how often: a failed request in, a pause or an end out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scraper.errors import FetchError, SiteStopError
from scraper.fetch.reasons import RETRYABLE

MOST_TRIES = 3
MOST_FAILURES_IN_A_ROW = 5
LONGEST_PAUSE = 60.0
FIRST_PAUSE = 2.0
# The request never reached the site, so its meter counts no view.
UNCOUNTED = frozenset(("dns", "connect", "tls", "bad_url", "off_site", "private_address"))


class RetryPolicy:
    """Decides after each failure of a run whether to try again, go on to the next page or stop.

    The breaker counts failed requests in a row over all pages.
    """

    def __init__(self, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._uniform = uniform
        self._in_a_row = 0

    def note_success(self) -> None:
        """Close the breaker: the site answers."""
        self._in_a_row = 0

    def pause_after(self, error: FetchError, tries: int) -> float | None:
        """Return the seconds until the next try of a page, None if there is none.

        `tries` were made so far. Raises SiteStopError where the site asks for a longer pause than a
        run waits, and after MOST_FAILURES_IN_A_ROW.
        """
        if error.reason == "robots_disallowed":
            return None
        self._in_a_row += 1
        if self._in_a_row >= MOST_FAILURES_IN_A_ROW:
            raise SiteStopError(
                f"{self._in_a_row} requests in a row failed, run again later; the last: {error}"
            ) from error
        asked = error.retry_after or 0.0
        if asked > LONGEST_PAUSE:
            raise SiteStopError(
                f"the site asks to come back in {asked:.0f} seconds, run again then: {error}"
            ) from error
        if error.reason not in RETRYABLE or tries >= MOST_TRIES:
            return None
        longest = FIRST_PAUSE * 2 ** (tries - 1)
        return max(asked, self._uniform(longest / 2, longest))


def retry_after(headers: Iterable[tuple[str, str]], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for, by number or date (RFC 9110, 10.2.3).

    None where there is none or it cannot be read; a date that has passed asks for nothing.

    >>> noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    >>> retry_after([("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT")], noon)
    30.0
    >>> retry_after([("retry-after", "120")], noon), retry_after([("Retry-After", "soon")], noon)
    (120.0, None)
    """
    value = next((v.strip() for name, v in headers if name.lower() == "retry-after"), "")
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
        aware = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
