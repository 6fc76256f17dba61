"""A scrape that is killed at any moment loses nothing, and the next ones end as if it were not."""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import pytest

from scraper import clock
from scraper.archive.store import Archive
from scraper.capture import HeldCapture
from scraper.publish.verify import verify_release
from scraper.sample.server import SampleServer

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DATA_FILES = ("codes.parquet", "codes.csv", "pages.parquet", "history.parquet")
PHASES = ("start", "fetch", "build", "publish")
TICK = 0.003
MOST_SECONDS = 120
# The command line at a fixed time; what the archive acknowledges is noted where a kill spares it.
SCRAPE = """
import datetime, os
from scraper import clock
from scraper.archive.store import Archive
from scraper.cli import main

clock.utc_now = lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
notes = os.open("acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
append = Archive.append

def append_and_note(archive, capture, request_headers=()):
    held = append(archive, capture, request_headers)
    os.write(notes, f"{capture.url} {capture.sha256}\\n".encode())
    return held

Archive.append = append_and_note
main()
"""
Kept = frozenset[tuple[str | None, str]]


class Round:
    """One folder and one server, and the scrapes that work on them until one is done."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.server = SampleServer(port, crawl_delay=0)
        self.folder = folder
        folder.mkdir()
        self.latest = folder / "output" / "latest"
        self._complaints = (folder / "complaints").open("ab")

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._complaints.close()
        self.server.__exit__()

    def start(self) -> subprocess.Popen[bytes]:
        environment = {name: v for name, v in os.environ.items() if name[:8] != "SCRAPER_"}
        environment |= {
            "SCRAPER_ORIGIN": self.server.url,
            "SCRAPER_RAW_DIR": str(self.folder / "raw"),
            "SCRAPER_OUTPUT_DIR": str(self.folder / "output"),
            "SCRAPER_WORKERS": "1",
            "TMPDIR": str(self.folder),
        }
        return subprocess.Popen(
            [sys.executable, "-c", SCRAPE, "scrape", "--site", "sample"],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
        )

    def complete(self) -> None:
        assert self.start().wait(MOST_SECONDS) == 0, self.complaints()

    def complaints(self) -> str:
        return (self.folder / "complaints").read_text()

    def data(self) -> dict[str, bytes]:
        return {name: (self.latest / name).read_bytes() for name in DATA_FILES}

    def acknowledged(self) -> Kept:
        notes = self.folder / "acknowledged"
        lines = notes.read_text().splitlines() if notes.exists() else []
        return frozenset((url, sha256) for url, sha256 in map(str.split, lines))

    def kept(self) -> Kept:
        """Return every capture of the archive, each read with its digest checked."""
        with Archive.open(self.folder / "raw") as archive:
            found = [*archive.captures(), *archive.captures(kind="sitemap")]
        captures = [f.capture for f in found if isinstance(f, HeldCapture)]
        assert len(captures) == len(found)
        return frozenset((capture.url, capture.sha256) for capture in captures)

    def traces(self, phase: str) -> set[Path]:
        """Return the staging folders that are in a phase: made, or with their tables written."""
        stagings = set((self.folder / "output" / "releases").glob(".staging-*"))
        return stagings if phase == "build" else set(filter(has_rows, stagings))


def has_rows(staging: Path) -> bool:
    """Tell whether more than the four letters that begin a Parquet file is written of `codes`."""
    with suppress(OSError):
        return (staging / "codes.parquet").stat().st_size > 4
    return False


class Killer:
    """Kills scrapes, each at a moment of chance in a phase of chance."""

    def __init__(self, seed: int, seconds: dict[str, float], requests: int) -> None:
        self._chance = random.Random(seed)
        self._seconds = seconds
        self._requests = requests
        self.kills: Counter[str] = Counter()

    def scrape(self, ground: Round) -> bool:
        """Run one scrape; tell whether it came to its end before it was killed."""
        phase = self._chance.choice(PHASES)
        asked = len(ground.server.requests) + self._chance.randint(1, self._requests)
        left = ground.traces(phase)
        reached: dict[str, Callable[[], bool]] = {
            "start": lambda: True,
            "fetch": lambda: len(ground.server.requests) >= asked,
            "build": lambda: not ground.traces(phase) <= left,
            "publish": lambda: not ground.traces(phase) <= left,
        }
        scrape = ground.start()
        wait_until(scrape, reached[phase])
        with suppress(subprocess.TimeoutExpired):
            scrape.wait(self._chance.uniform(0, self._seconds[phase]))
        if scrape.poll() is not None:
            assert scrape.returncode == 0, ground.complaints()
            return True
        kill_with_orphans(scrape)
        self.kills[phase] += 1
        return False


def wait_until(scrape: subprocess.Popen[bytes], is_reached: Callable[[], bool]) -> None:
    while scrape.poll() is None and not is_reached():
        with suppress(subprocess.TimeoutExpired):
            scrape.wait(TICK)


def children_of(parent: int) -> Iterator[int]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                yield int(stat.parent.name)


def kill_with_orphans(scrape: subprocess.Popen[bytes]) -> None:
    """Kill a scrape, then wait until the workers that it leaves have ended by themselves."""
    scrape.send_signal(signal.SIGSTOP)
    orphans = [os.pidfd_open(pid) for pid in children_of(scrape.pid)]
    scrape.kill()
    scrape.wait(MOST_SECONDS)
    for orphan in orphans:
        ended, _, _ = select.select([orphan], [], [], MOST_SECONDS)
        os.close(orphan)
        assert ended


def check_whole(ground: Round, kept_before: Kept) -> Kept:
    """Check what a reader finds after a kill; return what the archive holds."""
    kept = ground.kept()
    assert kept >= kept_before
    assert kept >= ground.acknowledged()
    assert {urlsplit(url or "").path for url, _ in kept} <= set(ground.server.requests)
    if ground.latest.is_symlink():
        assert verify_release(ground.latest) == ()
    return kept


def kill_and_complete(folder: Path, port: int, killer: Killer, kills: int) -> dict[str, bytes]:
    """Kill scrapes of one folder until one is done, or `kills` were; return its data files."""
    with Round(folder, port) as ground:
        kept: Kept = frozenset()
        while killer.kills.total() < kills:
            asked = len(ground.server.requests)
            is_done = killer.scrape(ground)
            pages = {urlsplit(url or "").path for url, _ in kept} - {"/sitemap.xml"}
            assert pages.isdisjoint(ground.server.requests[asked:])
            kept = check_whole(ground, kept)
            if is_done:
                break
        ground.complete()
        check_whole(ground, kept)
        complaints = ground.complaints().splitlines()
        assert [line for line in complaints if line.startswith("scraper:")] == []
        return ground.data()


def measure(ground: Round) -> dict[str, float]:
    """Complete a scrape undisturbed; return how long each of its phases takes."""
    begun = time.monotonic()
    scrape = ground.start()
    wait_until(scrape, lambda: len(ground.server.requests) > 0)
    asked = time.monotonic()
    wait_until(scrape, lambda: bool(ground.traces("build")))
    built = time.monotonic()
    wait_until(scrape, lambda: bool(ground.traces("publish")))
    published = time.monotonic()
    assert scrape.wait(MOST_SECONDS) == 0, ground.complaints()
    ended = time.monotonic()
    return {
        "start": asked - begun,
        "fetch": (built - asked) / len(ground.server.requests),
        "build": published - built,
        "publish": ended - published,
    }


def kill_scrapes(folder: Path, seed: int, kills: int) -> Counter[str]:
    with Round(folder / "undisturbed") as undisturbed:
        seconds = measure(undisturbed)
        port, requests = undisturbed.server.port, len(undisturbed.server.requests)
        expected = undisturbed.data()
    killer = Killer(seed, seconds, requests)
    rounds = count()
    while killer.kills.total() < kills:
        place = folder / f"round {next(rounds)}"
        assert kill_and_complete(place, port, killer, kills) == expected
    return killer.kills


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: NOW)


def test_a_scrape_killed_a_dozen_times_ends_with_the_bytes_of_an_undisturbed_one(tmp_path):
    assert kill_scrapes(tmp_path, 0, 12).total() == 12


@pytest.mark.torture
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_scrape_killed_fifty_times_ends_with_the_bytes_of_an_undisturbed_one(tmp_path, seed):
    kills = kill_scrapes(tmp_path, seed, 50)
    assert set(kills) == set(PHASES)
