"""The unit of a code: which of the amounts of its descriptor it is counted by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from operator import attrgetter
from typing import NamedTuple

from scraper.normalize.amount import ALL_WAYS, NUMBER_WORDS
from scraper.normalize.quantity import COUNTED, Quantity, count_whole, find_quantity

_PARTS = re.compile(r"[;()\[\]]|,(?![0-9]{3}(?![0-9]))")
_LEAD = re.compile(
    r"(?:for )?(?P<lead>each additional|each subsequent|each|per|first|initial)"
    r"(?: (?:(?:increment|period)s? of )?(?P<rest>.+))?"
)
_RANKS = {"each additional": 0, "each subsequent": 1, "each": 1, "per": 1, "first": 2, "initial": 2}
_COUNTS = len(_RANKS)
# A range that a comma breaks: `greater than 12 hours, but less than or equal to 24 hours`.
_BROKEN = re.compile(
    r"(?<= than )([0-9.]{1,9} ([a-z]{1,12})), "
    r"(?=(?:but |and )?(?:up to|not more than|less than or equal to) [0-9.]{1,9} \2)"
)
# One span in two units: `1 hour and 30 minutes`.
_HOURS = re.compile(
    r"(?<![\w.])([0-9]{1,3}) hours?(?:,? and|,(?! [0-9]+ minutes? (?:or|to|through) [0-9]))?"
    r" ([0-9]{1,2}) minutes?\b"
)
# A level or side before the unit is none of it: `each additional lumbar interspace`.
_PLACE = r"(?:[a-z]{0,9}(?:cervical|thoracic|lumbar|sacral)|left|right|unilateral|bilateral)"
_PLACES = re.compile(
    rf"\b(each(?: additional)? )(?={_PLACE}\b)"
    rf"(?:{_PLACE}(?: (?:and/or|and|or) |, (?:(?:and/or|and|or) )?| ))+"
)
# What ends a noun: a preposition, or what was done to the thing.
_END = frozenset(
    (
        "of",
        "in",
        "to",
        "for",
        "with",
        "by",
        "at",
        "beyond",
        "during",
        "from",
        "on",
        "using",
        "after",
    )
) | {"including", "and", "or", "if", "up", "treated", "performed"}
# A phrase that ends so goes on after the comma: `each abdominal, pelvic, or leg branch`.
_ADJECTIVE = re.compile("[a-z]{3,}(?:[cnr]al|(?:pat|phal|rac)ic|[lb]ar|ior)|pelvic|coronary|venous")
_ADJECTIVAL = ("al", "ar", "ary", "ic", "ior", "ous")
# `single vision` is a kind of thing, and so may be any noun before a noun: `single lead system`.
_KINDS = frozenset(("axis", "chamber", "dose", "energy", "half", "phase", "plane", "use"))
_KINDS |= {"vision", "way"}
_NO_UNIT = frozenset(("os", "oral", "rectum", "vagina", "vaginam", "se", "cent", "the", "other"))
_LATIN = {"diem": "day", "annum": "year"}
_MOST_WORDS = 3
_DIGIT = re.compile("[0-9]")


class Told(NamedTuple):
    """An amount and how it is introduced; the least rank is the unit's."""

    rank: int
    quantity: Quantity


class Count(NamedTuple):
    """What a code is counted by, and the minutes it takes; either may be unknown."""

    unit: Quantity | None
    minutes: tuple[int | None, int | None]


def read_count(variant: str, stem: str) -> Count:
    """Read unit and minutes off a descriptor in lower case.

    Of several amounts the unit is the one of `each additional`, else of `each` or `per`, else of
    `first` or `initial`, else a bare count; of equals the first, in the variant before the stem.
    Of bare counts those of known units go first: `3 columns, 1 vertebral segment` counts segments.

    >>> read_count("each additional lumbar interspace", "mending, single interspace").unit
    Quantity(unit='interspace', low=1.0, high=1.0, minutes=None)
    >>> read_count("", "polka, 1 or more legs, each 15 minutes")
    Count(unit=Quantity(unit='minute', low=15.0, high=15.0, minutes=(15, 15)), minutes=(15, 15))
    """
    both = (sorted(_read_parts(text), key=attrgetter("rank")) for text in (variant, stem))
    told = sorted(chain.from_iterable(both), key=lambda found: min(found.rank, _COUNTS))
    quantities = [found.quantity for found in told]
    spans = (quantity.minutes for quantity in quantities if quantity.minutes)
    return Count(quantities[0] if quantities else None, next(spans, (None, None)))


def _read_parts(text: str) -> Iterator[Told]:
    if "each" in text:
        text = _PLACES.sub(r"\1", text)
    if " than " in text:
        text = _BROKEN.sub(r"\1 ", text)
    if "hour" in text:
        text = _HOURS.sub(lambda span: f"{int(span[1]) * 60 + int(span[2])} minutes", text)
    for part in map(str.strip, _PARTS.split(text)):
        if (lead := _LEAD.fullmatch(part)) and (quantity := _read_led(lead)):
            yield Told(_RANKS[lead["lead"]], quantity)
        elif _may_count(part) and (told := _read_bare_count(part)):
            yield told


def _may_count(part: str) -> bool:
    return _DIGIT.search(part) is not None or not NUMBER_WORDS.isdisjoint(part.split())


def _read_bare_count(part: str) -> Told | None:
    if whole := count_whole(part):
        if whole.unit in COUNTED:
            return Told(_COUNTS, whole)
        return None if _is_of_a_kind(part.split()) else Told(_COUNTS + 1, whole)
    found = find_quantity(part)
    return Told(_COUNTS + 1, found) if found else None


def _is_of_a_kind(words: list[str]) -> bool:
    """Tell whether `single` or `one` says of which kind a thing is, not how many there are."""
    if words[0] not in {"single", "one"}:
        return False
    is_compound = words[0] == "single" and len(words) > 2 and not words[1].endswith(_ADJECTIVAL)
    return words[1] in _KINDS or is_compound


def _read_led(lead: re.Match[str]) -> Quantity | None:
    """Read what follows `each` and the like; only known units are counted by `first`."""
    rest = lead["rest"]
    if rest is None:
        return Quantity("each", 1, 1) if lead["lead"] == "each" else None
    if _may_count(rest.split(" ", 1)[0]) or rest.startswith(ALL_WAYS):
        return find_quantity(rest) or _count_noun(*rest.partition(" ")[::2])
    if lead["lead"] in {"first", "initial"}:
        return find_quantity(f"1 {rest}")
    return _count_noun("1", rest)


def _count_noun(number: str, rest: str) -> Quantity | None:
    """Count the noun that a text begins with, of three words at most, up to a preposition."""
    words = rest.split(maxsplit=_MOST_WORDS + 1)
    length = next((n for n, word in enumerate(words) if word in _END), len(words))
    noun = " ".join(_LATIN.get(word, word) for word in words[:length])
    is_noun = length <= _MOST_WORDS and _NO_UNIT.isdisjoint(words[:length])
    is_kind = number == "single" and not _KINDS.isdisjoint(words[:1])
    if is_kind or _ADJECTIVE.fullmatch(noun.rpartition(" ")[2]):
        return None
    return count_whole(f"{number} {noun}") if is_noun else None
