"""Codes that nobody asked for, but that pages held name: they are asked for where settings say so.

Only what is held when a run begins names codes: a run goes one step, and never wanders.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from scraper.archive.store import Archive
from scraper.archive.wanted import add_wanted
from scraper.capture import HeldPage
from scraper.errors import PageError
from scraper.fetch.follow import FollowedCode
from scraper.fetch.plan import FollowReason
from scraper.parse.worker import ParsePool
from scraper.parsed import WALLS, NamedCodes
from scraper.pipeline.planning import codes_wanted
from scraper.pipeline.recognizing import readable
from scraper.project import Project
from scraper.sites.profile import SiteProfile

_log = logging.getLogger(__name__)

_NAMES_NOTHING = WALLS | {"not_found"}


def find_followed(
    project: Project,
    profile: SiteProfile,
    archive: Archive,
    pool: ParsePool,
    *,
    codes: Sequence[str] = (),
) -> tuple[FollowedCode, ...]:
    """Return the codes that the newest capture of each page names, as `follow` allows.

    With `codes` only their pages are read. A page that cannot be read names none.
    """
    follow = project.settings.follow
    if follow == "none":
        return ()
    held = _newest_pages(archive, profile, frozenset(codes))
    inputs = (pair for page in held for pair in readable(archive, page, profile))
    found: dict[str, FollowedCode] = {}
    for page, named in pool.name_codes(inputs):
        if isinstance(named, PageError):
            _log.info("%s: names no codes: %s", page.url or page.source_name, named)
            continue
        for code, reason in _words_of(named, is_all=follow == "all"):
            told = FollowedCode(code, reason, _name_of(page, profile))
            found[code] = _together(found.get(code), told)
    return tuple(found.values())


def want_followed(
    project: Project, profile: SiteProfile, archive: Archive, followed: Iterable[FollowedCode]
) -> None:
    """Let the codes be wanted from now on that were followed to a page, or to a wall before it.

    One that has no page was worth one request and no more.
    """
    named = {one.code for one in followed}.difference(codes_wanted(project, profile, archive))
    asked = (
        page.url
        for page in archive.pages(profile.name)
        if named and page.url and page.source == "fetch" and page.page_kind != "not_found"
    )
    codes = {code for url in asked if (code := profile.code_of_url(url)) in named}
    add_wanted(project.settings.raw_dir, profile.name, filter(None, codes))


def _newest_pages(
    archive: Archive, profile: SiteProfile, codes: frozenset[str]
) -> Iterable[HeldPage]:
    """Return the newest capture of each address that is no wall; of `codes` alone, if given."""
    newest: dict[str | None, HeldPage] = {}
    for page in archive.pages(profile.name):
        if page.page_kind in _NAMES_NOTHING or (codes and _code_of(page, profile) not in codes):
            continue
        place = page.url or page.source_name
        before = newest.get(place)
        if before is None or page.checked_at >= before.checked_at:
            newest[place] = page
    return newest.values()


def _words_of(named: NamedCodes, *, is_all: bool) -> Iterator[tuple[str, FollowReason]]:
    yield from ((code, "linked") for code in named.linked)
    if is_all:
        yield from ((code, "mentioned") for code in named.mentioned)


def _together(before: FollowedCode | None, told: FollowedCode) -> FollowedCode:
    """Return what two pages say of a code: a link is worth more than any number of mentions."""
    if before is None or (before.reason, told.reason) == ("mentioned", "linked"):
        return told
    return replace(before, pages=before.pages + (before.reason == told.reason))


def _code_of(page: HeldPage, profile: SiteProfile) -> str | None:
    return page.code or (profile.code_of_url(page.url) if page.url else None)


def _name_of(page: HeldPage, profile: SiteProfile) -> str:
    return _code_of(page, profile) or page.url or page.source_name or "a page without a name"
