"""Runs that are interrupted, and runs that go on for days."""

from __future__ import annotations

import asyncio
from collections import Counter
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

from .ground import CODES, Clock, Mirror, mirror, page_of, project_in


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


MANY = tuple(f"{number:05}" for number in range(10_001, 10_201))
LEAF = page_of("11999")


@pytest.mark.parametrize("step", [20, pytest.param(1, marks=pytest.mark.torture)])
def test_a_job_that_is_interrupted_at_its_pages_asks_for_each_of_them_at_most_once_more(
    tmp_path, monkeypatch, step
):
    """Before its capture is kept, and right after: at each, or each 20th, of 200 pages."""
    append = Archive.append_all
    left = {(code, when) for code in MANY[::step] for when in ("before", "after")}

    def append_and_die(archive: Archive, captures: list[Capture], *rest):
        (capture,) = captures  # one connection, one page at a time
        code = (capture.url or "").rpartition("/")[2]
        if (code, "before") in left:
            left.discard((code, "before"))
            raise Interrupted
        held = append(archive, captures, *rest)
        if (code, "after") in left:
            left.discard((code, "after"))
            raise Interrupted
        return held

    monkeypatch.setattr(Archive, "append_all", append_and_die)
    runs = interruptions = 0
    with Mirror() as site:
        site.serve(
            mirror(()) | {path_of(c): answer(LEAF.replace(b"11999", c.encode())) for c in MANY}
        )
        project = project_in(tmp_path, origin=site.origin)
        while plan_pages(project, MANY).pages:
            runs += 1
            try:
                asyncio.run(fetch_pages(project, MANY))
            except Interrupted:
                interruptions += 1
        asked = Counter(site.paths)
    assert left == set()
    assert interruptions == 2 * len(MANY[::step])
    # Each run reads robots.txt once. Of the interruptions one that ends a run before its page is
    # kept costs one request for a page, and one after it none.
    assert asked.pop("/robots.txt") == runs <= interruptions + 1
    assert asked == {path_of(code): 1 + (code in MANY[::step]) for code in MANY}
    assert held_paths(tmp_path) == {path_of(code).lstrip("/") for code in MANY}


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
