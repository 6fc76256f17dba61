"""The command line: one thin function per command, no logic.

Results go to standard output, progress and complaints to standard error. Exit codes are those of
errors.py and of docs/cli.md.
"""

from __future__ import annotations

import io
import os
import sys

import click

from scraper.cli import bring, life, look, run, sample  # noqa: F401 - each adds its commands
from scraper.cli.ending import exit_code_of
from scraper.cli.group import cli, complain
from scraper.cli.logs import empty_stream, log_format_of_environment, start_logging
from scraper.errors import ScraperError

__all__ = ["cli", "main"]


def main() -> None:
    """Run the command line; every error ends in one line and its exit code."""
    _replace_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a page's letters
    start_logging(log_format_of_environment())
    try:
        _run()
    finally:
        for stream in (sys.stdout, sys.stderr):
            empty_stream(stream)


def _run() -> None:
    try:
        cli(prog_name="scraper", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except (ScraperError, click.UsageError, click.Abort, KeyboardInterrupt, OSError) as error:
        exit_code = exit_code_of(error)
        complain(_words_of(error), exit_code=exit_code)
        sys.exit(exit_code)


def _words_of(error: BaseException) -> str:
    match error:
        case ScraperError():
            return str(error)
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else "scraper"
            return f"{' '.join(error.format_message().split())} See `{command} --help`"
        case OSError():
            return f"{error.filename or 'a file'}: {error.strerror or error}"
    return "interrupted; what was fetched is kept, run the command again to go on"


def _replace_closed_streams() -> None:
    """Give the number of a closed stream to the null device: else a file of raw/ would get it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8"))
