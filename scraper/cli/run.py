"""The commands that fill raw/ and output/: scrape, plan, fetch, import, build."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scraper import report
from scraper.archive.url_list import read_url_list
from scraper.cli.group import AS_JSON, CODES, SITE, cli, complain, open_project, tell
from scraper.codes import expand_codes
from scraper.errors import EXIT_PAGES, SiteStopError, UsageError
from scraper.pipeline.building import build_release
from scraper.pipeline.crawling import import_crawl
from scraper.pipeline.fetching import FetchReport, fetch_pages, plan_pages
from scraper.pipeline.importing import import_pages
from scraper.progress import show_progress
from scraper.project import SAMPLE, Project
from scraper.sample.server import SampleServer


@cli.command(epilog="Examples: `scraper scrape`, `scraper scrape --site sample 63020-63053,0274T`")
@CODES
@SITE
@AS_JSON
@click.pass_obj
def scrape(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Fetch what is missing or due, then build and publish: the nightly job.

    CODES are codes, ranges and @FILES; without them all codes asked for before and those of the
    site's sitemap are wanted.
    """
    project = open_project(config, site)
    fetched = _fetch(project, codes, site)
    try:
        with show_progress("parse") as progress:
            built = build_release(project, site, progress)
    except UsageError:  # nothing is held; why it could not be fetched says more
        _end_if_incomplete(fetched)
        raise
    tell(report.of_scrape(fetched, built, project), as_json=as_json)
    _end_if_incomplete(fetched)


@cli.command(epilog="Example: `scraper plan 63020-63053`")
@CODES
@SITE
@AS_JSON
@click.pass_obj
def plan(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Print which pages `scrape` would ask for, in which order and why; makes no request."""
    project = open_project(config, site)
    planned = plan_pages(project, _wanted(codes), site)
    tell(report.of_plan(planned, project.profile(site)), as_json=as_json)


@cli.command(epilog="Example: `scraper fetch @codes.txt`")
@CODES
@SITE
@AS_JSON
@click.pass_obj
def fetch(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Fetch pages into raw/ and publish nothing."""
    fetched = _fetch(open_project(config, site), codes, site)
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
@AS_JSON
@click.pass_obj
def import_(  # noqa: PLR0917 - one for each option
    config: Path | None,
    paths: tuple[str, ...],
    site: str | None,
    url_list: Path | None,
    common_crawl: str | None,
    prefix: str | None,
    *,
    as_json: bool,
) -> None:
    """Take saved pages into raw/: HTML, text, MHTML, HAR, WARC, WACZ, zip, tar, and folders.

    With --common-crawl, the pages that a crawl has kept are taken instead: the site is not asked.
    """
    _check_sources(paths, url_list, common_crawl, prefix)
    if common_crawl and prefix:
        imported = import_crawl(open_project(config, site), common_crawl, prefix, site=site)
    else:
        urls = read_url_list(url_list) if url_list else {}
        project = open_project(config, site)
        imported = import_pages(project, [*map(Path, paths)], site=site, urls=urls)
    tell(report.of_import(imported), as_json=as_json)
    for name, error in imported.refused:
        complain(report.of_refusal(name, error))
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
@AS_JSON
@click.pass_obj
def build(config: Path | None, site: str | None, *, as_json: bool) -> None:
    """Build the tables from raw/ and publish them, if they say anything new."""
    project = open_project(config, site)
    with show_progress("parse") as progress:
        built = build_release(project, site, progress)
    tell(report.of_build(built, project), as_json=as_json)


def _wanted(codes: tuple[str, ...]) -> tuple[str, ...]:
    wanted = expand_codes(",".join(codes))
    if codes and not wanted:
        raise UsageError(f"{' '.join(codes)}: names no code; leave it out to want all of them")
    return wanted


def _fetch(project: Project, codes: tuple[str, ...], site: str | None) -> FetchReport:
    wanted = _wanted(codes)
    with _sample_site(project, site) as asked, show_progress("fetch") as progress:
        return asyncio.run(fetch_pages(asked, wanted, site, progress))


@contextmanager
def _sample_site(project: Project, site: str | None) -> Iterator[Project]:
    """Run the embedded site while it is asked, unless another origin is set for it."""
    settings = project.settings
    if project.profile(site).name != SAMPLE or settings.origin:
        yield project
        return
    with SampleServer(settings.sample_port) as server:
        port = {"sample_port": server.port}
        yield Project.open(settings.model_copy(update=port))


def _end_if_incomplete(fetched: FetchReport) -> None:
    if fetched.stopped:
        raise SiteStopError(fetched.stopped)
    if fetched.failures:
        sys.exit(EXIT_PAGES)
