"""A page in, the codes that it names out: in its links and in its text.

Only links that a reader sees count, and only those to a code's own page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from urllib.parse import urljoin

from scraper.parse.blocks import Links, read_links
from scraper.parsed import NamedCodes, ParsedPage
from scraper.sites.profile import SiteProfile

# A text may be full of numbers; whoever writes more than this mentions none in particular.
MOST_MENTIONED = 100

_NAMING = frozenset(("code", "guide", "other"))
_MAY_HOLD_CODE = re.compile(r"[0-9]{4}")


def name_codes(
    parsed: ParsedPage, body: bytes, content_type: str | None, profiles: Mapping[str, SiteProfile]
) -> NamedCodes:
    """Return the codes that a page names, each once, in its order; a wall names none.

    Of its text the first 100 are given. Raises PageError where the bytes are no text.
    """
    if parsed.site is None or parsed.page_kind not in _NAMING:
        return NamedCodes()
    profile = profiles[parsed.site]
    links = read_links(body, content_type, like=_MAY_HOLD_CODE, remove=profile.select.remove)
    linked = dict.fromkeys(_codes_of(links, parsed.url or profile.origin, profile))
    mentioned = (code for code in parsed.mentioned_codes if code not in linked)
    return NamedCodes(tuple(linked), tuple(islice(mentioned, MOST_MENTIONED)))


def _codes_of(links: Links, url: str, profile: SiteProfile) -> Iterator[str]:
    base = _join(url, links.base) if links.base else url
    for address in dict.fromkeys(links.addresses):
        whole = _join(base or url, address)
        if code := profile.code_of_url(whole or ""):
            yield code


def _join(base: str, address: str) -> str | None:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return None
