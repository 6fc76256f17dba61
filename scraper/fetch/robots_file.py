"""The lines of a robots.txt in, the group of one robot out: its rules and its pause (RFC 9309).

What the RFC leaves open is read as Google's published matcher reads it. Nothing is refused: a line
that says nothing is passed over.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from scraper.fetch.robots_rule import Rule, rules_of

EVERYONE = "*"
MAX_LINE_BYTES = 2083 * 8 - 1
MAX_PAUSE = 86_400.0

# The slips that robots.cc forgives, at the start of a key. It forgives some in Allow as well: here
# a slip allows nothing.
_AGENT_KEYS = (b"user-agent", b"useragent", b"user agent")
_DISALLOW_KEYS = (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw")
_PAUSE_KEYS = frozenset({b"crawl-delay", b"crawldelay", b"crawl delay"})
_RATE_KEYS = frozenset({b"request-rate", b"requestrate", b"request rate"})

_MARKS_OF_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS_OF_UTF8 = tuple(codecs.BOM_UTF8[:size] for size in (3, 2, 1))
_TOKEN = re.compile(rb"[A-Za-z_-]*")
_NUMBER = rb"([0-9]{1,12}(?:[.,][0-9]*)?|[.,][0-9]+)"
_PAUSE = re.compile(_NUMBER + rb"\s*(?:s|secs?|seconds?)?", re.IGNORECASE)
_RATE = re.compile(rb"([0-9]{1,12})\s*/\s*([0-9]{1,12})\s*([smhd]?)(?:\s.*)?", re.IGNORECASE)
_SECONDS = {b"": 1, b"s": 1, b"m": 60, b"h": 3_600, b"d": 86_400}


@dataclass(frozen=True, slots=True)
class Group:
    """What all groups of one robot say: rules in the order in which they decide, and a pause."""

    rules: tuple[Rule, ...] = ()
    pause: float = 0.0


@dataclass(slots=True)
class _Draft:
    rules: set[Rule] = field(default_factory=set)
    pauses: list[float] = field(default_factory=list)

    def group(self) -> Group:
        rules = sorted(self.rules, key=lambda rule: rule.rank)
        return Group(tuple(rules), max(self.pauses, default=0.0))


class _Drafts(dict[str, _Draft]):
    """The groups of some names, and which of them the next line is about."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._ruled: set[str] = set()
        self._paused: set[str] = set()
        self._last: Literal["name", "rule", "pause"] = "name"

    def read_name(self, name: str) -> None:
        """Begin a group, or go on with the list of its names."""
        if self._last == "rule":
            self._ruled = set()
        if self._last != "name":
            self._paused = set()
        self._last = "name"
        if name in self._names:
            self.setdefault(name, _Draft())
            self._ruled.add(name)
            self._paused.add(name)

    def read_rule(self, value: bytes, *, is_allow: bool) -> None:
        """Add a line to the groups of the names above."""
        self._last = "rule"
        rules = rules_of(value, is_allow=is_allow) if self._ruled else ()
        for name in self._ruled:
            self[name].rules.update(rules)

    def read_pause(self, seconds: float) -> None:
        """Add a pause to the groups of the names above it, up to the pause or rule before."""
        self._last = "rule" if self._last == "rule" else "pause"
        for name in self._paused:
            self[name].pauses.append(seconds)


def read_group(body: bytes, token: str) -> Group:
    """Return the rules for a product token: its own groups, else those of everyone, else none.

    Only a rule ends the list of names above it (2.1).
    """
    token = token.lower()
    drafts = _Drafts({EVERYONE, token})
    for key, value in _lines_of(body):
        if key.startswith(_AGENT_KEYS):
            drafts.read_name(_name_of(value))
        elif key == b"allow" or key.startswith(_DISALLOW_KEYS):
            drafts.read_rule(value, is_allow=key == b"allow")
        elif pause := _pause_of(key, value):
            drafts.read_pause(pause)
    return (drafts.get(token) or drafts.get(EVERYONE) or _Draft()).group()


def _lines_of(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of each line that has both; the key is in small letters."""
    for line in _octets(body).splitlines():
        content = line[:MAX_LINE_BYTES].partition(b"#")[0].strip()
        key, colon, value = content.partition(b":")
        if not colon:
            words = content.split()
            key, value = words if len(words) == 2 else (b"", b"")
        if key:
            yield key.strip().lower(), value.strip()


def _octets(body: bytes) -> bytes:
    """Return the file as UTF-8, without its byte order mark, whole or cut, and without NULs.

    UTF-16 is known by its mark and its NULs; without them the octets count as they are.
    """
    if body.startswith(_MARKS_OF_UTF16) and body.count(0) * 4 > len(body):
        body = body.decode("utf-16", "ignore").encode("utf-8", "ignore")
    body = body.replace(b"\0", b"")
    for mark in (*_MARKS_OF_UTF16, *_MARKS_OF_UTF8):
        if body.startswith(mark):
            return body[len(mark) :]
    return body


def _name_of(value: bytes) -> str:
    """Return the product token that a User-agent line starts with, or `*`."""
    if value[:1] == b"*" and not value[1:2].strip():
        return EVERYONE
    match = _TOKEN.match(value)
    return match[0].decode("ascii").lower() if match else ""


def _pause_of(key: bytes, value: bytes) -> float:
    """Return the seconds that a Crawl-delay or Request-rate asks for; what is no number, nothing.

    The hours of the day that a Request-rate may name are passed over: it holds at all of them.
    """
    if key in _PAUSE_KEYS and (match := _PAUSE.fullmatch(value)):
        return min(float(match[1].replace(b",", b".")), MAX_PAUSE)
    if key in _RATE_KEYS and (match := _RATE.fullmatch(value)) and int(match[1]):
        seconds = int(match[2]) * _SECONDS[match[3].lower()]
        return min(seconds / int(match[1]), MAX_PAUSE)
    return 0.0
