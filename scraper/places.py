"""Where else a release may be sent: an address is checked before anything is run.

An address holds no secret: a user name, a password or a key in it is refused, and not told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import normpath
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

# Of each kind of address, what it may ask for.
STORES: Mapping[str, tuple[str, ...]] = {
    "s3": ("endpoint_override", "region", "scheme"),
    "gs": ("endpoint_override", "retry_limit_seconds", "scheme"),
    "file": (),
}
TABLES: Mapping[str, tuple[str, ...]] = dict.fromkeys(("s3", "gs", "az", "abfss", "file"), ())
# The library takes them for parts of an address, or ends the program for them.
_NOT_IN_TABLES = re.compile(r"[\x00-\x1f\x7f%#?\[\]\\^|]")


def check_store_url(url: str) -> str:
    """Return the address of an object store; raise ValueError where it is none."""
    _check_url(url, STORES)
    return url


def check_table_place(place: str) -> str:
    """Return the path or address of a table; raise ValueError where it is none."""
    if not place.strip():
        raise ValueError("names no place; leave it out, or name a folder")
    if is_url(place):
        _check_url(place, TABLES)
        whole = unquote(place)
    else:
        try:
            place = str(Path(place).expanduser())
        except RuntimeError as error:
            raise ValueError("has no home folder; write it whole") from error
        whole = str(Path(place).absolute())
    if wrong := _NOT_IN_TABLES.search(whole):
        raise ValueError(f"holds {wrong[0]!r}, which no place of a table may; name another")
    return place


def is_url(place: str) -> bool:
    """Tell whether this is an address and no path.

    >>> is_url("s3://shelf/codes"), is_url("file:codes"), is_url("lake/codes")
    (True, True, False)
    """
    return "://" in place or place.partition(":")[0].lower() in {*STORES, *TABLES}


def _check_url(url: str, kinds: Mapping[str, tuple[str, ...]]) -> None:
    # The value may hold a secret by mistake, so no message holds it.
    try:
        parts = urlsplit(url)
        asked = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        is_whole = url.startswith(f"{parts.scheme}://") and parts.scheme in kinds
    except ValueError:
        is_whole = False
    if not is_whole or not re.fullmatch("[!-~]+", url) or not _has_place(parts):
        known = ", ".join(f"{kind}://{'' if kind == 'file' else 'shelf'}/path" for kind in kinds)
        raise ValueError(f"is no address; write one as {known}, with %20 for a space")
    user, at, _ = parts.netloc.rpartition("@")
    if at and (parts.scheme != "abfss" or ":" in unquote(user)):
        raise ValueError("holds a user name; credentials come from the environment alone")
    if ";" in url:
        raise ValueError("holds a `;`, as one with a key does; write %3B if it is part of a name")
    if asked.difference(options := kinds[parts.scheme]):
        words = (
            f"; it may ask for {', '.join(options)}" if options else "; leave out what follows ?"
        )
        raise ValueError(f"asks for what it may not{words}")


def _has_place(parts: SplitResult) -> bool:
    """Tell whether an address names a bucket, or a folder that is not the root of the disk."""
    path = unquote(parts.path)
    if parts.fragment or "\0" in path:
        return False
    if parts.scheme != "file":
        return bool(parts.netloc)
    return not parts.netloc and normpath(path).strip("/.") != ""
