from __future__ import annotations

import gzip
import random
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from scraper.archive.entry import hold
from scraper.archive.store import Archive
from scraper.capture import Capture, HeldCapture
from scraper.errors import BusyError, PageError, StorageError

from .samples import (
    HTML,
    REQUEST,
    SEGMENT,
    SITE,
    START,
    fetched,
    file_bytes,
    fill,
    held,
    imported,
    page_body,
    page_url,
    read_all,
)


def test_a_capture_comes_back_as_it_was_given(tmp_path):
    capture = fetched(1, headers=(*HTML, ("X-Empty", ""), ("Vary", "Accept"), ("Vary", "Cookie")))
    (page,) = fill(tmp_path, [capture])
    with Archive.open(tmp_path) as archive:
        assert archive.read(page) == HeldCapture(page, capture)
        assert list(archive.pages()) == [page]
        assert archive.newest(SITE, capture.url) == page


@given(
    body=st.binary(max_size=300),
    status=st.sampled_from([None, 200, 404, 599]),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    value=st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=20),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_body_name_and_header_come_back(tmp_path_factory, body, status, name, value):
    raw_dir = tmp_path_factory.mktemp("raw")
    headers = (("X-Note", value.strip()),) if status else ()
    capture = imported(name, body, status=status, headers=headers)
    (page,) = fill(raw_dir, [capture])
    assert read_all(raw_dir) == [HeldCapture(page, capture)]


def test_a_saved_file_keeps_its_name_and_has_no_url(tmp_path):
    capture = imported("my pages/a é#1.html", b"<p>saved</p>")
    (page,) = fill(tmp_path, [capture])
    assert (page.url, page.source_name, page.status) == (None, "my pages/a é#1.html", None)
    assert b"WARC-Type: resource" in gzip.decompress((tmp_path / SEGMENT).read_bytes())
    assert read_all(tmp_path) == [HeldCapture(page, capture)]


def test_secrets_of_request_and_response_are_never_written(tmp_path):
    secrets = ("Cookie", "authorization", "Proxy-Authorization", "Set-Cookie", "SET-COOKIE2")
    with_secrets = tuple((name, "hush-hush") for name in secrets)
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(1, headers=(*HTML, *with_secrets)), (*REQUEST, *with_secrets))
        archive.append(fetched(1, headers=(*HTML, *with_secrets), minutes=9), with_secrets)
    written = gzip.decompress((tmp_path / SEGMENT).read_bytes())
    assert b"tester/1" in written
    assert b"hush" not in written
    assert b"hush" not in (tmp_path / "index.sqlite").read_bytes()


def test_a_header_cannot_smuggle_a_line_into_the_record(tmp_path):
    capture = fetched(1, headers=(("X-A", "b\r\n\r\nSet-Cookie: c"),))
    fill(tmp_path, [capture])
    (kept,) = read_all(tmp_path)
    assert kept.capture.body == capture.body
    assert kept.capture.headers == (("X-A", "b Set-Cookie: c"),)


def test_headers_of_the_wire_are_renamed_in_the_file_and_come_back(tmp_path):
    wire = (*HTML, ("Content-Encoding", "gzip"), ("content-length", "7"))
    capture = fetched(1, headers=wire)
    fill(tmp_path, [capture])
    written = gzip.decompress((tmp_path / SEGMENT).read_bytes())
    assert b"X-Archive-Orig-Content-Encoding: gzip\r\n" in written
    assert b"Content-Length: %d\r\n\r\n<html>" % len(capture.body) in written
    assert read_all(tmp_path)[0].capture.headers == wire


def test_another_tool_reads_the_segment_and_finds_every_digest_right(tmp_path):
    capture = fetched(1, headers=(*HTML, ("Transfer-Encoding", "chunked")))
    fill(tmp_path, [capture, fetched(1, minutes=5), imported("a.html", b"<p>saved</p>")])
    types, bodies = [], []
    with (tmp_path / SEGMENT).open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            types.append(record.rec_type)
            bodies.append(record.content_stream().read())
    assert types == ["warcinfo", "request", "response", "request", "revisit", "resource"]
    assert bodies[2] == capture.body


def test_the_same_captures_give_the_same_bytes(tmp_path):
    captures = [fetched(1), fetched(1, minutes=3), fetched(2), imported("a.txt", b"words")]
    fill(tmp_path / "a", captures)
    for capture in captures:
        fill(tmp_path / "b", [capture])
    assert file_bytes(tmp_path / "a") == file_bytes(tmp_path / "b")


