"""The official descriptor as CPT writes it: the common part, and what follows the semicolon."""

from __future__ import annotations

import re
from typing import NamedTuple

# CPT's own words for an add-on code; the phrase in brackets may name what it adds to.
_ADD_ON = re.compile(
    r"\(List separately in addition to codes? for\b[^()]*(?:\([^()]*\)[^()]*)*\)", re.IGNORECASE
)


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
    """Tell whether a descriptor says `(List separately in addition to code for ...)`.

    >>> is_add_on("each additional cup (List separately in addition to code for primary procedure)")
    True
    """
    return _ADD_ON.search(descriptor) is not None
