"""Pages that ask for too much: each costs itself, the run goes on, its process stays small."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from scraper.archive.store import Archive
from scraper.capture import Capture
from scraper.errors import PageError, UsageError
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import ParsedPage
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

CASES = Path(__file__).resolve().parent.parent / "cases" / "codingahead"
GOOD = ("a", "a_2025_open", "hcpcs")
HOME = "https://www.codingahead.com/cpt/codes"
PROFILES = load_profiles()
MOST_MEGABYTES, MOST_SECONDS = 300, 110  # alone a run takes a tenth of it
REASONS = {"parse_timeout", "parse_crash", "unparsable", "too_large"}
# The command line, and then how much memory this very process once had.
RUN = """
from scraper.cli import main
try:
    main()
finally:
    with open("/proc/self/status") as status, open("peak", "w") as peak:
        peak.writelines(line for line in status if line.startswith("VmHWM:"))
"""


def page(content: bytes) -> bytes:
    return b"<!DOCTYPE html><html><body>" + content + b"</body></html>"


NESTED_DIV = page(b"<div>" * 100_000)
ATTRIBUTES = page(b"<p " + b" ".join(b"a%d=1" % i for i in range(100_000)) + b">x</p>")
# Too hard for a second, or for the bytes that a page may have.
HARD = {
    "attributes.html": ATTRIBUTES,
    "fifty_megabytes.txt": b"A clock is wound by its crank.\n" * 1_620_000,
    "nested_div.html": NESTED_DIV,
}
# Large or deep, and yet it may be read in time.
LARGE = {
    "broken_lines.html": page(b"a clock<br>" * 400_000),
    "comments.html": page(b"<!--" * 400_000),
    "deep_inline.html": page(b"<b><i><a href=x><span>clock " * 20_000),
    "deep_list.html": page(b"<ul><li>clock" * 10_000),
    "deep_table.html": page(b"<table><tr><td>clock" * 10_000),
    "entities.html": page(b"&amp;" * 1_000_000),
    "hidden.html": page(b"<p style='display:none'>clock" * 40_000),
    "less_than.html": page(b"<" * 9_900_000),
    "less_than.txt": b"<" * 9_900_000,
    "line.html": page(b"<p>" + b"clock " * 170_000),
    "line.txt": b"Official Description\n" + b"27931 clock " * 90_000,
    "paragraphs_in_a_cell.html": page(b"<table><tr><td>" + b"<p>clock</p>" * 50_000),
    "rows.html": page(b"<table>" + b"<tr><td>LT</td><td>Left clock</td></tr>" * 100_000),
    "spaces.html": page(b"<p>" + b" " * 9_000_000 + b"clock"),
    "templates.html": page(b"<template>" * 100_000),
}


class Run(NamedTuple):
    """What a run of the command line left; `megabytes` is the peak of its own process."""

    exit_code: int
    told: list[dict]
    complaints: str
    megabytes: float
    seconds: float


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("saved")
    for name, body in (HARD | LARGE).items():
        (folder / name).write_bytes(body)
    for case in GOOD:
        (folder / f"good_{case}.html").write_bytes((CASES / case / "page.html").read_bytes())
    yield folder
    shutil.rmtree(folder)


def run_scraper(work_dir: Path, *arguments: object) -> Run:
    environment = os.environ | {
        "SCRAPER_RAW_DIR": str(work_dir / "raw"),
        "SCRAPER_OUTPUT_DIR": str(work_dir / "output"),
        "SCRAPER_PARSE_SECONDS": "1",
        "SCRAPER_WORKERS": "2",
    }
    command = [sys.executable, "-c", RUN, *map(str, arguments), "--site", "codingahead", "--json"]
    start = time.monotonic()
    ended = subprocess.run(
        command, cwd=work_dir, env=environment, capture_output=True, timeout=120, check=False
    )
    seconds = time.monotonic() - start
    kilobytes = int((work_dir / "peak").read_text().split()[1])
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    return Run(ended.returncode, told, ended.stderr.decode(), kilobytes / 1_024, seconds)


def check_limits(run: Run) -> None:
    assert "Traceback" not in run.complaints
    print(f"{run.megabytes:.0f} MB, {run.seconds:.1f} s")
    assert run.megabytes < MOST_MEGABYTES
    assert run.seconds < MOST_SECONDS


def test_an_import_refuses_each_hostile_page_by_name_and_takes_the_others(folder, tmp_path):
    run = run_scraper(tmp_path, "import", folder)
    check_limits(run)
    assert run.exit_code == 1
    [told] = run.told
    refused = {refusal["name"]: refusal["reason"] for refusal in told["refused"]}
    assert refused.keys() >= HARD.keys()
    assert refused.keys() <= HARD.keys() | LARGE.keys()
    assert refused["fifty_megabytes.txt"] == "too_large"
    assert refused["nested_div.html"] == refused["attributes.html"] == "parse_timeout"
    assert set(refused.values()) <= REASONS
    assert told["kept"] == len(HARD) + len(LARGE) + len(GOOD) - len(refused)
    assert told["by_kind"]["code"] == len(GOOD)
    assert all(re.search(rf"^scraper: .*{name}", run.complaints, re.MULTILINE) for name in refused)


def test_parsing_files_names_each_hostile_one_and_prints_the_others(folder, tmp_path):
    names = (*HARD, "good_a.html", "less_than.txt", "good_hcpcs.html")
    run = run_scraper(tmp_path, "parse", *(folder / name for name in names))
    check_limits(run)
    assert run.exit_code == 1
    kinds = {Path(told["file"]).name: told["page_kind"] for told in run.told}
    assert kinds == {"good_a.html": "code", "less_than.txt": "other", "good_hcpcs.html": "code"}
    assert all(re.search(rf"^scraper: .*{name}", run.complaints, re.MULTILINE) for name in HARD)


def url_of(case: str) -> str:
    return json.loads((CASES / case / "meta.json").read_text("utf-8"))["url"]


def test_a_build_quarantines_hostile_captures_with_their_place_in_raw(tmp_path):
    bodies = {url_of(case): (CASES / case / "page.html").read_bytes() for case in GOOD}
    hard = {f"{HOME}/27801": NESTED_DIV, f"{HOME}/27802": ATTRIBUTES}
    now = datetime(2026, 1, 2, tzinfo=UTC)
    places = {}
    with Archive.open(tmp_path / "raw", write=True) as archive:
        for url, body in sorted((bodies | hard).items()):
            held = archive.append(Capture("codingahead", url, now, body, status=200))
            places[url] = (held.raw_file, held.raw_offset)
    run = run_scraper(tmp_path, "build")
    check_limits(run)
    assert run.exit_code == 0
    [told] = run.told
    assert told["rows"] == len(GOOD)
    assert {row["url"] for row in told["quarantined"]} == hard.keys()
    for row in told["quarantined"]:
        assert row["reason"] == "parse_timeout"
        assert (row["raw_file"], row["raw_offset"]) == places[row["url"]]


def test_fifty_megabytes_of_text_stay_within_the_limits_where_they_are_allowed(
    folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("SCRAPER_MAX_PAGE_BYTES", "60000000")
    run = run_scraper(tmp_path, "import", folder / "fifty_megabytes.txt")
    check_limits(run)
    [told] = run.told
    assert (told["kept"], len(told["refused"])) in {(1, 0), (0, 1)}
    assert {refusal["reason"] for refusal in told["refused"]} <= REASONS


def pages_of(bodies: dict[str, bytes]) -> Iterator[tuple[str, PageInput]]:
    return ((name, PageInput(body, site="codingahead")) for name, body in bodies.items())


def test_stuck_pages_of_one_batch_cost_their_own_time_and_nothing_else():
    good = (CASES / "a" / "page.html").read_bytes()
    bodies = {f"{number:02}": good for number in range(20)}
    stuck = {f"{number:02}": NESTED_DIV for number in (0, 3, 7, 12, 13, 19)}
    start = time.monotonic()
    with ParsePool(PROFILES, Settings(parse_seconds=0.5), workers=2) as pool:
        results = list(pool.parse_all(pages_of(bodies | stuck)))
    seconds = time.monotonic() - start
    assert [name for name, _ in results] == sorted(bodies)
    reasons = {n: r.reason for n, r in results if isinstance(r, PageError)}
    assert reasons == dict.fromkeys(stuck, "parse_timeout")
    codes = {r.code for _, r in results if isinstance(r, ParsedPage)}
    assert codes == {"27931"}
    # One after the other, and each worker asked politely to end, this would take 24 seconds.
    assert seconds < 16


def test_a_page_that_exhausts_memory_is_given_back_and_the_next_one_is_parsed():
    hungry = page(b"<p><b>" * 1_600_000)
    good = (CASES / "a" / "page.html").read_bytes()
    with ParsePool(PROFILES, Settings(parse_seconds=20, parse_megabytes=250), workers=1) as pool:
        refused = pool.parse_one(PageInput(hungry, site="codingahead"))
        together = dict(pool.parse_all(pages_of({"1": good, "2": hungry, "3": good})))
    assert isinstance(refused, PageError)
    assert refused.reason in {"parse_crash", "unparsable"}
    assert isinstance(together["2"], PageError)
    assert together["1"] == together["3"]
    assert isinstance(together["1"], ParsedPage)


def test_large_pages_are_not_brought_long_before_they_are_parsed():
    body = b"x" * 9_000_000
    brought = 0

    def bring() -> Iterator[tuple[int, PageInput]]:
        nonlocal brought
        for number in range(12):
            brought += len(body)
            yield number, PageInput(body, site="codingahead")

    most = 0
    with ParsePool(PROFILES, Settings(parse_seconds=20), workers=4) as pool:
        for number, _ in pool.parse_all(bring()):
            most = max(most, brought - number * len(body))
    assert brought == 12 * len(body)
    assert 30_000_000 < most < 64_000_000


def test_a_worker_that_is_killed_from_outside_ends_the_run_in_one_line():
    with ParsePool(PROFILES, Settings(), workers=1) as pool:
        assert isinstance(pool.parse_one(PageInput(b"a clock")), ParsedPage)
        [worker] = multiprocessing.active_children()
        worker.kill()
        for _ in range(2):
            with pytest.raises(UsageError, match="killed by the system; set fewer workers"):
                pool.parse_one(PageInput(b"a clock"))


# The last page is stuck, so a worker is starting while the pool ends; ending it is slow here.
STARTING = """
import time
from pebble.pool import process
from scraper.parse.worker import PageInput, ParsePool
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