def test_the_same_body_again_is_a_revisit_and_moves_only_checked_at(tmp_path):
    first, again = fill(tmp_path, [fetched(1), fetched(1, minutes=60)])
    assert again.retrieved_at == first.retrieved_at == START
    assert again.checked_at == START + timedelta(minutes=60)
    assert held(tmp_path) == [again]


@pytest.mark.parametrize("change", [{"body": b"<p>new</p>"}, {"status": 404}, {"kind": "sitemap"}])
def test_a_changed_answer_is_kept_in_full_and_is_the_newest(tmp_path, change):
    _, second = fill(tmp_path, [fetched(1), fetched(1, minutes=60, **change)])
    with Archive.open(tmp_path) as archive:
        assert archive.newest(SITE, page_url(1)) == second
        assert archive.read(second).capture.body == change.get("body", page_body(1))


def test_a_body_that_comes_back_after_another_is_the_newest_again(tmp_path):
    pages = fill(tmp_path, [fetched(1), fetched(1, minutes=1, body=b"x"), fetched(1, minutes=2)])
    with Archive.open(tmp_path) as archive:
        assert archive.newest(SITE, page_url(1)) == pages[2]


def test_an_older_import_does_not_become_the_newest(tmp_path):
    now, _ = fill(
        tmp_path,
        [fetched(1, minutes=9), imported("old.warc", b"<p>old</p>", url=page_url(1), status=200)],
    )
    with Archive.open(tmp_path) as archive:
        assert archive.newest(SITE, page_url(1)) == now


def test_the_same_file_imported_twice_is_kept_once(tmp_path):
    first = fill(tmp_path, [imported("a.html", b"<p>one</p>")])
    before = file_bytes(tmp_path)
    later = imported("a.html", b"<p>one</p>", retrieved_at=START + timedelta(days=3))
    assert fill(tmp_path, [later]) == first
    assert file_bytes(tmp_path) == before


def test_the_same_page_in_another_file_is_kept_with_its_own_provenance(tmp_path):
    fill(tmp_path, [imported("a.html", b"<p>one</p>"), imported("b.html", b"<p>one</p>")])
    assert [page.source_name for page in held(tmp_path)] == ["a.html", "b.html"]


def test_a_segment_over_its_size_is_followed_by_a_new_one(tmp_path):
    captures = [fetched(number, body=page_body(number, 400)) for number in range(9)]
    pages = fill(tmp_path, captures[:5], segment_bytes=2_000)
    pages += fill(tmp_path, captures[5:], segment_bytes=2_000)
    files = sorted({page.raw_file for page in pages})
    assert files == [f"sample/sample-{number:05}.warc.gz" for number in range(1, len(files) + 1)]
    assert len(files) > 2
    assert [kept.capture for kept in read_all(tmp_path)] == captures


def test_sites_and_kinds_are_kept_apart(tmp_path):
    sitemap = fetched(1, url="https://codes.example/sitemap.xml", kind="sitemap")
    other = fetched(2, site="other")
    _, kept_map, kept_other = fill(tmp_path, [fetched(1), sitemap, other])
    with Archive.open(tmp_path) as archive:
        assert [page.url for page in archive.pages(SITE)] == [page_url(1)]
        assert list(archive.pages("other")) == [kept_other]
        assert list(archive.pages(kind="sitemap")) == [kept_map]
        assert archive.newest_of_kind(SITE, "sitemap") == kept_map
        assert archive.newest_of_kind("other", "sitemap") is None
        assert archive.newest(SITE, page_url(9)) is None


def test_pages_are_counted_by_site_and_new_bodies_since_opening(tmp_path):
    fill(tmp_path, [fetched(1), fetched(2, site="other"), fetched(3, kind="sitemap")])
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(1, minutes=1))
        archive.append(fetched(4))
        assert archive.kept == 1
        assert archive.count_pages() == {"other": 1, SITE: 2}


def test_the_parsers_verdict_is_kept_until_the_index_is_made_anew(tmp_path):
    pages = fill(tmp_path, [fetched(1), fetched(2)])
    with Archive.open(tmp_path, write=True) as archive:
        archive.note_parsed(pages[0], "code", "10001")
        archive.note_parsed(pages[1], "quota_wall", None)
    assert [page.page_kind for page in held(tmp_path)] == ["code", "quota_wall"]
    with Archive.open(tmp_path) as archive:
        assert isinstance(archive.read(pages[0]), HeldCapture)


