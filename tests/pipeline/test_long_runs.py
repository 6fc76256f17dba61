"""Runs that are interrupted, and runs that go on for days."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from fetch.faults import answer

from scraper.archive.store import Archive
from scraper.capture import Capture
from scraper.pipeline import fetching
from scraper.pipeline.fetching import fetch_pages
from scraper.pipeline.planning import plan_pages
from scraper.sample.chrome import path_of
from scraper.sample.server import SampleServer

from .ground import CODES, Clock, Mirror, mirror, project_in


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def held_paths(folder) -> set[str]:
    with Archive.open(folder / "raw") as archive:
        return {(page.url or "").partition("//")[2].partition("/")[2] for page in archive.pages()}


def test_robots_txt_is_read_again_after_a_day_and_then_holds(tmp_path, clock, monkeypatch):
    codes = CODES[:6]
    with Mirror() as site:
        site.serve(mirror(codes))
        project = project_in(tmp_path, origin=site.origin)
        keep, kept = fetching._Visit._keep_page, []

        async def keep_slowly(visit, capture, page):
            kept.append(page.code)
            clock.now += timedelta(hours=13)
            if len(kept) == 2:  # what is told from now on forbids the fifth page
                rules = f"User-agent: *\nDisallow: {path_of(codes[4])}\n"
                site.serve(mirror(codes) | {"/robots.txt": answer(rules.encode())})
            return await keep(visit, capture, page)

        monkeypatch.setattr(fetching._Visit, "_keep_page", keep_slowly)
        report = asyncio.run(fetch_pages(project, codes))
        assert site.paths.count("/robots.txt") == 2
    assert kept == [code for code in codes if code != codes[4]]
    assert (report.fetched, report.disallowed) == (5, 1)


class Interrupted(BaseException):
    """As a signal would end a run."""


@pytest.mark.parametrize("size", [30, pytest.param(len(CODES), marks=pytest.mark.torture)])
def test_a_job_that_is_interrupted_at_every_page_asks_for_each_page_at_most_once_more(
    tmp_path, monkeypatch, size
):
    """Before its capture is kept, or right after: by turns at every page of the job."""
    codes = CODES[:size]
    append = Archive.append
    left = {(code, when) for code in codes for when in ("before", "after")}

    def append_and_die(archive: Archive, capture: Capture, *rest):
        code = (capture.url or "").rpartition("/")[2]
        if (code, "before") in left:
            left.discard((code, "before"))
            raise Interrupted
        held = append(archive, capture, *rest)
        if (code, "after") in left:
            left.discard((code, "after"))
            raise Interrupted
        return held

    monkeypatch.setattr(Archive, "append", append_and_die)
    interruptions = 0
    with SampleServer(crawl_delay=0, views_per_day=10_000) as server:
        project = project_in(tmp_path, origin=server.url)
        while plan_pages(project, codes).pages:
            try:
                asyncio.run(fetch_pages(project, codes))
            except Interrupted:
                interruptions += 1
        asked = [path for path in server.requests if path != "/robots.txt"]
    assert left == set()
    assert interruptions == 2 * len(codes)
    # One that ends a run before its page is kept costs one request, one after it none.
    assert len(asked) == len(codes) + len(codes)
    assert held_paths(tmp_path) == {path_of(code).lstrip("/") for code in codes}


def test_a_site_has_its_own_age_at_which_a_page_is_due(tmp_path, clock):
    with SampleServer(crawl_delay=0) as server:
        project = project_in(tmp_path, origin=server.url, refresh_days=90)
        asyncio.run(fetch_pages(project, CODES[:2]))
        profile = project.profiles["sample"]
        project.profiles["sample"] = profile.model_copy(update={"refresh_days": 7})  # type: ignore[index]
        clock.pass_days(6)
        assert plan_pages(project, CODES[:2]).pages == ()
        clock.pass_days(2)
        assert len(plan_pages(project, CODES[:2]).pages) == 2
