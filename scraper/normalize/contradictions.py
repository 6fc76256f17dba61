"""Flags for a row whose official descriptor and common-language text contradict each other.

Only where both speak of the same kind of thing and have nothing in common; nothing is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from scraper.normalize.attributes import Attributes
from scraper.normalize.laterality import find_organ_sides
from scraper.normalize.sites import SPINE_LEVELS

_LEVELS = frozenset(SPINE_LEVELS)
_LEVEL = re.compile(
    r"\b(?:cervical|neck|thoracic|lumbar|lower back|lumbosacral|sacral|coccygeal)\b"
)
_LEVELS_OF = {
    **{level: {level} for level in SPINE_LEVELS},
    "neck": {"cervical"},
    "lower back": {"lumbar", "sacral"},
    "lumbosacral": {"lumbar", "sacral"},
}
_LATERAL = re.compile(r"\b(?:unilateral|bilateral)(?=\b|ly\b)")
_SIDES_OF = {
    "unilateral": {"unilateral"},
    "bilateral": {"bilateral"},
    "left": {"left"},
    "right": {"right"},
}
_MORE = re.compile(r"\b(?:additional|each|every|further|subsequent|second|add-on|extra|beyond)\b")
_ONE = ("single", "one", "first", "1")
_SINGLE = re.compile(rf"\b(?:{'|'.join(_ONE)})\b")
_CONTRAST = re.compile(
    r"\b(with(?:out)?) (?:(?:the|use|of|any|an?|intravenous|iv|administration|injection) )*contrast"
)
_NO_CONTRAST = re.compile(r"\b(?:non-?|no )contrast")
# Where a study is done both ways, no text contradicts it.
_BOTH_WAYS = re.compile(r"with (?:or|and/or|and) without|without (?:or|and) with|followed by")


def find_contradictions(official: str, common: str, attributes: Attributes) -> Iterator[str]:
    """Yield a flag for each kind of thing on which the two texts have nothing in common.

    >>> official = "Laminotomy of a fiddle; each additional interspace, lumbar"
    >>> told = Attributes(anatomic_sites=("lumbar",), is_each_additional=True, unit="interspace")
    >>> list(find_contradictions(official, "A single interspace of the cervical spine.", told))
    ['spine_level_contradicted', 'count_contradicted']
    """
    prose = common.lower()
    levels = _LEVELS.intersection(attributes.anatomic_sites)
    if levels and _are_apart(levels, _levels(prose)):
        yield "spine_level_contradicted"
    if _are_apart(_SIDES_OF.get(attributes.laterality or "", set()), _sides(attributes, prose)):
        yield "laterality_contradicted"
    if _counts_otherwise(attributes, prose):
        yield "count_contradicted"
    if "contrast" in prose and _are_apart(_contrast(official.lower()), _contrast(prose)):
        yield "contrast_contradicted"


def _are_apart(official: AbstractSet[str], common: AbstractSet[str]) -> bool:
    return bool(official and common) and official.isdisjoint(common)


def _levels(prose: str) -> set[str]:
    return {level for name in _LEVEL.findall(prose) for level in _LEVELS_OF[name]}


def _sides(attributes: Attributes, prose: str) -> set[str]:
    if attributes.laterality in {"left", "right"}:
        return find_organ_sides(prose)
    return set(_LATERAL.findall(prose)) if attributes.laterality else set()


def _counts_otherwise(attributes: Attributes, prose: str) -> bool:
    """Tell whether one text is for a single unit and the other for each additional one."""
    unit = attributes.unit
    if unit is None or unit not in prose:
        return False
    if attributes.is_each_additional:
        return any(f"{one} {unit}" in prose for one in _ONE) and not _MORE.search(prose)
    is_single = (attributes.unit_min, attributes.unit_max) == (1, 1) and not attributes.is_add_on
    return is_single and f" additional {unit}" in prose and not _SINGLE.search(prose)


def _contrast(text: str) -> set[str]:
    if _BOTH_WAYS.search(text):
        return set()
    told = {match[1] for match in _CONTRAST.finditer(text)}
    return told | {"without"} if _NO_CONTRAST.search(text) else told
