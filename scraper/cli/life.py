"""The commands that tell of releases over time: diff, history, pin, unpin."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from scraper import life_report
from scraper.cli.group import AS_JSON, cli, open_project, tell
from scraper.codes import parse_code
from scraper.errors import UsageError
from scraper.report import Report

_COLOURS = {
    re.compile(r"^\+ .+|\{\+.+?\+\}", re.MULTILINE): "green",
    re.compile(r"^- .+|\[-.+?-\]", re.MULTILINE): "red",
}


@cli.command(epilog="Examples: `scraper diff`, `scraper diff 2026.11.20 2026.12.01 --json`")
@click.argument("old", required=False)
@click.argument("new", required=False)
@AS_JSON
@click.pass_obj
def diff(config: Path | None, old: str | None, new: str | None, *, as_json: bool) -> None:
    """Print what differs between two releases: codes added and removed, and changed fields.

    Without NEW it is the latest, without OLD the release before that one.
    """
    from scraper.publish.difference import diff_releases, parent_of
    from scraper.publish.latest import RELEASES, find_release

    output_dir = open_project(config).settings.output_dir
    after = find_release(output_dir, new)
    parent = parent_of(after)
    if old is None and parent is None:
        raise UsageError(f"{after.name}: is the first release; name two releases to compare")
    # The release before may be gone: its differences are in the delta.
    if parent and (old is None or old == parent):
        known = output_dir / RELEASES / parent
    else:
        known = find_release(output_dir, old)
    changes = list(diff_releases(known, after))
    _tell_in_colour(life_report.of_diff(known.name, after.name, changes), as_json=as_json)


@cli.command(epilog="Example: `scraper history 63020`")
@click.argument("code")
@AS_JSON
@click.pass_obj
def history(config: Path | None, code: str, *, as_json: bool) -> None:
    """Print the life of a code over the releases that are kept, and the history on its page."""
    from scraper.publish.life import read_life

    known = parse_code(code)
    if known is None:
        raise UsageError(f"{code!r} is no code; write e.g. 63020, 0274T or J1885")
    life = read_life(open_project(config).settings.output_dir, known)
    _tell_in_colour(life_report.of_life(life), as_json=as_json)


@cli.command(epilog="Examples: `scraper pin 2026.11.20`, `scraper pin`")
@click.argument("version", required=False)
@AS_JSON
@click.pass_obj
def pin(config: Path | None, version: str | None, *, as_json: bool) -> None:
    """Keep a release whatever keep_releases says; print all that are pinned."""
    from scraper.publish.retention import pin_release, read_pins

    output_dir = open_project(config).settings.output_dir
    pins = read_pins(output_dir) if version is None else pin_release(output_dir, version)
    tell(life_report.of_pins(pins), as_json=as_json)


@cli.command(epilog="Example: `scraper unpin 2026.11.20`")
@click.argument("version")
@AS_JSON
@click.pass_obj
def unpin(config: Path | None, version: str, *, as_json: bool) -> None:
    """Let a pinned release go when keep_releases says so; print those that are still pinned."""
    from scraper.publish.retention import unpin_release

    output_dir = open_project(config).settings.output_dir
    tell(life_report.of_pins(unpin_release(output_dir, version)), as_json=as_json)


def _tell_in_colour(told: Report, *, as_json: bool) -> None:
    """Colour what is added and removed; click leaves the colours out where there is no terminal."""
    if as_json or os.environ.get("NO_COLOR"):
        tell(told, as_json=as_json)
        return
    text = told.text
    for pattern, colour in _COLOURS.items():
        text = pattern.sub(lambda found, fg=colour: click.style(found[0], fg=fg), text)  # type: ignore[misc]
    tell(Report(told.data, text), as_json=False)
