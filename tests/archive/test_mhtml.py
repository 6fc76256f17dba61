from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from scraper.archive.mhtml import read_mhtml
from scraper.errors import PageError

from .packed import PAGE, URL, mhtml, read

OTHER = "https://codes.example/cpt/codes/00002"
GAP = b"\n\n"


def page_of(content, max_bytes=20_000):
    return read_mhtml(content, "a.mhtml", max_bytes)


@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit", "Binary"])
def test_the_page_of_chrome_comes_with_address_charset_and_time(coding):
    page = page_of(mhtml(coding=coding))
    assert (page.name, page.url, page.status) == ("a.mhtml", URL, None)
    assert page.body.rstrip() == PAGE
    assert page.headers == (("Content-Type", "text/html; charset=windows-1252"),)
    assert page.retrieved_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_bytes_of_another_charset_are_kept_as_they_are():
    body = "<p>caf\xe9 \u20ac</p>".encode("cp1252")
    assert page_of(mhtml(body)).body == body


def test_soft_line_breaks_are_undone():
    body = b"<p>" + b"a long line of owls " * 40 + b"</p>"
    assert page_of(mhtml(body)).body == body


def test_the_form_of_internet_explorer_has_no_snapshot_header():
    content = mhtml(Snapshot_Content_Location=None, Content_Location=OTHER).replace(
        b"\r\nMIME-Version", b"\r\nX-MimeOLE: Produced By Owl\r\nMIME-Version"
    )
    assert page_of(content).url == OTHER
    assert page_of(mhtml(Snapshot_Content_Location=None)).url == URL


def test_a_page_without_parts_is_read():
    content = (
        f"From: <Saved by Owl>\nMIME-Version: 1.0\nContent-Type: text/html\nContent-Location: {URL}"
        "\nContent-Transfer-Encoding: quoted-printable\n\n<p>owls =3D birds</p>"
    ).encode()
    page = page_of(content)
    assert (page.url, page.body) == (URL, b"<p>owls = birds</p>")


def parts(*parts, extra=""):
    head = f'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"{extra}\n\n'
    return (head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n").encode()


def test_the_root_is_named_by_start_else_by_address_else_it_is_the_first_page():
    one = f"Content-Type: text/html\nContent-ID: <1@a>\nContent-Location: {URL}\n\none"
    two = f"Content-Type: text/html\nContent-ID: <2@a>\nContent-Location: {OTHER}\n\ntwo"
    css = "Content-Type: text/css\n\nthree"
    assert page_of(parts(css, one, two)).body == b"one"
    assert page_of(parts(css, one, two, extra='; start="<2@a>"')).body == b"two"
    named = f"Snapshot-Content-Location: {OTHER}\n".encode() + parts(css, one, two)
    assert page_of(named).body == b"two"


def test_a_folded_address_is_joined():
    content = mhtml(Snapshot_Content_Location=URL[:20] + "\r\n " + URL[20:])
    assert page_of(content).url == URL


@pytest.mark.parametrize("url", ["cid:frame-1@mhtml.example", "file:///C:/owl.htm", "http://", ""])
def test_an_address_that_is_none_of_the_web_is_unknown(url):
    assert page_of(mhtml(url=url)).url is None


def test_a_password_is_not_kept():
    assert page_of(mhtml(url="https://owl:hush@codes.example/1")).url == "https://codes.example/1"


@pytest.mark.parametrize(
    "date", ["yesterday", "Tue, 99 Feb 2026 99:99:99", "", "1 Jan 10000 00:00 +0000", "9" * 9_000]
)
def test_a_date_that_is_none_is_unknown(date):
    assert page_of(mhtml(Date=date)).retrieved_at is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><p>A page that is renamed</p></html>", "damaged"),
        (b"<html>\n\n<p>A page that is renamed</p></html>", "damaged"),
        (b"X: " + b"a" * 70_000 + b"\n\nbody", "damaged"),
        (mhtml(Content_Type="multipart/related"), "damaged"),
        (mhtml(Content_Type="multipart/related; boundary*=x''%FF"), "empty"),
        (mhtml(Content_Type="multipart/related; boundary=other"), "empty"),
        (mhtml(coding="x-owl"), "unknown_coding"),
        (mhtml(b"x" * 20_001), "too_large"),
        (mhtml(b"%PDF-1.7"), "binary"),
        (mhtml(b""), "empty"),
        (parts("Content-Type: text/css\n\nthree"), "empty"),
        (parts(*["\n\n"] * 10_001), "too_large"),
        (parts("Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n@@"), "damaged"),
    ],
)
def test_what_cannot_be_used_has_a_reason(content, reason):
    with pytest.raises(PageError) as caught:
        page_of(content)
    assert caught.value.reason == reason


def test_a_file_that_ends_within_the_page_is_not_taken_for_whole():
    whole = mhtml()
    with pytest.raises(PageError) as caught:
        page_of(whole[: whole.index(b"our own")])
    assert caught.value.reason == "truncated"
    assert page_of(whole[:-60]).url == URL


def test_parts_in_parts_without_end_take_no_time():
    nested = b"".join(
        b'Content-Type: multipart/related; boundary="b%d"\n\n--b%d\n' % (number, number)
        for number in range(3_000)
    )
    start = time.monotonic()
    with pytest.raises(PageError):
        page_of(b"MIME-Version: 1.0\n" + nested + b"line\n" * 200_000)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    "content",
    [
        parts() + b"\n--b" * 2_000_000,
        parts() + (b"\n--b" + b" " * 100_000) * 100,
        b'MIME-Version: 1.0\nContent-Type: multipart/related; ";' + b";" * 16_000 + b"\n\n\n--b",
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b;"
        + b';"' * 8_000
        + b"\n\n",
    ],
)
def test_hostile_fences_and_parameters_take_no_time(content):
    start = time.monotonic()
    with pytest.raises(PageError):
        page_of(content.replace(b"--b--", b""))
    assert time.monotonic() - start < 5


def test_a_file_is_read_by_its_ending_and_may_be_larger_than_its_page(tmp_path):
    path = tmp_path / "a.MHT"
    path.write_bytes(mhtml())
    pages, refused = read(path, max_bytes=len(path.read_bytes()) // 4)
    assert ([page.url for page in pages], refused) == ([URL], {})
    assert read(path, max_bytes=len(path.read_bytes()) // 6) == ([], {"a.MHT": "too_large"})


def test_a_list_of_urls_wins(tmp_path):
    path = tmp_path / "a.mhtml"
    path.write_bytes(mhtml())
    assert read(path, urls={"a.mhtml": OTHER})[0][0].url == OTHER
