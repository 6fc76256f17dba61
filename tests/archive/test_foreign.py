from __future__ import annotations

import gzip
import io
import random
import shutil
import subprocess
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scraper.archive.saved import read_saved
from scraper.archive.saved_page import SavedPage
from scraper.errors import PageError

from .samples import SEGMENT, fetched, fill, imported

URL = "https://codes.example/cpt/codes/00001"
PAGE = b"<html><h1>Invented code 00001</h1><p>" + b"A page of our own. " * 40 + b"</p></html>"
DATE = "2026-02-03T04:05:06Z"
HTML = "text/html; charset=utf-8"
LIMIT = 20_000


class Writer:
    """Writes a WARC file with warcio, as another tool would."""

    def __init__(self, path, version="WARC/1.1"):
        self._file = path.open("wb")
        self._warc = WARCWriter(self._file, gzip=path.suffix == ".gz", warc_version=version)
        self.offsets = []

    def add(self, url, body, *headers, status="200 OK", type_="response", mime=HTML, **warc):
        self.offsets.append(self._file.tell())
        http = None
        if type_ == "response":
            lines = [("Content-Type", mime), *headers] if mime else list(headers)
            http = StatusAndHeaders(status, lines, protocol="HTTP/1.1")
        named = {"WARC-Date": DATE} | {f"WARC-{k.title()}": v for k, v in warc.items()}
        record = self._warc.create_warc_record(
            url,
            type_,
            payload=io.BytesIO(body),
            http_headers=http,
            warc_content_type=mime if type_ == "resource" else "",
            warc_headers_dict=named,
        )
        self._warc.write_record(record)
        record.raw_stream.close()  # warcio leaves its temporary file open

    def info(self):
        record = self._warc.create_warcinfo_record("x.warc", {"software": "t"})
        self._warc.write_record(record)
        record.raw_stream.close()

    def close(self):
        self._file.close()


@pytest.fixture
def warc(tmp_path):
    writer = Writer(tmp_path / "x.warc.gz")
    yield writer
    writer.close()


def read(path, *, max_bytes=LIMIT):
    """The pages of a file, and its errors."""
    results = list(read_saved([path], max_bytes=max_bytes, urls={}))
    pages = [result for result in results if isinstance(result, SavedPage)]
    errors = [result[1] for result in results if not isinstance(result, SavedPage)]
    assert all("\n" not in str(error) and path.name in str(error) for error in errors)
    return pages, errors


def read_closed(writer, tmp_path, **options):
    writer.close()
    return read(tmp_path / "x.warc.gz", **options)


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
@pytest.mark.parametrize("version", ["WARC/1.0", "WARC/1.1"])
def test_pages_of_another_tool_come_with_url_status_headers_and_time(tmp_path, name, version):
    writer = Writer(tmp_path / name, version)
    writer.info()
    writer.add(URL, PAGE, ("Set-Cookie", "a=b"), ("Vary", "*"))
    writer.add(URL + "/missing", b"<p>not here</p>", status="404 Not Found")
    writer.close()
    when = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    headers = (("Content-Type", HTML), ("Vary", "*"))
    first = SavedPage(name, URL, PAGE, 200, headers, when)
    second = SavedPage(name, f"{URL}/missing", b"<p>not here</p>", 404, headers[:1], when)
    assert read(tmp_path / name) == ([first, second], [])


def test_what_is_no_page_is_passed_over_silently(warc, tmp_path):
    warc.info()
    warc.add(URL, b"GET", type_="request")
    warc.add("https://codes.example/a.png", b"\x89PNG", mime="image/png")
    warc.add("https://codes.example/a.css", b"p {}", mime="text/css")
    warc.add("https://codes.example/robots.txt", b"User-agent: *", mime="text/plain")
    warc.add("https://codes.example/sitemap-1.txt", b"https://", mime="text/plain")
    warc.add(URL, b"moved", status="301 Moved Permanently")
    warc.add("dns:codes.example", b"127.0.0.1", type_="resource", mime="text/dns")
    warc.add("metadata://a.example/log.txt", b"a log", type_="resource", mime="text/plain")
    warc.add("https://codes.example/video", b"x" * 3 * LIMIT * 10, mime="video/mp4")
    warc.add("https://codes.example/api", b"{}", mime="")
    warc.add(URL, PAGE, mime="TEXT/HTML")
    pages, errors = read_closed(warc, tmp_path)
    assert [page.url for page in pages] == [URL]
    assert errors == []


