"""The command line: one thin function per command, no logic.

Results go to standard output, progress and complaints to standard error. Exit codes are those of
errors.py and of docs/cli.md.
"""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from scraper import report
from scraper.archive.store import rebuild_index
from scraper.archive.url_list import read_url_list
from scraper.codes import expand_codes, parse_code
from scraper.errors import (
    EXIT_INTERRUPTED,
    EXIT_PAGES,
    PageError,
    ReleaseError,
    RunError,
    ScraperError,
    SiteStopError,
    StorageError,
    UsageError,
)
from scraper.pipeline.building import build_release
from scraper.pipeline.fetching import FetchReport, fetch_pages, plan_pages
from scraper.pipeline.importing import import_pages
from scraper.pipeline.looking import (
    check_archive,
    count_captures,
    held_captures,
    parse_files,
    read_newest,
)
from scraper.progress import show_progress
from scraper.project import SAMPLE, Project
from scraper.publish.load import find_release
from scraper.publish.schema import describe_columns
from scraper.publish.verify import verify_release
from scraper.record import TABLES
from scraper.sample.server import SampleServer
from scraper.settings import load_settings

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
_SITE = click.option("--site", metavar="NAME", help="Site to work on; see `scraper sites`.")
_CODES = click.argument("codes", nargs=-1)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command tells more with --help. Settings: docs/settings.md.",
)
@click.version_option(package_name="scraper")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Settings file; else SCRAPER_CONFIG, else the nearest scraper.toml upward.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every step.")
@click.pass_context
def cli(context: click.Context, config: Path | None, *, verbose: bool) -> None:
    """From pages of medical procedure codes to one clean, validated, versioned table."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    context.obj = config


@cli.command(epilog="Examples: `scraper scrape`, `scraper scrape --site sample 63020-63053,0274T`")
@_CODES
@_SITE
@_JSON
@click.pass_obj
def scrape(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Fetch what is missing or due, then build and publish: the nightly job.

    CODES are codes, ranges and @FILES; without them all codes asked for before and those of the
    site's sitemap are wanted.
    """
    project = _open_project(config, site)
    fetched = _fetch(project, codes, site)
    try:
        with show_progress("parse") as progress:
            built = build_release(project, site, progress)
    except UsageError:  # nothing is held; why it could not be fetched says more
        _end_if_incomplete(fetched)
        raise
    _print(report.of_scrape(fetched, built, project), as_json=as_json)
    _end_if_incomplete(fetched)


