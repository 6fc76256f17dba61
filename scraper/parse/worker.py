"""Pages parsed in worker processes that may be killed: a hostile page costs itself, not the run.

A worker has a memory limit, each batch a time limit, and no worker can open a connection. When a
batch is lost its pages are parsed one by one, and the guilty one is given back as a PageError. A
worker outlives a killed run by no more than the time limit.
"""

from __future__ import annotations

import math
import resource
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from scraper.errors import PageError, UsageError
from scraper.parse.naming import name_codes
from scraper.parse.page import PageParser, check_selectors
from scraper.parse.processes import LastingLocks, interrupts_blocked
from scraper.parsed import NamedCodes, ParsedPage
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

BATCH_PAGES = 100
BATCH_BYTES = 4_000_000
_BATCHES_AHEAD = 2
_BYTES_AHEAD = 48_000_000
_MEGABYTE = 1_048_576
_GRACE_SECONDS = 2
_POLL_SECONDS = 1.0
# With no page to blame for it, the pool gives up.
_WORKER_KILLED = (
    "a parse worker was killed by the system; set fewer workers or less parse_megabytes, "
    "and run the command again to go on"
)
_NETWORK_EVENTS = frozenset(
    ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo")
)
Key = TypeVar("Key")
Result = TypeVar("Result")


class PageInput(NamedTuple):
    """What parse needs to know of a page; the fields are those of PageParser.parse."""

    body: bytes
    url: str | None = None
    site: str | None = None
    status: int | None = None
    content_type: str | None = None
    file: str | None = None


_Task: TypeAlias = Callable[[PageInput], Result | PageError]
_Answer: TypeAlias = "ProcessFuture[list[Result | PageError]]"


class ParsePool:
    """Worker processes that parse pages; use as a context manager."""

    def __init__(
        self,
        profiles: Mapping[str, SiteProfile],
        settings: Settings,
        *,
        workers: int | None = None,
    ) -> None:
        check_selectors(profiles.values())  # here: an error in a worker would only break the pool
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
        return self._work_on(pages, _parse_one)

    def parse_one(self, page: PageInput) -> ParsedPage | PageError:
        """Return what one page gives."""
        return self._results([page], self._schedule([page], _parse_one), _parse_one)[0]

    def name_codes(
        self, pages: Iterable[tuple[Key, PageInput]]
    ) -> Iterator[tuple[Key, NamedCodes | PageError]]:
        """Yield the codes that each page names beside its key, as `parse_all` does."""
        return self._work_on(pages, _name_codes)

    def _work_on(
        self, pages: Iterable[tuple[Key, PageInput]], task: _Task[Result]
    ) -> Iterator[tuple[Key, Result | PageError]]:
        waiting: deque[tuple[list[Key], list[PageInput], _Answer[Result]]] = deque()
        for keys, batch in _batches(pages):
            waiting.append((keys, batch, self._schedule(batch, task)))
            while self._is_far_ahead([batch for _, batch, _ in waiting]):
                yield from self._collect(*waiting.popleft(), task)
        while waiting:
            yield from self._collect(*waiting.popleft(), task)

    def _is_far_ahead(self, waiting: Sequence[Sequence[PageInput]]) -> bool:
        size = sum(len(page.body) for batch in waiting for page in batch)
        return len(waiting) > self._workers * _BATCHES_AHEAD or size > _BYTES_AHEAD

    def _start(self) -> ProcessPool:
        settings = self._settings
        return ProcessPool(
            max_workers=self._workers,
            initializer=_set_up_worker,
            initargs=(
                self._profiles,
                settings.parse_megabytes * _MEGABYTE,
                settings.parse_seconds + _GRACE_SECONDS,
            ),
            context=LastingLocks(),
        )

    def _schedule(self, batch: Sequence[PageInput], task: _Task[Result]) -> _Answer[Result]:
        try:
            with interrupts_blocked():  # the first call starts the workers
                return self._pool.schedule(
                    _work_on_batch, [batch, task], timeout=self._settings.parse_seconds
                )
        except RuntimeError as error:  # the pool gave up before
            raise UsageError(_WORKER_KILLED) from error

    def _wait_for(self, answer: _Answer[Result]) -> list[Result | PageError]:
        # A pool that gave up may leave an answer open for ever.
        while not answer.done() and self._pool.active:
            wait([answer], _POLL_SECONDS)
        if not answer.done():
            raise UsageError(_WORKER_KILLED)
        try:
            return answer.result()
        except BrokenProcessPool as error:
            raise UsageError(_WORKER_KILLED) from error

    def _collect(
        self, keys: list[Key], batch: list[PageInput], answer: _Answer[Result], task: _Task[Result]
    ) -> Iterator[tuple[Key, Result | PageError]]:
        return zip(keys, self._results(batch, answer, task), strict=True)

    def _results(
        self, batch: list[PageInput], answer: _Answer[Result], task: _Task[Result]
    ) -> list[Result | PageError]:
        try:
            return self._wait_for(answer)
        except FutureTimeoutError:
            reason, words = "parse_timeout", f"took over {self._settings.parse_seconds:g} s"
        except ProcessExpired:
            megabytes = self._settings.parse_megabytes
            reason, words = "parse_crash", f"crashed, or needed over {megabytes} MB"
        if len(batch) > 1:
            alone = [([page], self._schedule([page], task)) for page in batch]
            return [result for one in alone for result in self._results(*one, task)]
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
_worker_seconds: float


def _set_up_worker(
    profiles: Mapping[str, SiteProfile], memory_bytes: int, cpu_seconds: float
) -> None:
    # A worker process has one parser and one limit for its life.
    global _worker_parser, _worker_seconds
    _worker_parser, _worker_seconds = PageParser(profiles), cpu_seconds
    # The pool's own handler is Python: it would wait for a page that is stuck in C.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, _: object) -> None:
    if event in _NETWORK_EVENTS:
        raise PermissionError(f"parsing does not reach the network: {event}")


def _work_on_batch(batch: Sequence[PageInput], task: _Task[Result]) -> list[Result | PageError]:
    _limit_cpu(_worker_seconds)
    return [task(page) for page in batch]


def _limit_cpu(seconds: float) -> None:
    """Let the system end this worker after so much work more, if no parent is left to do it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    most = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _parse_one(page: PageInput) -> ParsedPage | PageError:
    about = page._asdict()
    try:
        return _worker_parser.parse(about.pop("body"), **about)
    except PageError as error:
        return error
    except (MemoryError, RecursionError) as error:
        return PageError("parse_crash", f"parsing it failed: {type(error).__name__}")


def _name_codes(page: PageInput) -> NamedCodes | PageError:
    parsed = _parse_one(page)
    if isinstance(parsed, PageError):
        return parsed
    try:
        return name_codes(parsed, page.body, page.content_type, _worker_parser.profiles)
    except (MemoryError, RecursionError) as error:
        return PageError("parse_crash", f"reading its links failed: {type(error).__name__}")