def test_pages_of_other_types_and_records_are_read(warc, tmp_path):
    warc.add(f"{URL}#1", PAGE, mime="application/xhtml+xml")
    warc.add(f"{URL}#2", b"plain words", mime="text/plain")
    warc.add(f"{URL}#3", b"\n<!DOCTYPE html><p>no type declared</p>", mime="")
    warc.add(f"{URL}#4", PAGE, type_="resource", mime="text/html")
    pages, errors = read_closed(warc, tmp_path)
    assert [page.url for page in pages] == [f"{URL}#{number}" for number in range(1, 5)]
    assert [page.status for page in pages] == [200, 200, 200, None]
    assert errors == []


def test_chunks_and_codings_are_undone(warc, tmp_path):
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    warc.add(URL, chunks, ("Transfer-Encoding", "chunked"))
    warc.add(URL, gzip.compress(PAGE), ("Content-Encoding", "gzip"))
    pages, errors = read_closed(warc, tmp_path)
    assert [page.body for page in pages] == [PAGE, PAGE]
    assert errors == []


def test_pages_that_cannot_be_used_are_named_with_their_offset(warc, tmp_path):
    warc.add(URL, b"x" * (LIMIT + 1))
    warc.add(URL, b"x" * (LIMIT * 9))
    warc.add(URL, gzip.compress(b"x" * 10_000_000), ("Content-Encoding", "gzip"))
    warc.add(URL, PAGE, ("Content-Encoding", "unheard-of"))
    warc.add(URL, b"%PDF-1.7 but called HTML")
    warc.add(URL, b"")
    warc.add(URL, PAGE, truncated="length")
    warc.add(URL, PAGE, status="206 Partial Content")
    warc.add(URL, PAGE)
    pages, errors = read_closed(warc, tmp_path)
    assert len(pages) == 1
    assert [error.reason for error in errors] == [
        *["too_large"] * 3,
        "unknown_coding",
        "binary",
        "empty",
        *["truncated"] * 2,
    ]
    for error, offset in zip(errors, warc.offsets, strict=False):
        assert f"x.warc.gz: record at byte {offset}: " in str(error)


def test_a_time_that_is_none_is_unknown_and_fractions_are_dropped(tmp_path):
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: <%s>\r\nWARC-Date: %s\r\n"
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>a</p>"
    record = head + b"Content-Length: %d\r\n\r\n" % len(block) + block + b"\r\n\r\n"
    dates = (b"2026-02-03T05:05:06.789+01:00", b"yesterday")
    (tmp_path / "x.warc").write_bytes(b"".join(record % (URL.encode(), d) for d in dates))
    pages, errors = read(tmp_path / "x.warc")
    assert [page.retrieved_at for page in pages] == [
        datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        None,
    ]
    assert [page.url for page in pages] == [URL, URL]
    assert errors == []


def test_our_own_segments_can_be_imported(tmp_path):
    coded = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
    captures = [fetched(1, headers=coded), imported("a.txt", b"saved words")]
    fill(tmp_path / "raw", [*captures, fetched(1, headers=coded, minutes=5)])
    pages, errors = read(tmp_path / "raw" / SEGMENT)
    assert [page.body for page in pages] == [capture.body for capture in captures]
    assert [page.url for page in pages] == [captures[0].url, None]
    assert errors == []


