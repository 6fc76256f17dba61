"""WARC files between programs: theirs import to the rows of our own fetch, and they read ours."""

from __future__ import annotations

import gc
import gzip
import http.client
import io
import shutil
import subprocess
import warnings

import pyarrow.parquet as pq
import pytest
from pipeline.ground import BOOK, Clock, clean_home, run
from warcio.archiveiterator import ArchiveIterator
from warcio.capture_http import capture_http
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive.store import Archive
from scraper.sample.chrome import path_of
from scraper.sample.server import SampleServer

WGET = shutil.which("wget")
# What tells when and from which copy a row was taken; everything else must be the same.
EVIDENCE = {
    "retrieved_at",
    "capture_sha256",
    "raw_file",
    "raw_offset",
    "official_capture",
    "common_language_capture",
    "first_seen",
    "last_changed",
}
PAGE_EVIDENCE = {"capture", "raw_file", "raw_offset", "source_name"}
CODE_ADDRESSES = [path_of(code) for code in BOOK.listed]


@pytest.fixture(scope="module")
def server():
    with SampleServer(views_per_day=10_000, crawl_delay=0) as running:
        yield running


@pytest.fixture(scope="module")
def ours(server, tmp_path_factory):
    """The home of a run of our own."""
    with pytest.MonkeyPatch.context() as patch:
        home = clean_home(patch, tmp_path_factory.mktemp("ours") / "home", origin=server.url)
        Clock(patch)
        assert run("scrape").code == 0
        return home


@pytest.fixture
def home(tmp_path, monkeypatch):
    return clean_home(monkeypatch, tmp_path / "home")


def read(home, table, without):
    rows = pq.read_table(home / "output" / "latest" / f"{table}.parquet").to_pylist()
    return [{name: row[name] for name in row if name not in without} for row in rows]


def ask(server, path, headers=()):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers=dict(headers))
    body = connection.getresponse().read()
    connection.close()
    return body


def by_code(rows):
    return sorted(rows, key=lambda row: row["code"])


def check_same(home, ours):
    assert read(home, "codes", EVIDENCE) == read(ours, "codes", EVIDENCE)
    assert read(home, "history", {"capture"}) == read(ours, "history", {"capture"})
    pages = [by_code(read(place, "pages", PAGE_EVIDENCE)) for place in (home, ours)]
    assert pages[0] == pages[1]
    assert len(pages[0]) == len(BOOK.listed)


def import_and_build(file, pages):
    imported = run("import", file, "--json")
    assert (imported.code, imported.err) == (0, "")
    assert imported.data["kept"] == pages
    built = run("build")
    assert built.code == 0, built.err


@pytest.mark.skipif(WGET is None, reason="wget is not installed")
@pytest.mark.parametrize("packed", [True, False], ids=["warc.gz", "warc"])
def test_a_crawl_by_wget_gives_the_rows_of_our_own_fetch(home, ours, server, packed):
    addresses = home / "addresses"
    addresses.write_text("".join(f"{server.url}{path}\n" for path in CODE_ADDRESSES))
    options = ["--no-config", "--no-verbose", "--no-warc-keep-log", "--warc-file=crawl"]
    plain = [] if packed else ["--no-warc-compression"]
    command = [WGET, *options, *plain, "--output-document=/dev/null", f"--input-file={addresses}"]
    ended = subprocess.run(command, cwd=home, capture_output=True, timeout=120, check=False)
    assert ended.returncode == 8  # the sitemap's stale code is not found
    import_and_build("crawl.warc.gz" if packed else "crawl.warc", len(BOOK.listed))
    check_same(home, ours)


@pytest.mark.parametrize("compressed", [True, False], ids=["gzip bodies", "plain bodies"])
def test_a_capture_by_warcio_gives_the_rows_of_our_own_fetch(home, ours, server, compressed):
    headers = {"Accept-Encoding": "gzip"} if compressed else {}
    with capture_http(str(home / "captured.warc.gz")):
        for path in CODE_ADDRESSES:
            ask(server, path, headers)
    import_and_build("captured.warc.gz", len(BOOK.listed))
    check_same(home, ours)


