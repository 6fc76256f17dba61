"""Saved pages in, captures in raw/ out: import, parse to know the site, archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scraper import clock
from scraper.archive.saved import read_saved
from scraper.archive.saved_page import BroughtPages, SavedPage
from scraper.archive.store import Archive
from scraper.capture import Capture, content_type_of
from scraper.errors import PageError
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import ParsedPage
from scraper.project import Project


@dataclass
class ImportReport:
    """How many pages were kept, were held already, and why the others were not taken."""

    kept: int = 0
    held_already: int = 0
    by_kind: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, PageError]] = field(default_factory=list)
    stopped: str | None = None  # why the rest waits, where pages were asked for


def import_pages(
    project: Project,
    paths: Sequence[Path],
    *,
    site: str | None = None,
    urls: Mapping[str, str] | None = None,
) -> ImportReport:
    """Keep the pages of files, folders and WARC files in raw/.

    `site` names the site of pages that do not tell, `urls` the address of a file. What cannot be
    taken is reported by name and does not stop the rest.
    """
    max_bytes = project.settings.max_page_bytes
    return keep_pages(
        project, lambda *_: read_saved(paths, max_bytes=max_bytes, urls=urls or {}), site
    )


def keep_pages(
    project: Project,
    bring: Callable[[Archive, ImportReport], BroughtPages],
    site: str | None = None,
    *,
    one_by_one: bool = False,
) -> ImportReport:
    """Keep in raw/ the pages that `bring` gives while the archive is open for writing.

    With `one_by_one` each is kept before the next is brought, as is right where it took a request.
    """
    settings = project.settings
    report = ImportReport()
    if site is not None:
        project.profile(site)
    with (
        Archive.open(settings.raw_dir, segment_bytes=settings.segment_bytes, write=True) as archive,
        ParsePool(project.profiles, settings) as pool,
    ):
        brought = _brought(bring(archive, report), report)
        pages = ((page, page_input_of(page, site)) for page in brought)
        one_parsed = ((page, pool.parse_one(page_input)) for page, page_input in pages)
        for page, parsed in one_parsed if one_by_one else pool.parse_all(pages):
            if isinstance(parsed, ParsedPage):
                _keep(archive, page, parsed, report)
            else:
                report.refused.append((page.name, parsed))
    return report


def _brought(items: BroughtPages, report: ImportReport) -> Iterator[SavedPage]:
    for item in items:
        if isinstance(item, SavedPage):
            yield item
        else:
            report.refused.append(item)


def page_input_of(page: SavedPage, site: str | None) -> PageInput:
    """Return what the parser needs of a saved page."""
    content_type = content_type_of(page.headers)
    return PageInput(page.body, page.url, site, page.status, content_type, page.name)


def _keep(archive: Archive, page: SavedPage, parsed: ParsedPage, report: ImportReport) -> None:
    if parsed.site is None:
        message = f"{page.name}: is of no known site; name one with --site, or its address"
        report.refused.append((page.name, PageError("unknown_site", message)))
        return
    now = clock.utc_now()
    capture = Capture(
        site=parsed.site,
        url=page.url or parsed.url,
        # A page of the future would win over all that are fetched from now on.
        retrieved_at=min(page.retrieved_at or now, now),
        body=page.body,
        status=page.status,
        headers=page.headers,
        source="import",
        source_name=page.name,
    )
    kept_before = archive.kept
    held = archive.append(capture)
    report.kept += archive.kept - kept_before
    report.held_already += archive.kept == kept_before
    report.by_kind[parsed.page_kind] = report.by_kind.get(parsed.page_kind, 0) + 1
    archive.note_parsed(held, parsed.page_kind, parsed.code)
