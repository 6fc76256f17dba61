from __future__ import annotations

import base64
import json
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
