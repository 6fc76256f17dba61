"""What is read on a page of which no site file knows an address or a line."""

from __future__ import annotations

from scraper.parsed import ParsedPage


def unknown_page(url: str | None, file: str | None) -> ParsedPage:
    """Return what is read on a page of which no site knows a line."""
    return ParsedPage(
        file=file,
        site=None,
        url=url,
        page_kind="other",
        layout=None,
        code=None,
        code_evidence=None,
        official_description=None,
        common_language_description=None,
        status_notice=None,
        gated_sections=0,
        views_remaining=None,
        ama_copyright_year=None,
        publisher_copyright_year=None,
        mentioned_codes=(),
        sections=(),
        facts=(),
        history=(),
        warnings=("unknown_site",),
    )
