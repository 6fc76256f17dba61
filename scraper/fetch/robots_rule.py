"""One Allow or Disallow line of robots.txt: its pattern, and whether an address matches it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self

from scraper.fetch.robots_path import (
    AddressPath,
    decode_signs,
    decode_unreserved,
    encode_high,
    level,
    open_query,
)

_STARS = re.compile(rb"\*+")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pieces between the `*` of a rule; the last must end the path where `$` says so.

    Each piece is taken where it first fits, so no pattern makes a match try again.
    """

    pieces: tuple[bytes, ...]
    is_anchored: bool

    @classmethod
    def of(cls, octets: bytes) -> Self:
        """Read the path of a rule; a `$` that is not the last octet is a plain one."""
        is_anchored = octets.endswith(b"$")
        body = octets[:-1] if is_anchored else octets
        pieces = _STARS.sub(b"*", body).split(b"*")
        return cls(tuple(map(decode_signs, pieces)), is_anchored)

    def matches(self, path: bytes) -> bool:
        """Tell whether the pattern fits a path from its start."""
        first, *rest = self.pieces
        if not path.startswith(first):
            return False
        at = len(first)
        if not rest:
            return at == len(path) or not self.is_anchored
        *middle, last = rest
        for piece in middle:
            found = path.find(piece, at)
            if found < 0:
                return False
            at = found + len(piece)
        return path.endswith(last, at) if self.is_anchored else path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that allows or disallows; `octets` is its weight, `text` the line in level words.

    Where a line and an address differ in spelling alone, a Disallow line matches whatever is
    encoded in vain in it. An Allow line must spell such octets as the address does.
    """

    octets: int
    is_allow: bool
    text: str
    written: Pattern
    plain: Pattern

    @classmethod
    def of(cls, value: bytes, *, is_allow: bool) -> Self:
        """Read the value of a line."""
        written = encode_high(level(value))
        plain = open_query(written if is_allow else decode_unreserved(written))
        text = f"{'Allow' if is_allow else 'Disallow'}: {written.decode('ascii')}"
        pattern = Pattern.of(written)
        other = pattern if plain == written else Pattern.of(plain)
        return cls(len(written), is_allow, text, pattern, other)

    @property
    def rank(self) -> tuple[int, bool, str]:
        """The place among the rules of a group: most octets first, then Allow (2.2.2)."""
        return -self.octets, not self.is_allow, self.text

    def matches(self, path: AddressPath) -> bool:
        """Tell whether the rule is about an address."""
        if self.written.matches(path.written):
            return True
        plain = path.plain if self.is_allow else path.sent
        is_same = self.plain is self.written and plain == path.written
        return not is_same and self.plain.matches(plain)


def rules_of(value: bytes, *, is_allow: bool) -> tuple[Rule, ...]:
    """Return the rules of one line: none where it is empty, for it then says nothing.

    Allowing the index page of a folder allows the folder's own address (robots.cc).
    """
    if not value:
        return ()
    rule = Rule.of(value, is_allow=is_allow)
    folder, slash, page = value.rpartition(b"/")
    if not (is_allow and slash and page.startswith(b"index.htm")):
        return (rule,)
    of_folder = Rule.of(folder + b"/$", is_allow=True)
    return rule, replace(of_folder, text=rule.text)
