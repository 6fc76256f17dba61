"""The primary codes of an add-on code, where the words of its page name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scraper.codes import CODE_PATTERN

_CUE = re.compile(
    r"\b(?:in conjunction with|reported separately (?:using|with|by|as|under)|in addition to"
    r"|primary (?:procedure )?codes?(?: is| are)?)"
    r"(?:\W{1,3}(?:either|the|primary|procedure|service|CPT|HCPCS|codes?)\b)*\W{1,3}",
    re.IGNORECASE,
)
_NEEDLE = re.compile("onjunction|eparately|ddition to|rimary")
_CODE = re.compile(rf"(?<!\w){CODE_PATTERN}(?!\w|[.,][0-9])")
# What may stand between two codes of one list.
_NEXT = re.compile(
    r"(?: \([^()]{1,80}\)| for (?:the )?[a-z -]{1,60}?)?"
    r"(?: ?[-\u2013\u2014] ?| (?:through|to|and/or|and|or) |, (?:(?:and/or|and|or) )?)"
    r"(?:CPT\W{1,3})?(?:codes? )?"
)
_SENTENCE = re.compile(r"[.;!?](?:\s|$)|[()\n]")
_NEGATED = re.compile(r"\b(?:not|never|cannot|neither|nor)\b|n['\u2019]t\b", re.IGNORECASE)
_LOOK_BACK = 240


def find_primary_codes(code: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the codes that texts name as the primary ones of an add-on code, in order.

    The words are `in conjunction with`, `reported separately using`, `in addition to` and `primary
    code`, with a code right after them; a range gives its two ends. A sentence that denies it, or
    speaks of another code than `code`, names none.

    >>> find_primary_codes("0002T", ["(Use 0002T in conjunction with 0001T, 10010-10012)"])
    ('0001T', '10010', '10012')
    >>> find_primary_codes("0002T", ["Do not report 0002T in conjunction with 10014."])
    ()
    """
    found = (named for text in texts for named in _find_named(code, text))
    return tuple(dict.fromkeys(named for named in found if named != code))


def _find_named(code: str, text: str) -> Iterator[str]:
    if _NEEDLE.search(text) is None:
        return
    for cue in _CUE.finditer(text):
        codes = list(_read_list(text, cue.end()))
        if codes and _speaks_of(code, text, cue.start()):
            yield from codes


def _speaks_of(code: str, text: str, at: int) -> bool:
    """Tell whether the sentence before a cue affirms, and names no other code."""
    sentence = _SENTENCE.split(text[max(0, at - _LOOK_BACK) : at])[-1]
    return not _NEGATED.search(sentence) and set(_CODE.findall(sentence)) <= {code}


def _read_list(text: str, at: int) -> Iterator[str]:
    """Yield the codes of the list that begins at a place, if one does."""
    match = _CODE.match(text, at)
    while match:
        yield match[0]
        joint = _NEXT.match(text, match.end())
        match = _CODE.match(text, joint.end()) if joint else None
