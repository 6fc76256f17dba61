from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from scraper.archive.saved_comment import read_comment
from scraper.archive.saved_page import SavedPage

from .packed import URL, read

DATE = "Tue Feb 03 2026 05:05:06 GMT+0100 (Owl Standard Time)"
WHEN = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def single(url=URL, date=DATE, start="<!DOCTYPE html> <html lang=en>"):
    """A page as SingleFile begins it."""
    comment = f"<!--\n Page saved with SingleFile \n url: {url} \n saved date: {date}\n-->"
    return f"{start}{comment}<meta charset=utf-8><p>Invented words</p>".encode()


def test_single_file_tells_the_address_and_the_time(tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(single())
    assert read(path)[0] == [SavedPage("a.html", URL, single(), retrieved_at=WHEN)]


def test_the_comment_may_stand_behind_a_long_tag():
    start = f"<!DOCTYPE html> <html style='{'--owl: 1px; ' * 1_000}'>"
    assert read_comment(single(start=start)) == (URL, WHEN)
    assert read_comment(single(start=start * 2)) == (None, None)


def test_an_older_form_without_a_date_is_read():
    body = f"<html><!--\r\n Page saved with SingleFile \r\n url: {URL}\r\n-->".encode()
    assert read_comment(body) == (URL, None)


@pytest.mark.parametrize(
    ("date", "when"),
    [
        ("Sat Feb 28 2026 23:30:00 GMT-0330 (Owl)", datetime(2026, 3, 1, 3, 0, tzinfo=UTC)),
        ("Sat Nov 07 2026 00:00:00 GMT+0000", datetime(2026, 11, 7, tzinfo=UTC)),
        ("Sat Owl 07 2026 00:00:00 GMT+0000", None),
        ("Sat Feb 31 2026 00:00:00 GMT+0000", None),
        ("Sat Feb 01 2026 00:00:00 GMT+9900", None),
        ("Sat Jan 01 0001 00:00:00 GMT+1400", None),
        ("Sat Jan 01 0000 00:00:00 GMT+0000", None),
        ("Sat Jan \u0661\u0661 2026 00:00:00 GMT+0000", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_read_as_a_browser_writes_it(date, when):
    assert read_comment(single(date=date)) == (URL, when)


def test_a_password_and_what_is_no_address_are_not_kept():
    assert read_comment(single("https://owl:hush@codes.example/1"))[0] == "https://codes.example/1"
    assert read_comment(single("file:///home/owl/1.html"))[0] is None


def test_words_about_the_tool_are_no_comment_of_it():
    body = f"<html><p>Page saved with SingleFile url: {URL}</p><!-- url: {URL} -->".encode()
    assert read_comment(body) == (None, None)


def test_a_hostile_comment_takes_no_time():
    start = time.monotonic()
    for junk in (
        b"<!--" + b" " * 16_000,
        b"<!-- Page saved with SingleFile " * 500,
        b"<!--" * 4_000,
    ):
        assert read_comment(junk) == (None, None)
    assert time.monotonic() - start < 1
