"""Looking at what is held and at files: in order, by name, and nothing is changed."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.archive.store import Archive
from scraper.errors import PageError, UsageError
from scraper.fetch.robots_cache import CachedRobots, write_cached
from scraper.pipeline.looking import (
    check_archive,
    count_captures,
    held_captures,
    held_robots,
    parse_files,
    read_newest,
)
from scraper.sample.chrome import path_of

from .ground import CODES, START, capture_of, keep, page_of, project_in

DAY = timedelta(days=1)


def parsed(folder, *files, **options):
    return list(parse_files(project_in(folder), files, **options))


def damage(raw_dir, number):
    with Archive.open(raw_dir) as archive:
        page = list(archive.pages())[number]
    segment = raw_dir / page.raw_file
    content = bytearray(segment.read_bytes())
    content[page.raw_offset + 300] ^= 1
    segment.write_bytes(content)


def test_files_are_parsed_in_the_order_given_and_keep_their_names(tmp_path):
    files = [tmp_path / f"{code}.html" for code in reversed(CODES[:3])]
    for code, file in zip(reversed(CODES[:3]), files, strict=True):
        file.write_bytes(page_of(code))
    found = parsed(tmp_path, *files)
    assert [name for name, _ in found] == [str(file) for file in files]
    assert [page.file for _, page in found] == [str(file) for file in files]
    assert [page.code for _, page in found] == list(reversed(CODES[:3]))
    assert not (tmp_path / "raw").exists()


def test_the_url_given_wins_over_that_of_the_file(tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(b"<!-- saved from url=(0010)http://127.0.0.1/x -->" + page_of("99216"))
    url = f"http://127.0.0.1{path_of('99229')}"
    assert [page.url for _, page in parsed(tmp_path, file)] == ["http://127.0.0.1/x"]
    assert [page.code for _, page in parsed(tmp_path, file, url=url)] == ["99229"]


def test_a_folder_gives_each_of_its_pages_under_its_own_name(tmp_path):
    folder = tmp_path / "pages"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "one.html").write_bytes(page_of("99216"))
    (folder / "two.html").write_bytes(page_of("99229"))
    found = parsed(tmp_path, folder)
    assert [page.file for _, page in found] == [
        str(folder / "inner" / "one.html"),
        str(folder / "two.html"),
    ]


def test_a_broken_file_is_an_error_in_its_place_and_the_rest_is_parsed(tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(page_of("99216"))
    empty = tmp_path / "empty.html"
    empty.write_bytes(b"")
    found = parsed(tmp_path, page, empty, tmp_path / "none.html", page)
    kinds = [isinstance(result, PageError) for _, result in found]
    assert kinds == [False, True, True, False]
    assert [result.reason for _, result in found[1:3]] == ["empty", "missing"]


def test_a_name_that_is_no_utf_8_can_be_printed(tmp_path):
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.html"))
    file.write_bytes(page_of("99216"))
    ((name, page),) = parsed(tmp_path, file)
    assert name == page.file == f"{tmp_path}/\\xff.html"


def test_a_site_that_is_unknown_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no site is called 'moon'"):
        parsed(tmp_path, tmp_path / "page.html", site="moon")


def test_captures_of_a_code_come_newest_first_whatever_proves_the_code(tmp_path):
    later = page_of("99216").replace(b"Code", b"The code")
    url = f"http://127.0.0.1{path_of('99216')}?from=moon"
    keep(
        tmp_path / "raw",
        capture_of("99216"),
        capture_of("99216", later, url=url, retrieved_at=START + DAY),
        capture_of("99229"),
    )
    with Archive.open(tmp_path / "raw", write=True) as archive:
        other = next(page for page in archive.pages() if "99229" in page.url)
        archive.note_parsed(other, "code", "99216")
    found = held_captures(project_in(tmp_path), "99216")
    assert [page.url.rpartition("/")[2] for page in found] == [
        "99216?from=moon",
        "99229",
        "99216",
    ]
    assert held_captures(project_in(tmp_path), "99220") == []


def test_the_newest_capture_is_read_as_it_was_received(tmp_path):
    later = page_of("99216").replace(b"Code", b"The code")
    keep(
        tmp_path / "raw",
        capture_of("99216", later, retrieved_at=START + DAY),
        capture_of("99216"),
    )
    assert read_newest(project_in(tmp_path), "99216").capture.body == later


def test_a_code_of_which_nothing_is_held_is_told_with_the_way_to_get_it(tmp_path):
    with pytest.raises(UsageError, match="holds nothing of 99216; `scraper fetch 99216` asks"):
        read_newest(project_in(tmp_path), "99216")


def test_captures_are_counted_by_site(tmp_path):
    assert count_captures(project_in(tmp_path)) == {}
    keep(
        tmp_path / "raw",
        capture_of("99216"),
        capture_of("99229"),
        capture_of("99216", site="codingahead", url="https://www.codingahead.com/cpt/codes/99216"),
    )
    assert count_captures(project_in(tmp_path)) == {"codingahead": 1, "sample": 2}


def test_each_damaged_capture_is_named_with_its_place(tmp_path):
    keep(tmp_path / "raw", *map(capture_of, CODES[:4]))
    assert check_archive(project_in(tmp_path)) == ()
    damage(tmp_path / "raw", 1)
    damage(tmp_path / "raw", 3)
    found = check_archive(project_in(tmp_path))
    assert len(found) == 2
    assert all(line.startswith("sample/sample-00001.warc.gz: damaged at") for line in found)


def test_a_damaged_sitemap_is_named_too(tmp_path):
    sitemap = capture_of("0", b"<urlset/>", url="http://127.0.0.1/sitemap.xml", kind="sitemap")
    keep(tmp_path / "raw", sitemap)
    segment = tmp_path / "raw" / "sample" / "sample-00001.warc.gz"
    content = bytearray(segment.read_bytes())
    content[-10] ^= 1
    segment.write_bytes(content)
    (line,) = check_archive(project_in(tmp_path))
    assert line.startswith("sample/sample-00001.warc.gz: damaged at")


def test_a_site_whose_file_is_gone_is_passed_over(tmp_path):
    keep(tmp_path / "raw", capture_of("99216", site="inn", url="http://inn.test/99216"))
    assert held_captures(project_in(tmp_path), "99216") == []


def test_the_rules_of_robots_txt_are_those_of_the_site_and_its_origin(tmp_path, monkeypatch):
    monkeypatch.setattr("scraper.clock.utc_now", lambda: START)
    project = project_in(tmp_path)
    assert held_robots(project) is None
    assert not (tmp_path / "raw").exists()
    url = f"{project.profile().origin}/robots.txt"
    body = b"User-agent: *\nDisallow: /cpt/\n"
    write_cached(tmp_path / "raw", "sample", CachedRobots(200, body, START), url=url)
    assert not held_robots(project).allows(f"{project.profile().origin}/cpt/codes/99216")
    assert held_robots(project, "codingahead") is None
    assert held_robots(project_in(tmp_path, origin="http://127.0.0.1:1")) is None
