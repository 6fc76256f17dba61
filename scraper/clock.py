"""The one place where the time of day is read, so that a test can set it, and how it is written."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of day in UTC, in whole seconds (the resolution of a WARC-Date)."""
    return datetime.now(UTC).replace(microsecond=0)


def format_time(time: datetime) -> str:
    """Return a time in UTC and whole seconds, as in a WARC-Date.

    >>> format_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    whole = time.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{whole.isoformat()}Z"
