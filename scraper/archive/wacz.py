"""WACZ files: the WARC files of a web archive in a zip, each checked by its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import IO

from scraper.archive.member import BroughtMembers, Member, Meter
from scraper.archive.saved_kind import SavedKind, kind_of_name
from scraper.archive.zip_file import open_zip, read_zip
from scraper.errors import PageError

_PACKAGE = "datapackage.json"
_MAX_PACKAGE = 1 << 24
_FOLDER = "archive/"
_AGAIN = "get a whole copy of the file"


def read_wacz(file: IO[bytes], meter: Meter) -> BroughtMembers:
    """Give each WARC file of a WACZ whose digest is right; raises PageError, unnamed."""
    package = _read_package(file, meter)
    digests = {} if isinstance(package, PageError) else package
    if isinstance(package, PageError):
        yield _PACKAGE, package
    seen: set[str] = set()
    for item in read_zip(file, meter, _is_warc):
        name = item.name if isinstance(item, Member) else item[0]
        seen.add(name)
        if isinstance(item, Member) and not _is_right(item.content, digests.get(name, "")):
            yield name, PageError("damaged", f"its digest does not match; {_AGAIN}")
        else:
            yield item
    for name in sorted(filter(_is_warc, digests.keys() - seen)):
        yield name, PageError("missing", f"{_PACKAGE} names it, and it is not there; {_AGAIN}")
    if not seen and not any(map(_is_warc, digests)):
        raise PageError("empty", f"there is no WARC file in it; {_AGAIN}")


def _is_warc(name: str) -> bool:
    return name.startswith(_FOLDER) and kind_of_name(name) is SavedKind.WARC


def _read_package(file: IO[bytes], meter: Meter) -> dict[str, str] | PageError:
    """Return the digest of each path, or why they cannot be read; none where there is no list."""
    with open_zip(file, meter) as archive:
        infos = [info for info in archive.entries if info.filename == _PACKAGE]
        try:
            if not infos:
                return {}
            with archive.read(infos[0], _MAX_PACKAGE) as content:
                return dict(_digests_of(json.loads(content.read())["resources"]))
        except PageError as error:
            return error
        except (ValueError, TypeError, LookupError, RecursionError):
            return PageError("damaged", f"cannot be read; {_AGAIN}")


def _digests_of(resources: object) -> Iterator[tuple[str, str]]:
    if not isinstance(resources, list):
        raise TypeError("its resources are no list")
    for resource in resources:
        path, label = resource["path"], resource.get("hash", "")
        if not (isinstance(path, str) and path.isprintable() and isinstance(label, str)):
            raise TypeError("a resource is no path and hash")
        yield path, label


def _is_right(content: IO[bytes], label: str) -> bool:
    """Tell whether the digest is right, or is none that can be checked."""
    algorithm, _, value = label.lower().partition(":")
    if algorithm not in {"md5", "sha1", "sha256", "sha512"}:
        return True
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while chunk := content.read(1 << 20):
        digest.update(chunk)
    content.seek(0)
    return digest.hexdigest() == value.strip()
