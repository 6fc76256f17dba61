"""Every error that the program raises on purpose, drawn once.

    ScraperError
    ├── PageError             one page or file cannot be used; the run goes on
    │   └── FetchError        one URL could not be fetched; the next run tries it again
    └── RunError              the run cannot go on; `exit_code` says why
        ├── UsageError        2  an argument, a setting or a site profile is wrong
        ├── SiteStopError     3  the site asks us to stop: a wall, robots.txt, 401, 403, 429
        │   └── MeterEmptyError  7  the site's meter grants no more views for now
        ├── ReleaseError      4  a release cannot be made or read, or does not verify
        ├── BusyError         5  another run holds the lock
        ├── StorageError      6  raw/ or output/ cannot be read or written
        ├── RefusedError      8  the checks refuse the release; none is published
        └── DeliveryError     9  the release is in output/, but not where else it is wanted

A message is one line that names the bad thing and says what to do.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

EXIT_OK = 0
EXIT_PAGES = 1
EXIT_INTERRUPTED = 130


class ScraperError(Exception):
    """Root of the tree; catch this to catch everything raised on purpose."""


class PageError(ScraperError):
    """One page or file is not usable.

    `reason` is a short snake_case word for tables and counts; the message is for people.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason

    def __str__(self) -> str:
        """Return the message alone."""
        return str(self.args[1])


class FetchError(PageError):
    """One URL gave no whole page; nothing of it was stored.

    `retry_after` is the pause in seconds that the site asked for, None where it asked for none.
    """

    def __init__(self, reason: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after = retry_after


class RunError(ScraperError):
    """The run ends; the process exits with `exit_code`."""

    exit_code: ClassVar[int]


class UsageError(RunError):
    """An argument, a setting or a site profile is wrong."""

    exit_code = 2


class SiteStopError(RunError):
    """The site asks us to stop for now; what is held stays, the rest waits."""

    exit_code = 3


class MeterEmptyError(SiteStopError):
    """The site's meter is used up; `resumes_at` says from when on it may grant views again."""

    exit_code = 7

    def __init__(self, site: str, resumes_at: datetime) -> None:
        super().__init__(
            f"{site}: its meter grants no more page views before"
            f" {resumes_at:%Y-%m-%d %H:%M:%S} UTC; the rest waits, run again then"
        )
        self.resumes_at = resumes_at


class ReleaseError(RunError):
    """A release cannot be made or read, or does not verify."""

    exit_code = 4


class BusyError(RunError):
    """Another run works on the same folder."""

    exit_code = 5


class StorageError(RunError):
    """raw/ or output/ cannot be read or written as it must be."""

    exit_code = 6


class RefusedError(RunError):
    """The checks refuse the new release; findings.json says why, and none is published."""

    exit_code = 8


class DeliveryError(RunError):
    """The release is in output/, but not yet in the store or table that the settings name."""

    exit_code = 9
