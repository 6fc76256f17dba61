"""A run that is asked to end, wherever it is: within 2 seconds, in one line, nothing lost."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from fetch.faults import answer, stall
from pipeline.ground import ROWS, Mirror, mirror, page_of
from pipeline.ground import run as run_here

from scraper.archive.store import Archive
from scraper.capture import HeldCapture
from scraper.publish.verify import verify_release
from scraper.sample.chrome import path_of

MOST_SECONDS = 2.0
TIMEOUT = 30
CODES = ROWS[:4]
LAST = path_of(CODES[-1])
PROGRESS = re.compile("(?:fetch|parse): 4 of 4 pages")
TICKS = os.sysconf("SC_CLK_TCK")
WORDS = "scraper: interrupted; what was fetched is kept, run the command again to go on"
# The HTML parser is quadratic in it: more than half a minute of work in C.
STUCK = page_of(CODES[-1]).replace(b"<body", b"<div>" * 200_000 + b"<body", 1)
SLOWLY = answer(b"User-agent: *\nCrawl-delay: 600\n", content_type="text/plain")
STATE = Path("/proc/self/stat")

Run = subprocess.Popen[str]


@dataclass(frozen=True)
class Moment:
    """Where a run is to be met: what the site does then, and how to see that the run is there."""

    answers: dict[str, object]
    is_there: Callable[[Run, Mirror], bool]


def is_asked(_: Run, site: Mirror) -> bool:
    return LAST in site.paths


def is_learned(_: Run, site: Mirror) -> bool:
    return Path("raw/sample/robots.json").exists() and site.paths == ["/robots.txt"]


def is_parsing(run: Run, site: Mirror) -> bool:
    """Tell whether a worker has worked for longer than its start takes."""
    return is_asked(run, site) and max(map(seconds_of, children_of(run.pid)), default=0) > 2


def is_building(*_: object) -> bool:
    return any(stagings())


def is_publishing(*_: object) -> bool:
    """Tell whether more is written of a table than the four letters that begin it."""
    with suppress(OSError):
        return any((place / "codes.parquet").stat().st_size > 4 for place in stagings())
    return False


def stagings() -> list[Path]:
    return list(Path("output/releases").glob(".staging-*"))


MOMENTS = {
    "pace": Moment({"/robots.txt": SLOWLY}, is_learned),
    "answer": Moment({LAST: stall}, is_asked),
    "parse": Moment({LAST: answer(STUCK)}, is_parsing),
    "build": Moment({}, is_building),
    "publish": Moment({}, is_publishing),
}


def fields_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(fields_of(int(stat.parent.name))[1]) == parent:
                found.append(int(stat.parent.name))
    return found


def seconds_of(pid: int) -> float:
    with suppress(OSError):
        return sum(map(int, fields_of(pid)[11:13])) / TICKS
    return 0.0


def start(*words: str) -> Run:
    return subprocess.Popen(
        [sys.executable, "-m", "scraper", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@contextmanager
def met(command: str, moment: Moment, site: Mirror) -> Iterator[Run]:
    """Start a run and give it once it is there."""
    run = start(command, *CODES)
    try:
        deadline = time.monotonic() + TIMEOUT
        while not moment.is_there(run, site):
            assert time.monotonic() < deadline
            with suppress(subprocess.TimeoutExpired):
                run.wait(0.002)
                pytest.fail(f"the run ended with {run.returncode}: {run.communicate()}")
        yield run
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()


def end(run: Run, number: int, *, whole_group: bool) -> tuple[float, int, str, str]:
    """Ask a run to end; return how long that took, its code and what it told."""
    begun = time.monotonic()
    if whole_group:  # as a terminal and systemd do
        os.killpg(run.pid, number)
    else:
        run.send_signal(number)
    out, err = run.communicate(timeout=TIMEOUT)
    return time.monotonic() - begun, run.returncode, out, err


def wait_for_orphans(group: int) -> None:
    deadline = time.monotonic() + MOST_SECONDS
    with suppress(ProcessLookupError):
        while True:
            os.killpg(group, 0)
            assert time.monotonic() < deadline, "a worker was left behind"
            time.sleep(0.01)


def held_paths() -> set[str]:
    """Return what raw/ holds, each capture read with its digest checked."""
    with Archive.open(Path("raw")) as archive:
        found = list(archive.captures())
    assert all(isinstance(capture, HeldCapture) for capture in found)
    return {f"/{(c.page.url or '').split('/', 3)[3]}" for c in found if isinstance(c, HeldCapture)}


GROUP, ALONE = True, False
SIGNALS = [
    (signal.SIGINT, GROUP),
    (signal.SIGTERM, ALONE),
    (signal.SIGINT, ALONE),
    (signal.SIGTERM, GROUP),
]
PLACES = [
    *(("fetch", moment) for moment in ("pace", "answer", "parse")),
    *(("scrape", moment) for moment in ("parse", "pace", "answer", "build", "publish")),
]


def cases() -> Iterator[object]:
    """Each signal at each place; of a place only one is in the short form."""
    for place, (command, moment) in enumerate(PLACES):
        for turn, (number, whole_group) in enumerate(SIGNALS):
            is_short = turn == place % 2 or (moment == "parse" and turn == 0)
            marks = [] if is_short else [pytest.mark.torture]
            name = f"{command}-{moment}-{number.name}-{'group' if whole_group else 'alone'}"
            yield pytest.param(command, moment, number, whole_group, id=name, marks=marks)


@pytest.mark.skipif(not STATE.exists(), reason="reads the state of processes from /proc")
@pytest.mark.parametrize(("command", "moment", "number", "whole_group"), [*cases()])
def test_a_run_ends_within_two_seconds_and_the_next_one_goes_on(
    old_site, monkeypatch, command, moment, number, whole_group
):
    monkeypatch.setenv("SCRAPER_PARSE_SECONDS", "100")
    monkeypatch.setenv("SCRAPER_DEADLINE_SECONDS", "100")
    old_site.serve(mirror(CODES) | MOMENTS[moment].answers)
    with met(command, MOMENTS[moment], old_site) as run:
        seconds, code, out, err = end(run, number, whole_group=whole_group)
    told = [line for line in err.splitlines() if not PROGRESS.fullmatch(line)]
    assert (code, out, told) == (130, "", [WORDS])
    assert seconds < MOST_SECONDS
    wait_for_orphans(run.pid)
    held = held_paths() if moment != "pace" else set()
    assert len(held) == {"pace": 0, "answer": 3}.get(moment, 4)

    # What took so long is held by now, or is as it should be.
    monkeypatch.setenv("SCRAPER_PARSE_SECONDS", "1")
    old_site.serve(mirror(CODES))
    again = start("scrape", *CODES, "--json")
    out, err = again.communicate(timeout=TIMEOUT)
    assert again.returncode == 0, err
    told = json.loads(out)
    assert old_site.paths == ["/robots.txt", *(path_of(c) for c in CODES if path_of(c) not in held)]
    assert told["fetch"]["pages_fetched"] == len(CODES) - len(held)
    assert told["build"]["rows"] == len(CODES) - (moment == "parse")
    assert verify_release(Path("output/latest")) == ()
    assert stagings() == []


@pytest.mark.parametrize(("terminal", "before"), [(True, "\n"), (False, "")])
def test_only_at_a_terminal_the_line_begins_below_the_ctrl_c(home, monkeypatch, terminal, before):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scraper.project.Project.open", interrupt)
    ended = run_here("sites", terminal=terminal)
    assert (ended.code, ended.out, ended.err) == (130, "", f"{before}{WORDS}\n")