def test_line_ends_of_unix_are_understood(tmp_path):
    block = b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n<p>a</p>"
    head = f"WARC/1.0\nWARC-Type: response\nWARC-Target-URI: {URL}\nContent-Length: {len(block)}"
    (tmp_path / "x.warc").write_bytes(f"{head}\n\n".encode() + block + b"\n\n")
    pages, errors = read(tmp_path / "x.warc")
    assert [page.body for page in pages] == [b"<p>a</p>"]
    assert errors == []


def three_pages(path):
    writer = Writer(path)
    for number in range(3):
        writer.add(f"{URL}/{number}", PAGE)
    writer.close()
    return path.read_bytes(), writer.offsets


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_reading_goes_on_after_a_damaged_record(tmp_path, name):
    path = tmp_path / name
    whole, offsets = three_pages(path)
    data = bytearray(whole)
    data[(offsets[1] + offsets[2]) // 2] ^= 0x10
    path.write_bytes(data)
    pages, errors = read(path)
    assert [page.url for page in pages] == [f"{URL}/0", f"{URL}/2"]
    assert [error.reason for error in errors] == ["damaged"]
    assert f"record at byte {offsets[1]}" in str(errors[0])


def test_junk_that_looks_like_a_member_is_passed_over(tmp_path):
    whole, offsets = three_pages(tmp_path / "x.warc.gz")
    junk = b"\x1f\x8b\x08 junk \x1f\x8b\x08\xff more" + gzip.compress(b"not a record")
    (tmp_path / "x.warc.gz").write_bytes(whole[: offsets[1]] + junk + whole[offsets[1] :])
    pages, errors = read(tmp_path / "x.warc.gz")
    assert [page.url for page in pages] == [f"{URL}/{number}" for number in range(3)]
    assert [error.reason for error in errors] == ["damaged"]


def test_a_head_in_latin_1_is_read(tmp_path):
    block = BLOCK.replace(b"OK", b"\xe9t\xe9")
    record = GOOD.replace(BLOCK, block).replace(b": %d" % len(BLOCK), b": %d" % len(block))
    (tmp_path / "x.warc").write_bytes(record)
    pages, errors = read(tmp_path / "x.warc")
    assert [page.status for page in pages] == [200]
    assert errors == []


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_file_cut_anywhere_gives_its_whole_pages_and_says_so(tmp_path, name):
    path = tmp_path / name
    whole, offsets = three_pages(path)
    for size in range(offsets[1] + 1, len(whole) - 4, 7):
        path.write_bytes(whole[:size])
        pages, errors = read(path)
        assert [page.url for page in pages[:1]] == [f"{URL}/0"]
        assert all(page.body == PAGE for page in pages)
        is_at_a_seam = any(0 <= size - offset <= 0 or 0 < offset - size <= 4 for offset in offsets)
        assert len(errors) == (0 if is_at_a_seam and name == "x.warc" else size not in offsets)


def test_no_bit_flip_in_a_file_with_digests_changes_a_page_silently(tmp_path):
    path = tmp_path / "x.warc.gz"
    whole, _ = three_pages(path)
    chance = random.Random(3)
    for _ in range(300):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        pages, errors = read(path)
        assert all(page.body == PAGE and page.url.startswith(URL) for page in pages)
        assert len(pages) == 3 or errors


def test_a_flip_in_a_member_without_digests_is_found_by_its_crc(tmp_path):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {URL}\r\n"
    record = f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
    member = bytearray(gzip.compress(record))
    member[-8] ^= 1
    (tmp_path / "x.warc.gz").write_bytes(bytes(member) + gzip.compress(record))
    pages, errors = read(tmp_path / "x.warc.gz")
    assert len(pages) == len(errors) == 1


def test_a_digest_that_does_not_match_is_reported_and_an_unknown_one_is_not(tmp_path):
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>a</p>"
    head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {URL}\r\n"
    labels = ("Block-Digest: sha1:AAAA", "Payload-Digest: md5:00", "Block-Digest: blake3:AA")
    records = [
        f"{head}WARC-{label}\r\nContent-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"
        for label in labels
    ]
    (tmp_path / "x.warc").write_bytes(b"".join(records))
    pages, errors = read(tmp_path / "x.warc")
    assert [error.reason for error in errors] == ["damaged", "damaged"]
    assert len(pages) == 1


BLOCK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>good</p>"
GOOD = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://codes.example/1\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(BLOCK), BLOCK)
)


