"""Pages that are due are asked for with what the site gave to compare them by."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest
from fetch.faults import answer, redirect

from scraper.archive.store import Archive, rebuild_index
from scraper.pipeline.building import build_release
from scraper.sample.chrome import path_of

from .ground import CODES, Clock, Mirror, mirror, page_of, project_in

CODE = CODES[0]
PATH = path_of(CODE)
# Odd on purpose: white space, quotes, a byte that is no ASCII, a date no clock would write.
ETAG = 'W/"moon, \xe9; 7 "'
MODIFIED = "Sun, 1 Mar 2026 03:17:00 +0000"
SAME = answer(b"", 304, etag='"other"')


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def site():
    with Mirror() as site:
        yield site


def tagged(body: bytes | None = None, **headers: str) -> bytes:
    """Return a page with validators, as latin-1 puts them on the wire."""
    body = page_of(CODE) if body is None else body
    head = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {len(body)}", *head]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


BOTH = tagged(ETag=ETAG, Last_Modified=MODIFIED)


def fetch(site: Mirror, folder, page: bytes, **settings):
    report, _ = site.fetch_from(mirror([CODE]) | {PATH: page}, folder, [CODE], **settings)
    return report


def held(folder):
    with Archive.open(folder / "raw") as archive:
        return list(archive.pages())


def conditions(site: Mirror) -> list[list[str]]:
    """Return the conditions of each request for the page."""
    heads = [head for head in site.heads if head.split(" ")[1] == PATH]
    return [[line for line in h.split("\r\n") if line.lower().startswith("if-")] for h in heads]


def test_validators_are_sent_back_byte_for_byte(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    assert conditions(site) == [[]]
    clock.pass_days(100)
    fetch(site, tmp_path, SAME)
    assert conditions(site) == [[f"If-None-Match: {ETAG}", f"If-Modified-Since: {MODIFIED}"]]


def test_a_304_keeps_the_body_and_records_the_check(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    first = build_release(project_in(tmp_path))
    clock.pass_days(100)
    report = fetch(site, tmp_path, SAME)
    assert (report.fetched, report.failures, report.stopped) == (1, [], None)
    (page,) = held(tmp_path)
    assert (page.status, page.page_kind, page.code) == (200, "code", CODE)
    assert page.checked_at == clock.now > page.retrieved_at
    records = gzip.decompress((tmp_path / "raw" / page.raw_file).read_bytes())
    assert records.count(b"revisit/server-not-modified") == 1
    assert first.release is not None
    assert build_release(project_in(tmp_path)).release is None
    assert fetch(site, tmp_path, SAME).planned == 0
    rebuild_index(tmp_path / "raw")
    assert held(tmp_path)[0].checked_at == page.checked_at


def test_after_a_304_the_validators_of_the_page_are_sent_again(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    for _ in range(2):
        clock.pass_days(100)
        fetch(site, tmp_path, SAME)
        assert f"If-None-Match: {ETAG}" in conditions(site)[0]


def test_a_changed_page_replaces_the_old_one(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    clock.pass_days(100)
    body = page_of(CODE).replace(b"</body>", b"<p>Something new under the moon.</p></body>")
    fetch(site, tmp_path, tagged(body, ETag='"8"'))
    assert len(held(tmp_path)) == 2
    clock.pass_days(100)
    fetch(site, tmp_path, SAME)
    assert conditions(site) == [['If-None-Match: "8"']]


def test_a_site_that_ignores_validators_costs_no_second_copy(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    clock.pass_days(100)
    fetch(site, tmp_path, BOTH)
    (page,) = held(tmp_path)
    assert page.checked_at == clock.now


def test_a_304_that_was_not_asked_for_is_no_page(site, tmp_path):
    report = fetch(site, tmp_path, SAME)
    assert [error.reason for _, error in report.failures] == ["not_modified"]
    assert held(tmp_path) == []
    assert fetch(site, tmp_path, BOTH).fetched == 1


def test_a_damaged_copy_is_asked_for_anew(site, tmp_path, clock, caplog):
    fetch(site, tmp_path, BOTH)
    (page,) = held(tmp_path)
    segment = tmp_path / "raw" / page.raw_file
    content = bytearray(segment.read_bytes())
    content[page.raw_offset + 200] ^= 1
    segment.write_bytes(content)
    clock.pass_days(100)
    fetch(site, tmp_path, BOTH)
    assert conditions(site) == [[]]
    assert "damaged" in caplog.text
    assert len(held(tmp_path)) == 2


def test_a_wall_is_not_compared_by_and_does_not_hide_the_page_before_it(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    clock.pass_days(100)
    wall = b"<html><body><p>Please show your library card to read this leaf</p></body></html>"
    report = fetch(site, tmp_path, tagged(wall, ETag='"wall"'))
    assert "login_wall" in str(report.stopped)
    fetch(site, tmp_path, SAME)
    assert conditions(site) == [[f"If-None-Match: {ETAG}", f"If-Modified-Since: {MODIFIED}"]]
    newest = max(held(tmp_path), key=lambda page: page.checked_at)
    assert newest.page_kind == "code"


def test_a_validator_that_came_twice_is_none(site, tmp_path, clock):
    twice = BOTH.replace(b"ETag", b'ETag: "1"\r\nETag', 1)
    fetch(site, tmp_path, twice)
    clock.pass_days(100)
    fetch(site, tmp_path, SAME)
    assert conditions(site) == [[f"If-Modified-Since: {MODIFIED}"]]


def test_conditions_go_with_the_first_request_alone(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    clock.pass_days(100)
    elsewhere = mirror([CODE]) | {PATH: redirect("/moved"), "/moved": SAME}
    report, _ = site.fetch_from(elsewhere, tmp_path, [CODE])
    assert "if-none-match" not in site.heads[-1].lower()
    assert [error.reason for _, error in report.failures] == ["not_modified"]


def test_the_sitemap_is_asked_for_in_the_same_way(site, tmp_path, clock):
    answers = mirror([CODE])
    sitemap = answers["/sitemap.xml"]
    assert isinstance(sitemap, bytes)
    site.fetch_from(
        answers | {"/sitemap.xml": sitemap.replace(b"\r\n", b'\r\nETag: "3"\r\n', 1)}, tmp_path
    )
    report, _ = site.fetch_from(answers | {"/sitemap.xml": SAME}, tmp_path)
    assert 'If-None-Match: "3"' in site.heads[1]
    assert (report.held, report.stopped) == (1, None)


COOKIES = {"cookies": "card=moon-7"}


def test_what_a_guest_was_given_is_not_compared_by_for_a_registered_user(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    clock.pass_days(100)
    whole = page_of(CODE).replace(b"</body>", b"<p>For card holders: the moon.</p></body>")
    fetch(site, tmp_path, tagged(whole, ETag=ETAG), **COOKIES)
    assert conditions(site) == [[]]
    assert "card=moon-7" in site.heads[-1]
    assert len(held(tmp_path)) == 2


def test_what_a_registered_user_was_given_is_not_compared_by_for_a_guest(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH, **COOKIES)
    clock.pass_days(100)
    fetch(site, tmp_path, BOTH)
    assert conditions(site) == [[]]


def test_a_registered_user_s_own_page_is_compared_by(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH, **COOKIES)
    for _ in range(2):
        clock.pass_days(100)
        assert fetch(site, tmp_path, SAME, **COOKIES).fetched == 1
        assert f"If-None-Match: {ETAG}" in conditions(site)[0]
    rebuild_index(tmp_path / "raw")
    clock.pass_days(100)
    fetch(site, tmp_path, SAME, **COOKIES)
    assert f"If-None-Match: {ETAG}" in conditions(site)[0]


def test_a_page_that_went_without_the_cookies_is_a_guest_s(site, tmp_path, clock):
    cookies = tmp_path / "cookies.txt"
    line = "127.0.0.1\tFALSE\t/elsewhere/\tFALSE\t0\tcard\tmoon-7\n"
    cookies.write_text(f"# Netscape HTTP Cookie File\n{line}")
    cookies.chmod(0o600)
    fetch(site, tmp_path, BOTH, cookies_file=cookies)
    clock.pass_days(100)
    fetch(site, tmp_path, SAME)
    assert f"If-None-Match: {ETAG}" in conditions(site)[0]


@pytest.mark.parametrize("said", ["guest", "registered", "guest\r\nscraper-tier: registered"])
def test_a_site_cannot_say_as_whom_it_was_asked(site, tmp_path, clock, said):
    fetch(site, tmp_path, tagged(ETag='"7"', Scraper_Tier=said), **COOKIES)
    clock.pass_days(100)
    fetch(site, tmp_path, BOTH)
    assert conditions(site) == [[]]


def test_a_page_kept_before_tiers_were_is_asked_for_anew(site, tmp_path, clock):
    fetch(site, tmp_path, BOTH)
    (page,) = held(tmp_path)
    clock.pass_days(1)
    with Archive.open(tmp_path / "raw", write=True) as archive:
        kept = archive.read(page).capture
        headers = tuple(line for line in kept.headers if line[0] != "Scraper-Tier")
        later = replace(kept, headers=headers, body=kept.body + b" ", retrieved_at=clock.now)
        archive.append(later)
    assert len(headers) == len(kept.headers) - 1
    clock.pass_days(100)
    fetch(site, tmp_path, BOTH)
    assert conditions(site) == [[]]
