"""Fetching against a real server on the loopback: what is kept, what stops it, what goes on."""

from __future__ import annotations

import asyncio
import gzip
import logging
from datetime import timedelta
from functools import partial

import pytest
from fetch.faults import PAGE, answer, redirect, reset_after

from scraper.archive.store import Archive, rebuild_index
from scraper.archive.wanted import read_wanted
from scraper.errors import BusyError, MeterEmptyError, UsageError
from scraper.fetch.ledger import Ledger
from scraper.fetch.meter import MeterKey
from scraper.fetch.pace import Pacer
from scraper.pipeline import fetching
from scraper.pipeline.building import build_release
from scraper.pipeline.fetching import fetch_pages
from scraper.pipeline.planning import plan_pages
from scraper.sample.chrome import path_of
from scraper.sample.server import SampleServer

from .ground import (
    BOOK,
    CODES,
    Clock,
    Mirror,
    capture_of,
    keep,
    mirror,
    page_of,
    project_in,
    sample_page,
)

FEW = CODES[:4]
PATHS = [path_of(code) for code in FEW]
SITEMAP = ["/robots.txt", "/sitemap.xml"]
WALLS = {
    "quota_wall": "Your page views for tonight are all used up",
    "login_wall": "Please show your library card to read this leaf",
    "challenge": "Prove that you are a reader and no raccoon",
}


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def fetch_from():
    with Mirror() as server:
        yield server.fetch_from


def held(folder, kind="page"):
    with Archive.open(folder / "raw") as archive:
        return list(archive.pages(kind=kind))


def kinds(folder):
    return {page.code: page.page_kind for page in held(folder)}


def wall(kind):
    return answer(f"<html><body><p>{WALLS[kind]}</p></body></html>".encode())


def test_all_codes_of_the_sitemap_are_fetched_in_code_order(tmp_path, fetch_from):
    report, paths = fetch_from(mirror(FEW), tmp_path)
    assert paths == [*SITEMAP, *PATHS]
    assert (report.planned, report.fetched, report.waiting) == (4, 4, 0)
    assert (report.stopped, report.failures) == (None, [])
    assert kinds(tmp_path) == dict.fromkeys(FEW, "code")


def test_the_next_run_asks_for_robots_and_sitemap_alone(tmp_path, fetch_from):
    fetch_from(mirror(FEW), tmp_path)
    report, paths = fetch_from(mirror(FEW), tmp_path)
    assert paths == SITEMAP
    assert (report.planned, report.fetched, report.held) == (0, 0, 4)


def test_codes_that_are_named_are_fetched_without_the_sitemap_and_remembered(tmp_path, fetch_from):
    answers = mirror(FEW)
    report, paths = fetch_from(answers, tmp_path, FEW[1:3])
    assert paths == ["/robots.txt", *PATHS[1:3]]
    assert report.fetched == 2
    assert read_wanted(tmp_path / "raw", "sample") == FEW[1:3]
    answers["/sitemap.xml"] = answer(b"", 500)
    fetch_from(answers, tmp_path, FEW[:1])
    report, _ = fetch_from(answers, tmp_path)
    assert (report.planned, report.held) == (0, 3)


def test_a_code_remembered_and_not_fetched_yet_is_fetched_by_a_run_that_names_none(
    tmp_path, fetch_from
):
    answers = mirror(FEW)
    broken = answers | {PATHS[0]: answer(b"", 503)}
    report, _ = fetch_from(broken, tmp_path, FEW[:1])
    assert [(code, error.reason) for code, error in report.failures] == [(FEW[0], "server_error")]
    answers["/sitemap.xml"] = answer(b"", 404)
    report, paths = fetch_from(answers, tmp_path)
    assert paths == [*SITEMAP, PATHS[0]]
    assert report.fetched == 1


def test_nothing_of_a_fault_is_kept_and_the_next_run_asks_for_it_and_nothing_else(
    tmp_path, fetch_from
):
    codes = CODES[:6]
    bad, good = ([path_of(code) for code in codes[start::2]] for start in (0, 1))
    cut = (
        reset_after(answer(content_length="5000")),
        answer(PAGE[:-3]),
        answer(gzip.compress(PAGE)[:-1], content_encoding="gzip"),
    )
    faults = dict(zip(bad, cut, strict=True))
    report, paths = fetch_from(mirror(codes) | faults, tmp_path)
    tries = [path for pair in zip(bad, good, strict=True) for path in (*[pair[0]] * 3, pair[1])]
    assert paths == [*SITEMAP, *tries]
    assert [error.reason for _, error in report.failures] == ["reset", "incomplete", "truncated"]
    assert kinds(tmp_path) == dict.fromkeys(codes[1::2], "code")
    report, paths = fetch_from(mirror(codes), tmp_path)
    assert paths == [*SITEMAP, *bad]
    assert (report.failures, kinds(tmp_path)) == ([], dict.fromkeys(codes, "code"))


