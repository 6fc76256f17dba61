"""What users bring to `scraper import`: files of saved pages, and folders of them.

Gives each page, or the name of a file and why it cannot be used; nothing stops the rest. Only
regular files are opened; links to folders are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from scraper.archive.saved_file import FileReader
from scraper.archive.saved_kind import ENDINGS, kind_of_name
from scraper.archive.saved_page import BroughtPages, printable
from scraper.errors import PageError

_ASSET_FOLDER = "_files"


class _File(NamedTuple):
    path: Path
    name: str


def read_saved(paths: Sequence[Path], *, max_bytes: int, urls: Mapping[str, str]) -> BroughtPages:
    """Give each page of files and folders, in order, one at a time.

    `urls` names the URL of a saved file, by its name in the folder given or its bare name; else
    the comment that a browser leaves in the file does. `max_bytes` holds for one page.
    """
    reader = FileReader(max_bytes, urls)
    for path in paths:
        for item in _list_files(path):
            if isinstance(item, _File):
                yield from _read_file(item, reader)
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
        message = f"{printable(path)}: no page in this folder; give one with saved pages"
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
        elif kind_of_name(path.name):
            yield _File(path, name)
        else:
            message = f"{printable(path)}: has none of the endings {', '.join(ENDINGS)}"
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


def _read_file(file: _File, reader: FileReader) -> BroughtPages:
    try:
        _check_file(file.path)
        with file.path.open("rb") as content:
            yield from reader.read(content, file.name, printable(file.path))
    except PageError as error:
        yield file.name, PageError(error.reason, f"{printable(file.path)}: {error}")
    except OSError as error:
        yield file.name, _unreadable(file.path, error)


def _check_file(path: Path) -> None:
    """Raise PageError, unnamed, for what is no regular file or is empty."""
    status = path.stat()
    if not S_ISREG(status.st_mode):
        raise PageError("unreadable", "is no regular file; give a saved page")
    if status.st_size == 0:
        raise PageError("empty", "it is empty; save the page again")


def _unreadable(path: Path, error: OSError) -> PageError:
    name = printable(path)
    if isinstance(error, FileNotFoundError):
        return PageError("missing", f"{name}: there is no such file; check the path")
    return PageError("unreadable", f"{name}: {error.strerror or error}; check the file")
