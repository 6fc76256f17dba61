"""As whom a page was asked for, kept with its capture: a guest may be shown less of it."""

from __future__ import annotations

from scraper.capture import Capture
from scraper.fetch.meter import Tier

_NAME = "Scraper-Tier"


def tier_headers(tier: Tier) -> tuple[tuple[str, str], ...]:
    """Return the header line that keeps the tier with a capture."""
    return ((_NAME, tier),)


def is_of_tier(capture: Capture, tier: Tier) -> bool:
    """Tell whether a capture was asked for as this visitor; one that does not say so was not.

    The last line of the name is ours: a site may send one, too.
    """
    said = [value for name, value in capture.headers if name.lower() == _NAME.lower()]
    return said[-1:] == [tier]
