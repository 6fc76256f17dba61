"""The commands that ask a site: what they ask, keep and publish, and how they end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fetch.faults import answer, reset_after
from pipeline.ground import (
    BOOK,
    CODES,
    DOORS,
    ROWS,
    START,
    mirror,
    page_of,
    releases,
    rows_of,
    run,
)

from scraper.fetch.robots_cache import RobotsAnswer, write_cached
from scraper.sample.chrome import path_of
from scraper.sample.server import SampleServer


def test_the_embedded_site_is_run_on_its_own_where_no_origin_is_set(home):
    ended = run("scrape", *CODES[:3], "--json")
    assert ended.code == 0, ended.err
    assert ended.data["fetch"]["pages_fetched"] == 3
    assert ended.data["build"]["coverage"]["row"] == 3
    assert [row["code"] for row in rows_of("codes")] == list(CODES[:3])


def test_a_meter_that_runs_out_ends_with_7_and_the_next_day_goes_on(home, monkeypatch, clock):
    with SampleServer(views_per_day=10, crawl_delay=0) as server:
        monkeypatch.setenv("SCRAPER_ORIGIN", server.url)
        first = run("scrape")
        assert first.code == 7
        assert len(first.complaints) == 1
        assert "its meter grants no more page views before 2026-11-21" in first.complaints[0]
        assert "pages fetched  10 of 109 planned" in first.out
        assert "pages waiting  99" in first.out
        assert len(rows_of("codes")) == 10
        assert [p["outcome"] for p in rows_of("pages")].count("waiting") == 99
        clock.pass_days(1)
        second = run("scrape")
        assert second.code == 7
        assert "pages fetched  10 of 99 planned" in second.out
        pages = [path for path in server.requests if path.startswith(("/cpt/", "/hcpcs/"))]
    assert pages == [path_of(code) for code in BOOK.listed[:20]]
    assert len(rows_of("codes")) == 20
    assert releases() == ["2026.11.20", "2026.11.21"]


def test_a_range_asks_for_each_number_of_it_and_is_remembered(site):
    ended = run("scrape", "99215-99217")
    assert ended.code == 0
    assert site.requests == ("/robots.txt", *(f"/cpt/codes/{n}" for n in (99215, 99216, 99217)))
    outcomes = {page["code"]: page["outcome"] for page in rows_of("pages")}
    expected = {str(n): "row" if str(n) in ROWS else "absent" for n in (99215, 99216, 99217)}
    assert outcomes == expected
    asked = len(site.requests)
    run("scrape", "99215-99218")
    assert site.requests[asked:] == ("/robots.txt", "/cpt/codes/99218")
    plan = run("plan", "--json").data
    assert (plan["codes_held"], plan["pages"]) == (4, [])


def test_a_list_of_codes_comes_from_a_file_too(site):
    Path("codes.txt").write_text(f"{ROWS[0]}, {ROWS[1]}  # two\n# none\n{ROWS[-1]}\n")
    assert run("fetch", "@codes.txt").code == 0
    assert site.requests[1:] == tuple(path_of(code) for code in (ROWS[0], ROWS[1], ROWS[-1]))
    assert path_of(ROWS[-1]).startswith("/hcpcs/codes/")


@pytest.mark.parametrize("door", [*DOORS.login, *DOORS.challenge])
def test_a_wall_ends_with_3_is_shown_as_evidence_and_tried_again(site, door):
    ended = run("scrape", ROWS[0], door)
    assert ended.code == 3
    (line,) = ended.complaints
    assert path_of(door) in line
    assert [row["code"] for row in rows_of("codes")] == [ROWS[0]]
    (capture,) = run("show", door, "--json").data
    assert capture["page_kind"] in {"login_wall", "challenge"}
    assert [p["reason"] for p in run("plan", "--json").data["pages"]] == ["waiting"]
    assert run("scrape", ROWS[0], door).code == 3
    assert site.requests.count(path_of(door)) == 2
    assert site.requests.count(path_of(ROWS[0])) == 1


def test_a_server_that_dies_ends_with_3_and_what_it_gave_is_published(old_site):
    codes = ROWS[:9]
    answers = mirror(codes)
    old_site.serve(answers | {path_of(code): reset_after(b"") for code in codes[3:]})
    ended = run("scrape")
    assert ended.code == 3
    assert "5 requests in a row failed" in ended.complaints[0]
    assert [row["code"] for row in rows_of("codes")] == codes[:3]
    assert ended.out.count("failed") == 1 + 1
    old_site.serve(answers)
    assert run("scrape").code == 0
    assert old_site.paths[2:] == [path_of(code) for code in codes[3:]]
    assert [row["code"] for row in rows_of("codes")] == codes


def test_a_page_that_fails_alone_ends_with_1_and_the_rest_is_published(old_site):
    old_site.serve(mirror(ROWS[:3]) | {path_of(ROWS[1]): answer(b"", 500)})
    ended = run("scrape", "--json")
    assert ended.code == 1
    (failure,) = ended.data["fetch"]["failures"]
    assert (failure["code"], failure["reason"]) == (ROWS[1], "server_error")
    assert path_of(ROWS[1]) in failure["message"]
    assert ended.data["build"]["coverage"]["waiting"] == 1


def test_the_first_run_on_a_site_that_is_away_ends_with_3_and_says_why(home, monkeypatch):
    monkeypatch.setenv("SCRAPER_ORIGIN", "http://127.0.0.1:9")
    for command in ("scrape", "fetch"):
        ended = run(command)
        assert ended.code == 3
        assert len(ended.complaints) == 1
        assert "robots.txt cannot be read" in ended.complaints[0]


def test_a_first_run_that_gets_no_page_at_all_ends_with_1(old_site, caplog):
    old_site.serve(mirror(ROWS[:1]) | {path_of(ROWS[0]): answer(b"", 500)})
    assert run("scrape").code == 1
    assert path_of(ROWS[0]) in caplog.text
    assert not Path("output/latest").exists()


def test_a_changed_page_makes_a_new_release_that_says_when(old_site, clock):
    answers = mirror(ROWS[:2])
    old_site.serve(answers)
    run("scrape")
    clock.pass_days(100)
    old_site.serve(answers)
    revisited = run("scrape", "--json").data
    assert revisited["fetch"]["pages_fetched"] == 2
    assert revisited["build"]["release"] is None
    clock.pass_days(100)
    changed = page_of(ROWS[0]).replace(b"<p>", b"<p>Said anew. ")
    old_site.serve(answers | {path_of(ROWS[0]): answer(changed)})
    ended = run("scrape", "--json")
    assert ended.data["build"]["release"] == "2027.06.08"
    first, second = rows_of("codes")
    assert "Said anew." in (first["official_description"] or first["common_language_description"])
    assert (first["first_seen"], first["last_changed"]) == (START, clock.now)
    assert (second["first_seen"], second["last_changed"]) == (START, START)


def test_the_origin_is_that_of_the_site_that_is_named(old_site, monkeypatch):
    monkeypatch.setenv("SCRAPER_CONTACT", "tester@example.org")
    page = Path(__file__).parents[1] / "cases" / "codingahead" / "a" / "page.html"
    old_site.serve({"/cpt/codes/27931": answer(page.read_bytes())})
    ended = run("scrape", "27931", "--site", "codingahead", "--json")
    assert ended.code == 0, ended.err
    assert old_site.paths == ["/robots.txt", "/cpt/codes/27931"]
    assert [(row["code"], row["site"]) for row in rows_of("codes")] == [("27931", "codingahead")]


def test_plan_tells_what_would_be_asked_and_asks_nothing(site):
    ended = run("plan", "99216,0998A")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"0998A  never_seen   unread      {site.url}/cpt/codes/0998A",
        f"99216  never_seen   unread      {site.url}/cpt/codes/99216",
        "2 pages to ask Moonbeam Code Book for, at least 0 s; 0 codes held",
        "robots.txt was not read in the last day; a run reads it first",
        "the meter has not said yet how many page views remain: the first page tells",
    ]
    assert run("plan", "99216", "--json").data == {
        "site": "sample",
        "pages": [
            {
                "code": "99216",
                "url": f"{site.url}/cpt/codes/99216",
                "reason": "never_seen",
                "robots": "unread",
                "rule": None,
                "found_on": None,
            }
        ],
        "codes_held": 0,
        "codes_without_page": [],
        "codes_left_out": 0,
        "least_seconds": 0.0,
        "meter": {
            "remaining": None,
            "granted": None,
            "used": 0,
            "said_at": None,
            "resumes_at": None,
        },
    }
    assert site.requests == ()
    assert not Path("raw").exists()


def test_plan_shows_what_robots_txt_says_where_a_run_of_the_last_day_read_it(site, clock):
    lines = b"User-agent: scraper\nDisallow: /*/99217\n"
    url = f"{site.url}/robots.txt"
    write_cached(Path("raw"), "sample", RobotsAnswer(200, lines, clock.now), url=url)
    pages = run("plan", "99216,99217", "--json").data["pages"]
    assert [(page["code"], page["robots"], page["rule"]) for page in pages] == [
        ("99216", "allowed", None),
        ("99217", "disallowed", "Disallow: /*/99217"),
    ]
    assert "disallowed" in run("plan", "99217").out
    clock.now += timedelta(days=1, seconds=1)
    assert run("plan", "99217", "--json").data["pages"][0]["robots"] == "unread"
    assert site.requests == ()


def test_fetch_keeps_pages_and_publishes_nothing(site):
    ended = run("fetch", *ROWS[:2], "--json")
    assert ended.code == 0
    assert ended.data["pages_fetched"] == 2
    assert run("index", "--json").data == {"sample": 2}
    assert not Path("output").exists()


def test_a_terminal_sees_a_bar_and_no_plain_lines(site):
    ended = run("scrape", *ROWS[:2], terminal=True)
    assert ended.code == 0
    assert "2/2" in ended.err
    assert "fetch: " not in ended.err
