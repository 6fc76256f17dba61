"""What two versions of a description, or one alone, give away: cuts, lost letters, insertions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

_REPLACEMENT = "\ufffd"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD_NOT_ASCII = re.compile(r"\S*[^\x00-\x7f]\S*")
_CUT_MARKS = " .…"
_LEAST_INSERTED = 4


def is_shortened(before: str, now: str) -> bool:
    """Tell whether a text is only the beginning, or less than the half, of what it was.

    >>> is_shortened("Tea is poured. It is drunk.", "Tea is poured. It…")
    True
    >>> is_shortened("Tea is poured. It is drunk.", "Tea is poured, and drunk.")
    False
    """
    piece = now.rstrip(_CUT_MARKS)
    is_less = len(now) < len(before) and piece in before
    return is_less and (before.startswith(piece) or 2 * len(piece) < len(before))


def has_lost_characters(before: str, now: str) -> bool:
    """Tell whether characters gave way to the marks that stand for lost ones.

    >>> has_lost_characters("a café, 1½ cups", "a caf?, 1? cups")
    True
    """
    if now.count(_REPLACEMENT) > before.count(_REPLACEMENT):
        return True
    is_plainer = len(_NOT_ASCII.findall(now)) < len(_NOT_ASCII.findall(before))
    return is_plainer and now.count("?") > before.count("?")


def find_misread_word(text: str) -> str | None:
    """Return the first word that is UTF-8 read as a Western encoding, None if there is none.

    >>> find_misread_word("a cafÃ© by the sea"), find_misread_word("a café by the sea")
    ('cafÃ©', None)
    """
    if text.isascii():
        return None
    return next((word for word in _WORD_NOT_ASCII.findall(text) if _is_misread(word)), None)


def _is_misread(word: str) -> bool:
    for encoding in ("cp1252", "latin-1"):
        try:
            word.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def inserted_words(before: str, now: str, code: str) -> str | None:
    """Return the words that a text has gained, sorted; None where they are too few to tell.

    >>> inserted_words("Tea is poured.", "Tea is poured. Now with cake for all!", "99042")
    'Now all! cake for with'
    """
    gained = Counter(mask_code(now, code).split()) - Counter(mask_code(before, code).split())
    words = sorted(gained.elements())
    return " ".join(words) if len(words) >= _LEAST_INSERTED else None


def telling_paragraphs(text: str, *, is_official: bool, code: str) -> Iterator[str]:
    """Yield the paragraphs of a description that no other code's may hold.

    A lead-in to what follows may repeat, and so may the common part of a family's descriptor.
    """
    paragraphs = text.split("\n\n")
    for number, paragraph in enumerate(paragraphs, 1):
        is_last = number == len(paragraphs)
        is_lead_in = paragraph.endswith(":") and not is_last
        is_stem = is_official and paragraph.endswith(";")
        if not is_lead_in and not is_stem:
            yield mask_code(paragraph, code)


def mask_code(text: str, code: str) -> str:
    """Put a mark in the place of a page's own code, so that a template shows."""
    return text.replace(code, "#####")
