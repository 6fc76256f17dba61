"""The file of `scraper import --url-list`: which URL each saved file is a copy of."""

from __future__ import annotations

from pathlib import Path

from scraper.archive.saved_page import is_web_url
from scraper.errors import UsageError


def read_url_list(path: Path) -> dict[str, str]:
    """Read lines of a file name, white space and a URL; empty lines and `#` comments are skipped.

    A file name may hold spaces. Raises UsageError that names the line.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}; give a text file in UTF-8") from error
    urls: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, url = _split_line(line, f"{path}:{number}")
        if urls.setdefault(name, url) != url:
            raise UsageError(f"{path}:{number}: {name} was given another URL before; keep one")
    return urls


def _split_line(line: str, where: str) -> tuple[str, str]:
    name, *rest = line.strip().rsplit(None, 1)
    if not rest or not is_web_url(rest[0]):
        raise UsageError(f"{where}: is not `file-name URL`; write one of each, parted by a tab")
    return name.rstrip(), rest[0]
