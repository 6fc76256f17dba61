"""Codes that pages held name are asked for where the settings say so: one step, and few."""

from __future__ import annotations

from typing import get_args

import pytest
from fetch.faults import answer

from scraper.archive.store import rebuild_index
from scraper.archive.wanted import read_wanted
from scraper.cli import cli
from scraper.pipeline.building import build_release
from scraper.pipeline.planning import plan_pages
from scraper.publish.verify import verify_release
from scraper.sample.chrome import path_of
from scraper.settings import Settings

from .ground import Clock, Mirror, capture_of, clean_home, keep, mirror, page_of, project_in, run

FIRST, SECOND, THIRD, LOOSE = "99216", "99229", "99240", "99279"
NOWHERE = "20001"


def linking(code: str, *targets: str, text: str = "") -> bytes:
    """Return the page of a code with no links but these."""
    links = "".join(f'<p><a href="{path_of(target)}">leaf</a></p>' for target in targets)
    page = page_of(code).replace(b"<a ", b"<a rel=nofollow ")
    return page.replace(b"</body>", f"{links}{text}</body>".encode())


def guide(code: str, text: str) -> bytes:
    lines = f"<p>At a glance: code {code}</p><p>{text}</p>"
    return f"<!doctype html><html><body>{lines}</body></html>".encode()


def chain() -> dict[str, bytes]:
    """Return a site whose first page leads to the second, and that to the third and to none."""
    pages = {
        FIRST: linking(FIRST, SECOND),
        SECOND: linking(SECOND, THIRD, NOWHERE),
        THIRD: linking(THIRD),
    }
    answers = {path_of(code): answer(page) for code, page in pages.items()}
    return mirror([FIRST]) | answers | {path_of(NOWHERE): answer(b"<html></html>", 404)}


@pytest.fixture
def site():
    with Mirror() as site:
        yield site


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def pages_asked(paths: list[str]) -> list[str]:
    return [path.rpartition("/")[2] for path in paths if "/codes/" in path]


def follow(site: Mirror, folder, answers=None, codes=(), follow="links", **settings):
    settings = {"follow": follow, **settings}
    report, paths = site.fetch_from(answers or chain(), folder, codes, **settings)
    return report, pages_asked(paths)


def wanted(folder):
    return read_wanted(folder / "raw", "sample")


def planned(folder, codes=(), **settings):
    plan = plan_pages(project_in(folder, **settings), codes)
    return [(page.code, page.reason, page.found_on) for page in plan.pages]


def test_by_default_nothing_is_followed(site, tmp_path):
    site.fetch_from(chain(), tmp_path, [FIRST])
    report, paths = site.fetch_from(chain(), tmp_path)
    assert (report.planned, pages_asked(paths)) == (0, [])


def test_a_run_goes_one_step_and_what_has_a_page_is_wanted_from_then_on(site, tmp_path):
    assert follow(site, tmp_path, codes=[FIRST])[1] == [FIRST]
    assert wanted(tmp_path) == (FIRST,)
    assert follow(site, tmp_path)[1] == [SECOND]
    assert wanted(tmp_path) == (FIRST, SECOND)
    assert follow(site, tmp_path)[1] == [NOWHERE, THIRD]
    assert wanted(tmp_path) == (FIRST, SECOND, THIRD)
    report, asked = follow(site, tmp_path)
    assert (report.planned, report.held, asked) == (0, 3, [])


def test_a_followed_page_is_refreshed_like_any_other_and_one_that_is_none_is_not(
    site, tmp_path, clock
):
    for _ in range(3):
        follow(site, tmp_path, codes=() if wanted(tmp_path) else [FIRST])
    clock.pass_days(100)
    assert follow(site, tmp_path, follow="none")[1] == [FIRST, SECOND, THIRD]


def test_every_wanted_code_is_accounted_for(site, tmp_path):
    for _ in range(3):
        follow(site, tmp_path, codes=() if wanted(tmp_path) else [FIRST])
    built = build_release(project_in(tmp_path))
    coverage = {"wanted": 4, "row": 3, "absent": 1, "waiting": 0, "quarantined": 0}
    assert built.coverage == coverage
    assert built.release is not None
    assert verify_release(built.release.folder) == ()


