"""The side, or sides, of the body that a descriptor speaks of."""

from __future__ import annotations

import re

from scraper.record import Laterality

# `left heart` and `right ventricle` are no sides of the body: a side counts where it stands alone,
# or before an organ of which there are two; `left or right` counts except before such words.
_PAIRED = (
    "(?:knee|hip|shoulder|elbow|wrist|hand|ankle|foot|eye|ear|breast|kidney|lung|arm|forearm|leg"
    "|thigh|ureter|ovary|testis|upper extremity|lower extremity|side|thumb)"
)
_NO_SIDE = "(?:heart|atri|ventric|coronary|pulmonary|bundle|main|hemicolon)"
_ALONE = r"(?=\s*(?:[,;()\[\]]|\Z))"
_SIDES = re.compile(
    r"\b(?P<either>unilateral or bilateral|bilateral or unilateral)\b"
    r"|\b(?P<lateral>(?:uni|bi)lateral)\b"
    rf"|\b(?P<any>left or right|right or left)\b(?! {_NO_SIDE})"
    rf"|\b(?P<both>left and(?:/or)? right|right and(?:/or)? left)\b(?! {_NO_SIDE})"
    rf"|(?<![^\s(\[])(?P<side>left|right)(?: {_PAIRED}s?\b(?!-)|{_ALONE})"
)
_ORGAN_SIDE = re.compile(rf"\b(left|right) {_PAIRED}\b(?!-)")


def read_laterality(text: str) -> Laterality | None:
    """Return the laterality that a text in lower case tells, None where it tells of several.

    >>> read_laterality("tuning of a harp, unilateral or bilateral")
    'unilateral or bilateral'
    >>> read_laterality("replacement of a knee; right"), read_laterality("left ventricle, clock")
    ('right', None)
    >>> read_laterality("tuning of a knee; left and right") is None
    True
    """
    if not ("lateral" in text or "left" in text or "right" in text):
        return None
    told = {_side_of(match) for match in _SIDES.finditer(text)}
    return told.pop() if len(told) == 1 else None


def _side_of(match: re.Match[str]) -> Laterality | None:
    match match.lastgroup:
        case "either":
            return "unilateral or bilateral"
        case "any":
            return "left or right"
        case "both":
            return None
        case "lateral":
            return "bilateral" if match["lateral"] == "bilateral" else "unilateral"
    return "left" if match["side"] == "left" else "right"


def find_organ_sides(prose: str) -> set[str]:
    """Return the sides that prose in lower case names right before a paired organ.

    >>> find_organ_sides("the left knee is hung to the right")
    {'left'}
    """
    return {match[1] for match in _ORGAN_SIDE.finditer(prose)}
