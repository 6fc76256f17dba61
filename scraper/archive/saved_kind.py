"""The kinds of files that can be imported, told by the ending of a name."""

from __future__ import annotations

from enum import Enum

# A HAR or MHTML file holds the pictures and scripts of its pages too.
_WITH_PARTS = 5


class SavedKind(Enum):
    """What a file or a member of an archive is read as."""

    PAGE = "page"
    HAR = "HAR"
    MHTML = "MHTML"
    WARC = "WARC"
    WACZ = "WACZ"
    ZIP = "zip"
    TAR = "tar"


ENDINGS = {
    ".html": SavedKind.PAGE,
    ".htm": SavedKind.PAGE,
    ".xhtml": SavedKind.PAGE,
    ".txt": SavedKind.PAGE,
    ".har": SavedKind.HAR,
    ".mhtml": SavedKind.MHTML,
    ".mht": SavedKind.MHTML,
    ".warc": SavedKind.WARC,
    ".warc.gz": SavedKind.WARC,
    ".wacz": SavedKind.WACZ,
    ".zip": SavedKind.ZIP,
    ".tar": SavedKind.TAR,
    ".tar.gz": SavedKind.TAR,
    ".tgz": SavedKind.TAR,
    ".tar.bz2": SavedKind.TAR,
    ".tar.xz": SavedKind.TAR,
}


def kind_of_name(name: str) -> SavedKind | None:
    """Return what a file of this name is read as, None where the ending tells nothing.

    >>> kind_of_name("crawl.WARC.gz"), kind_of_name("picture.png")
    (<SavedKind.WARC: 'WARC'>, None)
    """
    lower = name.lower()
    return next((kind for ending, kind in ENDINGS.items() if lower.endswith(ending)), None)


def most_bytes(kind: SavedKind, page_bytes: int) -> int | None:
    """Return the most bytes that are read into memory, None for what is read as a stream."""
    match kind:
        case SavedKind.PAGE:
            return page_bytes
        case SavedKind.HAR | SavedKind.MHTML:
            return _WITH_PARTS * page_bytes
        case _:
            return None
