"""The command group, the options that commands share, and how they speak."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.cli.logs import COMPLAINTS, FORMATS, log_format_of_environment, start_logging
from scraper.report import Report

if TYPE_CHECKING:
    from scraper.project import Project
    from scraper.settings import Settings

_log = logging.getLogger(COMPLAINTS)

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for a script.")
SITE = click.option("--site", metavar="NAME", help="Site to work on; see `scraper sites`.")
ACCEPT = click.option(
    "--accept",
    multiple=True,
    metavar="FINDING_ID",
    help="Publish in spite of this finding of the checks, in this run; may be given again.",
)
CODES = click.argument("codes", nargs=-1)
FOLLOW = click.option(
    "--follow",
    type=click.Choice(["none", "links", "all"]),
    help="Codes to ask for that pages held link to, or mention too; else the setting follow.",
)


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an interrupt begins a new line at a terminal alone, after its ^C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            if sys.stderr.isatty():
                click.echo(err=True)
            raise click.Abort from error


@click.group(
    cls=_Group,
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
@click.option(
    "--log-format",
    type=click.Choice(list(FORMATS)),
    help="Begin each line on standard error with time and level, or make it a JSON object.",
)
@click.pass_context
def cli(
    context: click.Context, config: Path | None, *, verbose: bool, log_format: str | None
) -> None:
    """From pages of medical procedure codes to one clean, validated, versioned table."""
    start_logging(log_format or log_format_of_environment(), verbose=verbose)
    context.obj = config


def read_settings(config: Path | None, site: str | None = None) -> Settings:
    """Read the settings, with `site` in place of theirs, and log as they say from now on."""
    from scraper.settings import load_settings

    settings = load_settings(config)
    asked = click.get_current_context().find_root().params
    if settings.log_format and not asked["log_format"]:
        start_logging(settings.log_format, verbose=asked["verbose"])
    return settings.model_copy(update={"site": site}) if site else settings


def open_project(config: Path | None, site: str | None = None) -> Project:
    """Open the project; `origin` of the settings is that of the site that is worked on."""
    from scraper.project import Project

    return Project.open(read_settings(config, site))


def follow_codes(project: Project, follow: str | None) -> Project:
    """Return the project with what `--follow` says in the place of its setting."""
    if follow is None:
        return project
    return replace(project, settings=project.settings.model_copy(update={"follow": follow}))


def tell(told: Report, *, as_json: bool) -> None:
    """Print what a command has to tell, for a script or for a person."""
    is_unicode = sys.stdout.encoding.lower() == "utf-8"
    click.echo(json.dumps(told.data, ensure_ascii=not is_unicode) if as_json else told.text)


def complain(message: str, **fields: object) -> None:
    """Print one line of complaint to standard error; `fields` are for machines."""
    _log.error("%s", message, extra=fields)
