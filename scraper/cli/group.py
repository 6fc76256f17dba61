"""The command group, the options that commands share, and how they speak."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import click

from scraper.project import Project
from scraper.report import Report
from scraper.settings import load_settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
SITE = click.option("--site", metavar="NAME", help="Site to work on; see `scraper sites`.")
CODES = click.argument("codes", nargs=-1)


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


def open_project(config: Path | None, site: str | None = None) -> Project:
    """Open the project; `origin` of the settings is that of the site that is worked on."""
    settings = load_settings(config)
    return Project.open(settings.model_copy(update={"site": site}) if site else settings)


def tell(told: Report, *, as_json: bool) -> None:
    """Print what a command has to tell, for a script or for a person."""
    is_unicode = sys.stdout.encoding.lower() == "utf-8"
    click.echo(json.dumps(told.data, ensure_ascii=not is_unicode) if as_json else told.text)


def complain(message: str) -> None:
    """Print one line of complaint to standard error."""
    click.echo(f"scraper: {message}", err=True)
