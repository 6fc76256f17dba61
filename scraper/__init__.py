"""From pages of medical procedure codes to one clean, validated, versioned table.

>>> import scraper
>>> page = scraper.parse_page("CPT? No.", site="sample")
>>> page.page_kind
'other'
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.parse.page import PageParser
from scraper.parsed import ParsedPage
from scraper.record import CodeRecord
from scraper.settings import load_settings
from scraper.sites.profile import load_profiles

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CodeRecord", "ParsedPage", "__version__", "load", "parse_page"]

__version__ = version("scraper")


def load(
    release: str | Path | None = None, *, table: str = "codes", output_dir: Path | None = None
) -> pd.DataFrame:
    """Load a table of a release as a DataFrame: codes as text, lists as lists, times in UTC.

    `release` is a version or the folder of one, the latest by default; `table` is codes, pages or
    history; `output_dir` is that of the settings by default. Raises ReleaseError where there is no
    such release.
    """
    # Imported here: pandas takes half a second, and parsing does not need it.
    from scraper.publish.load import load as load_table  # noqa: PLC0415

    folder = output_dir or load_settings().output_dir
    return load_table(release, table=table, output_dir=folder)


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
