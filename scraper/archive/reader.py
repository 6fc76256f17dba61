"""Captures read back from the segments, each with its digest checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import IO

from scraper.archive.entry import decode_entry
from scraper.archive.warc import DAMAGE, read_member
from scraper.capture import HeldCapture, HeldPage
from scraper.errors import PageError


def read_captures(
    raw_dir: Path, pages: Iterable[HeldPage]
) -> Iterator[HeldCapture | tuple[HeldPage, PageError]]:
    """Give the capture of each page, or why it cannot be read; pages of one segment follow."""
    for raw_file, of_segment in groupby(pages, key=lambda page: page.raw_file):
        with (raw_dir / raw_file).open("rb") as file:
            for page in of_segment:
                yield _try_capture(file, page)


def read_capture(file: IO[bytes], page: HeldPage) -> HeldCapture:
    """Return a capture with its digest checked; raises PageError("damaged")."""
    try:
        record, _ = read_member(file, page.raw_offset)
        held = decode_entry(record, page.raw_file, page.raw_offset)
        if not isinstance(held, HeldCapture) or not _is_same(held.page, page):
            raise ValueError("it is not what the index says; run `scraper index --rebuild`")
    except DAMAGE as error:
        where = f"{page.raw_file}: damaged at file offset {page.raw_offset}"
        raise PageError(
            "damaged",
            f"{where}: {error}; restore it, or run `scraper index --rebuild` and fetch it again",
        ) from error
    return replace(held, page=page)


def _try_capture(file: IO[bytes], page: HeldPage) -> HeldCapture | tuple[HeldPage, PageError]:
    try:
        return read_capture(file, page)
    except PageError as error:
        return page, error


def _is_same(kept: HeldPage, page: HeldPage) -> bool:
    told = replace(kept, checked_at=page.checked_at, page_kind=page.page_kind, code=page.code)
    return told == page
