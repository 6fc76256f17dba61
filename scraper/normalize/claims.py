"""What a descriptor claims: its words without those on what may be so, or is not so."""

from __future__ import annotations

import re

# A hedge such as `, when performed`; `when performed with ...` states an occasion instead.
_HEDGE = re.compile(
    r"\b(?:when|if|where) (?:performed|applicable|present|indicated|needed|necessary|used|provided)"
    r"\b(?! (?:with|in|by|at|on|for|as|during|together)\b)|\bif any\b|\bas (?:needed|indicated)\b"
)
_HEDGED_FROM = ("including ", "includes ", "inclusive of ", "with ", "plus ")
# Of `with or without A, B, or C` nothing is known: the list ends with its conjunction.
_LIST = r"(?:(?:,[^,;()\[\]]*){0,6}?, (?:and/or|and|or) [^,;()\[\]]*)?"
_EITHER = re.compile(rf"\b(?:with or without|without or with|with/without)\b[^,;()\[\]]*{_LIST}")
_TYPICAL = re.compile(r"\btypically,?[^,;()\[\]]*")
_NOT_WORDS = "without|except(?:ing)?|excluding|exclusive of|other than"
_NEGATION = re.compile(
    rf"[(\[](?:{_NOT_WORDS})\b[^;()\[\]]*|\b(?:{_NOT_WORDS})\b[^,;()\[\]]*{_LIST}"
    r"|\bnot(?! (?:more|less|fewer|greater|exceeding|to exceed)\b)\b[^,;()\[\]]*"
)
_BRACKET = re.compile(r"[()\[\]]")
_HEDGING = ("when ", "where ", "if ", "as ")
_DENYING = ("without", "not ", "exc", "other than")


def cut_hedges(text: str) -> str:
    """Leave out what a descriptor, in lower case, says to be so `when performed` or either way.

    A hedge reaches back to the `including` or `with` before it, else to the comma.

    >>> cut_hedges("study of a pipe, including guidance, when performed, with or without tea; left")
    'study of a pipe, ,, ,; left'
    """
    if "with" in text:
        text = _EITHER.sub(",", text)
    if "typically" in text:
        text = _TYPICAL.sub(",", text)
    if not any(word in text for word in _HEDGING):
        return text
    kept, at = [], 0
    for hedge in _HEDGE.finditer(text):
        kept.append(text[at : _hedged_from(text, at, hedge.start())])
        at = hedge.end()
    return ",".join((*kept, text[at:]))


def cut_negations(text: str) -> str:
    """Leave out what a text, in lower case, says not to be so.

    >>> cut_negations("hosing, without guidance, with tea")
    'hosing, ,, with tea'
    """
    return _NEGATION.sub(",", text) if any(word in text for word in _DENYING) else text


def _hedged_from(text: str, start: int, end: int) -> int:
    start = max(start, text.rfind(";", start, end) + 1)
    start = _innermost(text, start, end)
    for introducer in _HEDGED_FROM:
        if (at := text.rfind(introducer, start, end)) >= 0:
            return at
    comma = text.rfind(",", start, max(start, end - 2))
    return comma if comma >= 0 else start


def _innermost(text: str, start: int, end: int) -> int:
    """Return where the innermost bracket that is open at `end` begins."""
    openings = [start]
    for bracket in _BRACKET.finditer(text, start, end):
        if bracket[0] in "([":
            openings.append(bracket.end())
        elif len(openings) > 1:
            openings.pop()
    return openings[-1]