def write_mixed(path, origin, body):
    """Write a page and a picture by warcio, which leaves its temporary files to the collector."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a test"}))
        for name, kind in ((CODE_ADDRESSES[0], "text/html"), ("/moon.png", "image/png")):
            head = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            asked = StatusAndHeaders(f"GET {name} HTTP/1.1", [], is_http_request=True)
            url = origin + name
            response = writer.create_warc_record(
                url, "response", io.BytesIO(body), http_headers=head
            )
            request = writer.create_warc_record(url, "request", http_headers=asked)
            writer.write_request_response_pair(request, response)


def test_records_of_another_kind_and_other_media_are_passed_over(home, server):
    body = ask(server, CODE_ADDRESSES[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        write_mixed(home / "mixed.warc.gz", server.url, body)
        gc.collect()
    import_and_build("mixed.warc.gz", 1)
    assert [row["code"] for row in read(home, "codes", ())] == [BOOK.listed[0]]


def test_the_times_of_the_other_tool_are_kept(home, ours, server, monkeypatch):
    with capture_http(str(home / "captured.warc.gz")):
        ask(server, CODE_ADDRESSES[0])
    with (home / "captured.warc.gz").open("rb") as file:
        times = {record.rec_headers["WARC-Date"] for record in ArchiveIterator(file)}
    later = Clock(monkeypatch)
    later.pass_days(40_000)  # the capture has a real time, and none of the future is kept
    import_and_build("captured.warc.gz", 1)
    (row,) = read(home, "codes", ())
    assert row["retrieved_at"] != later.now
    assert any(f"{row['retrieved_at']:%Y-%m-%dT%H:%M:%S}" in time for time in times)


def test_a_file_cut_in_the_middle_gives_its_whole_pages_and_names_the_damage(home, ours, server):
    with capture_http(str(home / "whole.warc.gz")):
        for path in CODE_ADDRESSES[:4]:
            ask(server, path)
    content = (home / "whole.warc.gz").read_bytes()
    (home / "cut.warc.gz").write_bytes(content[: len(content) * 7 // 8])
    ended = run("import", "cut.warc.gz", "--json")
    assert ended.code == 1
    assert ended.data["kept"] == 3
    assert [refused["reason"] for refused in ended.data["refused"]] == ["damaged"]
    assert "cut.warc.gz: record at byte" in ended.complaints[0]


def test_our_segments_are_read_by_warcio_with_every_digest_right_and_the_same_bodies(ours):
    theirs = {}
    for segment in sorted((ours / "raw" / "sample").glob("*.warc.gz")):
        with segment.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                content = record.content_stream().read()
                if record.rec_type == "response":
                    theirs[record.rec_headers["WARC-Target-URI"]] = content
                assert record.digest_checker.passed is not False
    with Archive.open(ours / "raw") as archive:
        held = {found.page.url: found.capture.body for found in archive.captures()}
    assert len(held) == len(BOOK.listed)
    assert {url: theirs[url] for url in held} == held


def test_our_segments_are_one_gzip_member_a_record_and_name_the_version(ours):
    (segment,) = (ours / "raw" / "sample").glob("*.warc.gz")
    with segment.open("rb") as file:
        records = ArchiveIterator(file)
        kinds = []
        for record in records:
            kinds.append((record.rec_type, records.get_record_offset()))
            assert record.rec_headers.protocol == "WARC/1.1"
    content = segment.read_bytes()
    assert all(content[offset : offset + 2] == b"\x1f\x8b" for _, offset in kinds)
    assert [kind for kind, _ in kinds[:5]] == [
        "warcinfo",
        "request",
        "response",
        "request",
        "response",
    ]
    assert gzip.decompress(content).count(b"WARC-Type: response") == len(BOOK.listed) + 1
