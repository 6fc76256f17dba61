"""How the command line logs: a record is one line on standard error, for a person or a machine."""

from __future__ import annotations

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC
from typing import TextIO

from scraper import clock

# What a record may carry beside its message; every name stands in docs/cron.md.
FIELDS = ("url", "code", "outcome", "reason", "done", "total", "command", "exit_code", "seconds")
VARIABLE = "SCRAPER_LOG_FORMAT"
COMPLAINTS, PROGRESS, RUNS = "scraper.cli", "scraper.progress", "scraper.run"
# Of tasks that a second error of an interrupt left no time to end.
_CUT_SHORT = "Task was destroyed but it is pending"


def start_logging(log_format: str | None = None, *, verbose: bool = False) -> None:
    """Send records to standard error from now on: `text`, `json`, or short lines for a person.

    Progress is told always, the end of a run where a format is named, other steps with `verbose`.
    """
    handler = _StandardError()
    handler.setFormatter(FORMATS[log_format]() if log_format else _ShortLines())
    told = {PROGRESS, RUNS} if log_format else {PROGRESS}
    least = logging.INFO if verbose else logging.WARNING
    handler.addFilter(_is_worth_telling)
    handler.addFilter(lambda record: record.levelno >= least or record.name in told)
    root = logging.getLogger()
    for before in [held for held in root.handlers if isinstance(held, _StandardError)]:
        root.removeHandler(before)
    root.addHandler(handler)
    logging.getLogger("scraper").setLevel(logging.INFO)


def log_format_of_environment() -> str | None:
    """Return the format for what is said before the options are read."""
    named = os.environ.get(VARIABLE, "")
    return named if named in FORMATS else None


def empty_stream(stream: TextIO) -> None:
    """Write what a stream holds; where its reader is gone or its disk full, give it up for good.

    What stayed in it would fail every start of a worker, and make Python exit with 120.
    """
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Tell apart what asyncio says of an interrupt: the command line says so itself."""
    if record.name == "asyncio" and record.getMessage().startswith(_CUT_SHORT):
        return False
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(KeyboardInterrupt) is None
    return not isinstance(error, KeyboardInterrupt)


class _StandardError(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        with suppress(OSError):
            sys.stderr.write(f"{line}\n")
        empty_stream(sys.stderr)


class _TextLines(logging.Formatter):
    """Time, level, logger, message: for a log file and grep."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{_time()} {record.levelname} {record.name}: {_message(record)}"


class _ShortLines(logging.Formatter):
    """Complaints and progress without a time, for who sees them come."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == PROGRESS:
            return _message(record)
        if record.name == COMPLAINTS:
            return f"scraper: {_message(record)}"
        return f"{_time()} {record.levelname} {_message(record)}"


class _JsonLines(logging.Formatter):
    """One object a line, ASCII alone."""

    def format(self, record: logging.LogRecord) -> str:
        told = {key: getattr(record, key, None) for key in FIELDS}
        return json.dumps(
            {
                "time": _time(),
                "level": record.levelname,
                "logger": record.name,
                "message": _message(record),
                **{key: value for key, value in told.items() if value is not None},
            },
            default=str,
        )


FORMATS: dict[str, type[logging.Formatter]] = {"text": _TextLines, "json": _JsonLines}


def _time() -> str:
    return f"{clock.utc_now().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _message(record: logging.LogRecord) -> str:
    """Return the message in one line: what a site or a file name holds cannot begin another."""
    text = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        text = f"{text}: {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
    return "".join(c if c.isprintable() or c == "\t" else " " for c in text)
