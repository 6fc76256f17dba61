"""Homes in which the command line runs: an empty one, and one with the whole sample site."""

from __future__ import annotations

import shutil

import pytest
from pipeline.ground import (
    Clock,
    Mirror,
    clean_home,
    run,
)

from scraper.sample.server import SampleServer


@pytest.fixture
def home(tmp_path, monkeypatch):
    return clean_home(monkeypatch, tmp_path / "home")


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def site(home, monkeypatch):
    """The sample site without a pause between requests."""
    with SampleServer(crawl_delay=0) as server:
        monkeypatch.setenv("SCRAPER_ORIGIN", server.url)
        yield server


@pytest.fixture
def old_site(home, monkeypatch):
    """A server whose answers the test gives."""
    with Mirror() as server:
        monkeypatch.setenv("SCRAPER_ORIGIN", server.origin)
        yield server


@pytest.fixture(scope="session")
def scraped(tmp_path_factory):
    """A home in which the whole sample site was scraped, and what the command told of it."""
    with pytest.MonkeyPatch.context() as patch, SampleServer(crawl_delay=0) as server:
        home = clean_home(patch, tmp_path_factory.mktemp("golden") / "home", origin=server.url)
        Clock(patch)
        ended = run("scrape", "--site", "sample")
        asked = server.requests
        again = run("scrape", "--site", "sample", "--json")
        return home, ended, asked, again, server.requests[len(asked) :]


@pytest.fixture
def golden(scraped, home):
    """A copy of that home, as the current folder."""
    shutil.copytree(scraped[0], home, dirs_exist_ok=True, symlinks=True)
    return home