@pytest.mark.parametrize(
    ("sitemap", "told"),
    [
        (answer(b"<html>no such page</html>", 404), "no readable XML|not a <urlset>"),
        (answer(PAGE), "not a <urlset>"),
        (answer(b"<urlset><url>", content_type="text/xml"), "no readable XML"),
        (answer(b"oh", 500), "status 500"),
        (reset_after(b""), "broke off|no valid HTTP"),
    ],
    ids=["missing", "a page", "cut", "server error", "reset"],
)
def test_a_sitemap_that_cannot_be_used_is_told_and_the_copy_held_before_serves(
    tmp_path, fetch_from, caplog, sitemap, told
):
    answers = mirror(FEW)
    fetch_from(answers, tmp_path)
    report, paths = fetch_from(answers | {"/sitemap.xml": sitemap}, tmp_path)
    assert (report.held, report.stopped, paths) == (4, None, SITEMAP)
    (line,) = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert "/sitemap.xml" in line
    assert "is used" in line
    assert any(words in line for words in told.split("|"))
    assert len(held(tmp_path, "sitemap")) == 1


def test_a_first_run_without_a_sitemap_fetches_what_is_named_and_can_be_built(tmp_path, fetch_from):
    answers = mirror(FEW) | {"/sitemap.xml": answer(PAGE, 404)}
    fetch_from(answers, tmp_path)
    fetch_from(answers, tmp_path, FEW[:1])
    assert build_release(project_in(tmp_path)).coverage["row"] == 1


def test_a_site_that_refuses_its_sitemap_is_not_asked_for_more(tmp_path, fetch_from):
    answers = mirror(FEW) | {"/sitemap.xml": answer(b"slow down", 429, retry_after="60")}
    report, paths = fetch_from(answers, tmp_path)
    assert paths == SITEMAP
    assert str(report.stopped).endswith("status 429; run again in 60 seconds")


def test_the_redirects_of_the_first_robots_txt_keep_the_pace_of_the_site(
    tmp_path, fetch_from, monkeypatch
):
    now, asked = [100.0], []

    async def sleep(seconds):
        now[0] += seconds
        asked.append(round(seconds, 3))

    monkeypatch.setattr(fetching, "Pacer", partial(Pacer, sleep=sleep, monotonic=lambda: now[0]))
    code = CODES[0]
    moved = {
        "/robots.txt": redirect("/rules/a"),
        "/rules/a": redirect("/rules/b"),
        "/rules/b": answer(b"User-agent: *\nDisallow: /rules/\n"),
    }
    report, paths = fetch_from(mirror([code]) | moved, tmp_path, [code], pace_seconds=3)
    assert (report.fetched, report.stopped) == (1, None)
    assert paths == ["/robots.txt", "/rules/a", "/rules/b", path_of(code)]
    assert asked == [3, 3, 3]


def test_a_sitemap_that_robots_txt_forbids_is_not_asked_for(tmp_path, fetch_from, caplog):
    answers = mirror(FEW) | {"/robots.txt": answer(b"User-agent: *\nDisallow: /sitemap.xml\n")}
    report, paths = fetch_from(answers, tmp_path)
    assert paths == ["/robots.txt"]
    assert report.planned == 0
    assert "robots.txt asks not to" in caplog.text


