from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from .packed import PAGE, URL, entry, har, read


@pytest.fixture
def bring(tmp_path):
    """Reads a HAR file of these entries, or of these bytes."""

    def _bring(*entries, content=None, **options):
        path = tmp_path / "a session.har"
        path.write_bytes(har(*entries) if content is None else content)
        return read(path, **options)

    return _bring


def test_a_page_comes_with_address_status_and_time(bring):
    (page,), refused = bring(entry())
    assert (page.name, page.url, page.body, page.status) == ("a session.har", URL, PAGE, 200)
    assert page.retrieved_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert page.headers == (("Content-Type", "text/html; charset=utf-8"),)
    assert refused == {}


def test_base64_gives_the_bytes_and_keeps_their_charset(bring):
    body = "<p>caf\xe9</p>".encode("cp1252")
    content = {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    (page,), _ = bring(entry(content=content))
    assert page.body == body
    assert page.headers == (("Content-Type", "text/html; charset=windows-1252"),)


def test_no_secret_of_the_session_is_kept(bring):
    headers = [
        {"name": name, "value": "hush"}
        for name in ("Set-Cookie", "X-Api-Key", "Authorization", "WWW-Authenticate")
    ]
    headers.append({"name": "Last-Modified", "value": "yesterday"})
    secret = entry(
        "https://owl:hush@codes.example/1",
        response={"headers": headers, "cookies": [{"name": "a", "value": "hush"}]},
        request={"headers": headers, "url": "https://owl:hush@codes.example/1"},
    )
    (page,), _ = bring(secret)
    assert "hush" not in repr((page.url, page.headers, page.body))
    assert ("Last-Modified", "yesterday") in page.headers


def test_what_is_no_page_is_passed_over_silently(bring):
    others = [
        entry(mime="image/png"),
        entry(mime="application/json"),
        entry(mime=""),
        entry("https://codes.example/robots.txt", mime="text/plain"),
        entry("data:text/html,owl"),
        entry(request={"method": "POST"}),
        entry(response={"status": 301}),
        entry(response={"status": 0}),
        entry(response={"status": "ok"}),
        entry(response={"status": True}),
        {},
        "text",
        None,
        {"request": 5, "response": []},
    ]
    assert bring(*others) == ([], {})


def test_what_cannot_be_used_is_named_and_the_rest_is_read(bring):
    reasons = []
    cases = [
        entry(text=""),
        entry(text=None),
        entry(text="x" * 20_001),
        entry(text="\0\0"),
        entry(text="a text with a \0 in it"),
        entry(content={"text": "@@@", "encoding": "base64"}),
        entry(content={"comment": "Response bodies were truncated"}),
        entry(response={"status": 206, "content": {"mimeType": "text/html", "text": "a"}}),
    ]
    for case in cases:
        pages, refused = bring(case, entry())
        assert len(pages) == 1
        reasons += refused.values()
    wanted = ["empty", "empty", "too_large", "empty", "binary", "damaged", "truncated", "truncated"]
    assert reasons == wanted


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "yesterday", 5, None, "9" * 5_000])
def test_a_time_that_is_none_is_unknown(bring, time):
    (page,), refused = bring(entry(startedDateTime=time))
    assert (page.retrieved_at, refused) == (None, {})


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b"[]",
        b"5",
        b"\xff\xfe\xfd",
        b'{"log": {"entries": {}}}',
        b'{"log": 5}',
        b"[" * 200_000,
        b'{"log":' * 100_000,
        har(entry())[:-20],
        har(entry()) * 2,
        har(entry()) + b"]",
        har(entry())[:-1] + b"]",
        har(entry()).replace(b'"entries"', b'"entr\\xies"'),
        har(entry()) + b'"',
        b'"' + b'\\"' * 100_000,
        har(entry()).decode().encode("utf-16")[:-1],
        b"<html>",
    ],
)
def test_what_is_no_har_is_damaged(bring, content):
    assert bring(content=content, max_bytes=1_000_000) == ([], {"a session.har": "damaged"})


def test_a_number_without_end_costs_no_time(bring):
    content = har(entry()).replace(b'"time": 1.5', b'"time": ' + b"9" * 50_000)
    pages, refused = bring(content=content)
    assert (len(pages), refused) == (1, {})


def test_half_a_character_of_a_script_is_no_crash(bring):
    (page,), _ = bring(content=har(entry(text="<p>owl \ud800</p>")))
    assert page.body == b"<p>owl ?</p>"


def test_a_mark_of_byte_order_is_read_over(bring):
    pages, _ = bring(content=b"\xef\xbb\xbf" + har(entry()))
    assert len(pages) == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_another_encoding_of_unicode_is_read(bring, encoding):
    content = har(entry(text="<p>Mo\u0142 \U0001f989</p>")).decode().encode(encoding)
    (page,), _ = bring(content=content)
    assert page.body.decode() == "<p>Mo\u0142 \U0001f989</p>"


def test_of_two_lists_of_entries_the_last_one_counts(bring):
    two = b'"entries": [5], "entries": [], "pages": [{"entries": [[{"log": 1}]]}], "entries": ['
    (page,), refused = bring(content=har(entry()).replace(b'"entries": [', two))
    assert (page.body, refused) == (PAGE, {})


