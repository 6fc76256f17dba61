"""The commands that fill raw/ and output/: scrape, plan, fetch, import, build."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper import report
from scraper.cli.ending import end_if_undelivered
from scraper.cli.group import (
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
from scraper.errors import EXIT_PAGES, SiteStopError, UsageError
from scraper.progress import show_progress

if TYPE_CHECKING:
    from scraper.pipeline.building import BuildReport
    from scraper.pipeline.fetching import FetchReport
    from scraper.project import Project


@cli.command(epilog="Examples: `scraper scrape`, `scraper scrape --site sample 63020-63053,0274T`")
@CODES
@SITE
@FOLLOW
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
    as_json: bool,
) -> None:
    """Fetch what is missing or due, then build and publish: the nightly job.

    CODES are codes, ranges and @FILES; without them all codes asked for before and those of the
    site's sitemap are wanted. With --follow, up to follow_pages codes come after them that pages
    held at the start link to (links), or mention in their text too (all).
    """
    with watch_run("scrape", config, site, metrics) as watch:
        project = follow_codes(watch.open_project(), follow)
        fetched = watch.record.fetched = _fetch(project, codes, site)
        try:
            built = watch.record.built = _build(project, site)
        except UsageError:  # nothing is held; why it could not be fetched says more
            _end_if_incomplete(fetched)
            raise
        tell(report.of_scrape(fetched, built, project), as_json=as_json)
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


@cli.command("import", epilog="Example: `scraper import ~/saved-pages crawl.warc.gz`")
@click.argument("paths", nargs=-1)
@SITE
@click.option(
    "--url-list",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lines of `file-name URL`: the addresses of saved files.",
)
@click.option("--common-crawl", metavar="INDEX_URL", help="A CDX index of Common Crawl to ask.")
@click.option("--prefix", metavar="HOST/PATH", help="With --common-crawl: which pages to take.")
@METRICS
@AS_JSON
@click.pass_obj
def import_(  # noqa: PLR0917 - each is an option
    config: Path | None,
    paths: tuple[str, ...],
    site: str | None,
    url_list: Path | None,
    common_crawl: str | None,
    prefix: str | None,
    metrics: Path | None,
    *,
    as_json: bool,
) -> None:
    """Take saved pages into raw/: HTML, text, MHTML, HAR, WARC, WACZ, zip, tar, and folders.

    With --common-crawl, the pages that a crawl has kept are taken instead: the site is not asked.
    """
    with watch_run("import", config, site, metrics) as watch:
        _check_sources(paths, url_list, common_crawl, prefix)
        project = watch.open_project()
        from scraper.archive.url_list import read_url_list
        from scraper.pipeline.crawling import import_crawl
        from scraper.pipeline.importing import import_pages

        if common_crawl and prefix:
            imported = import_crawl(project, common_crawl, prefix, site=site)
        else:
            urls = read_url_list(url_list) if url_list else {}
            imported = import_pages(project, [*map(Path, paths)], site=site, urls=urls)
        watch.record.imported = imported
        tell(report.of_import(imported), as_json=as_json)
        for name, error in imported.refused:
            complain(report.of_refusal(name, error), outcome="refused", reason=error.reason)
        if imported.stopped:
            raise SiteStopError(imported.stopped)
        sys.exit(EXIT_PAGES if imported.refused else 0)


def _check_sources(
    paths: tuple[str, ...], url_list: Path | None, common_crawl: str | None, prefix: str | None
) -> None:
    if "" in paths:  # a shell variable that is not set; as a path it would be this folder
        raise UsageError("an empty PATH was given; name files or folders")
    if bool(common_crawl) != bool(prefix):
        raise UsageError("--common-crawl and --prefix go together; give both or none")
    if common_crawl and (paths or url_list):
        raise UsageError(
            "--common-crawl takes no PATHS and no --url-list; import them on their own"
        )
    if not (common_crawl or paths):
        raise UsageError("no PATHS were given; name files or folders, or give --common-crawl")


@cli.command(epilog="Example: `scraper build --site codingahead`")
@SITE
@METRICS
@AS_JSON
@click.pass_obj
def build(config: Path | None, site: str | None, metrics: Path | None, *, as_json: bool) -> None:
    """Build the tables from raw/ and publish them, if they say anything new."""
    with watch_run("build", config, site, metrics) as watch:
        project = watch.open_project()
        built = watch.record.built = _build(project, site)
        tell(report.of_build(built, project), as_json=as_json)
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


def _build(project: Project, site: str | None) -> BuildReport:
    from scraper.pipeline.building import build_release

    with show_progress("parse") as progress:
        return build_release(project, site, progress)


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