def test_a_page_that_robots_txt_forbids_is_not_asked_for_and_is_no_failure(tmp_path, fetch_from):
    answers = mirror(FEW) | {
        "/robots.txt": answer(f"User-agent: *\nDisallow: {PATHS[1]}\n".encode())
    }
    report, paths = fetch_from(answers, tmp_path)
    assert PATHS[1] not in paths
    assert (report.disallowed, report.failures) == (1, [])
    assert (report.fetched, report.waiting, report.stopped) == (3, 0, None)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_site_whose_robots_txt_is_out_of_reach_is_not_asked_for_a_page(
    tmp_path, fetch_from, status
):
    report, paths = fetch_from(mirror(FEW) | {"/robots.txt": answer(b"", status)}, tmp_path)
    assert paths == ["/robots.txt"]
    assert "robots.txt cannot be read" in str(report.stopped)
    assert held(tmp_path) == []


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_stops_the_run_is_kept_as_evidence_and_asked_for_again_at_the_next(
    tmp_path, fetch_from, clock, kind
):
    answers = mirror(FEW)
    report, paths = fetch_from(answers | {PATHS[1]: wall(kind)}, tmp_path)
    assert paths == [*SITEMAP, *PATHS[:2]]
    assert ("its meter" if kind == "quota_wall" else f"{PATHS[1]}: the site shows a {kind}") in str(
        report.stopped
    )
    clock.pass_days(1)
    assert (report.fetched, report.waiting) == (2, 2)
    assert kinds(tmp_path) == {FEW[0]: "code", FEW[1]: kind}
    report, paths = fetch_from(answers, tmp_path)
    assert paths == [*SITEMAP, *PATHS[2:], PATHS[1]]
    assert (report.stopped, report.waiting) == (None, 0)


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_makes_no_row_and_never_replaces_one(tmp_path, fetch_from, clock, kind):
    answers = mirror(FEW)
    fetch_from(answers, tmp_path)
    first = build_release(project_in(tmp_path))
    clock.pass_days(100)
    walled = answers | {path: wall(kind) for path in PATHS}
    report, _ = fetch_from(walled, tmp_path)
    assert ("meter" if kind == "quota_wall" else kind) in str(report.stopped)
    assert build_release(project_in(tmp_path)).release is None
    assert first.coverage == {"wanted": 4, "row": 4, "absent": 0, "waiting": 0, "quarantined": 0}


def test_a_wall_alone_is_waiting_and_not_a_row(tmp_path, fetch_from):
    fetch_from(mirror(FEW) | {PATHS[0]: wall("login_wall")}, tmp_path)
    built = build_release(project_in(tmp_path))
    assert (built.rows, built.coverage["waiting"]) == (0, 4)


@pytest.mark.parametrize("kind", WALLS)
def test_a_refusal_that_is_a_wall_too_is_told_as_the_refusal(tmp_path, fetch_from, kind):
    body = f"<html><body><p>{WALLS[kind]}</p></body></html>".encode()
    refused = answer(body, 429, retry_after="60")
    report, paths = fetch_from(mirror(FEW) | {PATHS[1]: refused}, tmp_path)
    assert paths == [*SITEMAP, *PATHS[:2]]
    assert str(report.stopped).endswith("refuses with status 429; run again in 60 seconds")
    assert kinds(tmp_path)[FEW[1]] == kind
    with Ledger.open(tmp_path / "raw") as ledger:
        key = MeterKey("sample", "guest", timedelta(hours=24))
        assert ledger.state(key).used == 2


def test_a_page_refused_with_403_is_kept_and_ends_the_run(tmp_path, fetch_from):
    refused = answer(b"<html>go away</html>", 403, retry_after="3600")
    report, paths = fetch_from(mirror(FEW) | {PATHS[2]: refused}, tmp_path)
    assert paths[-1] == PATHS[2]
    assert str(report.stopped).endswith("refuses with status 403; run again in 3600 seconds")
    assert report.fetched == 3
    report, paths = fetch_from(mirror(FEW), tmp_path)
    assert paths == [*SITEMAP, PATHS[3], PATHS[2]]


def test_the_meter_stops_the_run_when_it_is_empty_and_pages_wait(tmp_path, clock):
    with SampleServer(views_per_day=3, crawl_delay=0) as server:
        project = project_in(tmp_path, origin=server.url)
        report = asyncio.run(fetch_pages(project, CODES[:5]))
        assert (report.fetched, report.waiting) == (3, 2)
        assert isinstance(report.stopped, MeterEmptyError)
        assert report.stopped.resumes_at == clock.now + timedelta(hours=24)
        asked = len(server.requests)
        report = asyncio.run(fetch_pages(project, CODES[:5]))
        assert isinstance(report.stopped, MeterEmptyError)
        assert (report.waiting, len(server.requests)) == (2, asked)
        clock.pass_days(1)
        report = asyncio.run(fetch_pages(project, CODES[:5]))
        assert (report.fetched, report.held, report.stopped) == (2, 3, None)
        asked = [path for path in server.requests if path != "/robots.txt"]
    assert asked == [path_of(code) for code in CODES[:5]]


def test_an_empty_meter_is_no_stop_when_nothing_waits(tmp_path):
    with SampleServer(views_per_day=3, crawl_delay=0) as server:
        report = asyncio.run(fetch_pages(project_in(tmp_path, origin=server.url), CODES[:3]))
    assert (report.fetched, report.stopped) == (3, None)


