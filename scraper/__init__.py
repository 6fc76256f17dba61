"""From pages of medical procedure codes to one clean, validated, versioned table.

>>> import scraper
>>> page = scraper.parse_page("CPT? No.", site="sample")
>>> page.page_kind
'other'
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.parsed import ParsedPage

if TYPE_CHECKING:
    import pandas as pd

    from scraper.parse.page import PageParser
    from scraper.record import CodeRecord

    __version__: str

__all__ = ["CodeRecord", "ParsedPage", "__version__", "load", "parse_page"]

# What is imported in the functions below takes most of a second in all, and the command line, which
# imports this module first, seldom needs it.


def __getattr__(name: str) -> object:
    """Load what is seldom asked for."""
    if name == "CodeRecord":
        from scraper.record import CodeRecord as Record  # noqa: PLC0415

        return Record
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415

        return version("scraper")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load(
    release: str | Path | None = None,
    *,
    table: str = "codes",
    edition: str = "full",
    output_dir: Path | None = None,
) -> pd.DataFrame:
    """Load a table of a release as a DataFrame: codes as text, lists as lists, times in UTC.

    `release` is a version or the folder of one, the latest by default; `table` is codes, pages,
    history or delta; `edition` is full, or open for the one without licensed text; `output_dir` is
    that of the settings by default. Raises ReleaseError where there is no such release.
    """
    from scraper.publish.load import load as load_table  # noqa: PLC0415
    from scraper.settings import load_settings  # noqa: PLC0415

    folder = output_dir or load_settings().output_dir
    return load_table(release, table=table, edition=edition, output_dir=folder)


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
    from scraper.parse.page import PageParser  # noqa: PLC0415
    from scraper.sites.profile import load_profiles  # noqa: PLC0415

    return PageParser(load_profiles(sites_dir))
