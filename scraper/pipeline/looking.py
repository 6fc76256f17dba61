"""Looks at what is held, and at files, without changing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import get_args

from scraper.archive.saved import read_saved
from scraper.archive.saved_page import SavedPage, printable
from scraper.archive.store import Archive
from scraper.capture import CaptureKind, HeldCapture, HeldPage
from scraper.errors import PageError, UsageError
from scraper.parse.worker import ParsePool
from scraper.parsed import ParsedPage
from scraper.pipeline.importing import page_input_of
from scraper.project import Project


def parse_files(
    project: Project, files: Sequence[Path], *, url: str | None = None, site: str | None = None
) -> Iterator[tuple[str, ParsedPage | PageError]]:
    """Yield what each page of the files gives, in order; a WARC file holds many pages."""
    if site is not None:
        project.profile(site)
    with ParsePool(project.profiles, project.settings, workers=1) as pool:
        for file in files:
            for item in read_saved([file], max_bytes=project.settings.max_page_bytes, urls={}):
                if not isinstance(item, SavedPage):
                    yield item
                    continue
                name = (file if file.is_dir() else file.parent) / item.name
                page = replace(item, name=printable(name), url=url or item.url)
                yield page.name, pool.parse_one(page_input_of(page, site))


def held_captures(project: Project, code: str) -> list[HeldPage]:
    """Return what the archive holds of a code, newest first."""
    with Archive.open(project.settings.raw_dir) as archive:
        held = [page for page in archive.pages() if _is_of(project, page, code)]
    return sorted(held, key=lambda page: (page.retrieved_at, page.raw_offset), reverse=True)


def read_newest(project: Project, code: str) -> HeldCapture:
    """Return the newest capture of a code with its body; raises UsageError if there is none."""
    held = held_captures(project, code)
    if not held:
        raw = project.settings.raw_dir
        raise UsageError(f"{raw}: holds nothing of {code}; `scraper fetch {code}` asks for it")
    with Archive.open(project.settings.raw_dir) as archive:
        return archive.read(held[0])


def count_captures(project: Project) -> dict[str, int]:
    """Return how many captures of pages the archive holds of each site."""
    with Archive.open(project.settings.raw_dir) as archive:
        return archive.count_pages()


def check_archive(project: Project) -> tuple[str, ...]:
    """Read every capture, sitemaps too, and return what is damaged."""
    with Archive.open(project.settings.raw_dir) as archive:
        found = chain.from_iterable(archive.captures(kind=kind) for kind in get_args(CaptureKind))
        return tuple(str(one[1]) for one in found if not isinstance(one, HeldCapture))


def _is_of(project: Project, page: HeldPage, code: str) -> bool:
    if page.code == code:
        return True
    profile = project.profiles.get(page.site)
    return bool(profile and page.url and profile.code_of_url(page.url) == code)
