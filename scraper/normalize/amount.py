"""A number with its bounds, as descriptors write it: `2 or 3`, `up to 5`, `20 or less`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_VALUES = {**{word: float(value) for value, word in enumerate(_WORDS)}, "single": 1.0}
NUMBER_WORDS = frozenset(_VALUES)
_ANY = (
    r"(?:(?:[0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,9})(?:\.[0-9]{1,6})?(?![0-9])"
    rf"|(?:{'|'.join(_VALUES)})\b(?!-[a-z]))"
)
_NUMBER = re.compile(rf"(?<![\w.,/+:-]){_ANY}")
_HIGH = re.compile(_ANY)
_TO = re.compile(
    r"(?: ?[-\u2013\u2014] ?| to | through | or | up to (?:and including )?"
    r"| (?:but|and) (?:not more than|no more than|less than or equal to|not exceeding|up to) )"
)
_BETWEEN = re.compile(rf"{_TO.pattern}| and ")
_WAYS = {
    **dict.fromkeys(("at least", "minimum of", "minimum", "not less than", ">=", "≥"), "least"),
    **dict.fromkeys(("no less than", "no fewer than", "greater than or equal to"), "least"),
    **dict.fromkeys(("equal to or greater than", "equal to or more than"), "least"),
    **dict.fromkeys(("up to and including", "up to", "maximum of", "<=", "≤", "maximum"), "most"),
    **dict.fromkeys(("not more than", "no more than", "not exceeding", "not to exceed"), "most"),
    **dict.fromkeys(("less than or equal to", "equal to or less than", "at most"), "most"),
    **dict.fromkeys(("less than", "fewer than", "under", "<"), "below"),
    **dict.fromkeys(("more than", "greater than", "longer than", "larger than"), "above"),
    **dict.fromkeys(("over", "exceeding", "in excess of", ">"), "above"),
    "between": "between",
}
ALL_WAYS = tuple(sorted(_WAYS, key=len, reverse=True))
_BEFORE = re.compile(rf"(?:^|(?<=[^a-z]))({'|'.join(ALL_WAYS)}) ?(?:a )?$")
_AFTER = re.compile(
    r" ?(?:or|and) (?:(?P<least>more|greater|longer|larger|over|above|wider|higher|deeper|heavier)"
    r"|(?:less|fewer|under|smaller|shorter|below|narrower|lower|lighter))\b"
)
# An evaluation visit names the time that counts: `15 minutes must be met or exceeded`.
_MET = re.compile(r"(?: of [a-z][a-z ]{0,80}?)? must be met or exceeded")
_LONGEST_WAY = len(ALL_WAYS[0]) + len("  a ")


class Amount(NamedTuple):
    """A number or range within a text; `way` is how it bounds, None where it is exact.

    `inner` is the unit of the low end, where the text gives it one of its own.
    """

    low: float
    high: float
    way: str | None
    inner: re.Match[str] | None
    start: int
    end: int


def find_amounts(text: str, unit: re.Pattern[str]) -> Iterator[Amount]:
    """Yield the amounts of a text in lower case; `unit` is what may follow the low end of a range.

    >>> unit = re.compile(" cm")
    >>> [amount[:3] for amount in find_amounts("more than 2 cm to 7.5 cm, one or two", unit)]
    [(2.0, 7.5, 'above'), (1.0, 2.0, None)]
    """
    at = 0
    while number := _NUMBER.search(text, at):
        amount = _read_amount(text, number, unit)
        yield amount
        at = amount.end


def read_way_after(text: str, at: int) -> tuple[str | None, int]:
    """Read `or more`, `or less` and the like at a place; return it and where the text goes on."""
    if match := _AFTER.match(text, at):
        return ("least" if match["least"] else "most"), match.end()
    if match := _MET.match(text, at):
        return "least", match.end()
    return None, at


def _read_amount(text: str, number: re.Match[str], unit: re.Pattern[str]) -> Amount:
    low = high = _value(number[0])
    end, inner = number.end(), unit.match(text, number.end())
    before = _read_way_before(text, number.start())
    start, way = (before.start(1), _WAYS[before[1]]) if before else (number.start(), None)
    joint = _BETWEEN if way == "between" else _TO
    to = joint.match(text, inner.end() if inner else end)
    last = _HIGH.match(text, to.end()) if to else None
    if last:
        high, end = _value(last[0]), last.end()
        way = None if way == "least" else way  # `at least 2 but not more than 5` is a range
    return Amount(low, high, way, inner if last else None, start, end)


def _read_way_before(text: str, at: int) -> re.Match[str] | None:
    start = max(0, at - _LONGEST_WAY)
    is_one = text[start:at].removesuffix(" a ").rstrip().endswith(ALL_WAYS)
    return _BEFORE.search(text, start, at) if is_one else None


def _value(number: str) -> float:
    return _VALUES[number] if number in _VALUES else float(number.replace(",", ""))
