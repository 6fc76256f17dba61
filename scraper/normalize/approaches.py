"""Approaches and techniques that a descriptor names, by the vocabulary of approaches.csv."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from scraper.normalize.vocabulary import MARKS, Match, find_phrases, singular_of

# `open` and `closed` speak of a technique before these words, and where they stand alone: an open
# wound is none. Directions do before theirs alone: the posterior fossa is a place.
_TECHNIQUE = re.compile(
    r"treatment|approach|technique|repair|reduction|procedure|biopsy|exposure|implantation|removal"
    r"|replacement|revision|surgical|surgery|operative|insertion|manipulation|drainage|ablation"
    r"|excision|incision|exploration|[a-z]+(?:ectomy|otomy|plasty|ostomy|pexy|desis|rrhaphy)"
)
_DIRECTION = re.compile(r"approach|technique|interbody|extracavitary|exposure|arthrodesis|fusion")
_CONDITIONS = {"technique": _TECHNIQUE, "direction": _DIRECTION}
_JOINTS = frozenset(("or", "and"))


def read_approaches(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the approaches that the words of a descriptor name, in order of appearance.

    >>> from scraper.normalize.vocabulary import read_tokens
    >>> read_approaches(read_tokens("mending of a posterior flap, open or percutaneous"))
    ('open', 'percutaneous')
    >>> read_approaches(read_tokens("fusion of a shelf, anterior or lateral approach, open wound"))
    ('anterior', 'lateral')
    """
    runs = _read_runs(tokens)
    return tuple(dict.fromkeys(entry for run in runs for entry in _told(tokens, run)))


def _read_runs(tokens: Sequence[str]) -> list[list[Match]]:
    """Return the entries in runs: those that nothing parts but `or` and `and`."""
    runs: list[list[Match]] = []
    for match in find_phrases(tokens, "approaches"):
        if runs and _JOINTS.issuperset(tokens[runs[-1][-1].end : match.start]):
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _told(tokens: Sequence[str], run: Sequence[Match]) -> Iterator[str]:
    start, end = run[0].start, run[-1].end
    before, after = tokens[max(0, start - 2) : start], tokens[end : end + 1]
    return (
        phrase.entry
        for phrase, _, _ in run
        if phrase.entry
        and (not phrase.condition or _stands(before, after, _CONDITIONS[phrase.condition]))
    )


def _stands(before: Sequence[str], after: Sequence[str], condition: re.Pattern[str]) -> bool:
    """Tell whether the word after a run, or the marks around it, make it one of approaches."""
    if after and condition.fullmatch(singular_of(after[0])):
        return True
    if condition is _DIRECTION:
        return False
    edges = [token for token in before if token not in _JOINTS][-1:]
    return all(token in MARKS for token in (*edges, *after))
