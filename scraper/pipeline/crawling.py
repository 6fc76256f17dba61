"""Pages of a prefix out of Common Crawl into raw/: index, records by range, digests, archive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import TypeVar

from scraper.archive.crawl_record import read_crawl_record
from scraper.archive.saved_page import BroughtPages, SavedPage, is_web_url
from scraper.archive.store import Archive
from scraper.errors import FetchError, PageError, SiteStopError, UsageError
from scraper.fetch.cdx import CrawlRecord
from scraper.fetch.common_crawl import CrawlClient
from scraper.pipeline.importing import ImportReport, keep_pages
from scraper.project import Project

Item = TypeVar("Item")

MAX_FAILURES_IN_A_ROW = 5
_PREFIX = re.compile(r"(?:https?://)?([A-Za-z0-9.-]+(?::[0-9]{1,5})?)(?:/([!-~]*?))?\*?")


def import_crawl(
    project: Project, index_url: str, prefix: str, *, site: str | None = None
) -> ImportReport:
    """Fetch and keep the pages that the index has under `prefix` (HOST/PATH), of known sites.

    Records that are held are not asked for again. The report says what was refused, and in
    `stopped` why the rest waits.
    """
    homes = [project.profile(site)] if site else list(project.profiles.values())
    _check_index_url(index_url)
    asked = _clean_prefix(prefix)
    if not any(home.is_home_of(f"https://{asked}") for home in homes):
        raise UsageError(f"--prefix {prefix!r}: is of no known site; see `scraper sites`")
    client = CrawlClient(index_url, project.settings)

    def bring(archive: Archive, report: ImportReport) -> BroughtPages:
        held = {page.source_name for page in archive.pages() if page.source == "import"}
        with asyncio.Runner() as runner:
            crawl = _Crawl(client, runner, project.settings.max_page_bytes)
            for item in _until_stopped(crawl.records(asked, index_url), report):
                if not isinstance(item, CrawlRecord):
                    yield item
                elif not any(home.is_home_of(item.url) for home in homes):
                    continue
                elif item.name in held:
                    report.held_already += 1
                else:
                    yield from _until_stopped(crawl.pages(item), report)
                if report.stopped:
                    return

    return keep_pages(project, bring, site, one_by_one=True)


class _Crawl:
    """Asks one thing after the other, and gives up after some failures in a row."""

    def __init__(self, client: CrawlClient, runner: asyncio.Runner, max_bytes: int) -> None:
        self._client = client
        self._runner = runner
        self._max_bytes = max_bytes
        self._failures = 0

    def records(self, prefix: str, index_url: str) -> Iterator[CrawlRecord | tuple[str, PageError]]:
        """Give the records of all pages of the index."""
        try:
            for page in range(self._runner.run(self._client.count_pages(prefix))):
                for item in self._runner.run(self._client.list_page(prefix, page)):
                    yield (index_url, item) if isinstance(item, FetchError) else item
        except FetchError as error:
            yield index_url, error

    def pages(self, record: CrawlRecord) -> BroughtPages:
        """Give the page of a record, or why it is refused."""
        try:
            page = self._page_of(record)
        except PageError as error:
            yield record.name, error
            self._failures += isinstance(error, FetchError)
            if self._failures == MAX_FAILURES_IN_A_ROW:
                message = f"{self._failures} requests in a row failed, run again later; the last"
                raise SiteStopError(f"{message}: {error}") from error
        else:
            self._failures = 0
            yield page

    def _page_of(self, record: CrawlRecord) -> SavedPage:
        content = self._runner.run(self._client.fetch_record(record))
        return read_crawl_record(
            content,
            record.name,
            url=record.url,
            digest=record.digest,
            max_bytes=self._max_bytes,
        )


def _until_stopped(items: Iterator[Item], report: ImportReport) -> Iterator[Item]:
    """Give the items until a host asks to stop; what was kept stays."""
    try:
        yield from items
    except SiteStopError as error:
        report.stopped = str(error)


def _check_index_url(url: str) -> None:
    if "@" in url:  # what stands before it may be a password, so no message holds the value
        raise UsageError("--common-crawl: no user name or password may be in it; leave them out")
    if not is_web_url(url) or re.search(r"[?#]", url):
        raise UsageError(f"--common-crawl {url!r}: is no http(s):// URL of an index")


def _clean_prefix(prefix: str) -> str:
    match = _PREFIX.fullmatch(prefix)
    if match is None and "@" in prefix:  # as above
        raise UsageError("--prefix: is no HOST/PATH without a user name or password")
    if match is None:
        raise UsageError(f"--prefix {prefix!r}: is no HOST/PATH, as www.codes.example/cpt/")
    return f"{match[1].lower()}/{match[2] or ''}"
