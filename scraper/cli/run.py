"""The commands that fill raw/ and output/: scrape, plan, fetch, build."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import report
from scraper.cli.ending import end_if_undelivered
from scraper.cli.group import (
    ACCEPT,
    AS_JSON,
    CODES,
    FOLLOW,
    SITE,
    cli,
    complain,
    follow_codes,
    open_project,
    tell,
)
from scraper.cli.watch import METRICS, watch_run
from scraper.codes import expand_codes
from scraper.errors import EXIT_PAGES, UsageError
from scraper.progress import show_progress

if TYPE_CHECKING:
    from scraper.pipeline.built import BuildReport
    from scraper.pipeline.fetching import FetchReport
    from scraper.project import Project


@cli.command(epilog="Examples: `scraper scrape`, `scraper scrape --site sample 63020-63053,0274T`")
@CODES
@SITE
@FOLLOW
@ACCEPT
@METRICS
@AS_JSON
@click.pass_obj
def scrape(
    config: Path | None,
    codes: tuple[str, ...],
    site: str | None,
    metrics: Path | None,
    *,
    follow: str | None,
    accept: tuple[str, ...],
    as_json: bool,
) -> None:
    """Fetch what is missing or due, then build and publish: the nightly job.

    CODES are codes, ranges and @FILES; without them all codes asked for before and those of the
    site's sitemap are wanted. With --follow, up to follow_pages codes come after them that pages
    held at the start link to (links), or mention in their text too (all).
    """
    with watch_run("scrape", config, site, metrics) as watch:
        _check_ids(accept)
        project = follow_codes(watch.open_project(), follow)
        fetched = watch.record.fetched = _fetch(project, codes, site)
        try:
            built = watch.record.built = _build(project, site, accept)
        except UsageError:  # nothing is held; why it could not be fetched says more
            _end_if_incomplete(fetched)
            raise
        tell(report.of_scrape(fetched, built, project), as_json=as_json)
        _end_if_refused(built)
        end_if_undelivered(built.delivery.troubles)
        _end_if_incomplete(fetched)


@cli.command(epilog="Example: `scraper plan 63020-63053`")
@CODES
@SITE
@FOLLOW
@AS_JSON
@click.pass_obj
def plan(
    config: Path | None,
    codes: tuple[str, ...],
    site: str | None,
    *,
    follow: str | None,
    as_json: bool,
) -> None:
    """Print which pages `scrape` would ask for, in which order and why; makes no request.

    Each page is shown with what the robots.txt says of it that a run of the last day has read.
    """
    from scraper.pipeline.planning import plan_pages, read_standing
    from scraper.plan_report import of_plan

    project = follow_codes(open_project(config, site), follow)
    planned = plan_pages(project, _wanted(codes), site)
    standing = read_standing(project, site)
    tell(of_plan(planned, project.profile(site), standing), as_json=as_json)


@cli.command(epilog="Example: `scraper fetch @codes.txt`")
@CODES
@SITE
@FOLLOW
@METRICS
@AS_JSON
@click.pass_obj
def fetch(
    config: Path | None,
    codes: tuple[str, ...],
    site: str | None,
    metrics: Path | None,
    *,
    follow: str | None,
    as_json: bool,
) -> None:
    """Fetch pages into raw/ and publish nothing."""
    with watch_run("fetch", config, site, metrics) as watch:
        project = follow_codes(watch.open_project(), follow)
        fetched = watch.record.fetched = _fetch(project, codes, site)
        tell(report.of_fetch(fetched), as_json=as_json)
        _end_if_incomplete(fetched)


@cli.command(epilog="Example: `scraper build --site codingahead`")
@SITE
@ACCEPT
@METRICS
@AS_JSON
@click.pass_obj
def build(
    config: Path | None,
    site: str | None,
    metrics: Path | None,
    *,
    accept: tuple[str, ...],
    as_json: bool,
) -> None:
    """Build the tables from raw/, check them, and publish them, if they say anything new."""
    with watch_run("build", config, site, metrics) as watch:
        _check_ids(accept)
        project = watch.open_project()
        built = watch.record.built = _build(project, site, accept)
        tell(report.of_build(built, project), as_json=as_json)
        _end_if_refused(built)
        end_if_undelivered(built.delivery.troubles)


def _wanted(codes: tuple[str, ...]) -> tuple[str, ...]:
    wanted = expand_codes(",".join(codes))
    if codes and not wanted:
        raise UsageError(f"{' '.join(codes)}: names no code; leave it out to want all of them")
    return wanted


def _fetch(project: Project, codes: tuple[str, ...], site: str | None) -> FetchReport:
    import asyncio

    from scraper.pipeline.fetching import fetch_pages

    wanted = _wanted(codes)
    with _sample_site(project, site) as asked, show_progress("fetch") as progress:
        return asyncio.run(fetch_pages(asked, wanted, site, progress))


def _build(project: Project, site: str | None, accept: tuple[str, ...]) -> BuildReport:
    from scraper.pipeline.building import build_release

    with show_progress("parse") as progress:
        return build_release(project, site, progress, accept=accept)


def _check_ids(accept: tuple[str, ...]) -> None:
    for name in accept:
        if not re.fullmatch("[0-9a-f]{12}", name):
            raise UsageError(f"--accept {name!r}: is no id of a finding; findings.json has them")


def _end_if_refused(built: BuildReport) -> None:
    if built.refused:
        for trouble in built.delivery.troubles:
            complain(trouble)
        raise built.refused


@contextmanager
def _sample_site(project: Project, site: str | None) -> Iterator[Project]:
    """Run the embedded site while it is asked, unless another origin is set for it."""
    from scraper.project import SAMPLE, Project

    settings = project.settings
    if project.profile(site).name != SAMPLE or settings.origin:
        yield project
        return
    from scraper.sample.server import SampleServer

    with SampleServer(settings.sample_port) as server:
        port = {"sample_port": server.port}
        yield Project.open(settings.model_copy(update=port))


def _end_if_incomplete(fetched: FetchReport) -> None:
    if fetched.stopped:
        raise fetched.stopped
    if fetched.failures:
        sys.exit(EXIT_PAGES)
