"""Makes the generated parts of docs/ from the code: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`. What is around it is written by
hand and stays. `--check` writes nothing and fails where a part is not up to date.
"""

# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import click

from scraper.cli import cli
from scraper.errors import EXIT_INTERRUPTED, EXIT_OK, EXIT_PAGES, RunError, SiteStopError
from scraper.publish.checks import CHECKS
from scraper.publish.schema import describe_columns
from scraper.record import TABLES
from scraper.settings import ENV_PREFIX, Settings
from scraper.sites.profile import load_profiles

DOCS = Path(__file__).resolve().parent
_PART = re.compile(
    r"(?P<open><!-- generated: (?P<name>\w+) -->\n).*?(?P<close><!-- end -->)", re.DOTALL
)
_CODES = "A code, a range or `@FILE`: `63020-63053,0274T,@codes.txt`."
# click keeps no help for an argument; one that is not here fails the run.
_ARGUMENTS = {
    "codes": f"{_CODES} Any number of them, parted by commas or spaces.",
    "paths": "Saved pages, folders of them, or WARC files.",
    "files": "Saved pages or WARC files.",
    "code": "One code, as `63020`, `0274T` or `J1885`.",
    "old": "Version of the older release; that before NEW by default.",
    "new": "Version of the newer release; the latest by default.",
    "version": "Version of a release, as `2026.11.20`.",
    "release": "Version of a release, as `2026.11.20`; the latest by default.",
}
_EXIT_WORDS = {
    EXIT_OK: "Done.",
    EXIT_PAGES: "Done, but for some pages or files; each is named.",
    EXIT_INTERRUPTED: "Interrupted, as by Ctrl-C; what was fetched is kept.",
}
# By: is a block, is acceptable, stands once it was accepted.
_ACCEPTABLE = {
    (True, True, False): "for one run",
    (True, True, True): "as long as it stands",
    (True, False, False): "no",
    (False, True, False): "",
}
_DEFAULT_WORDS = {"workers": "number of cores"}


def render(text: str) -> str:
    """Return a document with every generated part made anew."""
    return _PART.sub(
        lambda part: f"{part['open']}\n{PARTS[part['name']]()}\n\n{part['close']}", text
    )


def find_stale(folder: Path = DOCS) -> list[Path]:
    """Return the documents whose generated parts are not up to date."""
    texts = ((path, path.read_text("utf-8")) for path in sorted(folder.glob("*.md")))
    return [path for path, text in texts if render(text) != text]


def list_exit_codes() -> str:
    """Table of the exit codes of errors.py."""
    kinds = (*RunError.__subclasses__(), *SiteStopError.__subclasses__())
    errors = {error.exit_code: (error.__doc__ or "") for error in kinds}
    words = sorted({**_EXIT_WORDS, **errors}.items())
    return _table(("Exit code", "Meaning"), ((str(code), text) for code, text in words))


def list_commands() -> str:
    """Every command with its arguments, options and examples."""
    return "\n\n".join(chain.from_iterable(map(_describe_command, walk_commands())))


def walk_commands() -> Iterator[click.Context]:
    """Yield a context for the command line and for each command of it, by name."""
    yield from _walk(click.Context(cli, info_name="scraper", **cli.context_settings))


def list_settings() -> str:
    """Table of the settings."""
    rows = (
        (f"`{name}`", f"`{ENV_PREFIX}{name.upper()}`", _default(name), field.description or "")
        for name, field in Settings.model_fields.items()
    )
    return _table(("Setting", "Environment variable", "Default", "What it is for"), rows)


def list_columns() -> str:
    """Table of the columns of each table."""
    return "\n\n".join(
        f"## {name}\n\n{row.__doc__}\n\n{_columns(name)}" for name, row in TABLES.items()
    )


def list_sites() -> str:
    """Table of the built-in sites."""
    rows = (
        (
            f"`{site.name}`",
            f"{site.title}{', fictional' * site.fictional}",
            ", ".join(f"`{host}`" for host in site.hosts),
            " ".join(f"`{path}`" for path in site.code_paths.values()),
            f"{site.pace_seconds:g} s",
        )
        for site in load_profiles().values()
    )
    return _table(("Name", "Site", "Hosts", "Pages", "Least pause"), rows)


def list_checks() -> str:
    """Table of the checks of a release."""
    rows = (
        (
            f"`{check.name}`",
            check.level,
            check.says,
            check.limit or "one case",
            _ACCEPTABLE[check.level == "block", check.is_acceptable, check.is_standing],
        )
        for check in CHECKS.values()
    )
    return _table(("Check", "Level", "What it finds", "From", "Can be accepted"), rows)


PARTS: dict[str, Callable[[], str]] = {
    "exit_codes": list_exit_codes,
    "commands": list_commands,
    "settings": list_settings,
    "columns": list_columns,
    "sites": list_sites,
    "checks": list_checks,
}


def _walk(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name, command in sorted(context.command.commands.items()):
            yield from _walk(click.Context(command, info_name=name, parent=context))


def _describe_command(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"## {context.command_path}"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```text\n{context.command_path} {usage}\n```"
    yield "\n\n".join(" ".join(text.split()) for text in (command.help or "").split("\n\n"))
    rows = [row for param in command.params for row in _describe_parameter(param, context)]
    if rows:
        yield _table(("Argument or option", "Meaning"), rows)
    if command.epilog:
        yield command.epilog


def _describe_parameter(
    param: click.Parameter, context: click.Context
) -> Iterator[tuple[str, str]]:
    if isinstance(param, click.Argument):
        optional = "" if param.required else " Optional."
        yield f"`{param.make_metavar(context)}`", f"{_ARGUMENTS[param.name or '']}{optional}"
    elif isinstance(param, click.Option):
        value = "" if param.is_flag or param.count else f" {param.make_metavar(context)}"
        shown = f" Default: `{param.default}`." if param.show_default else ""
        yield f"`{', '.join(param.opts)}{value}`", f"{param.help}{shown}"


def _default(name: str) -> str:
    value = Settings.model_fields[name].default
    return _DEFAULT_WORDS.get(name) or ("none" if value is None else f"`{value}`")


def _columns(table: str) -> str:
    rows = (
        (
            f"`{column.name}`",
            f"`{column.type}`",
            "yes" if column.nullable else "",
            column.description,
        )
        for column in describe_columns(TABLES[table])
    )
    return _table(("Column", "Type", "May be null", "Meaning"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "\n".join(f"| {' | '.join(map(_escape, line))} |" for line in lines)


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the documents anew, or with `--check` only tell which are stale."""
    stale = find_stale()
    for path in stale:
        if "--check" not in arguments:
            path.write_text(render(path.read_text("utf-8")), "utf-8")
        sys.stdout.write(f"{path.relative_to(DOCS.parent)}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
