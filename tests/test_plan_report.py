"""What `plan` tells: each request, why, and what robots.txt and the meter allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pipeline.ground import SAMPLE, START, Clock, project_in

from scraper.errors import MeterEmptyError
from scraper.fetch.ledger import Ledger
from scraper.fetch.meter import MeterKey, MeterState
from scraper.fetch.plan import FetchPlan, PlannedPage
from scraper.fetch.robots import RobotsRules
from scraper.fetch.robots_cache import RobotsAnswer, write_cached
from scraper.pipeline.planning import SiteStanding, read_standing
from scraper.plan_report import of_plan

URL = "http://127.0.0.1/cpt/codes/99216"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_plan_tells_each_request_its_reason_and_the_least_time():
    pages = (PlannedPage("99216", URL, "never_seen"), PlannedPage("99229", f"{URL}9", "waiting"))
    told = of_plan(FetchPlan(pages, 7, ("J9998",)), SAMPLE, SiteStanding(None, None, 2.5))
    assert told.text.splitlines() == [
        f"99216  never_seen   unread      {URL}",
        f"99229  waiting      unread      {URL}9",
        "2 pages to ask Moonbeam Code Book for, at least 5 s; 7 codes held",
        "robots.txt was not read in the last day; a run reads it first",
    ]
    assert told.data["least_seconds"] == 5.0
    assert told.data["codes_without_page"] == ("J9998",)


def test_a_plan_tells_which_line_of_robots_txt_decides_on_each_request():
    pages = tuple(PlannedPage(code, URL[:-5] + code, "never_seen") for code in ("99216", "99229"))
    lines = b"User-agent: *\nDisallow: /*/99229$\nAllow: /cpt/\nCrawl-delay: 4\n"
    for body, verdicts in (
        (lines, [("allowed", "Allow: /cpt/"), ("disallowed", "Disallow: /*/99229$")]),
        (b"", [("allowed", None), ("allowed", None)]),
    ):
        robots = RobotsRules.parse(200, body)
        told = of_plan(FetchPlan(pages, 0, ()), SAMPLE, SiteStanding(robots, None, 4))
        assert [(page["robots"], page["rule"]) for page in told.data["pages"]] == verdicts
        assert not any("not read" in line for line in told.text.splitlines())
    standing = SiteStanding(RobotsRules.parse(200, lines), None, 4)
    told = of_plan(FetchPlan(pages, 0, ()), SAMPLE, standing)
    assert told.text.splitlines() == [
        f"99216  never_seen   allowed     {URL}  by Allow: /cpt/",
        f"99229  never_seen   disallowed  {URL[:-5]}99229  by Disallow: /*/99229$",
        "1 pages to ask Moonbeam Code Book for, at least 4 s; 0 codes held",
    ]
    assert told.data["least_seconds"] == 4.0


@pytest.mark.parametrize(
    ("meter", "words"),
    [
        (MeterState(), "has not said yet how many page views remain"),
        (MeterState(7, 9, 2, NOON), "the meter grants the first 7 of them"),
        (MeterState(0, 9, 9, NOON, NOON), "no more page views before 2026-03-01 12:00:00 UTC"),
    ],
)
def test_a_plan_tells_what_the_meter_grants(meter, words):
    told = of_plan(FetchPlan((), 0, ()), SAMPLE, SiteStanding(None, meter, 0))
    assert words in told.text
    assert told.data["meter"] == {
        "remaining": meter.remaining,
        "granted": meter.granted,
        "used": meter.used,
        "said_at": "2026-03-01T12:00:00Z" if meter.said_at else None,
        "resumes_at": "2026-03-01T12:00:00Z" if meter.resumes_at else None,
    }


def test_what_is_known_of_a_site_is_what_runs_have_left(tmp_path, monkeypatch):
    clock = Clock(monkeypatch)
    project, raw_dir = project_in(tmp_path), tmp_path / "raw"
    assert read_standing(project) == SiteStanding(None, MeterState(), 0)
    assert not raw_dir.exists()
    body = b"User-agent: *\nDisallow: /cpt/\nCrawl-delay: 3\n"
    url = f"{project.profile().origin}/robots.txt"
    write_cached(raw_dir, "sample", RobotsAnswer(200, body, START), url=url)
    with Ledger.open(raw_dir) as ledger:
        key = MeterKey("sample", "guest", timedelta(hours=24))
        ledger.commit(ledger.reserve(key), 0)
        with pytest.raises(MeterEmptyError):
            ledger.reserve(key)
    known = read_standing(project)
    assert known.robots is not None
    assert not known.robots.allows(f"{project.profile().origin}/cpt/codes/99216")
    assert known.pace_seconds == 3
    assert known.meter is not None
    assert known.meter.resumes_at == clock.now + timedelta(hours=24)
    assert read_standing(project, "codingahead").robots is None
    assert read_standing(project_in(tmp_path, origin="http://127.0.0.1:1")).robots is None