@pytest.mark.parametrize(
    "odd",
    [
        b'{"request": 1, "request": {"request": [[[{}]]]}}',
        b'{"time": NaN, "wait": -Infinity, "x": 1e999}',
        b'[[[["log"]]], {"entries": [1, {"a": "]"}]}]',
        b'"log]},{[\\" \\\\"',
        b" ",
        b"null",
        b'{"log": {"entries": [{"log": {"entries": []}}]}}',
    ],
)
def test_odd_nesting_is_no_page_and_the_rest_is_read(bring, odd):
    (page,), refused = bring(
        content=har(entry()).replace(b'"entries": [', b'"entries": [%s,' % odd)
    )
    assert (page.body, refused) == (PAGE, {})


@pytest.mark.parametrize("broken", [b"owl", b"{owl}", b'{"a" "b"}', b'{"a": "\xff"}', b'["a\nb"]'])
def test_an_entry_that_is_no_json_is_named_and_the_rest_is_read(bring, broken):
    content = har(entry()).replace(b'"entries": [', b'"entries": [%s,' % broken)
    (page,), refused = bring(content=content)
    assert (page.body, refused) == (PAGE, {"a session.har": "damaged"})


def test_names_are_read_as_json_and_spaces_do_not_count(bring):
    content = har(entry()).replace(b'"log": ', b' "l\\u006fg"\r\n\t :\n').replace(b", ", b" ,\n\t")
    (page,), _ = bring(content=content)
    assert page.url == URL


def test_a_page_that_is_too_long_is_named_and_a_long_film_is_passed_over(bring):
    film = entry("https://codes.example/film", mime="video/mp4", text="A" * 90_000)
    session = (entry(text="\u20ac" * 14_000), film, entry(), entry())
    pages, refused = bring(*session, max_bytes=40_000)
    assert len(pages) == 2
    assert refused == {"a session.har": "too_large"}
    (page,), refused = bring(entry(text="\u20ac" * 13_000), film, max_bytes=40_000)
    assert (page.body.decode(), refused) == ("\u20ac" * 13_000, {})  # escaped twice as long


def test_too_much_beside_a_page_is_too_large(bring):
    beside = {f"_{n}": "a" * 30_000 for n in range(300)}
    pages, refused = bring(entry(**beside), entry(), max_bytes=2_000_000)
    assert (len(pages), refused) == (1, {"a session.har": "too_large"})


HEAD = b'{"log": {"entries": ['
READ = """
import re, sys
from pathlib import Path
from scraper.archive.har import read_har
from scraper.errors import PageError

content = sys.stdin.buffer.read()
try:
    print(*(getattr(item, "url", item) for item in read_har(content, "a.har", 10_000_000)))
except PageError as error:
    print(error.reason)
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def read_apart(content):
    """Read a HAR file in a process of its own; return what it told and its peak in megabytes.

    The kernel's mark of this program alone: ru_maxrss would count the tests that started it.
    """
    child = subprocess.run(
        [sys.executable, "-c", READ], input=content, capture_output=True, check=True, timeout=60
    )
    told, peak = child.stdout.decode().splitlines()
    return told, int(peak)


def filled(unit, head=b"", tail=b""):
    return HEAD + head + unit * (48_000_000 // len(unit)) + tail + b"]}}"


@pytest.mark.parametrize(
    "bomb",
    [
        lambda: filled(b"12,", b"[", b"1]"),
        lambda: filled(b'{"abc":123},', b"[", b"1]"),
        lambda: filled(b'{"a":"bc"},'),
        lambda: filled(b"[1],", b'{"pages":[', b"1]}"),
        lambda: filled(b'"ab",', b"1], ", b'"c":['),
        lambda: filled(b"[" + b"{}," * 160_000 + b"1],"),
    ],
    ids=["numbers", "objects", "entries", "lists", "beside the entries", "full entries"],
)
def test_tiny_values_without_end_cost_no_more_than_the_file_itself(bomb):
    told, peak = read_apart(bomb())
    assert told in {"too_large", ""}
    assert peak < 300


def test_pages_of_a_session_up_to_the_limit_cost_less_than_300_megabytes():
    text = "<p>moths, [owls] and {lanterns}</p>\n" * 250_000 + "\U0001f989"
    told, peak = read_apart(json.dumps({"log": {"entries": [entry(text=text)] * 5}}).encode())
    assert told.split() == [URL] * 5
    assert peak < 300


def test_the_size_is_capped_by_the_size_of_a_page(bring):
    padded = har(entry()) + b" " * 5_000
    assert len(bring(content=padded, max_bytes=2_000)[0]) == 1
    assert bring(content=padded, max_bytes=1_000) == ([], {"a session.har": "too_large"})


def test_a_bomb_of_empty_objects_is_refused_before_it_is_read(bring):
    bomb = b'{"log": {"entries": [' + b"[]," * 4_000_001 + b"[]]}}"
    assert bring(content=bomb, max_bytes=10_000_000) == ([], {"a session.har": "too_large"})


def test_entries_without_end_are_refused_before_they_are_read(bring):
    content = b'{"log": {"entries": [' + b"1," * 100_000 + b"1]}}"
    found = bring(content=content, max_bytes=1_000_000)
    assert found == ([], {"a session.har": "too_large"})


def test_hostile_addresses_are_no_page_and_no_crash(bring):
    urls = ["http://[", "http://[/a.txt", "https://a b", "https://\ud800", "javascript:1", 5, None]
    pages, refused = bring(*(entry(request={"url": url}, mime="text/plain") for url in urls))
    assert {page.url for page in pages} <= {"http://[", "http://[/a.txt"}
    assert refused == {}
    assert json.dumps([page.url for page in pages])
