"""What a descriptor counts: unit, least and greatest count, and minutes."""

from __future__ import annotations

import re
from typing import NamedTuple

from scraper.normalize.amount import Amount, find_amounts, read_way_after
from scraper.normalize.vocabulary import singular_of

# Measures may be parts of a whole; all else is counted in whole numbers, and so are minutes.
_MEASURES = {
    **{name: name for name in ("sq cm", "sq in", "sq m", "cm", "mm", "inch", "cc", "mg", "mcg")},
    **{name: name for name in ("g", "kg", "hour", "ounce", "liter", "microcurie")},
    **dict.fromkeys(("microgram", "ug", "\u00b5g"), "mcg"),
    **dict.fromkeys(("gram", "gm"), "g"),
    **dict.fromkeys(("mci", "millicurie"), "mCi"),
    **dict.fromkeys(("ml", "milliliter"), "mL"),
    **dict.fromkeys(("square centimeter", "sq. cm"), "sq cm"),
    **dict.fromkeys(("square inch", "sq. in.", "sq. in"), "sq in"),
    "centimeter": "cm",
    "millimeter": "mm",
    "milligram": "mg",
    "hr": "hour",
}
_FRACTIONAL = frozenset((*_MEASURES.values(), "%"))
# What is measured by one of these is counted by it: `15 minute increments`, `1 centimeter length`.
_SPANS = _FRACTIONAL | {"minute", "day", "week", "month"}
# Spans of time mix, `16 minutes to 1 hour`; of those in minutes or hours the minutes are told.
_MINUTES_OF = {"minute": 1, "hour": 60, "day": 24 * 60}
_TELLS_MINUTES = frozenset(("minute", "hour"))
COUNTED = (
    *("minute", "day", "week", "month", "view", "vertebral segment", "interspace", "level"),
    *("lesion", "specimen", "session", "vessel", "visit", "unit", "segment", "analyte"),
    *("tissue block", "stage", "vein", "artery", "facet joint", "treatment area"),
)
_NAMES = "|".join(sorted((*map(re.escape, _MEASURES), *COUNTED), key=len, reverse=True))
# A percentage counts where it is of the body; a week of gestation, or a day after, is a date, and
# `mm hg` a pressure.
_UNIT = re.compile(
    rf"[ -]?(?:face-to-face )?(?P<unit>{_NAMES})(?:e?s)?(?![\w/%-])"
    r"(?! (?:of )?(?:gestation|post|prior|after|before|ago|old|immediately|apart|between|graft"
    r"|follow[- ]?up|hg\b)| [0-9])"
    r"|(?P<percent> ?%)(?= (?:of )?(?:the )?(?:total )?(?:body|tbsa))"
)
# A span that says when, not how much: within 30 days, after the first hour.
_OCCASION = re.compile(
    r"\b(?:within|after|before|beyond|every|past|previous|prior|last|later|first trimester"
    r"|weighing)"
    r"(?: (?:the|a|than|to))* $"
)
_NOUN = re.compile(
    r" (?P<noun>[a-z][a-z-]*(?: [a-z][a-z-]*){0,2}?)(?: (?:involved|treated|performed|tested))?"
)
_NO_NOUN = frozenset(
    ("or", "and", "of", "with", "to", "in", "for", "per", "by", "through", "times")
)
# A range alone is a count, but not one of codes.
_BARE_RANGE = re.compile(
    "[^ -]{1,6} (?:or|to|through) [^ -]{1,6}|[1-9][0-9]{0,2} ?[-\u2013] ?[0-9]{1,3}"
)


class Quantity(NamedTuple):
    """A unit in the singular and its least and greatest count; None is no bound.

    `minutes` is the same span in whole minutes where the unit is one of time.
    """

    unit: str | None
    low: float | None
    high: float | None
    minutes: tuple[int | None, int | None] | None = None