def test_the_plan_tells_what_would_be_followed_and_asks_nobody(site, tmp_path):
    follow(site, tmp_path, codes=[FIRST])
    before = len(site.heads)
    assert planned(tmp_path, origin=site.origin) == []
    assert planned(tmp_path, origin=site.origin, follow="links") == [(SECOND, "linked", FIRST)]
    assert len(site.heads) == before


def test_mentions_are_followed_only_by_all_and_after_the_links(tmp_path):
    url = f"http://127.0.0.1{path_of(LOOSE)}"
    body = guide(LOOSE, f"Compare 20002 and 20003. <a href='{path_of(THIRD)}'>leaf</a>")
    keep(tmp_path / "raw", capture_of(LOOSE, body, url=url))
    assert planned(tmp_path, follow="links") == [(THIRD, "linked", LOOSE)]
    assert planned(tmp_path, follow="all") == [
        (THIRD, "linked", LOOSE),
        ("20002", "mentioned", LOOSE),
        ("20003", "mentioned", LOOSE),
    ]


def test_what_is_asked_for_comes_before_what_is_followed(tmp_path):
    keep(tmp_path / "raw", capture_of(FIRST, linking(FIRST, SECOND)))
    told = planned(tmp_path, [THIRD, FIRST, LOOSE], follow="links")
    assert [code for code, _, _ in told] == [THIRD, LOOSE, SECOND]
    assert [reason for _, reason, _ in told] == ["never_seen", "never_seen", "linked"]


def test_with_codes_only_their_pages_are_followed(tmp_path):
    keep(
        tmp_path / "raw",
        capture_of(FIRST, linking(FIRST, SECOND)),
        capture_of(LOOSE, linking(LOOSE, THIRD)),
    )
    assert planned(tmp_path, [FIRST], follow="links") == [(SECOND, "linked", FIRST)]
    both = [(SECOND, "linked", FIRST), (THIRD, "linked", LOOSE)]
    assert planned(tmp_path, follow="links") == both


def test_the_newest_capture_of_a_page_counts(tmp_path, clock):
    old = capture_of(FIRST, linking(FIRST, SECOND))
    clock.pass_days(1)
    keep(tmp_path / "raw", capture_of(FIRST, linking(FIRST, THIRD), retrieved_at=clock.now), old)
    assert planned(tmp_path, follow="links") == [(THIRD, "linked", FIRST)]


def test_an_imported_page_names_codes_and_its_file_is_told(tmp_path):
    body = f"<html><body><p>A shelf of leaves</p><a href='{path_of(THIRD)}'>leaf</a></body></html>"
    about = {"url": None, "status": None, "source": "import", "source_name": "shelf.html"}
    keep(tmp_path / "raw", capture_of(FIRST, body.encode(), **about))
    assert planned(tmp_path, follow="links") == [(THIRD, "linked", "shelf.html")]


def test_a_hostile_page_costs_few_views_in_a_run_and_not_many_in_all(site, tmp_path, clock):
    numbers = ", ".join(f"{number}" for number in range(30_000, 35_000))
    hostile = answer(guide(FIRST, numbers))
    answers = mirror([FIRST]) | {path_of(FIRST): hostile}
    none = answer(b"<html><body>nothing</body></html>", 404)
    answers |= {path_of(f"{number}"): none for number in range(30_000, 35_000)}
    follow(site, tmp_path, answers, [FIRST], follow="all")
    asked = []
    for _ in range(4):
        report, codes = follow(site, tmp_path, answers, follow="all", follow_pages=40)
        assert (report.failures, report.stopped) == ([], None)
        asked.append(len(codes))
    assert asked == [40, 40, 20, 0]
    assert wanted(tmp_path) == (FIRST,)


def test_a_hostile_page_does_not_push_others_back(tmp_path):
    numbers = ", ".join(f"{number}" for number in range(10_000, 15_000))
    keep(
        tmp_path / "raw",
        capture_of(FIRST, guide(FIRST, numbers)),
        capture_of(SECOND, guide(SECOND, "See 20002 tonight.")),
        capture_of(THIRD, guide(THIRD, "See 20002 tonight.")),
    )
    told = planned(tmp_path, follow="all", follow_pages=2)
    assert [code for code, _, _ in told] == ["20002", "10000"]


