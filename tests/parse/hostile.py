"""Hostile pages, made from good ones: the same seed gives the same page.

A page whose pieces are whole hides its MARKER where no reader sees it and shows the site's gates,
promos and menu as lines of their own. A torn page was cut anywhere, and a garbled one lost its
signs in a wrong encoding: they prove less.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hostile_pieces import MARKER, NOISE, OTHER_CODES, SEEN, SEEN_IN_TEXT, UNSEEN

from scraper.sample.book import read_book
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of
from scraper.sample.site import ARTICLE_PATH, SampleSite
from scraper.sites.profile import SiteProfile, load_profiles

CASES = Path(__file__).resolve().parent.parent / "cases" / "codingahead"
PROFILES = load_profiles()

_HELD = "\ue000"  # a line break within a piece
_UNSPLIT = re.compile(
    r"<(script|style|template|head|svg|select|textarea)\b.*?</\1\s*>|<!--.*?-->|<[^<>]*>",
    re.DOTALL | re.IGNORECASE,
)
URLS: tuple[Callable[[str | None], str | None], ...] = (
    lambda url: url,
    lambda url: url,
    lambda url: url,
    lambda url: None,
    lambda url: f"{url}/?q=27999#27999" if url else None,
    lambda url: f"{url}-27999" if url else None,
    lambda url: "https://www.codingahead.com/cpt/codes/279991",
    lambda url: "https://elsewhere.example/cpt/codes/27999",
    lambda url: "https://[::bad/cpt/codes/27999",
)


class Source(NamedTuple):
    """A good page; `own_lines` are the furniture that its descriptions hold as they stand."""

    name: str
    site: str
    url: str | None
    text: str
    is_html: bool
    own_lines: frozenset[str]


class HostilePage(NamedTuple):
    """A page to parse; whole if it is not torn, clear if its encoding is right."""

    name: str
    site: str | None
    url: str | None
    body: bytes
    is_whole: bool
    is_clear: bool
    own_lines: frozenset[str] = frozenset()


def furniture_of(profile: SiteProfile) -> list[str]:
    """Return the lines of a site that are no description, patterns by an example of each."""
    examples = {
        "codingahead": (
            "3 code page views remaining today. Guest accounts are limited to 2 daily page views.",
            "Next code: 27999",
            "Register free account to get 7 more views.",
        ),
        "sample": (
            "Moon meter: 0 of 9 page views left today. Card holders may read all night.",
            "Often opened: code 27999",
            "For instance, ask: what does code 19977 stand for?",
        ),
    }
    boilerplate = profile.boilerplate
    lines = (*boilerplate.gates, *boilerplate.promos, *boilerplate.menu)
    return sorted({*lines, *examples[profile.name]})


@cache
def read_sources() -> tuple[Source, ...]:
    """Return every case page in both its forms, and the pages of the sample site."""
    return (*_case_sources(), *_sample_sources())


def make_page(seed: int) -> HostilePage:
    """Make the hostile page of a number."""
    chance = random.Random(seed)
    source = chance.choice(read_sources())
    url = chance.choice(URLS)(source.url)
    site = chance.choice((source.site, source.site, None))
    pieces = _split(source)
    is_torn = chance.random() < 0.35
    for _ in range(chance.randint(1, 6)):
        pieces = chance.choice(_PIECE_CHANGES)(pieces, source, chance)
    pieces = _add_unseen_and_seen(pieces, source, chance)
    text = chance.choice(("\n", "\n", "\r\n", "\n\n")).join(pieces).replace(_HELD, "\n")
    for _ in range(chance.randint(1, 4) if is_torn else 0):
        text = chance.choice(_TEXT_CHANGES)(text, chance)
    is_clear = chance.random() < 0.7
    body = chance.choice(_CLEAR if is_clear else _GARBLING)(text, chance)
    name = f"seed {seed}: {source.name}"
    return HostilePage(name, site, url, body, not is_torn, is_clear, source.own_lines)


def _split(source: Source) -> list[str]:
    """Return the lines of a page; what must stay together to be unseen is one."""
    return _UNSPLIT.sub(lambda m: m[0].replace("\n", _HELD), source.text).split("\n")


def _case_sources() -> Iterable[Source]:
    furniture = furniture_of(PROFILES["codingahead"])
    for meta_file in sorted(CASES.glob("*/meta.json")):
        meta, folder = json.loads(meta_file.read_text("utf-8")), meta_file.parent
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        texts = " ".join(
            expected[key] or "" for key in ("official_description", "common_language_description")
        )
        for form in meta["forms"]:
            text = (folder / f"page.{form}").read_bytes().decode("utf-8", "replace")
            # In tag soup a line is no piece: a paragraph ends where the next one starts.
            is_soup = text.count("<P>") > text.count("</P>")
            own_lines = frozenset(line for line in furniture if is_soup or line in texts)
            name = f"{folder.name}.{form}"
            yield Source(name, "codingahead", meta["url"], text, form == "html", own_lines)


def _sample_sources() -> Iterable[Source]:
    book = read_book()
    site = SampleSite(book, CANONICAL_ORIGIN, views_per_day=1_000, crawl_delay=0)
    doors = (*book.doors.login, *book.doors.challenge, book.doors.stale)
    for path in (*map(path_of, (*book.pages, *doors)), ARTICLE_PATH, "/"):
        body = site.answer(path, date(2026, 11, 20)).body
        yield Source(path, "sample", CANONICAL_ORIGIN + path, body.decode(), True, frozenset())


def _add_unseen_and_seen(pieces: list[str], source: Source, chance: random.Random) -> list[str]:
    lines = furniture_of(PROFILES[source.site])
    added = list(pieces)
    for _ in range(chance.randint(1, 8)):
        line = chance.choice(lines)
        is_unseen = source.is_html and chance.random() < 0.6
        shapes = UNSEEN if is_unseen else SEEN if source.is_html else SEEN_IN_TEXT
        words = {"line": line, "gate": line, "marker": MARKER, "marker_free": ""}
        added.insert(chance.randint(0, len(added)), chance.choice(shapes).format(**words))
    return added


def _delete(pieces: list[str], _: Source, chance: random.Random) -> list[str]:
    start = chance.randrange(len(pieces) + 1)
    return pieces[:start] + pieces[start + chance.randint(1, 5) :]


def _repeat(pieces: list[str], _: Source, chance: random.Random) -> list[str]:
    start = chance.randrange(len(pieces) + 1)
    return pieces[:start] + pieces[start : start + chance.randint(1, 9)] * 2 + pieces[start:]


def _swap(pieces: list[str], _: Source, chance: random.Random) -> list[str]:
    swapped = list(pieces)
    for _ in range(chance.randint(1, 4) if pieces else 0):
        one, two = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        swapped[one], swapped[two] = swapped[two], swapped[one]
    return swapped


def _shuffle(pieces: list[str], _: Source, chance: random.Random) -> list[str]:
    return chance.sample(pieces, len(pieces))


def _cut(pieces: list[str], _: Source, chance: random.Random) -> list[str]:
    end = chance.randint(0, len(pieces))
    return pieces[:end] if chance.random() < 0.7 else pieces[end:]


def _mix(pieces: list[str], source: Source, chance: random.Random) -> list[str]:
    kind = (source.site, source.is_html, frozenset())
    like = [s for s in read_sources() if (s.site, s.is_html, s.own_lines) == kind]
    other = _split(chance.choice(like))
    start, at = chance.randrange(len(other)), chance.randint(0, len(pieces))
    return pieces[:at] + other[start : start + chance.randint(1, 30)] + pieces[at:]


def _make_noise(pieces: list[str], source: Source, chance: random.Random) -> list[str]:
    at = chance.randint(0, len(pieces))
    noise = chance.choice(NOISE).format(code=chance.choice(OTHER_CODES))
    if not source.is_html:
        noise = re.sub(r"<[^>]*>?", "", noise)
    return [*pieces[:at], noise, *pieces[at:]]


_PIECE_CHANGES = (_delete, _repeat, _swap, _shuffle, _cut, _mix, _make_noise, _make_noise)


def _cut_out(text: str, chance: random.Random) -> str:
    start = chance.randint(0, len(text))
    return text[:start] + text[start + chance.randint(1, 200) :]


def _cut_off(text: str, chance: random.Random) -> str:
    return text[: chance.randint(0, len(text))]


def _drop_tags(text: str, chance: random.Random) -> str:
    share = chance.random()
    return re.sub(r"</?[a-zA-Z!][^>]*>", lambda m: "" if chance.random() < share else m[0], text)


def _shuffle_tags(text: str, chance: random.Random) -> str:
    parts = re.split(r"(<[^>]*>)", text)
    parts[1::2] = chance.sample(parts[1::2], len(parts) // 2)
    return "".join(parts)


def _join_lines(text: str, chance: random.Random) -> str:
    return re.sub(r"\n", lambda m: " " if chance.random() < 0.3 else m[0], text)


def _break_words(text: str, chance: random.Random) -> str:
    return re.sub(r" ", lambda m: "\n" if chance.random() < 0.2 else m[0], text)


def _sprinkle(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 9)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice(_SPRINKLED) + text[at:]
    return text


_SPRINKLED = (
    *"\x00\x01\x0b\x0c\x1b\x85\u2028\ufeff\ud800<>&\"'=/",
    *("<p", "<!--", "<script>", "<plaintext>", "<template>", "</body>", "<svg>", "<select>"),
)


def _flip_bits(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 9) if text else 0):
        at = chance.randrange(len(text))
        text = text[:at] + chr(ord(text[at]) ^ 1 << chance.randrange(8)) + text[at + 1 :]
    return text


_TEXT_CHANGES = (
    _flip_bits,
    _cut_out,
    _cut_off,
    _drop_tags,
    _shuffle_tags,
    _join_lines,
    _break_words,
    _sprinkle,
)


def _mix_encodings(text: str, chance: random.Random) -> bytes:
    at = chance.randint(0, len(text))
    start, end = text[:at], text[at:]
    return start.encode("utf-8", "replace") + end.encode("cp1252", "replace")


_CLEAR: tuple[Callable[[str, random.Random], bytes], ...] = (
    *(lambda text, _: text.encode("utf-8", "replace"),) * 8,
    lambda text, _: text.encode("utf-8-sig", "replace"),
    lambda text, _: text.encode("utf-16", "replace"),
    lambda text, _: text.encode("utf-16-le", "replace"),
)
_GARBLING: tuple[Callable[[str, random.Random], bytes], ...] = (
    lambda text, _: text.encode("utf-8", "surrogatepass"),
    lambda text, _: text.encode("cp1252", "xmlcharrefreplace"),
    lambda text, _: text.encode("cp1252", "replace"),
    lambda text, _: text.encode("ascii", "replace"),
    lambda text, _: b"\xef\xbb\xbf" + text.encode("cp1252", "replace"),
    lambda text, _: text.encode("utf-8", "replace").decode("latin-1").encode("utf-8"),
    lambda text, _: text.encode("utf-8", "replace").decode("cp1252", "replace").encode("utf-8"),
    _mix_encodings,
)
