"""The clients that are measured: each fetches pages over so many connections and keeps them.

`python -m bench.clients NAME ORIGIN PAGES CONNECTIONS CORE` prints one line of JSON. Start and
imports of a program are not counted; what its children work is.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from scraper.archive.joint import JointAppender
from scraper.archive.store import Archive
from scraper.capture import Capture
from scraper.errors import FetchError
from scraper.fetch.client import PageClient
from scraper.fetch.conduct import Conduct
from scraper.fetch.pace import Pacer
from scraper.fetch.plan import PlannedPage
from scraper.fetch.robots import RobotsRules
from scraper.fetch.visit import Seen, Visitor
from scraper.settings import Settings
from scraper.sites.profile import load_profiles


class Task(NamedTuple):
    """What a client is told: pages to fetch, requests at the same time, where to keep them."""

    urls: Sequence[str]
    connections: int
    folder: Path


Crawl = Callable[[], object]
Client = Callable[[Task], Crawl]


def ours(task: Task, transport: httpx.AsyncBaseTransport | None = None) -> Crawl:
    """Fetch as `scraper fetch` does, and archive as WARC, synced to the disk."""
    origin = task.urls[0].removesuffix(urlsplit(task.urls[0]).path)
    profile = load_profiles()["codingahead"]
    settings = Settings(origin=origin, connections=task.connections)
    pages = [PlannedPage(url[-5:], url, "never_seen") for url in task.urls]

    async def crawl() -> None:
        with Archive.open(task.folder / "raw", write=True) as archive:
            async with PageClient(profile, settings, transport) as client:
                appender = JointAppender(archive, client.request_headers, task.connections)

                async def keep(capture: Capture, _: PlannedPage) -> Seen:
                    await appender.append(capture)
                    return Seen()

                rules = RobotsRules.parse(200, b"")
                conduct = Conduct(rules, Pacer(0))
                visitor = Visitor(
                    client, conduct, on_capture=keep, on_failure=_fail,
                    connections=task.connections,
                )  # fmt: skip
                await visitor.visit(pages)
            _check(sum(1 for _ in archive.pages()), task)

    return lambda: asyncio.run(crawl())


def ours_over_httpx(task: Task) -> Crawl:
    """Do the same over the transport of httpx."""
    limits = httpx.Limits(
        max_connections=task.connections, max_keepalive_connections=task.connections
    )
    return ours(task, httpx.AsyncHTTPTransport(limits=limits, trust_env=False))


def scrapy(task: Task) -> Crawl:
    """Fetch with Scrapy and write address and page to its feed, as lines of JSON."""
    from scrapy import Request, Spider  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    from scrapy.crawler import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
        CrawlerProcess,
    )

    feed = task.folder / "pages.jsonl"

    class Pages(Spider):  # type: ignore[misc,unused-ignore]
        name = "pages"

        async def start(self) -> Any:
            for url in task.urls:
                yield Request(url, dont_filter=True)

        def parse(self, response: Any) -> Iterator[dict[str, object]]:
            yield {"url": response.url, "status": response.status, "html": response.text}

    process = CrawlerProcess(
        {
            "CONCURRENT_REQUESTS": task.connections,
            "CONCURRENT_REQUESTS_PER_DOMAIN": task.connections,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "ROBOTSTXT_OBEY": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_ENABLED": False,
            "FEEDS": {str(feed): {"format": "jsonlines"}},
        }
    )
    process.crawl(Pages)

    def crawl() -> None:
        process.start()
        with feed.open() as lines:
            _check(sum(1 for _ in lines), task)

    return crawl


def crawlee(task: Task) -> Crawl:
    """Fetch with Crawlee's Parsel crawler on httpx and push address and page to its dataset.

    The storage is the one in memory: that on disk takes longer.
    """
    from crawlee import ConcurrencySettings  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
    from crawlee.crawlers import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
        ParselCrawler,
    )
    from crawlee.http_clients import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
        HttpxHttpClient,
    )
    from crawlee.storage_clients import (  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415
        MemoryStorageClient,
    )

    async def crawl() -> None:
        count = task.connections
        crawler = ParselCrawler(
            http_client=HttpxHttpClient(http2=False),
            storage_client=MemoryStorageClient(),
            configure_logging=False,
            concurrency_settings=ConcurrencySettings(
                min_concurrency=count, max_concurrency=count, desired_concurrency=count
            ),
        )

        @crawler.router.default_handler  # type: ignore[untyped-decorator,unused-ignore]
        async def keep(context: Any) -> None:
            html = (await context.http_response.read()).decode()
            await context.push_data({"url": context.request.url, "html": html})

        await crawler.run(list(task.urls))
        _check((await crawler.get_data()).total, task)

    return lambda: asyncio.run(crawl())


def bare(task: Task) -> Crawl:
    """Fetch with asyncio's streams over kept connections, unzip and keep nothing: the limit."""
    parts = urlsplit(task.urls[0])
    waiting = iter(task.urls)

    async def lane() -> int:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        count = 0
        for url in waiting:
            path = urlsplit(url).path
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
            body = gzip.decompress(await reader.readexactly(length))
            count += body.rstrip().endswith(b"</html>")
        writer.close()
        return count

    async def crawl() -> None:
        _check(sum(await asyncio.gather(*(lane() for _ in range(task.connections)))), task)

    return lambda: asyncio.run(crawl())


CLIENTS: dict[str, Client] = {
    "bare": bare,
    "ours": ours,
    "ours_over_httpx": ours_over_httpx,
    "scrapy": scrapy,
    "crawlee": crawlee,
}


def _check(count: int, task: Task) -> None:
    if count != len(task.urls):
        raise AssertionError(f"{count} pages came, not {len(task.urls)}")


def _fail(page: PlannedPage, error: FetchError) -> None:
    raise AssertionError(f"{page.url}: {error}")


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main(name: str, origin: str, *numbers: int) -> None:
    """Run one client and print what it took."""
    count, connections, core = numbers
    os.sched_setaffinity(0, {core})
    urls = [f"{origin}/cpt/codes/{number:05}" for number in range(10_000, 10_000 + count)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.chdir(folder)
        crawl = CLIENTS[name](Task(urls, connections, Path(folder)))
        start, cpu = time.perf_counter(), _cpu_seconds()
        crawl()
        seconds, cpu_seconds = time.perf_counter() - start, _cpu_seconds() - cpu
        os.chdir("/")
    print(json.dumps({"pages": count, "seconds": seconds, "cpu_seconds": cpu_seconds}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
