"""The official descriptor as CPT writes it: the common part, and what follows the semicolon."""

from __future__ import annotations

import re
from typing import NamedTuple

# CPT's own words for an add-on code; the phrase in brackets may name what it adds to.
_ADD_ON = re.compile(
    r"\(List separately in addition to\b[^()]*(?:\([^()]*\)[^()]*)*\)", re.IGNORECASE
)

_EACH_ADDITIONAL = re.compile(r"\beach additional\b", re.IGNORECASE)


class DescriptorParts(NamedTuple):
    """The part a family of codes shares, and the part of this code alone."""

    stem: str | None
    variant: str | None


def split_descriptor(descriptor: str) -> DescriptorParts:
    """Split the first paragraph of a descriptor at its first semicolon.

    A descriptor that ends with the semicolon is the parent of a family and has no variant.

    >>> split_descriptor("Polishing of moon; 1 crater")
    DescriptorParts(stem='Polishing of moon', variant='1 crater')
    >>> split_descriptor("Polishing of moon;")
    DescriptorParts(stem='Polishing of moon', variant=None)
    """
    stem, _, variant = descriptor.partition("\n\n")[0].partition(";")
    return DescriptorParts(stem.strip() or None, variant.strip() or None)


def is_add_on(descriptor: str) -> bool:
    """Tell whether a descriptor says `(List separately in addition to ...)`.

    >>> is_add_on("each additional cup (List separately in addition to code for primary procedure)")
    True
    """
    return _ADD_ON.search(descriptor) is not None


def cut_add_on_phrase(descriptor: str) -> str:
    """Leave out `(List separately in addition to ...)`.

    >>> cut_add_on_phrase("each cup (List separately in addition to code for primary procedure)")
    'each cup '
    """
    return _ADD_ON.sub("", descriptor) if "list separately" in descriptor.lower() else descriptor


def is_each_additional(descriptor: str) -> bool:
    """Tell whether a descriptor is for `each additional` of something.

    >>> is_each_additional("Filling of a pot; each additional cup")
    True
    """
    return _EACH_ADDITIONAL.search(cut_add_on_phrase(descriptor)) is not None
