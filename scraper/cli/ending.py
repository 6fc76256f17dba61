"""How a command ended: what was raised in, an exit code out."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scraper.cli.group import complain
from scraper.errors import (
    EXIT_INTERRUPTED,
    EXIT_PAGES,
    DeliveryError,
    RunError,
    StorageError,
)


def exit_code_of(error: BaseException) -> int:
    """Return the exit code of docs/cli.md for what ended a command."""
    match error:
        case RunError():
            return error.exit_code
        case SystemExit():
            return error.code if isinstance(error.code, int) else EXIT_PAGES
        case KeyboardInterrupt() | click.Abort():
            return EXIT_INTERRUPTED
        case click.exceptions.Exit() | click.ClickException():
            return error.exit_code
        case OSError() if not isinstance(error, BrokenPipeError):
            return StorageError.exit_code
    return EXIT_PAGES  # so click ends, too, where the reader of standard output is gone


def end_if_undelivered(troubles: Sequence[str]) -> None:
    """Complain of each place where a release could not be sent; the last one ends the command."""
    for trouble in troubles[:-1]:
        complain(trouble)
    if troubles:
        raise DeliveryError(f"{troubles[-1]}; the next run tries again")
