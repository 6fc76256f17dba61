"""The one place where the time of day is read, so that a test can set it."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of day in UTC, in whole seconds (the resolution of a WARC-Date)."""
    return datetime.now(UTC).replace(microsecond=0)
