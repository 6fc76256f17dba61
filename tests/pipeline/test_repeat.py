"""The same raw gives the same bytes: on any day, by any number of workers, with a new index."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from scraper import clock
from scraper.archive.store import Archive, rebuild_index
from scraper.capture import HeldCapture
from scraper.pipeline.building import build_release
from scraper.pipeline.built import BuildReport
from scraper.pipeline.fetching import fetch_pages
from scraper.pipeline.importing import import_pages
from scraper.project import Project
from scraper.publish.verify import verify_release
from scraper.sample.book import read_book
from scraper.sample.server import SampleServer
from scraper.settings import Settings

from .ground import data_files

SIDECARS = ("README.md", "datapackage.json")

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PAGES = len(read_book().listed)
# Where a row came from; the rest of it must not depend on the way that its page took.
EVIDENCE = {"source_url", "raw_file", "raw_offset"}


@pytest.fixture(scope="module")
def fetched(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """Fetch the whole sample site twice, the second time when every page is due again."""
    raw_dir = tmp_path_factory.mktemp("fetched") / "raw"
    with pytest.MonkeyPatch.context() as patch, SampleServer(crawl_delay=0) as server:
        project = project_on(raw_dir, raw_dir.parent / "output", origin=server.url)
        for days in (0, 100):
            now = START + timedelta(days=days)
            patch.setattr(clock, "utc_now", lambda now=now: now)
            report = asyncio.run(fetch_pages(project, ()))
            assert (report.planned, report.fetched, report.failures) == (PAGES, PAGES, [])
        yield raw_dir, server.url


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: START)


def project_on(raw_dir: Path, output_dir: Path, **settings: Any) -> Project:
    return Project.open(Settings(raw_dir=raw_dir, output_dir=output_dir, **settings))


def build(raw_dir: Path, output_dir: Path, **settings: Any) -> BuildReport:
    return build_release(project_on(raw_dir, output_dir, **settings))


def data_of(output_dir: Path) -> dict[str, bytes]:
    latest = output_dir / "latest"
    assert verify_release(latest) == ()
    data = data_files(output_dir)
    tables = {"codes.parquet", "codes.csv", "pages.parquet", "history.parquet"}
    opened = {f"open/{name}" for name in tables}
    sidecars = {f"{place}{name}" for place in ("", "open/") for name in SIDECARS}
    assert data.keys() == tables | {"delta.parquet"} | opened | sidecars
    return data


def rows_of(output_dir: Path) -> list[dict[str, Any]]:
    rows = pq.read_table(output_dir / "latest" / "codes.parquet").to_pylist()
    return [{key: row[key] for key in row if key not in EVIDENCE} for row in rows]


def bodies_of(raw_dir: Path) -> list[tuple[str, bytes]]:
    with Archive.open(raw_dir) as archive:
        held = [found for found in archive.captures() if isinstance(found, HeldCapture)]
    return [((found.page.url or "").rpartition("/")[2], found.capture.body) for found in held]


def test_two_builds_of_the_same_raw_give_the_same_bytes(fetched, tmp_path, monkeypatch):
    raw_dir, origin = fetched
    report = build(raw_dir, tmp_path / "first", origin=origin, workers=1)
    assert PAGES - 10 < report.rows < PAGES
    monkeypatch.setattr(clock, "utc_now", lambda: START + timedelta(days=400))
    build(raw_dir, tmp_path / "second", origin=origin, workers=2)
    elsewhere = shutil.copytree(raw_dir, tmp_path / "elsewhere" / "raw")
    build(elsewhere, tmp_path / "third", origin=origin, workers=1)
    first, second, third = (data_of(tmp_path / name) for name in ("first", "second", "third"))
    assert first == second
    assert first == third


@pytest.mark.parametrize("loss", ["rebuilt", "lost", "damaged"])
def test_an_index_that_was_made_anew_changes_no_byte(fetched, tmp_path, loss):
    raw_dir, origin = fetched
    copy = shutil.copytree(raw_dir, tmp_path / "raw")
    build(raw_dir, tmp_path / "before", origin=origin, workers=1)
    if loss == "rebuilt":
        assert rebuild_index(copy) == PAGES + 1  # and the sitemap
    elif loss == "lost":
        (copy / "index.sqlite").unlink()
    else:
        (copy / "index.sqlite").write_bytes(b"no index at all" * 400)
    build(copy, tmp_path / "after", origin=origin, workers=1)
    assert data_of(tmp_path / "after") == data_of(tmp_path / "before")


def test_a_run_that_finds_the_same_sitemap_and_nothing_due_writes_no_record(fetched, tmp_path):
    raw_dir, origin = fetched
    copy = shutil.copytree(raw_dir, tmp_path / "raw")
    report = asyncio.run(fetch_pages(project_on(copy, tmp_path / "output", origin=origin), ()))
    assert (report.planned, report.held) == (0, PAGES)
    segment = Path("sample", "sample-00001.warc.gz")
    assert (copy / segment).read_bytes() == (raw_dir / segment).read_bytes()


def test_the_same_input_twice_publishes_nothing_new(fetched, tmp_path, monkeypatch):
    raw_dir, origin = fetched
    first = build(raw_dir, tmp_path, origin=origin, workers=1)
    assert first.release is not None
    published = sorted(path.name for path in (tmp_path / "releases").iterdir())
    monkeypatch.setattr(clock, "utc_now", lambda: START + timedelta(days=1))
    again = build(raw_dir, tmp_path, origin=origin, workers=1)
    assert again.release is None
    assert (again.rows, again.coverage) == (first.rows, first.coverage)
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == published


def test_saved_pages_give_the_rows_of_fetched_ones_in_whatever_order_they_come(fetched, tmp_path):
    raw_dir, origin = fetched
    build(raw_dir, tmp_path / "fetched", origin=origin, workers=1)
    bodies = bodies_of(raw_dir)
    assert len(bodies) == PAGES
    for seed in range(2):
        random.Random(seed).shuffle(bodies)
        home = tmp_path / f"saved {seed}"
        (home / "pages").mkdir(parents=True)
        for number, (_, body) in enumerate(bodies):
            (home / "pages" / f"{number:03}.html").write_bytes(body)
        project = project_on(home / "raw", home / "output", workers=1)
        report = import_pages(project, [home / "pages"])
        assert (report.kept, report.refused) == (PAGES, [])
        again = import_pages(project, [home / "pages"])
        assert (again.kept, again.held_already) == (0, PAGES)
        build_release(project)
        assert rows_of(home / "output") == rows_of(tmp_path / "fetched")