def test_what_robots_txt_forbids_is_not_followed_and_takes_no_place(site, tmp_path):
    robots = answer(f"User-agent: *\nDisallow: {path_of(SECOND)}\n".encode())
    answers = chain() | {"/robots.txt": robots}
    answers[path_of(FIRST)] = answer(linking(FIRST, SECOND, THIRD))
    follow(site, tmp_path, answers, [FIRST])
    told = planned(tmp_path, origin=site.origin, follow="links", follow_pages=1)
    assert told == [(THIRD, "linked", FIRST)]
    report, asked = follow(site, tmp_path, answers, follow_pages=1)
    assert (asked, report.disallowed) == ([THIRD], 0)


def test_a_wall_in_the_place_of_a_followed_page_lets_it_wait(site, tmp_path):
    follow(site, tmp_path, codes=[FIRST])
    wall = b"<html><body><p>Please show your library card to read this leaf</p></body></html>"
    report, _ = follow(site, tmp_path, chain() | {path_of(SECOND): answer(wall)})
    assert "login_wall" in str(report.stopped)
    assert planned(tmp_path, origin=site.origin) == [(SECOND, "waiting", None)]
    assert build_release(project_in(tmp_path)).coverage["waiting"] == 1


def test_a_run_that_was_killed_is_made_good_by_the_next(site, tmp_path):
    follow(site, tmp_path, codes=[FIRST])
    follow(site, tmp_path)
    (tmp_path / "raw" / "sample" / "wanted.txt").write_text(f"{FIRST}\n")  # as the kill left it
    rebuild_index(tmp_path / "raw")
    assert follow(site, tmp_path)[1] == [NOWHERE, THIRD]
    assert wanted(tmp_path) == (FIRST, SECOND, THIRD)


def test_a_damaged_page_names_nothing_and_the_others_do(tmp_path, caplog):
    body = linking(FIRST, SECOND)
    keep(tmp_path / "raw", capture_of(FIRST, body), capture_of(LOOSE, linking(LOOSE, THIRD)))
    (segment,) = (tmp_path / "raw").glob("sample/*.warc.gz")
    content = bytearray(segment.read_bytes())
    content[-30] ^= 4
    segment.write_bytes(content)
    assert planned(tmp_path, follow="links") == [(SECOND, "linked", FIRST)]
    assert "damaged" in caplog.text or "digest" in caplog.text


def test_the_command_line_says_what_is_followed_in_the_place_of_the_setting(tmp_path, monkeypatch):
    home = clean_home(monkeypatch, tmp_path / "home", follow="all", follow_pages="1")
    body = guide(LOOSE, f"Compare 20002. <a href='{path_of(THIRD)}'>leaf</a>")
    keep(home / "raw", capture_of(LOOSE, body))
    told = run("plan", "--json").data
    assert [page["code"] for page in told["pages"]] == [THIRD]
    assert (told["pages"][0]["found_on"], told["codes_left_out"]) == (LOOSE, 1)
    text = run("plan").out
    assert f"{THIRD}  linked " in text
    assert f"  found on {LOOSE}\n" in text
    assert "1 more codes are named by pages held" in text
    assert run("plan", "--follow", "links", "--json").data["codes_left_out"] == 0
    assert run("plan", "--follow", "none", "--json").data["pages"] == []
    assert run("plan", "--follow", "far").code == 2


def test_a_page_that_is_wanted_by_the_sitemap_is_not_written_down_as_asked_for(tmp_path, site):
    both = chain() | mirror([FIRST, SECOND]) | {path_of(FIRST): answer(linking(FIRST, SECOND))}
    both[path_of(SECOND)] = answer(linking(SECOND, FIRST))
    assert follow(site, tmp_path, both)[1] == [FIRST, SECOND]
    assert follow(site, tmp_path, both)[1] == []
    assert wanted(tmp_path) == ()


@pytest.mark.parametrize("command", ["plan", "fetch", "scrape"])
def test_the_option_offers_what_the_setting_does(command):
    (option,) = (param for param in cli.commands[command].params if param.name == "follow")
    assert tuple(option.type.choices) == get_args(Settings.model_fields["follow"].annotation)
