"""Where else a release may be sent: an address is checked before anything is run.

An address holds no secret: a user name, a password or a key in it is refused, and not told.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

STORES = ("s3", "gs", "file")
TABLES = ("s3", "gs", "az", "abfss", "file")
_OPTIONS = {"endpoint_override", "scheme", "region", "retry_limit_seconds"}


def check_store_url(url: str) -> str:
    """Return the address of an object store; raise ValueError where it is none."""
    _check_url(url, STORES, _OPTIONS)
    return url


def check_table_place(place: str) -> str:
    """Return the path or address of a table; raise ValueError where it is none."""
    if is_url(place):
        _check_url(place, TABLES, set())
        return place
    if "\0" in place:
        raise ValueError("holds a NUL, which no path may")
    try:
        return str(Path(place).expanduser())
    except RuntimeError as error:
        raise ValueError("has no home folder; write it whole") from error


def is_url(place: str) -> bool:
    """Tell whether this is an address and no path.

    >>> is_url("s3://shelf/codes"), is_url("lake/codes")
    (True, False)
    """
    return "://" in place


def _check_url(url: str, schemes: tuple[str, ...], options: set[str]) -> None:
    # The value may hold a secret by mistake, so no message holds it.
    known = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
        asked = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        is_whole = parts.scheme in schemes and bool(parts.netloc) != (parts.scheme == "file")
    except ValueError:
        is_whole = False
    if not is_whole or not re.fullmatch("[!-~]+", url) or parts.fragment:
        raise ValueError(f"is no address of the kinds {known}; write it whole")
    if "@" in parts.netloc and parts.scheme != "abfss":
        raise ValueError("holds a user name; credentials come from the environment alone")
    if asked - options:
        words = f"; it may ask for {', '.join(sorted(options))}" if options else ""
        raise ValueError(f"asks for what it may not{words}")
