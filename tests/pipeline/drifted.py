"""Common ground of the tests of drift: a first release, what a site shows later, the outcome."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, NamedTuple, Self

from scraper.archive.store import Archive
from scraper.errors import PageError
from scraper.parse.page import PageParser
from scraper.pipeline.building import build_release
from scraper.pipeline.built import BuildReport
from scraper.sample.book import CodePage, split_blocks

from .drifts import Drift, choose_codes
from .ground import BOOK, ROWS, SAMPLE, START, capture_of, page_of, project_in, rows_of

YEAR = timedelta(days=366)
# What tells of a capture, and not of a code.
_OF_CAPTURES = frozenset(
    (
        *("source_url", "retrieved_at", "capture_sha256", "raw_file", "raw_offset", "layout"),
        *("official_capture", "common_language_capture", "first_seen", "last_changed"),
        "quality_flags",
    )
)
_OF_GATES = {"access", "gated_sections"}
_PARSER = PageParser({"sample": SAMPLE})


class OpenParser:
    """Stands in for the pool of processes: the same parser, in this one."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None: ...

    def parse_all(self, pages: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for key, page in pages:
            try:
                yield key, _PARSER.parse(**page._asdict())
            except PageError as error:
                yield key, error


class Outcome(NamedTuple):
    """What a build made of a drift: whether it was refused, and the rows that are not the truth."""

    report: BuildReport
    wrong: dict[str, list[str]]

    @property
    def is_refused(self) -> bool:
        return self.report.refused is not None


def archive_pages(folder: Path, pages: Mapping[str, str | bytes], years: int) -> None:
    """Keep pages as the site showed them so many years after the start."""
    captures = [
        capture_of(
            code,
            page.encode() if isinstance(page, str) else page,
            retrieved_at=START + years * YEAR,
        )
        for code, page in pages.items()
    ]
    with Archive.open(folder / "raw", write=True) as archive:
        archive.append_all(captures)


def first_release(folder: Path, codes: Iterable[str]) -> Path:
    """Publish the pages of some codes as they are; return the folder."""
    folder.mkdir(parents=True)
    archive_pages(folder, {code: page_of(code) for code in codes}, 0)
    assert build_release(project_in(folder)).release is not None
    return folder


def later(base: Path, folder: Path) -> Path:
    """Return a copy of a first release to go on with."""
    shutil.copytree(base, folder, symlinks=True)
    return folder


def build_drift(folder: Path, truth: Mapping[str, Any]) -> Outcome:
    """Build, and compare what is the latest release then with the truth."""
    report = build_release(project_in(folder))
    wrong = {}
    for row in rows_with_history(folder / "output"):
        if columns := list(_wrong_columns(row, truth[row["code"]])):
            wrong[row["code"]] = columns
    return Outcome(report, wrong)


def rows_with_history(output: Path) -> list[dict[str, Any]]:
    """Return the rows of `codes`, each with the lines of its history."""
    lines: dict[str, list[tuple[str, ...]]] = {}
    for line in rows_of("history", output):
        told = (line["event_date_text"], line["action"], line["notes"])
        lines.setdefault(line["code"], []).append(told)
    return [row | {"history": lines.get(row["code"], [])} for row in rows_of("codes", output)]


def _wrong_columns(row: Mapping[str, Any], truth: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns that say what is not so; a null says nothing, but a flag must say it.

    Of a page that was cut a flag must say so; what its gates hide is not known.
    """
    flags = row["quality_flags"]
    told = _OF_CAPTURES | (_OF_GATES if "page_cut" in flags else set())
    for column in row.keys() - told:
        if row[column] == truth[column]:
            continue
        is_missing = row[column] is None or row[column] == []
        if not is_missing or (f"no_{column}" not in flags and column.endswith("_description")):
            yield column


def drift_site(
    base: Path, folder: Path, drift: Drift, rng: Random, *, first: list[str], new: list[str]
) -> Path:
    """Return a copy of the first release whose site has drifted since, on old and new pages."""
    codes = [*choose_codes(first, rng), *rng.sample(new, rng.randrange(3))]
    template = rng.random()  # what has changed is the same on every page
    pages = {code: drift(page_of(code).decode(), code, Random(template)) for code in codes}
    archive_pages(later(base, folder), pages, 1)
    return folder


def truth_of(folder: Path) -> dict[str, Any]:
    """Return the rows of the whole book, whose descriptions are those of the book's own data."""
    first_release(folder, ROWS)
    rows = {row["code"]: row for row in rows_with_history(folder / "output")}
    for code, row in rows.items():
        page = BOOK.pages[code]
        assert row["official_description"] == joined(page.official)
        assert row["common_language_description"] == joined(page.common)
    return rows


def joined(text: str | None) -> str | None:
    lines = [line for block in split_blocks(text) for line in block] if text else []
    return "\n\n".join(lines) or None


def edit_page(page: CodePage, rng: Random) -> CodePage:
    """Return a page with one honest edit: another word, a sentence more, or one of several less."""
    column = rng.choice([name for name in ("official", "common") if getattr(page, name)])
    words = getattr(page, column).split(" ")
    at = rng.randrange(len(words))
    kind = rng.choice(("replace", "add", "remove"))
    if kind == "replace" or column == "official":
        words[at] = f"{rng.choice(('fine', 'plain', 'well-kept'))} {words[at]}"
    elif kind == "add":
        words.append(f"It is noted under number {rng.randrange(10**6)} by the {words[at]} clerk.")
    else:
        del words[0]
    return page.model_copy(update={column: " ".join(words)})