def find_quantity(part: str) -> Quantity | None:
    """Return the first amount of a known unit that a part of a descriptor, in lower case, tells.

    >>> find_quantity("complete, minimum of 4 views")
    Quantity(unit='view', low=4.0, high=None, minutes=None)
    >>> find_quantity("more than 31 minutes to 1 hour")
    Quantity(unit='minute', low=32.0, high=60.0, minutes=(32, 60))
    """
    for amount in find_amounts(part, _UNIT):
        if not (amount.start and _OCCASION.search(part, max(0, amount.start - 40), amount.start)):
            way, at = read_way_after(part, amount.end)
            if unit := _UNIT.match(part, at):
                after, _ = read_way_after(part, unit.end())
                return _measure(amount, _name(unit), amount.way or way or after)
    return None


def count_whole(part: str) -> Quantity | None:
    """Return what a part of a descriptor counts that is nothing but an amount and a noun.

    >>> count_whole("single bow")
    Quantity(unit='bow', low=1.0, high=1.0, minutes=None)
    >>> count_whole("2 or more")
    Quantity(unit=None, low=2.0, high=None, minutes=None)
    >>> count_whole("3 or 4")
    Quantity(unit=None, low=3.0, high=4.0, minutes=None)
    >>> count_whole("2 bow"), count_whole("single or multiple")
    (None, None)
    """
    amount = next(find_amounts(part, _UNIT), None)
    if amount is None or amount.start:
        return None
    way, at = read_way_after(part, amount.end)
    noun = _NOUN.fullmatch(part, at)
    if noun and _NO_NOUN.isdisjoint(noun["noun"].split()):
        unit = name_unit(noun["noun"])
        is_numbered = amount.high == 1 or unit != noun["noun"]
        is_counted = is_numbered and (unit not in _SPANS or _UNIT.match(part, at) is not None)
        return _measure(amount, unit, amount.way or way) if is_counted else None
    is_bare = at == len(part) and (amount.way or way or _BARE_RANGE.fullmatch(part))
    return _measure(amount, None, amount.way or way) if is_bare else None


def name_unit(noun: str) -> str:
    """Return a noun phrase in the singular, a measure by its symbol.

    >>> name_unit("vertebral segments"), name_unit("grams"), name_unit("minute increments")
    ('vertebral segment', 'g', 'minute')
    """
    if measure := _MEASURES.get(noun.removesuffix("s")):
        return measure
    *firsts, last = noun.split(" ")
    measure = name_unit(firsts[0]) if firsts else None
    if measure in _SPANS:
        return measure
    unit = " ".join((*firsts, singular_of(last)))
    return _MEASURES.get(unit, unit)


def _name(match: re.Match[str]) -> str:
    return _MEASURES.get(match["unit"], match["unit"]) if match["unit"] else "%"


def _measure(amount: Amount, unit: str | None, way: str | None) -> Quantity | None:
    """Bound an amount; None where it contradicts itself."""
    inner = _name(amount.inner) if amount.inner else unit
    low, high = amount.low, amount.high
    if inner != unit:
        if inner not in _MINUTES_OF or unit not in _MINUTES_OF:
            return None
        smaller = min(inner, unit, key=lambda name: _MINUTES_OF[name])
        low *= _MINUTES_OF[inner] / _MINUTES_OF[smaller]
        high *= _MINUTES_OF[unit] / _MINUTES_OF[smaller]
        unit = smaller
    if low > high or not high:
        return None
    step = 0 if unit in _FRACTIONAL else 1
    span = _bound(low, high, way, step)
    if unit not in _TELLS_MINUTES:
        return Quantity(unit, *span)
    factor = _MINUTES_OF[unit]
    least, most = _bound(low * factor, high * factor, way, 1)
    return Quantity(unit, *span, (_whole(least), _whole(most)))


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _bound(
    low: float, high: float, way: str | None, step: int
) -> tuple[float | None, float | None]:
    """Return the least and the greatest; a step parts `more than 4` from `4 or more`, not 4.5."""
    match way:
        case "least":
            return low, None
        case "most":
            return None, high
        case "below":
            return None, high - step * high.is_integer()
        case "above":
            return low + step * low.is_integer(), high if high > low else None
    return low, high
