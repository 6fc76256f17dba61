"""The typographic policy of every text column: composed, folded, and otherwise as it was set.

Unicode NFC; one space between words, one blank line between paragraphs; nothing invisible. Quotes,
dashes, signs and capitals stay those of the page: a descriptor is quoted, not edited.
"""

from __future__ import annotations

import unicodedata


def normalize_text(text: str | None) -> str | None:
    r"""Return a text in the one form that the tables hold; None for an empty one.

    >>> normalize_text("  Cafe\u0301\u00a0 noir \n\n\n milk")
    'Café noir\n\nmilk'
    """
    if not text:
        return None
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    if composed.isprintable() and "  " not in composed:  # one paragraph, no white space to fold
        return composed.strip() or None
    paragraphs = (" ".join(paragraph.split()) for paragraph in composed.split("\n\n"))
    return "\n\n".join(filter(None, paragraphs)) or None
