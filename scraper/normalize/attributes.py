"""An official descriptor in, the attributes that its words say out; what they leave open is None.

Read is its first paragraph, without its examples: those that follow list genes and the like.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.normalize.ages import read_ages
from scraper.normalize.approaches import read_approaches
from scraper.normalize.claims import cut_hedges, cut_negations
from scraper.normalize.descriptor import cut_add_on_phrase, is_each_additional
from scraper.normalize.examples import take_examples
from scraper.normalize.guidance import read_imaging_guidance
from scraper.normalize.laterality import read_laterality
from scraper.normalize.sites import read_sites
from scraper.normalize.unit import read_count
from scraper.normalize.vocabulary import read_tokens
from scraper.record import Laterality

_SEPARATE = "(separate procedure)"
_UNLISTED = re.compile(r"\W*unlisted\b", re.IGNORECASE)
# `root(s)` and `body[ies]` leave the number open; the unit is named in the singular anyway.
_OWN_BRACKETS = re.compile(r"[(\[](?:(?<=[a-z].)(?:(s|es|e)|ies|ae|i)|separate procedure)[)\]]")


class Attributes(NamedTuple):
    """What a descriptor says of its code, by the names of the columns."""

    is_add_on: bool | None = None
    is_separate_procedure: bool | None = None
    is_unlisted: bool | None = None
    laterality: Laterality | None = None
    anatomic_sites: tuple[str, ...] = ()
    approaches: tuple[str, ...] = ()
    imaging_guidance: bool | None = None
    unit: str | None = None
    unit_min: float | None = None
    unit_max: float | None = None
    is_each_additional: bool | None = None
    minutes_min: int | None = None
    minutes_max: int | None = None
    age_years_min: float | None = None
    age_years_max: float | None = None
    examples: tuple[str, ...] = ()


def read_attributes(descriptor: str | None) -> Attributes:
    """Read the attributes of a descriptor; all are unknown where there is none.

    >>> read_attributes("Unlisted procedure, hats").is_unlisted, read_attributes(None).is_unlisted
    (True, None)
    >>> read_attributes("Dusting of a lute (separate procedure)").is_separate_procedure
    True
    """
    if descriptor is None:
        return Attributes()
    own = cut_add_on_phrase(descriptor)
    paragraph = own.partition("\n\n")[0]
    is_separate = _SEPARATE in paragraph.lower()
    text, examples = take_examples(paragraph)
    certain = cut_hedges(_OWN_BRACKETS.sub(r"\1", text.lower()))
    age_min, age_max, claims = read_ages(cut_negations(certain))
    stem, _, variant = claims.partition(";")
    tokens, count = read_tokens(claims), read_count(variant, stem)
    return Attributes(
        is_add_on=own != descriptor,
        is_separate_procedure=is_separate,
        is_unlisted=_UNLISTED.match(paragraph) is not None,
        laterality=read_laterality(variant) or read_laterality(stem),
        anatomic_sites=read_sites(tokens),
        approaches=read_approaches(tokens),
        imaging_guidance=read_imaging_guidance(certain),
        is_each_additional=is_each_additional(claims),
        age_years_min=age_min,
        age_years_max=age_max,
        examples=examples,
        unit=count.unit and count.unit.unit,
        unit_min=count.unit and count.unit.low,
        unit_max=count.unit and count.unit.high,
        minutes_min=count.minutes[0],
        minutes_max=count.minutes[1],
    )
