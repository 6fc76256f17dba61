"""The commands that change nothing but the index: parse, show, sites, columns, index, verify."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scraper import report
from scraper.cli.group import AS_JSON, SITE, cli, complain, open_project, tell
from scraper.codes import parse_code
from scraper.errors import EXIT_PAGES, PageError, ReleaseError, UsageError
from scraper.record import TABLES


@cli.command(
    epilog="Example: `scraper parse page.html --url https://www.codingahead.com/cpt/codes/99999`"
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", help="Address of the page; for one file only.")
@SITE
@AS_JSON
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
    from scraper.pipeline.looking import parse_files

    failed = False
    for name, parsed in parse_files(open_project(config, site), files, url=url, site=site):
        if isinstance(parsed, PageError):
            failed = True
            complain(report.of_refusal(name, parsed))
        else:
            tell(report.of_page(parsed), as_json=as_json)
    sys.exit(EXIT_PAGES if failed else 0)


@cli.command(epilog="Examples: `scraper show 63020`, `scraper show 63020 --raw > page.html`")
@click.argument("code")
@click.option("--raw", is_flag=True, help="Print the body of the newest capture, as received.")
@AS_JSON
@click.pass_obj
def show(config: Path | None, code: str, *, raw: bool, as_json: bool) -> None:
    """Print what raw/ holds of a code, and where it came from."""
    from scraper.pipeline.looking import held_captures, read_newest

    project = open_project(config)
    known = parse_code(code)
    if known is None:
        raise UsageError(f"{code!r} is no code; write e.g. 63020, 0274T or J1885")
    if raw:
        click.echo(read_newest(project, known).capture.body, nl=False)
        return
    tell(report.of_captures(known, held_captures(project, known)), as_json=as_json)


@cli.command(epilog="Example: `scraper sites --json`")
@AS_JSON
@click.pass_obj
def sites(config: Path | None, *, as_json: bool) -> None:
    """List the sites whose pages can be read."""
    tell(report.of_sites(open_project(config)), as_json=as_json)


@cli.command(epilog="Example: `scraper columns --table history`")
@click.option(
    "--table",
    type=click.Choice(list(TABLES)),
    default="codes",
    show_default=True,
    help="Table to list.",
)
@AS_JSON
def columns(table: str, *, as_json: bool) -> None:
    """List the columns of a table: name, type, meaning."""
    from scraper.publish.schema import describe_columns

    tell(report.of_columns(describe_columns(TABLES[table])), as_json=as_json)


@cli.command(epilog="Example: `scraper index --rebuild`")
@click.option("--rebuild", is_flag=True, help="Make the index anew from the WARC segments.")
@AS_JSON
@click.pass_obj
def index(config: Path | None, *, rebuild: bool, as_json: bool) -> None:
    """Count the captures in raw/; with --rebuild after making the index anew."""
    from scraper.archive.store import rebuild_index
    from scraper.pipeline.looking import count_captures

    project = open_project(config)
    if rebuild:
        rebuild_index(project.settings.raw_dir)
    tell(report.of_index(count_captures(project)), as_json=as_json)


@cli.command(epilog="Examples: `scraper verify`, `scraper verify 2026.11.20 --raw`")
@click.argument("release", required=False)
@click.option("--raw", is_flag=True, help="Check the digest of every capture in raw/, too.")
@AS_JSON
@click.pass_obj
def verify(config: Path | None, release: str | None, *, raw: bool, as_json: bool) -> None:
    """Prove a release, the latest by default: every byte, type, key and sum."""
    from scraper.pipeline.looking import check_archive
    from scraper.publish.latest import find_release
    from scraper.publish.verify import verify_release

    project = open_project(config)
    folder = find_release(project.settings.output_dir, release)
    findings = (*verify_release(folder), *(check_archive(project) if raw else ()))
    tell(report.of_verification(folder, findings), as_json=as_json)
    if findings:
        raise ReleaseError(f"{folder}: {len(findings)} findings; build it anew from raw/")
