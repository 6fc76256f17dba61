"""The command that takes pages which others have saved into raw/: import."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scraper import report
from scraper.cli.group import AS_JSON, SITE, cli, complain, tell
from scraper.cli.watch import METRICS, watch_run
from scraper.errors import EXIT_PAGES, SiteStopError, UsageError


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
