"""raw/<site>/wanted.txt: the codes that a user asked for, one a line, sorted, kept across runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from scraper.archive.disk import naming_storage
from scraper.disk import make_folder, replace_durably
from scraper.errors import StorageError

_NAME = "wanted.txt"


def read_wanted(raw_dir: Path, site: str) -> tuple[str, ...]:
    """Return the codes asked for, in order; none where nobody asked yet."""
    path = raw_dir / site / _NAME
    try:
        with naming_storage(path):
            lines = path.read_text("ascii").split() if path.exists() else []
    except UnicodeDecodeError as error:
        raise StorageError(f"{path}: is no list of codes; mend or delete it") from error
    return tuple(sorted(set(lines)))


def add_wanted(raw_dir: Path, site: str, codes: Iterable[str]) -> None:
    """Add codes to those asked for; readers see the old list or the new one, whole."""
    held = read_wanted(raw_dir, site)
    wanted = tuple(sorted({*held, *codes}))
    if wanted == held:
        return
    path = raw_dir / site / _NAME
    with naming_storage(path):
        make_folder(path.parent)
        replace_durably(path, "".join(f"{code}\n" for code in wanted).encode("ascii"))
