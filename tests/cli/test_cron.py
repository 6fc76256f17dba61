"""The command as cron starts it: two at once, no home, no locale, streams that are shut or full."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from pipeline.ground import ROWS, mirror

from scraper.archive.store import Archive
from scraper.sample.chrome import path_of

CRON = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}
TIMEOUT = 60
FIRST = ROWS[0]


def cron(*words, env=CRON, **options):
    """Run the command with nothing of this shell's environment."""
    values = {"capture_output": True, "timeout": TIMEOUT}
    command = [sys.executable, "-m", "scraper", *words]
    return subprocess.run(command, env=env, check=False, **(values | options))


def seconds_to_start(folder):
    """How long this machine needs, at this moment, to start the command and no more."""
    start = time.monotonic()
    assert cron("--version", cwd=folder).returncode == 0
    return time.monotonic() - start


@pytest.fixture
def night(old_site):
    old_site.serve(mirror(ROWS[:2]))
    with Path("scraper.toml").open("a") as file:
        file.write(f'origin = "{old_site.origin}"\n')
    return old_site


def test_the_second_of_two_runs_ends_at_once_with_5_and_no_request(night):
    with Archive.open(Path("raw"), write=True):
        took = []
        for _ in range(3):
            start = time.monotonic()
            ended = cron("scrape")
            took.append((time.monotonic() - start) / max(1.0, seconds_to_start(".") / 0.5))
            assert ended.returncode == 5
            assert len(ended.stderr.splitlines()) == 1
    assert min(took) < 1
    assert night.paths == []


def test_a_run_beside_one_that_publishes_ends_with_5_and_no_request(night):
    Path("output").mkdir()
    hold = (
        "import fcntl, sys\n"
        "lock = open('output/.lock', 'wb')\n"
        "fcntl.lockf(lock, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", hold], **pipes) as holder:
        assert holder.stdout.readline() == b"held\n"
        ended = [cron(word) for word in ("scrape", "build")]
        fetched = cron("fetch", FIRST)
        holder.stdin.close()
    assert [run.returncode for run in ended] == [5, 5]
    assert fetched.returncode == 0  # it publishes nothing
    assert night.paths == ["/robots.txt", path_of(FIRST)]


def test_of_two_runs_started_together_one_works_and_one_ends_with_5(night):
    release = Event()

    async def wait_for_the_other(writer):
        writer.write(robots)
        await asyncio.to_thread(release.wait, TIMEOUT)

    robots = mirror(ROWS[:2])["/robots.txt"]
    night.serve(mirror(ROWS[:2]) | {"/robots.txt": wait_for_the_other})
    words = [sys.executable, "-m", "scraper", "scrape", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    runs = [subprocess.Popen(words, env=CRON, **pipes) for _ in range(2)]
    deadline = time.monotonic() + TIMEOUT
    while all(run.poll() is None for run in runs) and time.monotonic() < deadline:
        time.sleep(0.01)
    release.set()
    ended = [(run.communicate(timeout=TIMEOUT), run.returncode) for run in runs]
    assert sorted(code for _, code in ended) == [0, 5]
    [told] = [json.loads(out) for (out, _), code in ended if code == 0]
    assert told["fetch"]["pages_fetched"] == 2
    assert night.paths.count("/robots.txt") == 1


@pytest.mark.parametrize("words", [("--help",), ("scrape",)])
def test_what_needs_little_loads_little(night, words):
    code = (
        "import sys, json\n"
        "from scraper.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit:\n    pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    with Archive.open(Path("raw"), write=True):
        ended = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, timeout=TIMEOUT, check=True
        )
    loaded = {name.partition(".")[0] for name in json.loads(ended.stderr.splitlines()[-1])}
    assert {"click", "scraper"} <= loaded
    assert loaded.isdisjoint({"pandas", "pyarrow", "numpy", "httpx", "pebble", "selectolax"})


@pytest.mark.parametrize(
    "env", [CRON, {"PATH": "/usr/bin:/bin"}, CRON | {"LANG": "C", "LC_ALL": "C"}, {}]
)
def test_a_bare_environment_is_enough(night, env):
    ended = cron("scrape", "--metrics", "night.prom", env=env)
    assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False)
    assert b"rows" in ended.stdout
    assert Path("night.prom").stat().st_size
    assert Path("output/latest/codes.parquet").is_file()


def test_settings_below_a_home_that_there_is_not_are_one_line(night):
    ended = cron("scrape", env={"PATH": "/usr/bin:/bin", "SCRAPER_RAW_DIR": "~nobody-at-all/raw"})
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)


def test_a_log_whose_reader_is_gone_does_not_end_the_run(night):
    read, write = os.pipe()
    os.close(read)
    ended = cron("-v", "scrape", "--metrics", "night.prom", capture_output=False, stderr=write)
    os.close(write)
    assert ended.returncode == 0
    assert Path("output/latest/codes.parquet").is_file()


def test_a_log_on_a_full_disk_does_not_end_the_run(night):
    with Path("/dev/full").open("w") as full:
        ended = cron("-v", "scrape", capture_output=False, stderr=full, stdout=subprocess.DEVNULL)
    assert ended.returncode == 0
    assert Path("output/latest/codes.parquet").is_file()


def test_a_log_whose_pipe_is_full_waits_for_its_reader_and_loses_no_line(night):
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    filled = os.write(write, b"x" * 4096)
    child = subprocess.Popen(
        [sys.executable, "-m", "scraper", "scrape"],
        env=CRON,
        stderr=write,
        stdout=subprocess.DEVNULL,
    )
    os.close(write)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(4)
    with os.fdopen(read, "rb") as log:
        told = log.read()[filled:]
    assert child.wait(TIMEOUT) == 0
    assert b"fetch: 2 of 2 pages" in told
    assert b"parse: 2 of 2 pages" in told


def test_a_result_that_cannot_be_written_is_told_once_the_release_is_there(night):
    with Path("/dev/full").open("w") as full:
        ended = cron("scrape", "--metrics", "night.prom", capture_output=False, stdout=full)
    assert ended.returncode != 0
    assert Path("output/latest/codes.parquet").is_file()
    assert f"}} {ended.returncode}\n" in Path("night.prom").read_text()