def test_a_code_without_page_is_kept_as_absent_and_not_asked_for_again(tmp_path, fetch_from):
    answers = mirror(FEW)
    report, _ = fetch_from(answers, tmp_path, ["47997"])
    assert (report.fetched, report.failures) == (1, [])
    assert kinds(tmp_path) == {"47997": "not_found"}
    report, paths = fetch_from(answers, tmp_path, ["47997"])
    assert (report.held, paths) == (1, ["/robots.txt"])
    assert build_release(project_in(tmp_path)).coverage["absent"] == 1


def test_a_server_that_dies_in_the_middle_stops_the_run_and_what_was_fetched_is_kept(
    tmp_path, fetch_from, caplog
):
    codes = CODES[:8]
    answers = mirror(codes)
    dying = answers | {path_of(code): reset_after(b"HTTP/1.1 200 OK\r\n") for code in codes[2:]}
    report, paths = fetch_from(dying, tmp_path)
    assert len(paths) == 2 + 2 + 5
    assert "5 requests in a row failed" in str(report.stopped)
    assert (report.fetched, len(report.failures), report.waiting) == (2, 1, 6)
    assert paths[4:] == [*[path_of(codes[2])] * 3, *[path_of(codes[3])] * 2]
    assert sorted(kinds(tmp_path)) == sorted(codes[:2])
    report, paths = fetch_from(answers, tmp_path)
    assert paths[2:] == [path_of(code) for code in codes[2:]]
    assert len(held(tmp_path)) == 8


def test_a_site_that_is_not_there_is_a_stop_and_no_crash(tmp_path):
    report = asyncio.run(fetch_pages(project_in(tmp_path, origin="http://127.0.0.1:9"), FEW))
    assert "no connection" in str(report.stopped)


def test_pages_that_are_due_are_asked_again_oldest_first_and_kept_as_revisits(
    tmp_path, fetch_from, clock
):
    answers = mirror(FEW)
    fetch_from(answers, tmp_path, [FEW[3]])
    clock.pass_days(1)
    fetch_from(answers, tmp_path)
    first = build_release(project_in(tmp_path))
    clock.pass_days(90)
    report, paths = fetch_from(answers, tmp_path)
    assert paths == [*SITEMAP, PATHS[3]]
    clock.pass_days(1)
    report, paths = fetch_from(answers, tmp_path)
    assert paths == [*SITEMAP, *PATHS[:3]]
    assert report.fetched == 3
    assert len(held(tmp_path)) == 4
    assert all(page.checked_at > page.retrieved_at for page in held(tmp_path))
    assert first.release is not None
    assert build_release(project_in(tmp_path)).release is None


def test_no_page_is_ever_due_where_refresh_days_is_0(tmp_path, fetch_from, clock):
    fetch_from(mirror(FEW), tmp_path, refresh_days=0)
    clock.pass_days(4_000)
    report, paths = fetch_from(mirror(FEW), tmp_path, refresh_days=0)
    assert (report.planned, paths) == (0, SITEMAP)


def test_a_page_that_cannot_be_parsed_is_kept_all_the_same(tmp_path, fetch_from, caplog):
    binary = answer(b"<html>\x00\x01\x02</html>")
    report, _ = fetch_from(mirror(FEW) | {PATHS[0]: binary}, tmp_path)
    assert (report.fetched, report.failures) == (4, [])
    assert f"{PATHS[0]}: the page holds NUL bytes" in caplog.text
    pages = {page.url.rpartition("/")[2]: page.page_kind for page in held(tmp_path)}
    assert pages[FEW[0]] is None
    report, paths = fetch_from(mirror(FEW), tmp_path)
    assert paths == SITEMAP


def test_a_code_that_leads_to_another_page_is_absent_and_not_asked_again(tmp_path, fetch_from):
    answers = mirror(FEW) | {PATHS[0]: redirect(PATHS[1])}
    fetch_from(answers, tmp_path, FEW[:1])
    (page,) = held(tmp_path)
    assert (page.code, page.status, page.page_kind) == (FEW[0], 302, "not_found")
    report, paths = fetch_from(answers, tmp_path, FEW[:1])
    assert (report.planned, paths) == (0, ["/robots.txt"])
    built = build_release(project_in(tmp_path))
    assert (built.rows, built.coverage["absent"]) == (0, 1)