@cli.command(epilog="Example: `scraper plan 63020-63053`")
@_CODES
@_SITE
@_JSON
@click.pass_obj
def plan(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Print which pages `scrape` would ask for, in which order and why; makes no request."""
    project = _open_project(config, site)
    planned = plan_pages(project, _wanted(codes), site)
    _print(report.of_plan(planned, project.profile(site)), as_json=as_json)


@cli.command(epilog="Example: `scraper fetch @codes.txt`")
@_CODES
@_SITE
@_JSON
@click.pass_obj
def fetch(config: Path | None, codes: tuple[str, ...], site: str | None, *, as_json: bool) -> None:
    """Fetch pages into raw/ and publish nothing."""
    fetched = _fetch(_open_project(config, site), codes, site)
    _print(report.of_fetch(fetched), as_json=as_json)
    _end_if_incomplete(fetched)


@cli.command("import", epilog="Example: `scraper import ~/saved-pages crawl.warc.gz`")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_SITE
@click.option(
    "--url-list",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lines of `file-name URL`: the addresses of saved files.",
)
@_JSON
@click.pass_obj
def import_(
    config: Path | None,
    paths: tuple[Path, ...],
    site: str | None,
    url_list: Path | None,
    *,
    as_json: bool,
) -> None:
    """Take saved pages into raw/: .html, .txt, folders of them, .warc, .warc.gz."""
    urls = read_url_list(url_list) if url_list else {}
    imported = import_pages(_open_project(config, site), paths, site=site, urls=urls)
    _print(report.of_import(imported), as_json=as_json)
    for name, error in imported.refused:
        _complain(report.of_refusal(name, error))
    sys.exit(EXIT_PAGES if imported.refused else 0)


@cli.command(epilog="Example: `scraper build --site codingahead`")
@_SITE
@_JSON
@click.pass_obj
def build(config: Path | None, site: str | None, *, as_json: bool) -> None:
    """Build the tables from raw/ and publish them, if they say anything new."""
    project = _open_project(config, site)
    with show_progress("parse") as progress:
        built = build_release(project, site, progress)
    _print(report.of_build(built, project), as_json=as_json)


@cli.command(
    epilog="Example: `scraper parse page.html --url https://www.codingahead.com/cpt/codes/99999`"
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", help="Address of the page; for one file only.")
@_SITE
@_JSON
@click.pass_obj
def parse(
    config: Path | None,
    files: tuple[Path, ...],
    url: str | None,
    site: str | None,
    *,
    as_json: bool,
) -> None:
    """Print what the parser reads on saved pages; keeps nothing."""
    if url and len(files) > 1:
        raise UsageError("--url is the address of one page; give one FILE with it")
    failed = False
    for name, parsed in parse_files(_open_project(config, site), files, url=url, site=site):
        if isinstance(parsed, PageError):
            failed = True
            _complain(report.of_refusal(name, parsed))
        else:
            _print(report.of_page(parsed), as_json=as_json)
    sys.exit(EXIT_PAGES if failed else 0)


@cli.command(epilog="Examples: `scraper show 63020`, `scraper show 63020 --raw > page.html`")
@click.argument("code")
@click.option("--raw", is_flag=True, help="Print the body of the newest capture, as received.")
@_JSON
@click.pass_obj
def show(config: Path | None, code: str, *, raw: bool, as_json: bool) -> None:
    """Print what raw/ holds of a code, and where it came from."""
    project = _open_project(config)
    known = parse_code(code)
    if known is None:
        raise UsageError(f"{code!r} is no code; write e.g. 63020, 0274T or J1885")
    if raw:
        click.echo(read_newest(project, known).capture.body, nl=False)
        return
    _print(report.of_captures(known, held_captures(project, known)), as_json=as_json)


@cli.command(epilog="Example: `scraper sites --json`")
@_JSON
@click.pass_obj
def sites(config: Path | None, *, as_json: bool) -> None:
    """List the sites whose pages can be read."""
    _print(report.of_sites(_open_project(config)), as_json=as_json)


@cli.command(epilog="Example: `scraper columns --table history`")
@click.option(
    "--table",
    type=click.Choice(list(TABLES)),
    default="codes",
    show_default=True,
    help="Table to list.",
)
@_JSON
def columns(table: str, *, as_json: bool) -> None:
    """List the columns of a table: name, type, meaning."""
    _print(report.of_columns(describe_columns(TABLES[table])), as_json=as_json)


@cli.command(epilog="Example: `scraper index --rebuild`")
@click.option("--rebuild", is_flag=True, help="Make the index anew from the WARC segments.")
@_JSON
@click.pass_obj
def index(config: Path | None, *, rebuild: bool, as_json: bool) -> None:
    """Count the captures in raw/; with --rebuild after making the index anew."""
    project = _open_project(config)
    if rebuild:
        rebuild_index(project.settings.raw_dir)
    _print(report.of_index(count_captures(project)), as_json=as_json)


@cli.command(epilog="Examples: `scraper verify`, `scraper verify 2026.11.20 --raw`")
@click.argument("release", required=False)
@click.option("--raw", is_flag=True, help="Check the digest of every capture in raw/, too.")
@_JSON
@click.pass_obj
def verify(config: Path | None, release: str | None, *, raw: bool, as_json: bool) -> None:
    """Prove a release, the latest by default: every byte, type, key and sum."""
    project = _open_project(config)
    folder = find_release(project.settings.output_dir, release)
    findings = (*verify_release(folder), *(check_archive(project) if raw else ()))
    _print(report.of_verification(folder, findings), as_json=as_json)
    if findings:
        raise ReleaseError(f"{folder}: {len(findings)} findings; build it anew from raw/")


@cli.group()
def sample() -> None:
    """Run the embedded sample site, a fictional code book."""


@sample.command(
    epilog="Example: `scraper sample serve --port 8642`, then open http://127.0.0.1:8642/"
)
@click.option("--port", type=click.IntRange(0, 65535), help="Port; else sample_port, 0 takes any.")
@click.option(
    "--views", type=click.IntRange(0), default=200, show_default=True, help="Page views a day."
)
@click.pass_obj
def serve(config: Path | None, port: int | None, views: int) -> None:
    """Serve the sample site on 127.0.0.1 until Ctrl-C."""
    settings = _open_project(config).settings
    server = SampleServer(settings.sample_port if port is None else port, views_per_day=views)
    click.echo(f"serving {len(server.codes)} fictional codes on {server.url}  (Ctrl-C ends)")
    server.serve_forever()


def main() -> None:
    """Run the command line; every error ends in one line and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a page's letters
    try:
        cli(standalone_mode=False)
    except RunError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except ScraperError as error:
        _complain(str(error))
        sys.exit(EXIT_PAGES)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted; what was fetched is kept, run the command again to go on")
        sys.exit(EXIT_INTERRUPTED)
    except OSError as error:
        _complain(f"{error.filename or 'a file'}: {error.strerror or error}")
        sys.exit(StorageError.exit_code)


def _open_project(config: Path | None, site: str | None = None) -> Project:
    """Open the project; `origin` of the settings is that of the site that is worked on."""
    settings = load_settings(config)
    return Project.open(settings.model_copy(update={"site": site}) if site else settings)


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


def _print(told: report.Report, *, as_json: bool) -> None:
    is_unicode = sys.stdout.encoding.lower() == "utf-8"
    click.echo(json.dumps(told.data, ensure_ascii=not is_unicode) if as_json else told.text)


def _complain(message: str) -> None:
    click.echo(f"scraper: {message}", err=True)
