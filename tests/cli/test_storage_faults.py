"""Disks that fail: one clear line, nothing torn, nothing lost, no request where it shows before."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
from pipeline.ground import CODES, run

from scraper.archive.store import Archive
from scraper.sample.chrome import path_of
from scraper.sample.server import SampleServer

FEW = CODES[:3]


def held_codes(home) -> list[str]:
    with Archive.open(home / "raw") as archive:
        return sorted({(page.url or "").rpartition("/")[2] for page in archive.pages()})


def is_in(home, file: int) -> bool:
    """Tell whether an open file is one of raw/ or output/, not a pipe to a worker."""
    return Path(f"/proc/self/fd/{file}").readlink().is_relative_to(home)


def check_whole(home, site: SampleServer) -> None:
    """A run on a good disk asks for what is missing and ends with every page."""
    asked = len(site.requests)
    missing = sorted(set(FEW) - set(held_codes(home))) if (home / "raw").exists() else FEW
    assert run("scrape", *FEW).code == 0
    pages = [path for path in site.requests[asked:] if path != "/robots.txt"]
    assert sorted(pages) == sorted(path_of(code) for code in missing)
    assert held_codes(home) == sorted(FEW)
    assert run("verify", "--raw").code == 0


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_an_error_at_each_write_to_the_disk_ends_in_one_line_and_loses_nothing(
    site, home, monkeypatch, call
):
    real = getattr(os, call)
    for failing in count():
        calls = count()

        def fail_once(file, *arguments, failing=failing, calls=calls):
            if is_in(home, file) and next(calls) == failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real(file, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(os, call, fail_once)
            ended = run("fetch", *FEW)
        if ended.code == 0:
            break
        assert ended.code == 6, ended.err
        assert len(ended.complaints) == 1
        assert "Input/output error" in ended.complaints[0]
        assert "Traceback" not in ended.err
        check_whole(home, site)
        for folder in ("raw", "output"):
            subprocess.run(["rm", "-rf", str(home / folder)], check=True)
    assert failing >= len(FEW)


@pytest.mark.parametrize("kilobytes", [0, 4, 8, 20])
def test_a_disk_that_is_full_in_the_middle_tears_nothing(site, home, kilobytes):
    """A limit on the size of a file cuts a write as a full disk does."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))

    command = [sys.executable, "-m", "scraper", "fetch", *FEW]
    ended = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limit, timeout=60, check=False
    )
    assert ended.returncode == 6, ended.stderr
    assert [line for line in ended.stderr.splitlines() if line.startswith("scraper: ")]
    assert "Traceback" not in ended.stderr
    check_whole(home, site)


@pytest.mark.parametrize("folder", ["raw_dir", "output_dir"])
def test_a_folder_that_cannot_be_written_is_told_before_the_first_request(
    site, home, monkeypatch, folder
):
    monkeypatch.setenv(f"SCRAPER_{folder.upper()}", "/proc/nowhere")
    ended = run("scrape", *FEW)
    assert ended.code == 6
    assert len(ended.complaints) == 1
    assert "/proc/nowhere" in ended.complaints[0]
    assert site.requests == ()
