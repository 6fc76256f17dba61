from __future__ import annotations

import gzip
import os

import pytest

from scraper.archive.saved import read_saved
from scraper.archive.saved_page import SavedPage
from scraper.archive.url_list import read_url_list
from scraper.errors import UsageError

PAGE = b"<html><p>An invented page.</p></html>"
URL = "https://codes.example/cpt/codes/00001"


def read(*paths, max_bytes=10_000, urls=None):
    return list(read_saved(paths, max_bytes=max_bytes, urls=urls or {}))


def reasons(results):
    """The reason of each file that was refused, by its name."""
    return {result[0]: result[1].reason for result in results if isinstance(result, tuple)}


def names(results):
    return [result.name for result in results if isinstance(result, SavedPage)]


def test_a_saved_page_is_given_with_its_name_and_nothing_guessed(tmp_path):
    (tmp_path / "a page.html").write_bytes(PAGE)
    assert read(tmp_path / "a page.html") == [SavedPage("a page.html", None, PAGE)]


def test_a_folder_is_walked_in_order_with_names_relative_to_it(tmp_path):
    for name in ("b/2.txt", "b/1.HTM", "a.xhtml", "c.html", "b.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PAGE)
    assert names(read(tmp_path)) == ["a.xhtml", "b/1.HTM", "b/2.txt", "b.html", "c.html"]


def test_asset_folders_and_hidden_files_are_passed_over_silently(tmp_path):
    for name in ("a.html", "a_files/b.html", "a_files/c.png", ".d.html", ".git/e.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PAGE)
    (tmp_path / "my_files").mkdir()
    (tmp_path / "my_files" / "f.html").write_bytes(PAGE)
    results = read(tmp_path)
    assert names(results) == ["a.html", "my_files/f.html"]
    assert reasons(results) == {}


def test_everything_unusable_is_reported_by_name_and_stops_nothing(tmp_path):
    contents = {
        "1.html": b"",
        "2.html": b"x" * 10_001,
        "3.html": b"%PDF-1.7 words",
        "4.html": b"\x89PNG\r\n",
        "5.html": b"\xff\xd8\xff\xe0",
        "6.html": b"GIF89a",
        "7.html": b"PK\x03\x04zip",
        "8.html": gzip.compress(PAGE),
        "9.html": b"<p>a NUL \0 in a text</p>",
        "a.html": b" \r\n\t ",
        "b.png": b"\x89PNG\r\n",
        "c.warc": b"",
        "d.warc.gz": gzip.compress(PAGE),
        "e.warc": PAGE,
        "z.html": PAGE,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    results = read(tmp_path, tmp_path / "none.html")
    assert reasons(results) == {
        "1.html": "empty",
        "2.html": "too_large",
        **{f"{number}.html": "binary" for number in range(3, 10)},
        "a.html": "empty",
        "b.png": "unknown_type",
        "c.warc": "empty",
        "d.warc.gz": "damaged",
        "e.warc": "damaged",
        "none.html": "missing",
    }
    assert names(results) == ["z.html"]
    for result in results[:-2]:
        assert isinstance(result, tuple)
        assert result[0] in str(result[1])
        assert "\n" not in str(result[1])


def test_a_file_given_by_name_may_have_any_ending(tmp_path):
    (tmp_path / "page.php").write_bytes(PAGE)
    assert names(read(tmp_path / "page.php")) == ["page.php"]


def test_a_page_of_just_the_limit_is_read(tmp_path):
    (tmp_path / "a.html").write_bytes(PAGE)
    assert names(read(tmp_path, max_bytes=len(PAGE))) == ["a.html"]
    assert reasons(read(tmp_path, max_bytes=len(PAGE) - 1)) == {"a.html": "too_large"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_text_in_utf_16_is_no_binary_file(tmp_path, encoding):
    body = f"<!-- saved from url=(0037){URL} -->\r\n<p>An invented page.</p>".encode(encoding)
    (tmp_path / "a.html").write_bytes(body)
    assert read(tmp_path) == [SavedPage("a.html", URL, body)]


def test_a_link_loop_a_pipe_and_a_socket_harm_nothing(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "loop.html").symlink_to(folder / "loop.html")
    (folder / "up").symlink_to(folder)
    (folder / "gone.html").symlink_to(folder / "nowhere.html")
    os.mkfifo(folder / "pipe.html")
    (tmp_path / "real.html").write_bytes(PAGE)
    (folder / "link.html").symlink_to(tmp_path / "real.html")
    results = read(folder)
    assert names(results) == ["link.html"]
    assert reasons(results) == {
        "loop.html": "unreadable",
        "up": "unknown_type",
        "gone.html": "missing",
        "pipe.html": "unreadable",
    }
    assert reasons(read(folder / "pipe.html")) == {"pipe.html": "unreadable"}


def test_an_empty_folder_is_reported(tmp_path):
    assert reasons(read(tmp_path)) == {tmp_path.name: "empty"}


def test_a_name_that_is_no_utf_8_is_given_as_printable_text(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.html")).write_bytes(PAGE)
    (result,) = read(tmp_path)
    assert result.name == r"caf\xe9.html"


def test_the_comment_of_a_browser_gives_the_url(tmp_path):
    comment = f"<!DOCTYPE html>\n<!-- saved from url=(0037){URL} -->\n".encode()
    (tmp_path / "a.html").write_bytes(comment + PAGE)
    (tmp_path / "late.html").write_bytes(b"<!-- " + b"x" * 3_000 + b" -->" + comment)
    (tmp_path / "local.html").write_bytes(b"<!-- saved from url=(0014)about:internet -->" + PAGE)
    assert [page.url for page in read(tmp_path)] == [URL, None, None]


def test_a_list_of_urls_wins_by_relative_name_and_by_bare_name(tmp_path):
    (tmp_path / "a").mkdir()
    comment = f"<!-- saved from url=(0037){URL} -->".encode()
    for name in ("a/1.html", "a/2.html", "3.html"):
        (tmp_path / name).write_bytes(comment)
    urls = {"a/1.html": "https://codes.example/1", "2.html": "https://codes.example/2"}
    assert [page.url for page in read(tmp_path, urls=urls)] == [URL, *urls.values()]


def test_a_url_list_is_read_with_spaces_in_names_and_comments(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text(f"\ufeff# my pages\n\nmy page.html\t{URL}\nb.html   {URL}?a=1#b  \n")
    assert read_url_list(path) == {"my page.html": URL, "b.html": f"{URL}?a=1#b"}


@pytest.mark.parametrize("line", ["a.html", f"{URL}", "a.html codes.example/1", "a.html https://"])
def test_a_bad_line_of_a_url_list_is_named_by_its_number(tmp_path, line):
    path = tmp_path / "urls.txt"
    path.write_text(f"ok.html {URL}\n{line}\n")
    with pytest.raises(UsageError, match=r"urls\.txt:2: "):
        read_url_list(path)


def test_two_urls_for_one_file_are_refused(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text(f"a.html {URL}\na.html {URL}\na.html {URL}9\n")
    with pytest.raises(UsageError, match=r"urls\.txt:3: a\.html was given another URL"):
        read_url_list(path)


def test_a_url_list_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "urls.txt").write_bytes(b"\xff\xfea\0")
    for path in (tmp_path / "urls.txt", tmp_path / "none.txt", tmp_path):
        with pytest.raises(UsageError, match="cannot be read") as caught:
            read_url_list(path)
        assert "\n" not in str(caught.value)
