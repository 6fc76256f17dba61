"""Pages in memory in, seconds out: the pipeline, the bare HTML parser and an extractor by turns.

Every round measures each of them over the same pages, on one core and in seconds of that core, so
that a slow minute of the machine slows all of them; the ratios are taken round by round.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from bench.corpus import Page
from scraper.capture import HeldPage
from scraper.normalize.merge import merge_readings
from scraper.normalize.reading import Reading, judge_page
from scraper.parse.page import PARSER_VERSION, PageParser
from scraper.parse.tags import HIDING
from scraper.parsed import ParsedPage
from scraper.publish.tables import TableWriter
from scraper.record import CodeRecord
from scraper.sites.profile import load_profiles

SITE = "codingahead"
CONTENT_TYPE = "text/html; charset=utf-8"
_TEXT = 2  # the library's number of a text node
Extract = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the middle and the greatest of some figures."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Summarize figures.

        >>> Spread.of([3, 1, 2])
        Spread(low=1, middle=2, high=3)
        """
        return cls(min(figures), median(figures), max(figures))

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.low:.2f} to {self.high:.2f})"


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds per page of each contender, one figure a round."""

    bare: list[float]
    floor: list[float]
    parse: list[float]
    pipeline: list[float]
    extract: list[float]

    @property
    def to_bare(self) -> Spread:
        """How many times as long as a bare parse the pipeline takes."""
        return _ratios(self.pipeline, self.bare)

    @property
    def floor_to_bare(self) -> Spread:
        """How many times as long as a bare parse the libraries alone take."""
        return _ratios(self.floor, self.bare)

    @property
    def parse_to_bare(self) -> Spread:
        """How many times as long as a bare parse our parse alone takes."""
        return _ratios(self.parse, self.bare)

    @property
    def extract_to_pipeline(self) -> Spread:
        """How many times as long as the pipeline the extractor takes."""
        return _ratios(self.extract, self.pipeline)


class Pipeline:
    """Parse, judge, merge and write as a build does it, in this process."""

    def __init__(self) -> None:
        self._profiles = load_profiles()
        self._parser = PageParser(self._profiles)

    def parse(self, page: Page) -> ParsedPage:
        """Parse one page."""
        return self._parser.parse(
            page.body, url=page.url, site=SITE, status=200, content_type=CONTENT_TYPE
        )

    def parse_all(self, pages: Sequence[Page]) -> None:
        """Parse the pages and drop what they give."""
        for page in pages:
            self.parse(page)

    def publish(self, pages: Sequence[Page]) -> None:
        """Parse the pages and write them as Parquet."""
        _write_codes(self.records(pages), len(pages))

    def records(self, pages: Sequence[Page]) -> Iterator[CodeRecord]:
        for page in pages:
            parsed = self.parse(page)
            if judge_page(parsed).outcome == "row" and parsed.code:
                readings = [Reading(_held(page), parsed)]
                yield merge_readings(parsed.code, readings, self._profiles, PARSER_VERSION)


def check_pages(pages: Sequence[Page]) -> None:
    """Raise AssertionError unless every page gives just what it was generated from."""
    pipeline = Pipeline()
    for page in pages:
        parsed = pipeline.parse(page)
        found = (
            *(parsed.page_kind, parsed.layout, parsed.code, parsed.warnings),
            *(parsed.official_description, parsed.common_language_description),
            *(parsed.gated_sections, len(parsed.sections)),
            *(len(parsed.facts), len(parsed.history)),
        )
        expected = (
            *("code", "A", page.code, (), page.official, page.common),
            *(page.gates, page.sections, page.facts, page.history),
        )
        if found != expected:
            raise AssertionError(f"{page.url}: gives {found}, not {expected}")


def measure_speed(
    pages: Sequence[Page], *, rounds: int, extract: Extract | None = None, sample: int = 200
) -> Speed:
    """Measure all by turns; `extract` gets `sample` of the pages, evenly taken."""
    pipeline = Pipeline()
    sampled = pages[:: max(1, len(pages) // sample)] if extract else []
    speed = Speed([], [], [], [], [])
    ready = [dict(record) for record in pipeline.records(pages)]
    turns: list[tuple[list[float], Callable[[], None], int]] = [
        (speed.bare, partial(_parse_bare, pages), len(pages)),
        (speed.floor, partial(_spend_least, pages, ready), len(pages)),
        (speed.parse, partial(pipeline.parse_all, pages), len(pages)),
        (speed.pipeline, partial(pipeline.publish, pages), len(pages)),
    ]
    if extract:
        turns.append((speed.extract, partial(_extract_all, extract, sampled), len(sampled)))
    with _one_core():
        for _, run, _ in turns:  # once without a clock: imports and caches
            run()
        for _ in range(rounds):
            for figures, run, count in turns:
                figures.append(_seconds(run) / count)
    return speed


def _parse_bare(pages: Sequence[Page]) -> None:
    for page in pages:
        LexborHTMLParser(page.body)


def _spend_least(pages: Sequence[Page], ready: Sequence[dict[str, Any]]) -> None:
    """Do what no set of rules can do without, and apply no rule: the libraries' own work.

    A parse, one look at what is hidden, one visit to every node, the text of those that have one;
    then the record, whose values are here for nothing, validated and written.
    """

    def records() -> Iterator[CodeRecord]:
        for page, values in zip(pages, ready, strict=True):
            body = LexborHTMLParser(page.body).body
            assert body is not None
            body.css(HIDING)
            for node in body.traverse(include_text=True, skip_empty=True):
                if node.tag_id == _TEXT:
                    node.text_content  # noqa: B018 - asked for and dropped
            yield CodeRecord(**values)

    _write_codes(records(), len(pages))


def _write_codes(records: Iterable[CodeRecord], count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        with TableWriter(Path(folder), "codes") as writer:
            writer.write(records)
        if writer.rows != count:
            raise AssertionError(f"{count} pages gave {writer.rows} rows")


def _extract_all(extract: Extract, pages: Sequence[Page]) -> None:
    for page in pages:
        if not extract(page.body):  # an empty answer would be no work
            raise AssertionError(f"{page.url}: the extractor found no text")


def _seconds(run: Callable[[], None]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def _ratios(above: Sequence[float], below: Sequence[float]) -> Spread:
    return Spread.of([a / b for a, b in zip(above, below, strict=True)])


def _held(page: Page) -> HeldPage:
    time_of_capture = datetime(2026, 11, 20, tzinfo=UTC)
    return HeldPage(
        site=SITE,
        url=page.url,
        kind="page",
        status=200,
        retrieved_at=time_of_capture,
        checked_at=time_of_capture,
        sha256="0" * 64,
        source="fetch",
        source_name=None,
        raw_file="codingahead/codingahead-00001.warc.gz",
        raw_offset=0,
    )


@contextmanager
def _one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
