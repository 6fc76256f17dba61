"""The command line: one thin function per command, no logic.

Results go to standard output, progress and complaints to standard error. Exit codes are those of
errors.py and of docs/cli.md.
"""

from __future__ import annotations

import io
import sys

import click

from scraper.cli import look, run, sample  # noqa: F401 - each adds its commands
from scraper.cli.group import cli, complain
from scraper.errors import EXIT_INTERRUPTED, EXIT_PAGES, RunError, ScraperError, StorageError

__all__ = ["cli", "main"]


def main() -> None:
    """Run the command line; every error ends in one line and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack a page's letters
    try:
        cli(standalone_mode=False)
    except RunError as error:
        complain(str(error))
        sys.exit(error.exit_code)
    except ScraperError as error:
        complain(str(error))
        sys.exit(EXIT_PAGES)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted; what was fetched is kept, run the command again to go on")
        sys.exit(EXIT_INTERRUPTED)
    except OSError as error:
        complain(f"{error.filename or 'a file'}: {error.strerror or error}")
        sys.exit(StorageError.exit_code)
