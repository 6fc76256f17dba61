"""Pages out of a Common Crawl of our own: just the records that match, each proved."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from scraper.archive.store import Archive
from scraper.errors import UsageError
from scraper.pipeline import crawling
from scraper.pipeline.building import build_release
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of

from .crawl import FILE, INDEX_PATH, Crawl, record_of
from .ground import CODES, Clock, page_of, project_in

PAGES = {CANONICAL_ORIGIN + path_of(code): page_of(code) for code in CODES[:5]}
HOST = urlsplit(CANONICAL_ORIGIN).netloc
URLS = list(PAGES)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    Clock(monkeypatch)


@pytest.fixture
def crawl():
    with Crawl(PAGES) as server:
        yield server


def bring(folder, crawl, prefix=f"{HOST}/", **options):
    settings = {"common_crawl_data": crawl.origin} | options.pop("settings", {})
    project = project_in(folder, **settings)
    return crawling.import_crawl(project, crawl.index, prefix, **options)


def held(folder):
    with Archive.open(folder / "raw") as archive:
        return list(archive.pages())


def reasons(report):
    return [error.reason for _, error in report.refused]


def test_the_records_of_a_prefix_are_kept_with_their_place_and_time(tmp_path, crawl):
    report = bring(tmp_path, crawl)
    assert (report.kept, report.refused, report.stopped) == (5, [], None)
    pages = held(tmp_path)
    assert [page.url for page in pages] == URLS
    assert [page.source_name for page in pages] == [
        f"{FILE}:{line['offset']}" for line in crawl.lines
    ]
    assert {(page.source, page.status, page.retrieved_at) for page in pages} == {
        ("import", 200, datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC))
    }
    assert build_release(project_in(tmp_path)).coverage["row"] == 5
    assert b"owl-cookie" not in b"".join(
        gzip.decompress(file.read_bytes()) for file in tmp_path.rglob("*.warc.gz")
    )


def test_just_the_bytes_of_the_records_are_asked_for_one_after_the_other(tmp_path, crawl):
    bring(tmp_path, crawl)
    assert crawl.ranges == [
        f"bytes={line['offset']}-{int(line['offset']) + int(line['length']) - 1}"
        for line in crawl.lines
    ]
    assert sum("showNumPages" in path for path, _ in crawl.requests) == 1
    assert [re.findall(r"&page=(\d)", path) for path, _ in crawl.requests if "&page" in path] == [
        ["0"],
        ["1"],
        ["2"],
    ]
    assert all(headers["User-Agent"].startswith("scraper/") for _, headers in crawl.requests)


def test_what_is_held_is_not_asked_for_again(tmp_path, crawl):
    bring(tmp_path, crawl)
    asked = len(crawl.ranges)
    report = bring(tmp_path, crawl)
    assert (report.kept, report.held_already, len(crawl.ranges)) == (0, 5, asked)


def test_a_narrower_prefix_takes_fewer_and_may_be_written_as_an_address(tmp_path, crawl):
    prefix = URLS[0].partition("//")[2]
    assert bring(tmp_path, crawl, prefix).kept == 1
    assert bring(tmp_path / "a", crawl, f"https://{prefix}*").kept == 1
    report = bring(tmp_path / "b", crawl, f"{HOST}/owls/")
    assert (report.kept, report.refused) == (0, [])


def test_only_pages_of_known_sites_with_status_200_are_asked_for(tmp_path):
    with Crawl({}, per_page=50) as crawl:
        url, body = URLS[0], PAGES[URLS[0]]
        for fields in (
            {"status": "404"},
            {"mime": "image/png"},
            {"mime": "warc/revisit"},
            {"url": f"https://{HOST}.example/1"},
            {"url": f"https://{HOST}@owl.example/1"},
        ):
            crawl.add(**({"url": url, "body": body, "record": record_of(url, body)} | fields))
        report = bring(tmp_path, crawl)
        assert (report.kept, report.refused, crawl.ranges) == (0, [], [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"digest": "A" * 32}, "damaged"),
        ({"digest": ""}, "bad_index"),
        ({"length": "999999999999"}, "too_large"),
        ({"length": "40"}, "damaged"),
        ({"offset": "7"}, "damaged"),
        ({"filename": "crawl-data/gone.warc.gz"}, "http_status"),
        ({"url": f"{URLS[0]}/other"}, "damaged"),
    ],
)
def test_an_index_that_lies_gives_no_page_and_the_rest_is_read(tmp_path, crawl, fields, reason):
    crawl.lines[0].update(fields)
    report = bring(tmp_path, crawl)
    assert (report.kept, reasons(report), report.stopped) == (4, [reason], None)
    assert all("\n" not in str(error) for _, error in report.refused)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"no gzip at all", "damaged"),
        (gzip.compress(b"no record"), "damaged"),
        (record_of(URLS[0], PAGES[URLS[0]])[:-9], "damaged"),
        (record_of(URLS[0], PAGES[URLS[0]]) * 2, "damaged"),
        (gzip.compress(b"WARC/1.0\r\nContent-Length: 4\r\n\r\nowls"), "damaged"),
        (gzip.compress(b"\0" * 50_000_000), "damaged"),
        (record_of(URLS[0], b" " * 20_000_000), "too_large"),
    ],
    ids=range(7),
)
def test_a_record_that_is_not_what_the_index_says_is_refused(tmp_path, crawl, record, reason):
    crawl.add(URLS[0], PAGES[URLS[0]], record)
    report = bring(tmp_path, crawl)
    assert (report.kept, reasons(report)) == (5, [reason])


def changed(status=None, headers=None, body=None):
    def change(path, answer):
        if not path.startswith(f"/{FILE}"):
            return answer
        new = answer[2] if body is None else body(answer[2])
        return status or answer[0], answer[1] | (headers or {}), new

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed(status=200), "http_status"),
        (changed(status=302, headers={"Location": "http://127.0.0.1:1/"}), "http_status"),
        (changed(headers={"Content-Range": "bytes 0-1/2"}), "wrong_range"),
        (changed(headers={"Content-Range": ""}), "wrong_range"),
        (changed(body=lambda body: body[:-1]), "wrong_range"),
        (changed(body=lambda body: body + b"more"), "too_large"),
        (changed(headers={"Content-Length": "9999"}), "truncated"),
    ],
)
def test_an_answer_that_is_not_the_range_is_refused_and_five_in_a_row_end_it(
    tmp_path, crawl, change, reason
):
    crawl.change_answer = change
    report = bring(tmp_path, crawl)
    assert report.kept == 0
    assert reasons(report) == [reason] * 5
    assert report.stopped is not None
    assert "5 requests in a row failed" in report.stopped


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_refusal_stops_at_once_and_what_was_kept_stays(tmp_path, crawl, status):
    def change(path, answer):
        is_third = path.startswith(f"/{FILE}") and len(crawl.ranges) == 3
        return (status, {}, b"") if is_third else answer

    crawl.change_answer = change
    report = bring(tmp_path, crawl)
    assert (report.kept, report.refused, len(crawl.ranges)) == (2, [], 3)
    assert f"status {status}" in str(report.stopped)
    crawl.change_answer = lambda _, answer: answer
    assert bring(tmp_path, crawl).kept == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((500, {}, b""), "http_status"),
        ((404, {}, b"nothing here"), "http_status"),
        ((200, {}, b"<html>"), "bad_index"),
        ((200, {}, b"[" * 100_000), "bad_index"),
        ((200, {}, b'{"pages": -1}'), "bad_index"),
        ((200, {}, b'{"pages": 99999999}'), "bad_index"),
        ((200, {}, b'{"pages": "1"}'), "bad_index"),
        ((200, {}, b"9" * 5_000), "bad_index"),
        ((200, {"Content-Encoding": "br"}, b"1"), "bad_encoding"),
    ],
)
def test_an_index_that_does_not_answer_as_one_is_named(tmp_path, crawl, answer, reason):
    crawl.change_answer = lambda *_: answer
    report = bring(tmp_path, crawl)
    assert (report.kept, reasons(report)) == (0, [reason])
    assert report.refused[0][0] == crawl.index
    assert INDEX_PATH in str(report.refused[0][1])


def test_a_line_that_is_none_is_named_and_the_rest_is_read(tmp_path, crawl):
    def change(path, answer):
        junk = b"<html>\n[]\n" + b"[" * 100_000 + b"\n\n"
        return (*answer[:2], junk + answer[2]) if "page=1" in path else answer

    crawl.change_answer = change
    report = bring(tmp_path, crawl)
    assert (report.kept, reasons(report)) == (5, ["bad_index"] * 3)


@pytest.mark.parametrize(
    "prefix", ["owl.example/", "", "/cpt", "a b/", "http://", f"{HOST}/\n", "*"]
)
def test_a_prefix_of_no_known_site_is_refused_before_anything_is_asked(tmp_path, crawl, prefix):
    with pytest.raises(UsageError, match="--prefix"):
        bring(tmp_path, crawl, prefix)
    assert crawl.requests == []


def test_another_machine_is_not_asked_without_a_contact(tmp_path, crawl):
    with pytest.raises(UsageError, match="Common Crawl is live and is not asked without a contact"):
        bring(tmp_path, crawl, settings={"common_crawl_data": "https://data.owl.example"})
    assert crawl.requests == []


@pytest.mark.parametrize("index", ["owl", "ftp://owl.example/", "https://owl.example/?a=b"])
def test_an_index_that_is_no_address_is_refused(tmp_path, index):
    with pytest.raises(UsageError, match="--common-crawl"):
        crawling.import_crawl(project_in(tmp_path), index, f"{HOST}/")


@pytest.mark.parametrize(
    "index",
    [
        "https://owl:hush@codes.example/i",
        "https://hush@codes.example/i",
        "https://:hush@codes.example/i",
        "https://owl:hu/sh@codes.example/i",
        "https://owl:hush\\@codes.example/i?a=b",
        "owl:hush@codes.example",
        "https://owl:hush @codes.example/",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_told(tmp_path, crawl, index):
    project = project_in(tmp_path, contact="owl@codes.example")
    for words in ((index, f"{HOST}/"), (crawl.index, index)):
        with pytest.raises(UsageError, match=r"--common-crawl|--prefix") as raised:
            crawling.import_crawl(project, *words)
        assert "hush" not in str(raised.value)
        assert "\n" not in str(raised.value)
    assert crawl.requests == []


@pytest.mark.parametrize(
    "name",
    [
        "//10.0.0.1/a.warc.gz",
        "@10.0.0.1/a.warc.gz",
        "http://10.0.0.1/a.warc.gz",
        "\\\\10.0.0.1\\a.warc.gz",
        "/../../@169.254.169.254/latest",
        "a%2f..%2fb",
        "../a.warc.gz",
        ".",
        "a.warc.gz?x",
        "a.warc.gz#x",
        "a.warc.gz\r\nHost: 10.0.0.1",
    ],
)
def test_an_index_can_name_no_other_host_and_no_other_place(tmp_path, crawl, name):
    crawl.lines[0].update(filename=name)
    report = bring(tmp_path, crawl)
    assert (report.kept, reasons(report)) == (4, ["bad_index"])
    assert {urlsplit(path).path for path, _ in crawl.requests} == {INDEX_PATH, f"/{FILE}"}
    assert {headers["Host"] for _, headers in crawl.requests} == {urlsplit(crawl.origin).netloc}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_of_index_or_file_is_followed(tmp_path, crawl, status):
    with Crawl(PAGES) as inside:
        location = {"Location": f"{inside.origin}/{FILE}"}
        crawl.change_answer = lambda *_: (status, location, b"")
        assert reasons(bring(tmp_path, crawl)) == ["http_status"]
        crawl.change_answer = changed(status, location)
        assert reasons(bring(tmp_path, crawl)) == ["http_status"] * 5
        assert inside.requests == []
