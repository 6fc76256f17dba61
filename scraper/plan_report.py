"""What `plan` tells: which requests a run would make, why, and what robots.txt and meter allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scraper.clock import format_time
from scraper.fetch.meter import MeterState
from scraper.fetch.plan import FetchPlan, PlannedPage
from scraper.fetch.robots import RobotsRules
from scraper.pipeline.planning import SiteStanding
from scraper.report import Report
from scraper.sites.profile import SiteProfile


def of_plan(plan: FetchPlan, profile: SiteProfile, standing: SiteStanding) -> Report:
    """Tell which requests a run would make, what robots.txt says of them, and what is granted."""
    robots, pace = standing.robots, standing.pace_seconds
    pages = [_page_data(page, robots) for page in plan.pages]
    asked = sum(page["robots"] != "disallowed" for page in pages)
    data = {
        "site": profile.name,
        "pages": pages,
        "codes_held": plan.held,
        "codes_without_page": plan.no_page,
        "codes_left_out": plan.left_out,
        "least_seconds": pace * asked,
        "meter": _meter_data(standing.meter) if standing.meter else None,
    }
    lines = [
        f"{page['code']}  {page['reason']:<11}  {page['robots']:<10}  {page['url']}"
        + (f"  by {page['rule']}" if page["rule"] else "")
        + (f"  found on {page['found_on']}" if page["found_on"] else "")
        for page in pages
    ]
    summary = (
        f"{asked} pages to ask {profile.title} for, at least {pace * asked:.0f} s; "
        f"{plan.held} codes held"
    )
    unread = [] if robots else ["robots.txt was not read in the last day; a run reads it first"]
    notes = (*unread, *_left_out_lines(plan), *_meter_lines(standing.meter))
    return Report(data, "\n".join([*lines, summary, *notes]))


def _left_out_lines(plan: FetchPlan) -> Iterator[str]:
    if plan.left_out:
        yield f"{plan.left_out} more codes are named by pages held; follow_pages leaves them out"


def _meter_data(meter: MeterState) -> dict[str, Any]:
    return {
        "remaining": meter.remaining,
        "granted": meter.granted,
        "used": meter.used,
        "said_at": format_time(meter.said_at) if meter.said_at else None,
        "resumes_at": format_time(meter.resumes_at) if meter.resumes_at else None,
    }


def _meter_lines(meter: MeterState | None) -> Iterator[str]:
    if meter is None:
        return
    if meter.resumes_at:
        yield f"the meter grants no more page views before {meter.resumes_at:%Y-%m-%d %H:%M:%S} UTC"
    elif meter.remaining is None:
        yield "the meter has not said yet how many page views remain: the first page tells"
    else:
        yield f"the meter grants the first {meter.remaining} of them"


def _page_data(page: PlannedPage, robots: RobotsRules | None) -> dict[str, str | None]:
    word, rule = "unread", None
    if robots is not None:
        verdict = robots.verdict(page.url)
        word, rule = "allowed" if verdict.allowed else "disallowed", verdict.rule
    return {
        "code": page.code,
        "url": page.url,
        "reason": page.reason,
        "robots": word,
        "rule": rule,
        "found_on": page.found_on,
    }
