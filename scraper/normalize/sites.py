"""Anatomic sites that a descriptor names, by the controlled vocabulary of sites.csv.

A level of the spine stands beside `spine`, as an entry of its own, and only where the spine or an
operation of it is named: in `cervical lymph node` is no spine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scraper.normalize.vocabulary import find_phrases

SPINE_LEVELS = ("cervical", "thoracic", "lumbar", "sacral", "coccygeal")
_JOINT_ENTRY = "|"


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
    return tuple(dict.fromkeys(site for site, beside in found if not beside or beside in sites))


def _named(tokens: Sequence[str]) -> Iterator[tuple[str, str]]:
    for phrase, _, _ in find_phrases(tokens, "sites"):
        for site in filter(None, phrase.entry.split(_JOINT_ENTRY)):
            yield site, phrase.condition
