from __future__ import annotations

import asyncio
import json

import pytest

from scraper.errors import FetchError
from scraper.fetch.cdx import parse_cdx_line
from scraper.fetch.common_crawl import CrawlClient
from scraper.fetch.pace import Pacer
from scraper.settings import Settings

LIVE = {"contact": "owl@codes.example", "common_crawl_data": "https://data.owl.example"}


@pytest.mark.parametrize(
    ("index", "settings", "seconds"),
    [
        ("http://127.0.0.1:1/i", {"common_crawl_data": "http://127.0.0.1:1"}, 0),
        ("http://127.0.0.1:1/i", {"common_crawl_data": "http://[::1]:1", "pace_seconds": 0.5}, 0.5),
        ("http://127.0.0.1:1/i", LIVE, 1),
        ("https://owl.example/i", LIVE | {"common_crawl_data": "http://localhost"}, 1),
        ("https://owl.example/i", LIVE | {"pace_seconds": 7}, 7),
    ],
)
def test_the_pace_is_a_second_but_on_this_machine(monkeypatch, index, settings, seconds):
    paces = []
    monkeypatch.setattr("scraper.fetch.common_crawl.Pacer", paces.append)
    CrawlClient(index, Settings(**settings))
    assert paces == [seconds]


def test_each_request_waits_for_its_turn():
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async def ask_twice():
        local = Settings(common_crawl_data="http://127.0.0.1:1")
        pacer = Pacer(2, sleep=sleep, monotonic=lambda: 100.0)
        client = CrawlClient("http://127.0.0.1:1/i", local, pacer)
        return await asyncio.gather(
            client.count_pages("a"), client.list_page("a", 0), return_exceptions=True
        )

    errors = asyncio.run(ask_twice())
    assert [error.reason for error in errors] == ["connect", "connect"]
    assert slept == [2]


LINE = {
    "url": "https://codes.example/1",
    "mime": "TEXT/HTML",
    "status": 200,
    "offset": 5,
    "length": "7",
    "digest": "A2" * 16,
    "filename": "a/b.warc.gz",
    "new": [1],
}


def test_a_line_of_the_index_gives_the_place_of_a_record():
    record = parse_cdx_line(json.dumps(LINE).encode())
    assert record is not None
    assert (record.name, record.length, record.digest) == ("a/b.warc.gz:5", 7, "sha1:" + "A2" * 16)


@pytest.mark.parametrize(
    "lie",
    [
        {"digest": None},
        {"digest": "A1" * 16},
        {"digest": "sha256:" + "A2" * 16},
        {"offset": "-1"},
        {"offset": "\u0661"},
        {"offset": 1.5},
        {"offset": True},
        {"length": "0"},
        {"length": "9" * 400},
        {"length": None},
        {"filename": None},
        {"filename": ""},
        {"filename": "../../etc/passwd"},
        {"filename": "a/../b"},
        {"filename": "/etc/passwd"},
        {"filename": "//owl.example/a"},
        {"filename": "a b"},
        {"filename": "a?x=1"},
        {"filename": "a@owl.example"},
        {"url": "https://codes.example/1 \n"},
    ],
)
def test_a_line_that_cannot_be_trusted_is_refused_in_one_line(lie):
    with pytest.raises(FetchError) as caught:
        parse_cdx_line(json.dumps(LINE | lie).encode())
    assert caught.value.reason == "bad_index"
    assert "\n" not in str(caught.value)
