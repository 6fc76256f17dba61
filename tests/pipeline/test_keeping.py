"""Pages that are asked for at the same time, from the site into raw/."""

from __future__ import annotations

import asyncio
from functools import partial

from fetch.faults import answer

from scraper.archive.store import Archive
from scraper.pipeline import fetching
from scraper.pipeline.fetching import fetch_pages
from scraper.sample.chrome import path_of

from .ground import ROWS, Mirror, mirror, page_of, project_in

CODES = ROWS[:6]
# The HTML parser is quadratic in it: more than half a minute of work in C.
STUCK = page_of(CODES[1]).replace(b"<body", b"<div>" * 200_000 + b"<body", 1)


async def late(page: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.3)
    writer.write(answer(page))


def test_a_page_that_takes_long_to_parse_takes_no_time_from_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(fetching, "meter_key", lambda *_: None)
    pages = {path_of(code): partial(late, page_of(code)) for code in CODES[2:]}
    with Mirror() as site:
        site.serve(mirror(CODES) | {path_of(CODES[1]): answer(STUCK)} | pages)
        project = project_in(
            tmp_path, origin=site.origin, connections=8, parse_seconds=3, deadline_seconds=2
        )
        report = asyncio.run(fetch_pages(project, CODES))
        assert sorted(site.paths) == sorted(["/robots.txt", *map(path_of, CODES)])
    assert (report.fetched, report.failures, report.stopped) == (6, [], None)
    with Archive.open(tmp_path / "raw") as archive:
        assert sorted((page.url or "")[-5:] for page in archive.pages()) == sorted(CODES)
