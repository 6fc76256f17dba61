"""An archive of generated pages in, the memory and the time of `scraper build` over it out.

The segments are written by the archive's own encoders and the index is made by `scraper index
--rebuild`: only the fsync of every capture is left out. The build is a process of its own.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path
from typing import IO

from pyarrow import parquet

from bench.corpus import MOST_PAGES, make_page
from bench.speed import CONTENT_TYPE, SITE
from scraper.archive.entry import encode_capture, encode_request, encode_warcinfo
from scraper.archive.segment import next_segment, segment_name
from scraper.archive.store import SEGMENT_BYTES
from scraper.capture import Capture

_TIME = datetime(2026, 11, 20, tzinfo=UTC)
_SAMPLE_SECONDS = 0.05
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1_048_576


@dataclass(frozen=True, slots=True)
class BuildCost:
    """What a build of so many pages took; memory in MB of 2**20 bytes."""

    pages: int
    seconds: float
    parent_mb: float
    all_mb: float

    @property
    def pages_per_second(self) -> float:
        """Pages read, parsed, merged and written in a second, with start and end of the run."""
        return self.pages / self.seconds


def measure_build(count: int) -> BuildCost:
    """Archive `count` pages in a temporary folder and build them once."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        raw, output = Path(folder, "raw"), Path(folder, "output")
        _write_archive(raw, count)
        environment = {
            **{name: value for name, value in os.environ.items() if "SCRAPER_" not in name},
            "SCRAPER_RAW_DIR": str(raw),
            "SCRAPER_OUTPUT_DIR": str(output),
            "SCRAPER_CONFIG": str(_empty_config(folder)),
        }
        command = [sys.executable, "-m", "scraper", "index", "--rebuild"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        with Path(folder, "complaints").open("w+") as complaints:
            cost = _run_build(environment, count, complaints)
        rows = parquet.read_metadata(output / "latest" / "codes.parquet").num_rows
    if rows != count:
        raise AssertionError(f"{count} pages gave {rows} rows")
    return cost


def _empty_config(folder: str) -> Path:
    path = Path(folder, "scraper.toml")
    path.touch()
    return path


def _write_archive(raw: Path, count: int) -> None:
    """Write segments of the usual size, pages in the order of their codes."""
    step = MOST_PAGES // count
    raw_file = segment_name(SITE, 1)
    (raw / SITE).mkdir(parents=True)
    with Pool() as pool:
        entries = pool.imap(_encode_page, range(0, count * step, step), chunksize=100)
        while _write_segment(raw / raw_file, entries):
            raw_file = next_segment(raw_file)


def _write_segment(path: Path, entries: Iterator[bytes]) -> bool:
    """Write one segment; tell whether it was filled."""
    with path.open("wb") as segment:
        segment.write(encode_warcinfo(SITE, path.name, _TIME))
        for entry in entries:
            segment.write(entry)
            if segment.tell() >= SEGMENT_BYTES:
                return True
    return False


def _encode_page(number: int) -> bytes:
    page = make_page(number)
    capture = Capture(
        site=SITE,
        url=page.url,
        retrieved_at=_TIME,
        body=page.body,
        status=200,
        headers=(("Content-Type", CONTENT_TYPE),),
    )
    return encode_request(capture, (), "response") + encode_capture(capture)


def _run_build(environment: dict[str, str], count: int, complaints: IO[str]) -> BuildCost:
    parent_mb = all_mb = 0.0
    start = time.perf_counter()
    build = subprocess.Popen(
        [sys.executable, "-m", "scraper", "build"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
    )
    while True:
        parent_mb = max(parent_mb, _peak_of(build.pid))
        all_mb = max(all_mb, sum(_resident_bytes(build.pid).values()) / _MEGABYTE)
        with suppress(subprocess.TimeoutExpired):
            build.wait(_SAMPLE_SECONDS)
            break
    seconds = time.perf_counter() - start
    if build.returncode:
        complaints.seek(0)
        raise RuntimeError(f"scraper build: exit code {build.returncode}: {complaints.read()}")
    return BuildCost(count, seconds, parent_mb, all_mb)


def _peak_of(pid: int) -> float:
    """Return the peak of a process so far, in MB, as the kernel keeps it.

    What `wait4` says of it would count this process too, from which it was forked.
    """
    with suppress(OSError):  # it may have ended
        status = Path(f"/proc/{pid}/status").read_text()
        if peak := re.search(r"VmHWM:\s+([0-9]+) kB", status):
            return int(peak[1]) / 1024
    return 0.0


def _resident_bytes(root: int) -> dict[int, int]:
    """Return the resident memory of a process and of all that it started; shared pages count."""
    parents, resident = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):  # it may end while it is read
            pid, stat = int(folder.name), (folder / "stat").read_text()
            fields = stat.rpartition(")")[2].split()
            parents[pid], resident[pid] = int(fields[1]), int(fields[21]) * _PAGE_BYTES
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return {pid: resident[pid] for pid in family if pid in resident}
