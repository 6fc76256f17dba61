"""Names of releases: the day of the build, then how many came before it on that day."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

_VERSION = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}(\.[1-9][0-9]{0,8})?")


def is_version(name: str) -> bool:
    """Tell whether a release may be called so.

    >>> is_version("2026.11.20.1"), is_version("latest"), is_version("../2026.11.20")
    (True, False, False)
    """
    return bool(_VERSION.fullmatch(name))


def version_order(version: str) -> tuple[int, ...]:
    """Return the sort key of a version: as they were published.

    >>> sorted(["2026.11.20.10", "2026.11.20.9", "2026.11.20"], key=version_order)
    ['2026.11.20', '2026.11.20.9', '2026.11.20.10']
    """
    return tuple(map(int, version.split(".")))


def list_versions(releases: Path) -> list[str]:
    """List the versions in a folder of releases, the oldest first."""
    names = (path.name for path in releases.iterdir()) if releases.is_dir() else ()
    return sorted(filter(is_version, names), key=version_order)


def next_version(releases: Path, now: datetime) -> str:
    """Return the name of a release that is built now."""
    day = f"{now.astimezone(UTC):%Y.%m.%d}"
    taken = [path.name.removeprefix(day) for path in releases.glob(f"{day}*")]
    numbers = [int(rest[1:]) for rest in taken if rest[:1] == "." and rest[1:].isdecimal()]
    return f"{day}.{max(numbers, default=0) + 1}" if taken else day
