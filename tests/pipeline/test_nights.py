"""Night after night, with a clock of our own: what a run leaves behind stays within bounds.

A small site of three pages that are due every other night. On some of them a page has changed,
fails, or a refusal stands in its place; the rest is as before. The pages are parsed in this
process: each real run starts workers and ends them, and so many starts would take an hour.
"""

from __future__ import annotations

import gc
import logging
import resource
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from fetch.faults import answer

from pipeline.ground import ROWS, Clock, Mirror, clean_home, mirror, page_of, releases, run
from scraper.archive.store import rebuild_index
from scraper.parse.page import PageParser
from scraper.pipeline import building, fetching
from scraper.publish.verify import verify_release
from scraper.sample.chrome import path_of

CODES = ROWS[:3]
CHANGING, FAILING, REFUSED = (path_of(code) for code in CODES)
REFRESH_DAYS = 1
CHANGES_EVERY, FAILS_EVERY, REFUSES_EVERY = 50, 30, 70
LOG_BYTES = 1_500
OUTPUT_FILES = 15  # 5 files of tables, 2 sidecars, manifest, seal; 4 and 2 in the open edition


class Night(NamedTuple):
    number: int
    code: int
    log_bytes: int


class ParserHere:
    """The pool's three methods without its processes."""

    def __init__(self, profiles, settings, workers=None):
        self._parser = PageParser(profiles)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def parse_one(self, page):
        about = page._asdict()
        return self._parser.parse(about.pop("body"), **about)

    def parse_all(self, pages):
        return ((key, self.parse_one(page)) for key, page in pages)


def answers_of(night):
    """What the site says on a night: the page of the first code changes now and then."""
    told = mirror(CODES)
    edition = night // CHANGES_EVERY
    body = page_of(CODES[0]).replace(b"</body>", b"<p>Edition %d.</p></body>" % edition)
    told[CHANGING] = answer(body)
    if night % FAILS_EVERY == FAILS_EVERY - 2:
        told[FAILING] = answer(b"", status=503)
    if night % REFUSES_EVERY == REFUSES_EVERY - 2:
        told[REFUSED] = answer(b"<html><p>Come again.</p></html>", status=429)
    return told


def run_nights(server, clock, first, last):
    for number in range(first, last):
        server.serve(answers_of(number))
        ended = run("--log-format", "text", "scrape", "--metrics", "night.prom")
        yield Night(number, ended.code, len(ended.err))
        clock.pass_days(1)


def files_below(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


def index_rows():
    with closing(sqlite3.connect("raw/index.sqlite")) as index:
        return index.execute("SELECT count(*) FROM captures").fetchone()[0]


def resident_megabytes():
    """Memory of this process now, not its peak."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_000_000


@pytest.fixture
def home(tmp_path, monkeypatch):
    # pytest would keep every record of every night.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for module in (building, fetching):
        monkeypatch.setattr(module, "ParsePool", ParserHere)
    with Mirror() as server:
        clean_home(
            monkeypatch,
            tmp_path / "home",
            origin=server.origin,
            refresh_days=str(REFRESH_DAYS),
            segment_megabytes="1",
        )
        yield server, Clock(monkeypatch)


def check_bounds(nights):
    """What must hold after any number of nights."""
    count = len(nights)
    assert set(Counter(night.code for night in nights)) <= {0, 1, 3}
    assert max(night.log_bytes for night in nights) < LOG_BYTES
    changes = (count - 1) // CHANGES_EVERY + 1
    # A page that fails or is refused makes no row worse: only a change makes a release.
    assert len(releases()) <= 1 + changes + 2 * (count // REFUSES_EVERY)
    assert len(files_below("output")) <= OUTPUT_FILES * len(releases()) + 1
    walls = count // REFUSES_EVERY
    assert index_rows() <= len(CODES) + 1 + changes + walls
    raw_bytes = sum(path.stat().st_size for path in files_below("raw/sample"))
    segments = list(Path("raw/sample").glob("*.warc.gz"))
    assert len(segments) <= raw_bytes // 1_000_000 + 1
    assert {path.name for path in Path("raw").iterdir()} == {
        ".lock",
        "index.sqlite",
        "ledger.sqlite",
        "sample",
    }
    assert len(list(Path.cwd().iterdir())) == 4  # raw, output, scraper.toml, night.prom
    assert verify_release(Path("output/latest")) == ()


def test_forty_nights_leave_no_more_than_they_must(home):
    server, clock = home
    nights = list(run_nights(server, clock, 0, 40))
    assert [night.code for night in nights if night.number == FAILS_EVERY - 2] == [1]
    check_bounds(nights)
    assert len(releases()) == 1
    asked = index_rows()
    rebuild_index(Path("raw"))
    assert index_rows() == asked


@pytest.mark.torture
def test_two_thousand_nights_stay_within_bounds(home):
    server, clock = home
    nights = list(run_nights(server, clock, 0, 200))
    check_bounds(nights)
    before = resident_megabytes()
    index_before = Path("raw/index.sqlite").stat().st_size
    nights.extend(run_nights(server, clock, 200, 2_000))
    check_bounds(nights)
    after = resident_megabytes()
    grown = Path("raw/index.sqlite").stat().st_size - index_before
    print(
        f"2,000 nights: memory {before:.0f} MB after 200, {after:.0f} MB at the end; "
        f"{len(files_below('raw'))} files in raw/, {len(releases())} releases; "
        f"index grew by {grown:,} bytes; the longest log {max(n.log_bytes for n in nights)} bytes"
    )
    assert after - before < 30
    assert grown < 100_000
