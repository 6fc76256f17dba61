"""Ask Common Crawl: which records its index has of a prefix, and each record by its range of bytes.

One request at a time, at least a second apart but on this machine; an answer that is not what was
asked for is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from scraper.errors import FetchError, SiteStopError
from scraper.fetch.agent import contact_for_hosts, is_this_machine, request_headers
from scraper.fetch.answer import Answer
from scraper.fetch.cdx import CrawlRecord, parse_cdx_line
from scraper.fetch.exchange import ask_once
from scraper.fetch.pace import Pacer
from scraper.settings import Settings

MAX_INDEX_PAGES = 10_000
_MAX_INDEX_BYTES = 64_000_000
_HEAD_ROOM = 1 << 16
_LEAST_PACE = 1.0
_STOPS = {401, 403, 429, 503}
_NO_CAPTURES = b"No Captures found"
_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-([0-9]+)/(?:[0-9]+|\*)")


class CrawlClient:
    """Asks the index at `index_url` and the files of `common_crawl_data`.

    Raises UsageError where a host of another machine would be asked without a contact, and
    SiteStopError where one refuses (401, 403, 429, 503).
    """

    def __init__(self, index_url: str, settings: Settings, pacer: Pacer | None = None) -> None:
        hosts = (index_url, settings.common_crawl_data)
        self._index_url = index_url
        self._settings = settings
        self._headers = request_headers(contact_for_hosts("Common Crawl", hosts, settings))
        least = 0.0 if all(map(is_this_machine, hosts)) else _LEAST_PACE
        self._pacer = pacer or Pacer(max(least, settings.pace_seconds))

    async def count_pages(self, prefix: str) -> int:
        """Return how many pages the index has of a prefix; raises FetchError."""
        answer = await self._ask_index(prefix, showNumPages="true")
        if answer is None:
            return 0
        try:
            said: Any = json.loads(answer)
        except (ValueError, RecursionError):
            said = None
        pages = said.get("pages") if isinstance(said, dict) else said
        if not isinstance(pages, int) or not 0 <= pages <= MAX_INDEX_PAGES:
            message = f"does not tell a number of pages up to {MAX_INDEX_PAGES}; check the address"
            raise FetchError("bad_index", f"{self._index_url}: {message}")
        return pages

    async def list_page(self, prefix: str, page: int) -> Iterator[CrawlRecord | FetchError]:
        """Return the records of one page of the index, and why a line cannot be used."""
        answer = await self._ask_index(prefix, page=str(page), filter="=status:200")
        lines = (answer or b"").split(b"\n")
        found = (self._read_line(line) for line in lines if line.strip())
        return (item for item in found if item is not None)

    async def fetch_record(self, record: CrawlRecord) -> bytes:
        """Return the bytes of one record, just those; raises FetchError."""
        base = self._settings.common_crawl_data
        url = f"{base}/{record.file_name}"
        most = self._settings.max_page_bytes + _HEAD_ROOM
        if record.length > most:
            raise FetchError("too_large", f"{url}: more than {most} bytes; see max_page_bytes")
        first, last = record.offset, record.offset + record.length - 1
        headers = {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity", "Accept": "*/*"}
        answer = await self._ask(url, self._headers | headers, record.length, base)
        _check_part(answer, first, last)
        return answer.body

    async def _ask_index(self, prefix: str, **more: str) -> bytes | None:
        """Return what the index says, None where it has nothing of the prefix."""
        query = {"url": prefix, "matchType": "prefix", "output": "json"} | more
        url = f"{self._index_url}?{urlencode(query)}"
        headers = self._headers | {"Accept": "*/*"}
        answer = await self._ask(url, headers, _MAX_INDEX_BYTES, self._index_url)
        if answer.status == 404 and _NO_CAPTURES in answer.body:
            return None
        if answer.status != 200:
            message = f"status {answer.status}; check the address, or run again later"
            raise FetchError("http_status", f"{url}: {message}")
        return answer.body

    async def _ask(self, url: str, headers: dict[str, str], max_bytes: int, base: str) -> Answer:
        await self._pacer.wait()
        seconds = self._settings.deadline_seconds
        answer = await ask_once(url, headers, max_bytes, seconds, user_gave=base)
        if answer.status in _STOPS:
            raise SiteStopError(f"{url}: refuses with status {answer.status}; run again later")
        return answer

    def _read_line(self, line: bytes) -> CrawlRecord | FetchError | None:
        try:
            return parse_cdx_line(line)
        except FetchError as error:
            return FetchError(error.reason, f"{self._index_url}: {error}; it is passed over")


def _check_part(answer: Answer, first: int, last: int) -> None:
    if answer.status != 206:
        message = f"status {answer.status} for a range of bytes; the next run asks again"
        raise FetchError("http_status", f"{answer.url}: {message}")
    told = next((value for name, value in answer.headers if name.lower() == "content-range"), "")
    match = _CONTENT_RANGE.fullmatch(told.strip())
    is_right = match is not None and (match[1], match[2]) == (str(first), str(last))
    if not is_right or len(answer.body) != last - first + 1:
        message = f"gave {told or 'no range'}, not bytes {first}-{last}; the next run asks again"
        raise FetchError("wrong_range", f"{answer.url}: {message}")
