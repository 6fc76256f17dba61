"""Anatomic sites that a descriptor names, by the controlled vocabulary of sites.csv.

A level of the spine stands beside `spine`, as an entry of its own, and only where the spine or an
operation of it is named: in `cervical lymph node` is no spine. `head` and `neck` are those of the
body only where no bone or gland is named that has its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from scraper.normalize.vocabulary import find_phrases

SPINE_LEVELS = ("cervical", "thoracic", "lumbar", "sacral", "coccygeal")
_JOINT_ENTRY = "|"
_NOT = "not "


def read_sites(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return the sites that the words of a descriptor name, in order of appearance.

    >>> from scraper.normalize.vocabulary import read_tokens
    >>> read_sites(read_tokens("laminotomy of a fiddle; 1 interspace, cervical or lumbar"))
    ('spine', 'cervical', 'lumbar')
    >>> read_sites(read_tokens("combing of the scalp and neck; cervical whiskers"))
    ('scalp', 'neck')
    """
    found = list(_named(tokens))
    sites = {site for site, _ in found}
    return tuple(dict.fromkeys(site for site, condition in found if _holds(condition, sites)))


def _holds(condition: str, sites: AbstractSet[str]) -> bool:
    """Tell whether one of the sites of a condition is there or, with `not`, that none is."""
    others = condition.removeprefix(_NOT).split(_JOINT_ENTRY)
    return not condition or sites.isdisjoint(others) == condition.startswith(_NOT)


def _named(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    for phrase, _, _ in find_phrases(tokens, "sites"):
        for site in filter(None, phrase.entry.split(_JOINT_ENTRY)):
            yield site, phrase.condition
