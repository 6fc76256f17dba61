"""Captures that the index knows nothing of in, what the parser says of them noted: walls wait."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from scraper.archive.store import Archive
from scraper.capture import HeldPage
from scraper.errors import PageError
from scraper.parse.worker import PageInput, ParsePool
from scraper.pipeline.building import page_input
from scraper.sites.profile import SiteProfile

_log = logging.getLogger(__name__)


def parse_unknown(archive: Archive, profile: SiteProfile, pool: ParsePool) -> None:
    """Let the parser tell what the captures are that the index knows nothing of: walls wait."""
    unknown = [held for held in archive.pages(profile.name) if held.page_kind is None]
    inputs = (pair for held in unknown for pair in readable(archive, held, profile))
    for held, parsed in pool.parse_all(inputs):
        if not isinstance(parsed, PageError):
            archive.note_parsed(held, parsed.page_kind, parsed.code)


def readable(
    archive: Archive, held: HeldPage, profile: SiteProfile
) -> Iterator[tuple[HeldPage, PageInput]]:
    """Yield what the parser needs of a capture; nothing, and a warning, where it is damaged."""
    try:
        yield held, page_input(archive.read(held), profile)
    except PageError as error:
        _log.warning("%s", error)
