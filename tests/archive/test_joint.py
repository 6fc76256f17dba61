"""Captures that arrive at the same time are kept together."""

from __future__ import annotations

import asyncio
import os

import pytest

from scraper.archive.joint import JointAppender
from scraper.archive.store import Archive
from scraper.errors import PageError

from .samples import REQUEST, SITE, fetched, page_url, read_all


def append_together(archive: Archive, captures: list, most: int) -> list:
    appender = JointAppender(archive, REQUEST, most)

    async def main() -> list:
        asked = (appender.append(capture) for capture in captures)
        return await asyncio.gather(*asked, return_exceptions=True)

    return asyncio.run(main())


@pytest.mark.parametrize("most", [1, 4, 64])
def test_each_gets_its_own_place(tmp_path, most):
    captures = [fetched(number) for number in range(20)]
    with Archive.open(tmp_path, write=True) as archive:
        pages = append_together(archive, captures, most)
        assert [archive.read(page).capture for page in pages] == captures
    assert [page.url for page in pages] == [page_url(number) for number in range(20)]


def test_the_disk_is_waited_for_once_for_all_that_came_together(tmp_path, monkeypatch):
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(0))
        synced, sync = [], os.fsync
        monkeypatch.setattr(os, "fsync", lambda file: synced.append(file) or sync(file))
        append_together(archive, [fetched(number) for number in range(1, 9)], most=8)
        assert len(synced) == 1


def test_together_and_one_by_one_give_the_same_bytes(tmp_path):
    captures = [fetched(number, minutes=number) for number in range(12)]
    with Archive.open(tmp_path / "one", write=True) as archive:
        for capture in captures:
            archive.append(capture, REQUEST)
    with Archive.open(tmp_path / "all", write=True) as archive:
        append_together(archive, captures, most=5)
    one, together = (
        tmp_path.joinpath(name, SITE, f"{SITE}-00001.warc.gz").read_bytes()
        for name in ("one", "all")
    )
    assert one == together


def test_a_page_that_cannot_be_kept_is_told_to_all_that_came_with_it_and_nothing_stays(tmp_path):
    bad = fetched(1, url="https://codes.example/a page")
    with Archive.open(tmp_path, write=True) as archive:
        told = append_together(archive, [fetched(0), bad, fetched(2)], most=3)
        assert [type(one) for one in told] == [PageError] * 3
        assert list(archive.pages()) == []
        assert len(append_together(archive, [fetched(3)], most=3)) == 1
    assert len(list(read_all(tmp_path))) == 1
