"""Where a code stands in its family: the codes of a subsection whose descriptors share a stem."""

from __future__ import annotations

import hashlib
from enum import IntEnum
from typing import NamedTuple

from scraper.codes import place_of, system_of
from scraper.normalize.descriptor import is_add_on, is_each_additional, split_descriptor
from scraper.normalize.text import normalize_text


class Standing(IntEnum):
    """How a code may stand in its family; the parent is the first of the least standing."""

    STEM_ALONE = 0
    PROCEDURE = 1
    ADD_ON = 2
    EACH_ADDITIONAL = 3  # never a parent: there is something that it adds to


class Kin(NamedTuple):
    """A code's family, by the digest of what its members share, and its standing there."""

    family: bytes
    standing: Standing

    @property
    def may_have_parent(self) -> bool:
        """Whether the descriptor goes on after its semicolon."""
        return self.standing is not Standing.STEM_ALONE


def kin_of(code: str, descriptor: str | None) -> Kin | None:
    """Return where a code stands by its descriptor, None where that has no common part.

    >>> kin_of("10010", "Polishing of moon; 1 crater").standing
    <Standing.PROCEDURE: 1>
    >>> kin_of("10010", "Polishing of moon; 1 crater")[0] == kin_of("10011", "Polishing of moon")[0]
    True
    """
    text = normalize_text(descriptor)
    stem, variant = split_descriptor(text) if text else (None, None)
    if text is None or stem is None:
        return None
    shared = "\0".join((system_of(code), *map(str, place_of(code)), stem.casefold()))
    digest = hashlib.blake2b(shared.encode(), digest_size=16).digest()
    return Kin(digest, _standing(text, variant))


def _standing(text: str, variant: str | None) -> Standing:
    if variant is None:
        return Standing.STEM_ALONE
    if is_each_additional(text):
        return Standing.EACH_ADDITIONAL
    return Standing.ADD_ON if is_add_on(text) else Standing.PROCEDURE