@pytest.mark.parametrize(
    "hostile",
    [
        b"Content-Length: -5",
        b"Content-Length: 99999999999999999999999",
        b"Content-Length: five",
        b"X-Length: 5",
        b"Content-Length: 9999999999",
        b"X: " + b"a" * 200_000,
        b"X: a\r\n" * 20_000,
        b"Content-Length: \xd9\xa5",
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_hostile_header_is_reported_and_the_next_record_read(tmp_path, hostile, pack):
    bad = b"WARC/1.0\r\nWARC-Type: response\r\n" + hostile + b"\r\n\r\nhello\r\n\r\n"
    path = tmp_path / ("x.warc" if pack is bytes else "x.warc.gz")
    path.write_bytes(pack(bad) + pack(GOOD))
    pages, errors = read(path)
    assert [error.reason for error in errors] == ["damaged"]
    assert [page.body for page in pages] == [b"<p>good</p>"]


def test_a_file_of_nothing_but_damage_ends_after_a_hundred_errors(tmp_path):
    (tmp_path / "x.warc").write_bytes(b"WARC/1.0\r\n\r\n" * 5_000)
    pages, errors = read(tmp_path / "x.warc")
    assert (len(pages), len(errors)) == (0, 100)


@pytest.mark.parametrize("size", [0, 1, 7, 100])
def test_random_bytes_are_no_warc_file(tmp_path, size):
    for name in ("x.warc", "x.warc.gz"):
        magic = b"\x1f\x8b\x08" if name.endswith("gz") else b""
        (tmp_path / name).write_bytes(magic + random.Random(size).randbytes(size) + b"!")
        pages, errors = read(tmp_path / name)
        assert pages == []
        assert [error.reason for error in errors] == ["damaged"]


def test_a_response_whose_status_line_is_none_is_still_a_page(tmp_path):
    (tmp_path / "x.warc").write_bytes(GOOD.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 2x0 OK"))
    pages, _ = read(tmp_path / "x.warc")
    assert [page.status for page in pages] == [None]


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not on this machine")
@pytest.mark.parametrize("ending", [".warc", ".warc.gz"])
def test_a_file_that_wget_wrote_gives_its_pages(tmp_path, ending):
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_bytes(b"<html><a href='a.html'>a</a><img src='i.png'></html>")
    (site / "a.html").write_bytes(PAGE)
    (site / "i.png").write_bytes(b"\x89PNG")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=site)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        plain = ["--no-warc-compression"] if ending == ".warc" else []
        options = ["-q", "-r", "-p", "--no-proxy", f"--warc-file={tmp_path / 'x'}", *plain]
        subprocess.run(["wget", *options, f"{origin}/index.html"], cwd=tmp_path, check=False)
        server.shutdown()
    pages, errors = read(tmp_path / f"x{ending}")
    bodies = {page.url: page.body for page in pages if page.status == 200}
    assert bodies == {
        f"{origin}/index.html": (site / "index.html").read_bytes(),
        f"{origin}/a.html": PAGE,
    }
    assert errors == []
    assert all(page.retrieved_at is not None for page in pages)


def test_an_error_names_the_file_and_is_a_page_error(tmp_path):
    (tmp_path / "x.warc").write_bytes(b"not a WARC file")
    _, (error,) = read(tmp_path / "x.warc")
    assert isinstance(error, PageError)
    assert "x.warc: record at byte 0: it is no WARC record" in str(error)