def test_a_code_that_leads_to_a_wall_waits(tmp_path, fetch_from):
    answers = mirror(FEW) | {PATHS[0]: redirect("/login"), "/login": wall("login_wall")}
    report, _ = fetch_from(answers, tmp_path, FEW[:1])
    assert "login_wall" in str(report.stopped)
    assert fetch_from(mirror(FEW), tmp_path, FEW[:1])[0].fetched == 1


def test_walls_are_known_again_after_the_index_was_made_anew(tmp_path, fetch_from):
    fetch_from(mirror(FEW) | {PATHS[1]: wall("challenge")}, tmp_path)
    rebuild_index(tmp_path / "raw")
    assert set(kinds(tmp_path).values()) == {None}
    _, paths = fetch_from(mirror(FEW), tmp_path)
    assert paths == [*SITEMAP, *PATHS[2:], PATHS[1]]


@pytest.mark.usefixtures("clock")  # else the capture is due one day
def test_a_damaged_capture_is_told_when_the_parser_looks_for_walls(tmp_path, fetch_from, caplog):
    keep(tmp_path / "raw", capture_of(FEW[0]))
    (page,) = held(tmp_path)
    segment = tmp_path / "raw" / page.raw_file
    content = bytearray(segment.read_bytes())
    content[page.raw_offset + 200] ^= 1
    segment.write_bytes(content)
    report, _ = fetch_from(mirror(FEW), tmp_path)
    assert report.fetched == 3
    assert f"{page.raw_file}: damaged at file offset {page.raw_offset}" in caplog.text


def test_a_second_run_on_the_same_archive_is_refused(tmp_path):
    project = project_in(tmp_path)
    with Archive.open(tmp_path / "raw", write=True), pytest.raises(BusyError, match="another run"):
        asyncio.run(fetch_pages(project, FEW))


def test_a_live_site_is_not_asked_without_a_contact(tmp_path):
    with pytest.raises(UsageError, match="contact"):
        asyncio.run(fetch_pages(project_in(tmp_path), FEW, "codingahead"))


def test_progress_is_told_page_by_page(tmp_path):
    told = []
    with SampleServer(crawl_delay=0) as server:
        project = project_in(tmp_path, origin=server.url)
        asyncio.run(fetch_pages(project, FEW, None, lambda done, of: told.append((done, of))))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_hcpcs_codes_have_their_own_path(tmp_path):
    hcpcs = [code for code in CODES if code[0].isalpha()][:2]
    with SampleServer(crawl_delay=0) as server:
        asyncio.run(fetch_pages(project_in(tmp_path, origin=server.url), hcpcs))
        assert server.requests == ("/robots.txt", *(f"/hcpcs/codes/{code}" for code in hcpcs))
    assert kinds(tmp_path) == dict.fromkeys(hcpcs, "code")


def test_an_archive_without_captures_plans_what_is_named(tmp_path):
    plan = plan_pages(project_in(tmp_path), ["0042T", "00100"])
    assert [(page.code, page.reason) for page in plan.pages] == [
        ("00100", "never_seen"),
        ("0042T", "never_seen"),
    ]
    assert not (tmp_path / "raw").exists()


def test_a_plan_without_codes_is_of_what_was_asked_before_and_of_the_sitemap(tmp_path, fetch_from):
    fetch_from(mirror(FEW) | {PATHS[1]: wall("login_wall")}, tmp_path)
    fetch_from(mirror(FEW), tmp_path, ["47997"])
    plan = plan_pages(project_in(tmp_path), [])
    assert [(page.code, page.reason) for page in plan.pages] == [
        (FEW[2], "never_seen"),
        (FEW[3], "never_seen"),
        (FEW[1], "waiting"),
    ]
    assert plan.held == 2


def test_a_code_whose_system_the_site_has_not_is_planned_nowhere(tmp_path):
    sites = tmp_path / "sites"
    sites.mkdir()
    sites.joinpath("inn.toml").write_text(
        'name = "inn"\ntitle = "Inn"\npublisher = "Nobody"\nfictional = true\n'
        'origin = "http://inn.test"\nhosts = ["inn.test"]\n[code_paths]\nCPT = "/{code}"\n'
    )
    plan = plan_pages(project_in(tmp_path, "inn", sites_dir=sites), ["J9991", "99216"])
    assert plan.no_page == ("J9991",)
    assert [page.url for page in plan.pages] == ["http://inn.test/99216"]


def test_the_mirror_of_these_tests_is_the_sample_site():
    assert sample_page("/robots.txt").startswith(b"User-agent: *")
    assert b"</html>" in page_of(BOOK.doors.popular[0])