def test_pages_are_given_once_each_while_others_are_added(tmp_path):
    with Archive.open(tmp_path, write=True) as archive:
        for number in range(1_200):
            archive.append(imported(f"{number}.txt", b"%d" % number))
        given = []
        for page in archive.pages():
            given.append(page)
            if len(given) == 500:
                archive.note_parsed(page, "code", None)
                archive.append(imported("late.txt", b"late"))
    assert len(given) == len({page.raw_offset for page in given}) == 1_201
    assert [page.raw_offset for page in given] == sorted(page.raw_offset for page in given)


def test_a_body_of_ten_megabytes_is_kept(tmp_path):
    body = random.Random(1).randbytes(10_000_000)
    fill(tmp_path, [fetched(1, body=body)])
    assert read_all(tmp_path)[0].capture.body == body


def test_only_one_writer_works_at_a_time_and_readers_need_no_lock(tmp_path):
    raw_dir = tmp_path / "raw"
    with Archive.open(raw_dir, write=True) as archive:
        archive.append(fetched(1))
        with pytest.raises(BusyError, match="raw: another run"), Archive.open(raw_dir, write=True):
            pass
        with Archive.open(raw_dir) as reader:
            assert list(reader.captures(SITE)) == list(reader.captures())
    assert len(held(raw_dir)) == 1


def test_a_folder_that_is_not_there_is_an_empty_archive(tmp_path):
    raw_dir = tmp_path / "raw"
    with Archive.open(raw_dir) as archive:
        assert list(archive.pages()) == list(archive.captures()) == []
    assert not raw_dir.exists()


def test_an_archive_open_for_reading_refuses_to_be_written(tmp_path):
    with Archive.open(tmp_path) as archive:
        with pytest.raises(StorageError, match="for reading only"):
            archive.append(fetched(1))
        with pytest.raises(StorageError, match="for reading only"):
            archive.note_parsed(hold(fetched(1), "s/s-00001.warc.gz", 0), "code", None)


def test_a_url_with_a_line_end_is_refused_by_name(tmp_path):
    with pytest.raises(PageError, match="is no URL") as caught:
        fill(tmp_path, [fetched(1, url="https://codes.example/a\r\nX-Evil: 1")])
    assert caught.value.reason == "bad_url"


@contextmanager
def _file_size_limit(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_one_line_and_leaves_the_segment_as_it_was(tmp_path):
    noise = random.Random(7).randbytes(200_000)
    fill(tmp_path, [fetched(1, body=noise)])
    before = file_bytes(tmp_path)
    with Archive.open(tmp_path, write=True) as archive:
        with (
            _file_size_limit(len(before[SEGMENT]) + 1_000),
            pytest.raises(StorageError) as caught,
        ):
            archive.append(fetched(2, body=noise[::-1]))
        assert file_bytes(tmp_path) == before
        archive.append(fetched(3))
    assert "\n" not in str(caught.value)
    assert "File too large" in str(caught.value)
    assert [page.url for page in held(tmp_path)] == [page_url(1), page_url(3)]


def test_a_segment_changed_by_another_program_is_not_appended_to(tmp_path):
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(1))
        with (tmp_path / SEGMENT).open("ab") as segment:
            segment.write(b"stray")
        with pytest.raises(StorageError, match="changed by another program"):
            archive.append(fetched(2))


def test_a_raw_folder_that_is_a_file_is_one_line(tmp_path):
    path = tmp_path / "raw"
    path.write_text("no folder")
    with pytest.raises(StorageError, match="raw: File exists"), Archive.open(path, write=True):
        pass


def test_a_body_held_but_damaged_is_kept_anew(tmp_path):
    (page,) = fill(tmp_path, [fetched(1)])
    data = bytearray((tmp_path / SEGMENT).read_bytes())
    data[page.raw_offset + 100] ^= 1
    (tmp_path / SEGMENT).write_bytes(data)
    (again,) = fill(tmp_path, [fetched(1, minutes=1)])
    assert again.raw_offset > page.raw_offset
    with Archive.open(tmp_path) as archive:
        assert archive.read(again).capture.body == page_body(1)


def test_a_capture_is_frozen_evidence(tmp_path):
    (page,) = fill(tmp_path, [Capture(SITE, page_url(1), START, b"<p>a</p>", 200)])
    assert (page.raw_file, page.sha256) == (SEGMENT, fetched(1, body=b"<p>a</p>").sha256)
