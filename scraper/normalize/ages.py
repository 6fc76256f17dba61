"""The ages that a descriptor is for, in years, and the descriptor without them."""

from __future__ import annotations

import re
from typing import NamedTuple

_YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_NUMBER, _OF_AGE = "[0-9]{1,3}", "(?: (?:of|in) age| old\\b)?"
# A week of gestation, or a day after, is no age.
_UNIT = "(?:years?|months?|weeks?|days?)\\b(?! (?:of )?(?:gestation|post|after|before|prior))"
_UP_TO = (
    "younger than|under|less than or equal to|less than|below|through|up to and including|up to"
)
_FROM = "older than|over|above|greater than or equal to|greater than|more than|at least"
_BIRTH = "(?:birth|newborns?|neonates?)"
_AGE = re.compile(
    rf"(?P<lead>(?:\b(?:ages?(?: of)?|aged|{_UP_TO}|{_FROM}|{_BIRTH}(?: to)?) ){{0,3}})"
    rf"(?<![\w.])(?P<low>{_NUMBER})\b(?: (?P<low_unit>{_UNIT}){_OF_AGE})?"
    r"(?:(?: ?[-\u2013\u2014] ?| through | to | up to )"
    r"(?:younger than |less than |under )?(?:age )?"
    rf"(?P<high>{_NUMBER})(?: (?P<high_unit>{_UNIT}){_OF_AGE})?(?![\w.]))?"
    rf"(?: (?:or|and) (?P<after>older|over|above|up|younger|under|less)\b(?! than| to){_OF_AGE})?"
    rf"(?P<apart> (?:or|and) (?:{_FROM}) )?"
)
_TELLS_OF_AGE = re.compile(rf"\b(?:ages?|aged|older|younger|{_BIRTH})\b")
_NEEDED = ("age", "year", "older", "younger", "birth", "newborn", "neonat")
_OLDER = ("older", "over", "above", "up")
_AGED = re.compile(r"\bage")
_ENDS = re.compile(rf"\b(?:{_UP_TO}) ")
_BEGINS = re.compile(rf"\b(?:{_FROM}) ")
_FROM_BIRTH = re.compile(rf"\b{_BIRTH} (?:to|through|up to) ")
# A span of years alone is one of ages, but for one that says when.
_OCCASION = re.compile(r"\b(?:every|within|past|last|previous|prior|next|for|after)(?: the)? $")


class Ages(NamedTuple):
    """The least and the greatest age that the words name, in years, and the other words."""

    low: float | None
    high: float | None
    rest: str


def read_ages(text: str) -> Ages:
    """Read the first age of a text in lower case.

    A bound is the one that the words name: `younger than 5` and `through 5` both end at 5. Months
    are twelfths, weeks and days parts of 365.25 days. Other spans than years need a word of age.

    >>> read_ages("lullaby; age 6 months through 4 years")[:2]
    (0.5, 4.0)
    >>> read_ages("90 nights, older than 7 years")
    Ages(low=7.0, high=None, rest='90 nights, ,')
    >>> read_ages("lullaby, age 6 months to younger than 5 years")[:2]
    (0.5, 5.0)
    >>> read_ages("vigil, 6 to 8 days")[:2]
    (None, None)
    """
    if not any(word in text for word in _NEEDED):
        return Ages(None, None, text)
    for match in _AGE.finditer(text):
        if (bounds := _bounds(match)) and _is_of_age(match):
            low, high = (None, None) if match["apart"] else bounds
            return Ages(low, high, f"{text[: match.start()]},{_cut(text[match.end() :])}")
    return Ages(None, None, text)


def _cut(text: str) -> str:
    """Leave out further ages, where their own words tell that they are some."""
    return _AGE.sub(
        lambda found: "," if _bounds(found) and _TELLS_OF_AGE.search(found[0]) else found[0], text
    )


def _is_of_age(match: re.Match[str]) -> bool:
    """Tell whether a span is told to be of ages, or one of years that speaks of no occasion."""
    if _TELLS_OF_AGE.search(match[0]):
        return True
    is_of_years = match["after"] != "less" and not match["lead"]
    before = match.string[max(0, match.start() - 16) : match.start()]
    return is_of_years and _unit_of(match) == "year" and not _OCCASION.search(before)


def _unit_of(match: re.Match[str]) -> str | None:
    """Return the unit of a span; `age 12` is in years."""
    unit = match["high_unit"] or (None if match["high"] else match["low_unit"])
    if unit is None and not match["low_unit"] and _AGED.search(match["lead"]):
        return "year"
    return unit and unit.removesuffix("s")


def _bounds(match: re.Match[str]) -> tuple[float | None, float | None] | None:
    """Return the least and the greatest age of a span, None where it bounds none."""
    unit = _unit_of(match)
    if unit is None:
        return None
    low = _years(match["low"], (match["low_unit"] or unit).removesuffix("s"))
    if match["high"]:
        high = _years(match["high"], unit)
        return (low, high) if low <= high else None
    if match["after"]:
        return (low, None) if match["after"] in _OLDER else (None, low)
    if _FROM_BIRTH.search(match["lead"]):
        return 0.0, low
    if _ENDS.search(match["lead"]):
        return None, low
    return (low, None) if _BEGINS.search(match["lead"]) else None


def _years(number: str, unit: str) -> float:
    return round(int(number) * _YEARS[unit], 4)
