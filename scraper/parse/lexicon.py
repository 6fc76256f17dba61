"""A site profile made quick: what role a line of a page plays, if the profile knows it.

A line plays a role only as a whole. Lines without a role are content, or text nobody foresaw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum, auto
from functools import lru_cache
from typing import NamedTuple

from scraper.sites.pattern import without_names
from scraper.sites.profile import WALL_KINDS, SiteProfile, WallKind

# A profile's pattern is tried on lines up to this length: prose is longer, and costs nothing.
LONGEST_KNOWN_LINE = 400
# Most short lines of a site are the same on every page, as its menus: these are looked up once.
_REMEMBERED_LINES = 4_096
_LONGEST_REMEMBERED = 60
_LONGEST_COPYRIGHT = 120
_YEAR = re.compile("[0-9]{4}")
NEVER = r"(?!)"


class Role(IntEnum):
    """What a known line is for."""

    OFFICIAL_LABEL = auto()
    COMMON_LABEL = auto()
    SECTION = auto()
    HISTORY = auto()
    AMA_COPYRIGHT = auto()
    PUBLISHER_COPYRIGHT = auto()
    ASK_LINE = auto()
    STATUS_NOTICE = auto()
    METER = auto()
    GUIDE = auto()
    GATE = auto()
    PROMO = auto()
    MENU = auto()


LABELS = frozenset({Role.OFFICIAL_LABEL, Role.COMMON_LABEL})
CHROME = frozenset({Role.METER, Role.GATE, Role.PROMO, Role.MENU})


class Mark(NamedTuple):
    """A known line: where it stands, its role and the named groups of its pattern."""

    line: int
    role: Role
    groups: dict[str, str]


class FactLabels:
    """The labels, modifiers and history lines of one profile, as patterns."""

    def __init__(self, profile: SiteProfile) -> None:
        self.known = frozenset(profile.facts)
        self.first = next(iter(profile.facts), None)
        self._initials = frozenset(label[:1] for label in self.known)
        longest_first = sorted(self.known, key=len, reverse=True)
        labels = "|".join(map(re.escape, longest_first)) or NEVER
        self._prefix = re.compile(rf"(?P<label>{labels})(?:\s*[:|]\s*|\s+)(?P<value>.+)")
        self._remembered = lru_cache(_REMEMBERED_LINES)(self._find_fact)
        self.modifier = re.compile(profile.patterns.modifier or NEVER)
        self.history = re.compile(profile.patterns.history or NEVER)

    def find_fact(self, line: str) -> tuple[str, str] | None:
        """Return label and value of a line that begins with a label, which may be all of it."""
        if line[0] not in self._initials:
            return None
        is_short = len(line) <= _LONGEST_REMEMBERED
        return self._remembered(line) if is_short else self._find_fact(line)

    def _find_fact(self, line: str) -> tuple[str, str] | None:
        if (label := line.rstrip(" :")) in self.known:
            return label, ""
        match = self._prefix.fullmatch(line)
        return (match["label"], match["value"]) if match else None


class Lexicon:
    """The lines and patterns of one profile, looked up by whole line."""

    def __init__(self, profile: SiteProfile) -> None:
        self.profile = profile
        self.select = profile.select if any(profile.select.all_selectors()) else None
        self.fact_labels = FactLabels(profile)
        self._walls = [
            (
                re.compile(
                    "|".join(f"(?:{p})" for p in profile.walls.get(kind) or (NEVER,)), re.IGNORECASE
                ),
                kind,
            )
            for kind in WALL_KINDS
        ]
        self._remembered = lru_cache(_REMEMBERED_LINES)(self._find_role)
        self._roles = dict(_fixed_lines(profile))
        self._patterns = [(re.compile(p), role) for p, role in _patterns(profile)]
        signatures = (profile.patterns.ama_copyright, profile.patterns.publisher_copyright)
        either = "|".join(without_names(s) for s in signatures if s) or NEVER
        self._ending_copyright = re.compile(rf"\s+(?:{either})$")
        self._any_pattern = re.compile(
            "|".join(f"(?:{without_names(p.pattern)})" for p, _ in self._patterns) or NEVER
        )

    def marks(self, lines: Sequence[str]) -> list[Mark]:
        """Return the known lines of a page, in order."""
        remembered, find_role = self._remembered, self._find_role
        return [
            Mark(index, *known)
            for index, line in enumerate(lines)
            if (known := (remembered if len(line) <= _LONGEST_REMEMBERED else find_role)(line))
        ]

    def cut_copyright(self, text: str) -> str:
        """Return a text without a copyright line that stands on its last line."""
        start = max(0, len(text) - _LONGEST_COPYRIGHT)
        if _YEAR.search(text, start) and (found := self._ending_copyright.search(text, start)):
            return text[: found.start()]
        return text

    def wall_kind(self, lines: Sequence[str]) -> WallKind | None:
        """Return the kind of wall that a page's lines tell of, None if they tell of none."""
        for pattern, kind in self._walls:
            if any(len(line) <= LONGEST_KNOWN_LINE and pattern.fullmatch(line) for line in lines):
                return kind
        return None

    def _find_role(self, line: str) -> tuple[Role, dict[str, str]] | None:
        """Return what a line is for and the named groups of its pattern, None if it is unknown."""
        if role := self._roles.get(line):
            return role, {}
        if len(line) > LONGEST_KNOWN_LINE or not self._any_pattern.fullmatch(line):
            return None
        matches = ((pattern.fullmatch(line), role) for pattern, role in self._patterns)
        return next((role, match.groupdict(default="")) for match, role in matches if match)


def _fixed_lines(profile: SiteProfile) -> Iterator[tuple[str, Role]]:
    """Yield the lines of a profile, those of the strongest role last so that they win."""
    boilerplate, labels = profile.boilerplate, profile.labels
    for lines, role in (
        (boilerplate.menu, Role.MENU),
        (boilerplate.promos, Role.PROMO),
        (boilerplate.gates, Role.GATE),
        (labels.history, Role.HISTORY),
        (labels.sections, Role.SECTION),
        (labels.common_language_description, Role.COMMON_LABEL),
        (labels.official_description, Role.OFFICIAL_LABEL),
    ):
        yield from ((line, role) for line in lines)


def _patterns(profile: SiteProfile) -> Iterator[tuple[str, Role]]:
    patterns = profile.patterns
    for some, role in (
        ((patterns.ama_copyright,), Role.AMA_COPYRIGHT),
        ((patterns.publisher_copyright,), Role.PUBLISHER_COPYRIGHT),
        ((patterns.ask_line,), Role.ASK_LINE),
        (patterns.meter, Role.METER),
        ((patterns.status_notice,), Role.STATUS_NOTICE),
        (patterns.guide, Role.GUIDE),
        ((profile.labels.section_pattern,), Role.SECTION),
        (profile.boilerplate.patterns, Role.PROMO),
    ):
        yield from ((pattern, role) for pattern in some if pattern)
