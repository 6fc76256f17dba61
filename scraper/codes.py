"""What a procedure code is: its system, category, shape, place in the code book, and order.

Shapes are those of the CPT code set and of HCPCS Level II. Sections are the published number
ranges of the code book; a number outside every range has no section. A code is a string
everywhere: `00100` keeps its zeros.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal, NamedTuple

from scraper.errors import UsageError

CodeSystem = Literal["CPT", "HCPCS"]
Category = Literal["Category I", "Category II", "Category III", "PLA", "MAAA", "Level II"]

CODE_PATTERN = r"(?:[0-9]{4}[0-9AFMTU]|[A-V][0-9]{4})"
_CODE = re.compile(CODE_PATTERN)
_CATEGORY_BY_SUFFIX: dict[str, Category] = {
    "A": "Category I",
    "F": "Category II",
    "M": "MAAA",
    "T": "Category III",
    "U": "PLA",
}


class Place(NamedTuple):
    """Where a code stands in the code book; either name may be unknown."""

    section: str | None
    subsection: str | None


class PlaceRange(NamedTuple):
    """Codes from `first` to `last`, as sort keys, stand in one place."""

    first: str
    last: str
    place: Place


def parse_code(text: str) -> str | None:
    """Return the code that `text` is, in upper case, or None if it is none.

    >>> parse_code("0042t"), parse_code("00100"), parse_code("6302"), parse_code("٦٣٠٢٠")
    ('0042T', '00100', None, None)
    """
    code = text.upper() if text.isascii() else ""
    return code if _CODE.fullmatch(code) else None


def system_of(code: str) -> CodeSystem:
    """Return the code system of a code.

    >>> system_of("63020"), system_of("J1885")
    ('CPT', 'HCPCS')
    """
    return "HCPCS" if code[0].isalpha() else "CPT"


def category_of(code: str) -> Category:
    """Return the category of a code; vaccine administration codes (nnnnA) are Category I.

    >>> category_of("0031A"), category_of("0001U"), category_of("G0463")
    ('Category I', 'PLA', 'Level II')
    """
    if code[0].isalpha():
        return "Level II"
    return _CATEGORY_BY_SUFFIX.get(code[-1], "Category I")


def is_cdt(code: str) -> bool:
    """Tell whether a code is of the American Dental Association's CDT, whose text we never keep."""
    return code.startswith("D")


def order_of(code: str) -> tuple[CodeSystem, str]:
    """Return the sort key of a code in every table."""
    return system_of(code), code


def place_of(code: str) -> Place:
    """Return section and subsection of a code by the published number ranges in places.csv.

    >>> place_of("00100")
    Place(section='Anesthesia', subsection='Head')
    >>> place_of("0042T"), place_of("00001")
    (Place(section='Category III Codes', subsection=None), Place(section=None, subsection=None))
    """
    key = _range_key(code)
    for ranges in _read_places():
        at = bisect_right(ranges, key, key=lambda r: r.first) - 1
        if at >= 0 and key <= ranges[at].last:
            return ranges[at].place
    return Place(None, None)


def expand_codes(text: str) -> tuple[str, ...]:
    """Return the codes that a list such as `63020-63053,0274T,@codes.txt` names, in order.

    A range holds every number between its ends, whether or not such a code exists. `@FILE` reads
    codes and ranges from a file, one or more a line, `#` starts a comment. Raises UsageError that
    names the part that is no code.

    >>> expand_codes("0002T-0004T, 00100")
    ('0002T', '0003T', '0004T', '00100')
    """
    return tuple(sorted(set(_expand_items(text, "codes")), key=order_of))


def _expand_items(text: str, where: str) -> Iterator[str]:
    for item in re.findall(r"@[^,]+|[^,\s]+", text):
        if item.startswith("@"):
            yield from _expand_file(Path(item[1:].strip()))
        else:
            yield from _expand_range(item, where)


def _expand_file(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a list of codes: {error}") from error
    for number, line in enumerate(lines, 1):
        for item in line.partition("#")[0].replace(",", " ").split():
            yield from _expand_range(item, f"{path}:{number}")


def _expand_range(item: str, where: str) -> Iterator[str]:
    first, dash, last = item.partition("-")
    codes = [parse_code(first), parse_code(last) if dash else parse_code(first)]
    match codes:
        case [str(low), str(high)] if _shape(low) == _shape(high) and low <= high:
            return _codes_between(low, high)
    raise UsageError(
        f"{where}: {item!r} is no code or range; write e.g. 63020, 0274T, J1885 or 63020-63053"
    )


def _codes_between(low: str, high: str) -> Iterator[str]:
    prefix, suffix = _shape(low)
    digits = slice(len(prefix), 5 - len(suffix))
    width = 5 - len(prefix) - len(suffix)
    for number in range(int(low[digits]), int(high[digits]) + 1):
        yield f"{prefix}{number:0{width}d}{suffix}"


def _shape(code: str) -> tuple[str, str]:
    return (code[0] if code[0].isalpha() else "", code[4] if code[4].isalpha() else "")


def _range_key(code: str) -> str:
    """Put a suffix first, in lower case, so that `0042T` and `T0042` are apart and each ordered."""
    return code[4].lower() + code[:4] if code[4].isalpha() else code


@cache
def _read_places() -> tuple[list[PlaceRange], list[PlaceRange]]:
    """Read the ranges of subsections, then those of whole sections, each sorted and disjoint."""
    text = resources.files("scraper").joinpath("places.csv").read_text("utf-8")
    ranges = sorted(
        PlaceRange(_range_key(first), _range_key(last), Place(section, subsection or None))
        for first, last, section, subsection in list(csv.reader(text.splitlines()))[1:]
    )
    return [r for r in ranges if r.place.subsection], [r for r in ranges if not r.place.subsection]
