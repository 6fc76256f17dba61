"""One real run of the sample site, by the command itself, for the tests that read what came out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from scraper.sample.server import SampleServer

from .documents import ROOT


class Run(NamedTuple):
    """A project folder after `scraper scrape`, and what the command printed."""

    folder: Path
    summary: str
    origin: str


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "scraper.toml", folder)
    with SampleServer(crawl_delay=0) as server:
        summary = _scraper(folder, server.url, "scrape", "--site", "sample")
        (folder / "page.html").write_bytes(_scraper(folder, server.url, "show", "11999", "--raw"))
        yield Run(folder, summary.decode(), server.url)


@pytest.fixture
def project(run, monkeypatch):
    """Make the folder of the run the current one, with no other settings than its own."""
    for name in [name for name in os.environ if name.startswith("SCRAPER_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SCRAPER_ORIGIN", run.origin)
    monkeypatch.chdir(run.folder)
    return run


def _scraper(folder, origin, *arguments):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SCRAPER_", "COV_"))}
    return subprocess.run(
        [sys.executable, "-m", "scraper", *arguments],
        cwd=folder,
        env={**inherited, "SCRAPER_ORIGIN": origin},
        check=True,
        capture_output=True,
    ).stdout
