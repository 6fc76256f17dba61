"""Pages parsed in worker processes that may be killed: a hostile page costs itself, not the run.

A worker has a memory limit, each batch a time limit, and no worker can open a connection. When a
batch is lost its pages are parsed one by one, and the guilty one is given back as a PageError.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from scraper.errors import PageError
from scraper.parse.page import PageParser
from scraper.parsed import ParsedPage
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

BATCH_PAGES = 100
BATCH_BYTES = 4_000_000
_BATCHES_AHEAD = 2
_MEGABYTE = 1_048_576
_NETWORK_EVENTS = frozenset(
    ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo")
)
Key = TypeVar("Key")
_Answer: TypeAlias = "ProcessFuture[list[ParsedPage | PageError]]"


class PageInput(NamedTuple):
    """What parse needs to know of a page; the fields are those of PageParser.parse."""

    body: bytes
    url: str | None = None
    site: str | None = None
    status: int | None = None
    content_type: str | None = None
    file: str | None = None


class ParsePool:
    """Worker processes that parse pages; use as a context manager."""

    def __init__(
        self,
        profiles: Mapping[str, SiteProfile],
        settings: Settings,
        *,
        workers: int | None = None,
    ) -> None:
        self._profiles = profiles
        self._settings = settings
        self._workers = workers or settings.workers
        self._pool = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def parse_all(
        self, pages: Iterable[tuple[Key, PageInput]]
    ) -> Iterator[tuple[Key, ParsedPage | PageError]]:
        """Yield what each page gives beside its key, in order; memory holds a few batches."""
        waiting: deque[tuple[list[Key], list[PageInput], _Answer]] = deque()
        for keys, batch in _batches(pages):
            waiting.append((keys, batch, self._schedule(batch)))
            if len(waiting) > self._workers * _BATCHES_AHEAD:
                yield from self._collect(*waiting.popleft())
        while waiting:
            yield from self._collect(*waiting.popleft())

    def parse_one(self, page: PageInput) -> ParsedPage | PageError:
        """Return what one page gives."""
        return self._results([page], self._schedule([page]))[0]

    def _start(self) -> ProcessPool:
        settings = self._settings
        return ProcessPool(
            max_workers=self._workers,
            initializer=_set_up_worker,
            initargs=(self._profiles, settings.parse_megabytes * _MEGABYTE),
            context=multiprocessing.get_context("spawn"),
        )

    def _schedule(self, batch: Sequence[PageInput]) -> _Answer:
        return self._pool.schedule(_parse_batch, [batch], timeout=self._settings.parse_seconds)

    def _collect(
        self, keys: list[Key], batch: list[PageInput], answer: _Answer
    ) -> Iterator[tuple[Key, ParsedPage | PageError]]:
        return zip(keys, self._results(batch, answer), strict=True)

    def _results(self, batch: list[PageInput], answer: _Answer) -> list[ParsedPage | PageError]:
        try:
            return answer.result()
        except FutureTimeoutError:
            reason, words = "parse_timeout", f"took over {self._settings.parse_seconds:g} s"
        except ProcessExpired:
            reason, words = "parse_crash", f"needed over {self._settings.parse_megabytes} MB"
        if len(batch) > 1:
            return [self.parse_one(page) for page in batch]
        return [PageError(reason, f"parsing it {words}; it is quarantined")]


def _batches(
    pages: Iterable[tuple[Key, PageInput]],
) -> Iterator[tuple[list[Key], list[PageInput]]]:
    keys: list[Key] = []
    batch: list[PageInput] = []
    size = 0
    for key, page in pages:
        keys.append(key)
        batch.append(page)
        size += len(page.body)
        if len(batch) >= BATCH_PAGES or size >= BATCH_BYTES:
            yield keys, batch
            keys, batch, size = [], [], 0
    if batch:
        yield keys, batch


_worker_parser: PageParser


def _set_up_worker(profiles: Mapping[str, SiteProfile], memory_bytes: int) -> None:
    global _worker_parser  # noqa: PLW0603 - a worker process has one parser for its life
    _worker_parser = PageParser(profiles)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, _: object) -> None:
    if event in _NETWORK_EVENTS:
        raise PermissionError(f"parsing does not reach the network: {event}")


def _parse_batch(batch: Sequence[PageInput]) -> list[ParsedPage | PageError]:
    return [_parse_one(page) for page in batch]


def _parse_one(page: PageInput) -> ParsedPage | PageError:
    about = page._asdict()
    try:
        return _worker_parser.parse(about.pop("body"), **about)
    except PageError as error:
        return error
    except (MemoryError, RecursionError) as error:
        return PageError("parse_crash", f"parsing it failed: {type(error).__name__}")
