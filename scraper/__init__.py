"""From pages of medical procedure codes to one clean, validated, versioned table."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from scraper.parse.page import PageParser
from scraper.parsed import ParsedPage
from scraper.record import CodeRecord
from scraper.sites.profile import load_profiles

__all__ = ["CodeRecord", "ParsedPage", "parse_page"]


def parse_page(
    page: bytes | str,
    *,
    url: str | None = None,
    site: str | None = None,
    sites_dir: Path | None = None,
) -> ParsedPage:
    """Parse one page, HTML or saved text, in any encoding.

    `url` is the page's address, `site` the name of its profile; without them the page itself tells.
    Raises PageError where the bytes are no text, UsageError for an unknown site.
    """
    return _parser(sites_dir).parse(page, url=url, site=site)


@cache
def _parser(sites_dir: Path | None) -> PageParser:
    return PageParser(load_profiles(sites_dir))
