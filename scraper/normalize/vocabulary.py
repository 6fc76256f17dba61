"""A controlled vocabulary: the words of a text in, the entries that they name out.

A vocabulary is a CSV file of this folder: `words,entry,condition`. The longest phrase wins, a
plural counts as its singular, an empty entry says that its words name nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

# Words, and the marks that no phrase reaches over.
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|[,;()\[\]]")
MARKS = frozenset(",;()[]")


class Phrase(NamedTuple):
    """A line of a vocabulary."""

    words: tuple[str, ...]
    entry: str
    condition: str


class Match(NamedTuple):
    """A phrase, and the places of its first word and of the word after it."""

    phrase: Phrase
    start: int
    end: int


def read_tokens(text: str) -> list[str]:
    """Return the words and marks of a text in lower case.

    >>> read_tokens("right-hand drive (2), left/right")
    ['right-hand', 'drive', '(', ')', ',', 'left', 'right']
    """
    return _TOKEN.findall(text)


def find_phrases(tokens: Sequence[str], vocabulary: str) -> Iterator[Match]:
    """Yield the phrases of a vocabulary, by its name, in order; none overlaps another."""
    known, at = _read_vocabulary(vocabulary), 0
    while at < len(tokens):
        match = _match_at(tokens, at, known)
        if match:
            yield match
        at = match.end if match else at + 1


def _match_at(tokens: Sequence[str], at: int, known: dict[str, tuple[Phrase, ...]]) -> Match | None:
    token = tokens[at]
    candidates = known.get(token) or known.get(singular_of(token)) or ()
    for phrase in candidates:
        end = at + len(phrase.words)
        if len(phrase.words) == 1 or _is_phrase(tokens[at:end], phrase.words):
            return Match(phrase, at, end)
    return None


def _is_phrase(tokens: Sequence[str], words: tuple[str, ...]) -> bool:
    *firsts, last = tokens
    return (*firsts, last) == words or (*firsts, singular_of(last)) == words


_IRREGULAR = {
    "vertebrae": "vertebra",
    "teeth": "tooth",
    "feet": "foot",
    "bodies": "body",
    "biopsies": "biopsy",
    "ova": "ovum",
    "pelves": "pelvis",
    "testes": "testis",
}
_HISSING = ("sses", "shes", "ches", "xes", "zes")
_NO_PLURAL = ("ss", "is", "us")


def singular_of(word: str) -> str:
    """Return the singular of an English noun in lower case.

    >>> [singular_of(word) for word in ("biopsies", "arches", "teeth", "pelvis", "levels")]
    ['biopsy', 'arch', 'tooth', 'pelvis', 'level']
    """
    if not word.endswith("s") and word not in _IRREGULAR:
        return word
    if irregular := _IRREGULAR.get(word):
        return irregular
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(_HISSING):
        return word[:-2]
    return word if word.endswith(_NO_PLURAL) else word[:-1]


@cache
def _read_vocabulary(name: str) -> dict[str, tuple[Phrase, ...]]:
    """Read the phrases by their first word, the longest first."""
    text = resources.files("scraper.normalize").joinpath(f"{name}.csv").read_text("utf-8")
    by_first: dict[str, list[Phrase]] = {}
    for words, entry, condition in list(csv.reader(text.splitlines()))[1:]:
        phrase = Phrase(tuple(words.split()), entry, condition)
        by_first.setdefault(phrase.words[0], []).append(phrase)
    return {
        first: tuple(sorted(phrases, key=lambda phrase: -len(phrase.words)))
        for first, phrases in by_first.items()
    }
