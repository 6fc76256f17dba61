"""An address as the rules of robots.txt see it: path and query, percent-encoding made level.

RFC 9309, 2.2.2 says which spellings are the same; what it compares are octets, so are these.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Self

_PATH = re.compile(r"(?:[^/?;#]*://|//)?[^/?;#]*([/?;][^#]*)?")
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?=/|$)", re.IGNORECASE)
_DOT = re.compile("%2e", re.IGNORECASE)

# What no address may hold as it is (RFC 3986), and what is encoded already.
_LEVEL = re.compile(rb"%[0-9A-Fa-f]{2}|%|[\x00-\x20\x7f\"<>\\^`{|}]")
_HIGH = re.compile(rb"[\x80-\xff]")
_ENCODED = re.compile(rb"%[0-9A-F]{2}")
_UNRESERVED = frozenset(f"{string.ascii_letters}{string.digits}-._~".encode())
_OPEN_IN_QUERY = frozenset(b":/?@")


@dataclass(frozen=True, slots=True)
class AddressPath:
    """One address in its spellings: as written, with nothing encoded in vain, as it is sent."""

    written: bytes
    plain: bytes
    sent: bytes

    @classmethod
    def of(cls, url: str) -> Self:
        """Read a URL; only an octet beyond ASCII makes `sent` another one than `plain`."""
        octets = path_of(url).encode("utf-8", "surrogatepass")
        written = decode_signs(level(octets))
        plain = open_query(decode_unreserved(written))
        return cls(written, plain, encode_high(plain))


def path_of(url: str) -> str:
    """Return path and query of a URL, without dot segments; "/" where it has none.

    >>> path_of("https://codes.example?page=2#top")
    '/?page=2'
    >>> path_of("https://codes.example/a/./b/../c")
    '/a/c'
    """
    match = _PATH.match(url)
    path = (match[1] if match else None) or "/"
    path = path if path.startswith("/") else f"/{path}"
    way, mark, query = path.partition("?")
    return f"{_without_dots(way)}{mark}{query}"


def level(octets: bytes) -> bytes:
    """Write hex digits large, and encode what no address may hold; octets beyond ASCII stay."""
    return _LEVEL.sub(_level_one, octets)


def encode_high(octets: bytes) -> bytes:
    """Encode the octets beyond ASCII."""
    return _HIGH.sub(_level_one, octets)


def decode_signs(octets: bytes) -> bytes:
    """Decode `*` and `$`, which are plain octets in an address and between the stars of a rule."""
    return octets.replace(b"%2A", b"*").replace(b"%24", b"$")


def decode_unreserved(octets: bytes) -> bytes:
    """Decode what is encoded in vain: letters, digits, `-`, `.`, `_` and `~`."""
    return _decode(octets, _UNRESERVED)


def open_query(octets: bytes) -> bytes:
    """Decode `:`, `/`, `?` and `@` after the first `?`, where they mean nothing else."""
    way, mark, query = octets.partition(b"?")
    return way + mark + _decode(query, _OPEN_IN_QUERY)


def _decode(octets: bytes, chosen: frozenset[int]) -> bytes:
    def decode_one(match: re.Match[bytes]) -> bytes:
        octet = int(match[0][1:], 16)
        return bytes([octet]) if octet in chosen else match[0]

    return _ENCODED.sub(decode_one, octets)


def _level_one(match: re.Match[bytes]) -> bytes:
    found = match[0]
    return found.upper() if len(found) == 3 else b"%%%02X" % found[0]


def _without_dots(way: str) -> str:
    """Remove `.` and `..`, as the client does before it asks (RFC 3986, 5.2.4)."""
    if not _DOTS.search(way):
        return way
    kept: list[str] = []
    dots = ""
    for segment in way.split("/")[1:]:
        dots = _DOT.sub(".", segment)
        if dots == "..":
            del kept[-1:]
        elif dots != ".":
            kept.append(segment)
    return "/".join(["", *kept, *([""] if dots in {".", ".."} else [])])
