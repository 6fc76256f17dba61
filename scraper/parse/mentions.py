"""Running text in, the procedure codes that it names out.

A number that is a quantity, price, ZIP code, telephone number, identifier or part of an ICD-10
code is no procedure code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from scraper.codes import CODE_PATTERN

_TOKEN = re.compile(
    rf"(?<![\w.$€£#-])(?P<first>{CODE_PATTERN})"
    rf"(?:\s?[-\u2013\u2014]\s?(?P<last>{CODE_PATTERN}))?(?![\w%])"
    r"(?!\.[0-9A-Z])(?!,[0-9]{3}(?![0-9]))(?!-[0-9]{4}(?![0-9]))"
)
_COUNTED = re.compile(
    r"\s*(?:(?:million|thousand|hundred)\b|°|(?:[mkµμcd]?[gGlLmM]|mcg|mEq|mmol|cc|IU|k?Hz|USD"
    r"|dollars?|euros?|cents?|(?:international |billing )?units?|cells?|copies|patients?|people"
    r"|persons?|women|men|children|adults|hours?|minutes?|seconds?|days?|weeks?|months?|years?"
    r"|steps|beats|volts?|rads?|feet|miles|met(?:er|re)s?|particles|residents|colonies|doses)\b)"
)
_NO_CODE_BEFORE = re.compile(
    r"(?:\b(?:Ray ID|ZIP(?: code)?|P\.?O\.? Box|phone|fax|account|invoice|order|version|ticket"
    r"|session|USD|EUR|DRG|NDC|NPI|OMIM|LOINC|SNOMED(?: CT)?)(?: numbers?| no\.?| IDs?)?[:#]?\s*"
    r"|[$€£]\s*|[0-9]{3}[-.)]\s?|\b(?:times|x)\s)$",
    re.IGNORECASE,
)
_STATE_BEFORE = re.compile(r",\s[A-Z]{2}\s$")  # of a postal address
_ICD = r"\bICD-?(?:9|10)(?:-(?:CM|PCS))?(?: (?:diagnosis )?codes?)?[: ]\s*"
_ICD_BEFORE = re.compile(rf"{_ICD}$", re.IGNORECASE)
_ICD_LIST_BEFORE = re.compile(
    rf"{_ICD}(?:[A-Z][0-9][0-9A-Z.]{{1,6}}(?:, (?:and |or )?| and | or ))*$", re.IGNORECASE
)
_CODE_BEFORE = re.compile(r"(?:(?<!ZIP )\bcodes?|\bCPT(?:®|\(R\))?|\bHCPCS)\s*$", re.IGNORECASE)
_LOOK_BACK = 80
_MAY_NAME_CODE = re.compile(r"[0-9]{4}")


def find_codes(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that texts name, in order of first appearance; a range gives its two ends.

    >>> find_codes(["Use 00100 or 0042T, not 50,000 units in 62704-1234; 99100-99140."])
    ('00100', '0042T', '99100', '99140')
    """
    found: dict[str, None] = {}
    for text in texts:
        if not _MAY_NAME_CODE.search(text):
            continue
        for match in _TOKEN.finditer(text):
            if _is_code(match):
                found.update((code, None) for code in match.group("first", "last") if code)
    return tuple(found)


def _is_code(match: re.Match[str]) -> bool:
    text, start, end = match.string, match.start(), match.end()
    before = text[max(0, start - _LOOK_BACK) : start]
    is_number = match["first"].isdigit()
    # A number in a list of ICD-10 codes is none of them: those begin with a letter.
    of_icd = _ICD_BEFORE if is_number else _ICD_LIST_BEFORE
    if any(p.search(before) for p in (_NO_CODE_BEFORE, _STATE_BEFORE, of_icd)):
        return False
    is_counted = is_number and _COUNTED.match(text, end)
    return not is_counted or _CODE_BEFORE.search(before) is not None
