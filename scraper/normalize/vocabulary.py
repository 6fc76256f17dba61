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
    """What a line of a vocabulary says of its words."""

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
    known, free = _read_vocabulary(vocabulary), 0
    if known.keys().isdisjoint(tokens):
        return
    for at, token in enumerate(tokens):
        if at < free or token not in known:
            continue
        for words, phrase in known[token]:
            if len(words) == 1 or tuple(tokens[at : at + len(words)]) == words:
                free = at + len(words)
                yield Match(phrase, at, free)
                break


_IRREGULAR = {
    "teeth": "tooth",
    "feet": "foot",
    "bodies": "body",
    "biopsies": "biopsy",
    "ova": "ovum",
    "pelves": "pelvis",
    "testes": "testis",
    "lens": "lens",
    "series": "series",
    "sinuses": "sinus",
    "fetuses": "fetus",
    "viruses": "virus",
    "analyses": "analysis",
    "prostheses": "prosthesis",
    "axes": "axis",
    "phalanges": "phalanx",
}
_HISSING = ("sses", "shes", "ches", "xes", "zes")
_NO_PLURAL = ("ss", "is", "us")
_LEAST_PLURAL = 3


def singular_of(word: str) -> str:
    """Return the singular of an English noun in lower case.

    >>> [singular_of(word) for word in ("biopsies", "arches", "teeth", "pelvis", "axillae")]
    ['biopsy', 'arch', 'tooth', 'pelvis', 'axilla']
    """
    if irregular := _IRREGULAR.get(word):
        return irregular
    if word.endswith("ae"):
        return word[:-1]
    if not word.endswith("s") or len(word) < _LEAST_PLURAL:
        return word
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(_HISSING):
        return word[:-2]
    return word if word.endswith(_NO_PLURAL) else word[:-1]


@cache
def _read_vocabulary(name: str) -> dict[str, tuple[tuple[tuple[str, ...], Phrase], ...]]:
    """Read the phrases, in the singular and the plural, by first word, the longest first."""
    text = resources.files("scraper.normalize").joinpath(f"{name}.csv").read_text("utf-8")
    by_first: dict[str, dict[tuple[str, ...], Phrase]] = {}
    for line, entry, condition in list(csv.reader(text.splitlines()))[1:]:
        *firsts, last = line.split()
        phrase = Phrase(entry, condition)
        for words in ((*firsts, last), *((*firsts, plural) for plural in _plurals_of(last))):
            by_first.setdefault(words[0], {}).setdefault(words, phrase)
    return {
        first: tuple(sorted(phrases.items(), key=lambda item: -len(item[0])))
        for first, phrases in by_first.items()
    }


def _plurals_of(word: str) -> Iterator[str]:
    candidates = (f"{word}s", f"{word}es", f"{word}e", f"{word[:-1]}ies", *_IRREGULAR)
    return (plural for plural in candidates if singular_of(plural) == word)
