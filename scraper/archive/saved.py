"""What users bring to `scraper import`: saved pages, folders of them, WARC files.

Gives each page, or the name of a file and why it cannot be used; nothing stops the rest. Only
regular files are opened; links to folders are not followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from scraper.archive.foreign import read_warc
from scraper.archive.saved_page import SavedPage, check_text, is_web_url
from scraper.errors import PageError

Brought = SavedPage | tuple[str, PageError]

_PAGE_ENDINGS = (".html", ".htm", ".xhtml", ".txt")
_WARC_ENDINGS = (".warc", ".warc.gz")
_ASSET_FOLDER = "_files"
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\([0-9]{1,9}\)\s*([^\s>]+)")
_SAVED_FROM_WITHIN = 2_048


class _File(NamedTuple):
    path: Path
    name: str


def read_saved(
    paths: Sequence[Path], *, max_bytes: int, urls: Mapping[str, str]
) -> Iterator[Brought]:
    """Give each page of files and folders, in order, one at a time.

    `urls` names the URL of a saved file, by its name in the folder given or its bare name; else
    the comment that a browser leaves in the file does. `max_bytes` holds for one page.
    """
    for path in paths:
        for item in _list_files(path):
            if isinstance(item, _File):
                yield from _read_file(item, max_bytes, urls)
            else:
                yield item


def _list_files(path: Path) -> Iterator[_File | tuple[str, PageError]]:
    if not _is_folder(path):
        yield _File(path, printable(path.name))
        return
    is_empty = True
    for item in _walk(path):
        is_empty = False
        yield item
    if is_empty:
        message = f"{printable(path)}: no page in this folder; give one with .html or .warc files"
        yield printable(path.name), PageError("empty", message)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long; opening the file tells
        return False


def _walk(top: Path) -> Iterator[_File | tuple[str, PageError]]:
    waiting = [top]
    while waiting:
        path = waiting.pop()
        name = printable(path.relative_to(top).as_posix())
        if path.is_dir() and (path == top or not path.is_symlink()):
            try:
                waiting.extend(reversed(_children(path)))
            except OSError as error:
                yield name, _unreadable(path, error)
        elif path.name.lower().endswith(_PAGE_ENDINGS + _WARC_ENDINGS):
            yield _File(path, name)
        else:
            message = f"{printable(path)}: no .html, .htm, .xhtml, .txt, .warc or .warc.gz file"
            yield name, PageError("unknown_type", f"{message}; rename it if it is one")


def _children(folder: Path) -> list[Path]:
    """Return what is in a folder, sorted, without hidden files and a browser's asset folders."""
    children = sorted(folder.iterdir())
    pages = {child.stem for child in children if child.suffix.lower() in {".html", ".htm"}}
    assets = {f"{page}{_ASSET_FOLDER}" for page in pages}
    return [
        child
        for child in children
        if not child.name.startswith(".") and not (child.name in assets and child.is_dir())
    ]


def _read_file(file: _File, max_bytes: int, urls: Mapping[str, str]) -> Iterator[Brought]:
    try:
        _check_file(file.path)
        if file.path.name.lower().endswith(_WARC_ENDINGS):
            yield from read_warc(file.path, file.name, max_bytes)
        else:
            yield _read_page(file, max_bytes, urls)
    except OSError as error:
        yield file.name, _unreadable(file.path, error)
    except PageError as error:
        yield file.name, PageError(error.reason, f"{printable(file.path)}: {error}")


def _check_file(path: Path) -> None:
    """Raise PageError, unnamed, for what is no regular file or is empty."""
    status = path.stat()
    if not S_ISREG(status.st_mode):
        raise PageError("unreadable", "is no regular file; give a saved page")
    if status.st_size == 0:
        raise PageError("empty", "it is empty; save the page again")


def _read_page(file: _File, max_bytes: int, urls: Mapping[str, str]) -> SavedPage:
    size = file.path.stat().st_size
    if size > max_bytes:
        message = f"it has {size} bytes, more than {max_bytes}; raise max_page_bytes to keep it"
        raise PageError("too_large", message)
    body = file.path.read_bytes()
    check_text(body)
    url = urls.get(file.name) or urls.get(printable(file.path.name)) or _saved_from(body)
    return SavedPage(file.name, url, body)


def _saved_from(body: bytes) -> str | None:
    # Without NULs, the comment is found in UTF-16 too.
    match = _SAVED_FROM.search(body[:_SAVED_FROM_WITHIN].replace(b"\0", b""))
    url = match[1].decode("utf-8", "replace") if match else ""
    return url if is_web_url(url) else None


def _unreadable(path: Path, error: OSError) -> PageError:
    name = printable(path)
    if isinstance(error, FileNotFoundError):
        return PageError("missing", f"{name}: there is no such file; check the path")
    return PageError("unreadable", f"{name}: {error.strerror or error}; check the file")


def printable(path: Path | str) -> str:
    """Return a path as one line that can be printed and stored, whatever bytes it is made of."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
