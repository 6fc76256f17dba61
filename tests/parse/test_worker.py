"""Pages parsed in processes: the same results, in order, whatever one page does."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import sys
from pathlib import Path

import pytest

from scraper.errors import PageError, UsageError
from scraper.parse import worker
from scraper.parse.page import PageParser
from scraper.parse.worker import BATCH_BYTES, BATCH_PAGES, PageInput, ParsePool
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile, load_profiles

PROFILES = load_profiles()


def make_input(number: int) -> PageInput:
    lines = ("In plain words", "Tea is poured.", f"Ask the night clerk about code {number}")
    text = "\n\n".join(lines)
    return PageInput(text.encode(), site="sample", file=f"{number}.txt")


@pytest.fixture(scope="module")
def pool():
    with ParsePool(PROFILES, Settings(parse_seconds=20), workers=1) as pool:
        yield pool


def test_pages_come_back_beside_their_keys_in_order(pool):
    numbers = range(10_000, 10_000 + 2 * BATCH_PAGES + 1)
    results = list(pool.parse_all((n, make_input(n)) for n in numbers))
    assert [key for key, _ in results] == list(numbers)
    assert all(parsed.code == str(key) for key, parsed in results)
    assert all(parsed.file == f"{key}.txt" for key, parsed in results)


def test_a_worker_gives_what_the_parser_gives(pool):
    page = make_input(99042)
    parsed = PageParser(PROFILES).parse(page.body, site="sample", file="99042.txt")
    assert pool.parse_one(page) == parsed


def test_a_page_that_cannot_be_read_does_not_disturb_its_neighbours(pool):
    pages = [make_input(10_001), PageInput(b"\x00", site="sample"), make_input(10_002)]
    first, bad, last = (parsed for _, parsed in pool.parse_all(enumerate(pages)))
    assert (first.code, last.code) == ("10001", "10002")
    assert isinstance(bad, PageError)
    assert (bad.reason, str(bad)) == ("binary", "the page holds NUL bytes: it is no text")


def test_no_pages_give_nothing(pool):
    assert list(pool.parse_all([])) == []


def test_a_wrong_selector_ends_the_run_before_a_worker_starts():
    keys = PROFILES["sample"].model_dump()
    profile = SiteProfile.model_validate(keys | {"select": {"code": "h1 ["}})
    with pytest.raises(UsageError, match=r"select\.code"):
        ParsePool({"sample": profile}, Settings(), workers=1)


def test_a_batch_is_full_by_pages_or_by_bytes():
    small = [(n, PageInput(b"x")) for n in range(BATCH_PAGES + 1)]
    assert [len(keys) for keys, _ in worker._batches(small)] == [BATCH_PAGES, 1]
    large = [(n, PageInput(b"x" * (BATCH_BYTES // 2))) for n in range(5)]
    assert [keys for keys, _ in worker._batches(large)] == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("event", sorted(worker._NETWORK_EVENTS))
def test_a_worker_may_not_reach_the_network(event):
    with pytest.raises(PermissionError, match=event):
        worker._refuse_network(event, ())
    assert worker._refuse_network("open", ()) is None


def test_the_events_that_are_refused_are_those_of_a_connection(monkeypatch):
    seen: list[str] = []
    watching = True
    sys.addaudithook(lambda event, _: seen.append(event) if watching else None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    watching = False
    assert {"socket.bind", "socket.connect", "socket.getaddrinfo"} <= worker._NETWORK_EVENTS & set(
        seen
    )


class Failing:
    """A parser that fails as a hostile page makes it fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def parse(self, body: bytes, **about: object) -> object:
        raise self._error


@pytest.mark.parametrize("error", [MemoryError(), RecursionError()])
def test_a_page_that_exhausts_a_worker_is_given_back_by_name(monkeypatch, error):
    monkeypatch.setattr(worker, "_worker_parser", Failing(error), raising=False)
    result = worker._parse_one(make_input(1))
    assert isinstance(result, PageError)
    assert result.reason == "parse_crash"
    assert type(error).__name__ in str(result)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to look into")
def test_workers_never_see_the_interrupt_not_even_while_they_start():
    others = {child.pid for child in multiprocessing.active_children()}
    with ParsePool(PROFILES, Settings(parse_seconds=20), workers=1) as pool:
        pool.parse_one(make_input(10_001))
        (started,) = (c.pid for c in multiprocessing.active_children() if c.pid not in others)
        status = Path(f"/proc/{started}/status").read_text("ascii")
    blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    assert int(blocked, 16) >> (signal.SIGINT - 1) & 1
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
