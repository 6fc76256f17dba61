"""The ages that a descriptor is for, in years, and the descriptor without them."""

from __future__ import annotations

import re
from typing import NamedTuple

_YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "day": 1 / 365.25}
_NUMBER, _UNIT, _OF_AGE = "[0-9]{1,3}", "(?:years?|months?|weeks?|days?)", "(?: (?:of|in) age)?"
# A week of gestation is no age.
_END = r"\b(?! (?:of )?(?:gestation|post))"
_AGE = re.compile(
    rf"\b(?P<below>younger than|under|less than)(?: age)? (?P<below_high>{_NUMBER})"
    rf" (?P<below_unit>{_UNIT}){_END}{_OF_AGE}"
    rf"|\b(?:older than|over age) (?P<above_low>{_NUMBER}) (?P<above_unit>{_UNIT}){_END}{_OF_AGE}"
    rf"|\b(?P<low>{_NUMBER})(?: (?P<low_unit>{_UNIT}))?{_OF_AGE}"
    rf"(?: ?[-\u2013\u2014] ?| through | to )"
    rf"(?:(?:younger than|less than|under)(?: age)? )?"
    rf"(?P<high>{_NUMBER}) (?P<high_unit>{_UNIT}){_END}{_OF_AGE}"
    rf"|\b(?P<bound>{_NUMBER}) (?P<bound_unit>{_UNIT}){_OF_AGE}"
    rf" (?:or|and) (?P<way>older|over|younger)\b{_OF_AGE}"
)
_TELLS_OF_AGE = re.compile(r"\b(?:ages?|aged|older|younger)\b")


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
    if not ("age" in text or "year" in text or "older" in text or "younger" in text):
        return Ages(None, None, text)
    of_age = _TELLS_OF_AGE.search(text) is not None
    for match in _AGE.finditer(text):
        unit = match[f"{_kind_of(match)}_unit"]
        if of_age or (unit.startswith("year") and not match["below"]):
            low, high = _bounds(match)
            if low is None or high is None or low <= high:
                return Ages(low, high, f"{text[: match.start()]},{_cut(text[match.end() :])}")
    return Ages(None, None, text)


def _cut(text: str) -> str:
    """Leave out further ages, where their own words tell that they are some."""
    return _AGE.sub(lambda found: "," if _TELLS_OF_AGE.search(found[0]) else found[0], text)


def _kind_of(match: re.Match[str]) -> str:
    return next(kind for kind in ("below", "above", "high", "bound") if match[f"{kind}_unit"])


def _bounds(match: re.Match[str]) -> tuple[float | None, float | None]:
    match _kind_of(match):
        case "below":
            return None, _years(match["below_high"], match["below_unit"])
        case "above":
            return _years(match["above_low"], match["above_unit"]), None
        case "high":
            unit = match["high_unit"]
            return _years(match["low"], match["low_unit"] or unit), _years(match["high"], unit)
    bound = _years(match["bound"], match["bound_unit"])
    return (None, bound) if match["way"] == "younger" else (bound, None)


def _years(number: str, unit: str) -> float:
    return round(int(number) * _YEARS[unit.removesuffix("s")], 4)