def stop_late(worker, stop=process.stop_process):
    time.sleep(3)
    stop(worker)

if __name__ == "__main__":
    with ParsePool(load_profiles(), Settings(parse_seconds=0.3), workers=1) as pool:
        print(pool.parse_one(PageInput(b"<html>" + b"<div>" * 200_000, site="codingahead")))
        process.stop_process = stop_late
"""


def test_a_worker_that_is_starting_when_the_pool_ends_does_not_complain(tmp_path):
    script = tmp_path / "starting.py"
    script.write_text(STARTING, "utf-8")
    command = [sys.executable, str(script)]
    ended = subprocess.run(command, capture_output=True, timeout=120, check=True)
    assert ended.stdout == b"parsing it took over 0.3 s; it is quarantined\n"
    assert ended.stderr == b""


STUCK = """
import multiprocessing, os, threading
from scraper.parse.worker import PageInput, ParsePool
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

def ticks(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[11])

with ParsePool(load_profiles(), Settings(parse_seconds=1), workers=1) as pool:
    pool.parse_one(PageInput(b"a clock"))
    [worker] = multiprocessing.active_children()
    idle = ticks(worker.pid)
    page = PageInput(b"<html>" + b"<div>" * 200_000, site="codingahead")
    asking = threading.Thread(target=pool.parse_one, args=(page,))
    asking.start()
    while ticks(worker.pid) < idle + 20:
        asking.join(0.01)
    print(worker.pid, flush=True)
    asking.join()
"""


def test_a_worker_that_is_stuck_ends_by_itself_when_its_parent_is_killed():
    command = [sys.executable, "-c", STUCK]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        worker = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert select.select([worker], [], [], 0)[0] == []
    assert select.select([worker], [], [], 60)[0] == [worker]
    os.close(worker)
