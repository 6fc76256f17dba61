"""Hostile and broken pages: no crash, no hang, no furniture in a description, no guessed code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from html import unescape
from typing import get_args

import pytest
from hostile import PROFILES, HostilePage, furniture_of, make_page, read_sources
from hostile_pieces import MARKER, NOISE, SEEN, UNSEEN
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.capture import HeldPage
from scraper.codes import CODE_PATTERN
from scraper.errors import PageError
from scraper.normalize.merge import merge_readings
from scraper.normalize.reading import Reading, judge_page
from scraper.parse.page import PageParser
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import PageKind, ParsedPage
from scraper.record import CodeRecord
from scraper.settings import Settings

PAGES, SHARDS = 10_000, 10
SITES = ("codingahead", "sample", None)
SHAPES = (*SEEN, *UNSEEN)
PARSER = PageParser(PROFILES)
TEXT_REASONS = {"binary", "unparsable"}
# Looser than the profiles: a line of copyright whatever became of its sign.
_COPYRIGHT = {
    "codingahead": re.compile(
        r"[^0-9A-Za-z\s]{0,6} ?(?:Copyright )?[0-9]{4},? "
        r"(?:American Medical Association|Coding Ahead)\.?(?: All rights reserved\.?)?"
    ),
    "sample": re.compile(
        r"[^0-9A-Za-z\s]{0,6} ?[0-9]{4} (?:Board of Imaginary Procedures|Moonbeam Press)\."
        r" (?:Wording lent by moonlight|All lanterns reserved)\."
    ),
}


def parse(page: HostilePage) -> ParsedPage | PageError:
    try:
        return PARSER.parse(page.body, url=page.url, site=page.site)
    except PageError as error:
        return error


@cache
def boilerplate_of(site: str) -> tuple[frozenset[str], re.Pattern[str]]:
    profile = PROFILES[site]
    patterns = profile.patterns
    known = (
        *profile.boilerplate.patterns,
        *patterns.meter,
        *patterns.guide,
        *filter(None, (patterns.ama_copyright, patterns.publisher_copyright, patterns.ask_line)),
    )
    unnamed = (re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in known)
    labels, lines_of = profile.labels, profile.boilerplate
    fixed = (
        *(*labels.official_description, *labels.common_language_description),
        *(*lines_of.gates, *lines_of.promos, *lines_of.menu),
    )
    lines = frozenset((*fixed, *furniture_of(profile)))
    return lines, re.compile("|".join(f"(?:{pattern})" for pattern in unnamed))


def find_leaks(parsed: ParsedPage, page: HostilePage, site: str) -> Iterator[str]:
    known, pattern = boilerplate_of(site)
    boilerplate = PROFILES[site].boilerplate
    within = [
        line
        for line in (*boilerplate.gates, *boilerplate.promos)
        if page.is_whole and page.is_clear and len(line.split()) > 3 and line not in page.own_lines
    ]
    for text in (parsed.official_description, parsed.common_language_description):
        for paragraph in text.split("\n\n") if text else ():
            is_furniture = paragraph in known or pattern.fullmatch(paragraph)
            is_copyright = _COPYRIGHT[site].fullmatch(paragraph)
            if is_furniture or is_copyright or any(line in paragraph for line in within):
                yield paragraph
    if page.is_whole and MARKER in repr(parsed):
        yield MARKER


def all_text(body: bytes) -> str:
    """Return all that could be text of a page, with and without its tags."""
    encoding = "utf-16" if body[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    decoded = (body.decode(encoding, "replace"), body.replace(b"\0", b"").decode("latin-1"))
    decoded = tuple(re.sub(r"[\x00-\x08\x0e-\x1f\x7f\u200b\ufeff]", "", text) for text in decoded)
    bare = (re.sub(r"<[^>]*>", filler, text) for text in decoded for filler in (" ", ""))
    texts = (*decoded, *bare)
    return " ".join(" ".join(unescape(text).split()) for text in texts)


def has_evidence(parsed: ParsedPage, page: HostilePage) -> bool:
    """Look for the code of a row again, by other means than the parser's."""
    code = parsed.code or ""
    address = page.url or parsed.url or ""
    if parsed.code_evidence == "url":
        path = re.sub(r"[?#].*", "", address)
        return re.search(rf"/codes/{code}/?$", path, re.IGNORECASE) is not None
    if parsed.code_evidence == "ask_line":
        asked = rf"(?:about (?:CPT|HCPCS).{{0,9}}Code|clerk about code) {code}"
        return re.search(asked, all_text(page.body), re.IGNORECASE) is not None
    first = (parsed.common_language_description or "").partition("\n\n")[0]
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", first)[0]
    by_name = re.search(rf"(?:CPT|HCPCS)\W.{{0,20}}\b{code}\b", sentence)
    return parsed.code_evidence == "prose" and by_name is not None


def find_faults(result: ParsedPage | PageError, page: HostilePage) -> Iterator[str]:
    if isinstance(result, PageError):
        if result.reason not in TEXT_REASONS:
            yield f"{page.name}: {result.reason}"
        return
    if result.site is None:
        return
    yield from (f"{page.name}: shows {leak!r}" for leak in find_leaks(result, page, result.site))
    if judge_page(result).outcome != "row":
        return
    if not re.fullmatch(CODE_PATTERN, result.code or ""):
        yield f"{page.name}: is a row of {result.code!r}"
    elif not has_evidence(result, page):
        yield f"{page.name}: no evidence by {result.code_evidence} of code {result.code}"
    else:
        make_row(result)


def make_row(parsed: ParsedPage) -> CodeRecord:
    """Make the row of a page; the strict record refuses what no table can hold."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    site, code = parsed.site or "", parsed.code or ""
    place = ("fetch", None, "raw", 0)
    held = HeldPage(site, parsed.url, "page", 200, now, now, "0" * 64, *place)
    return merge_readings(code, [Reading(held, parsed)], PROFILES, "1")


def parse_in_pool(
    pool: ParsePool, pages: Sequence[HostilePage]
) -> list[tuple[HostilePage, ParsedPage | PageError]]:
    return list(pool.parse_all((page, PageInput(page.body, page.url, page.site)) for page in pages))


def plain(result: ParsedPage | PageError) -> object:
    return result.args if isinstance(result, PageError) else result


@pytest.fixture(scope="module")
def pool() -> Iterator[ParsePool]:
    with ParsePool(PROFILES, Settings(), workers=1) as running:
        yield running


@pytest.mark.parametrize("shard", range(SHARDS))
def test_ten_thousand_hostile_pages_neither_crash_nor_leak_nor_guess(shard, pool):
    seeds = range(shard * PAGES // SHARDS, (shard + 1) * PAGES // SHARDS)
    pages = [make_page(seed) for seed in seeds]
    pooled = parse_in_pool(pool, pages)
    assert [page for page, _ in pooled] == pages
    assert [fault for page, result in pooled for fault in find_faults(result, page)] == []
    assert [plain(result) for _, result in pooled] == [plain(parse(page)) for page in pages]


def test_the_hostile_pages_are_of_every_kind():
    results = [parse(make_page(seed)) for seed in range(2_000)]
    parsed = [result for result in results if isinstance(result, ParsedPage)]
    rows = [page for page in parsed if judge_page(page).outcome == "row"]
    assert 30 < sum(isinstance(result, PageError) for result in results) < 300
    assert {page.page_kind for page in parsed} == set(get_args(PageKind))
    assert len([page for page in rows if page.code_evidence == "url"]) > 200
    assert len([page for page in rows if page.code_evidence == "ask_line"]) > 100
    assert len([page for page in rows if page.code_evidence == "prose"]) > 2
    assert sum("boilerplate_in_description" in page.warnings for page in rows) > 100


def good_page() -> tuple[HostilePage, ParsedPage]:
    url = "https://www.codingahead.com/cpt/codes/27931"
    source = next(source for source in read_sources() if source.name == "a.html")
    page = HostilePage("good", "codingahead", url, source.text.encode(), True, True)
    parsed = parse(page)
    assert isinstance(parsed, ParsedPage)
    return page, parsed


@pytest.mark.parametrize(
    "change",
    [
        {"code": "27999"},
        {"code": "27999", "code_evidence": "ask_line"},
        {"code": "27999", "code_evidence": "prose"},
        {"code": "2799\u0661"},
        {"common_language_description": "A clock.\n\nCreate a free account to unlock this content"},
        {"common_language_description": "Log in. Create a free account to unlock this content"},
        {"official_description": "Common Language Description"},
        {"official_description": "\u00c2\u00a9 Copyright 2026 Coding Ahead. All rights reserved."},
        {"official_description": "Next code: 27999"},
        {"official_description": f"Winding of {MARKER}"},
    ],
    ids=lambda change: ", ".join(change.values())[:40],
)
def test_a_planted_fault_is_found(change):
    page, parsed = good_page()
    assert list(find_faults(parsed, page)) == []
    assert len(list(find_faults(replace(parsed, **change), page))) == 1


def html_page(description: str, before: str = "", sign: str = "\u00a9") -> str:
    return f"""<!DOCTYPE html><body>{before}
<h2>Official Description</h2><p>Winding of clock</p>
<p>{sign} Copyright 2026 American Medical Association. All rights reserved.</p>
<h2>Common Language Description</h2>{description}
<p>{sign} Copyright 2026 Coding Ahead. All rights reserved.</p></body>"""


# What the generated pages found first, each in its shortest form.
FOUND = {
    "a gate broken over two lines": html_page(
        "<p>A clock is wound.</p><p>Create a free account<br>to unlock this content</p>"
    ),
    "a sign garbled by one encoding": html_page("<p>A clock is wound.</p>", sign="\ufffd"),
    "a sign garbled by two encodings": html_page("<p>A clock is wound.</p>", sign="\u00c2\u00a9"),
    "a sign that is lost": html_page("<p>A clock is wound.</p>", sign=""),
    "noscript that closes a paragraph": html_page(
        "<p>A clock is wound.<noscript><p>Turn scripts on</p></noscript>"
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_page_that_once_leaked_gives_its_description_alone(name):
    parsed = PARSER.parse(FOUND[name], site="codingahead")
    assert parsed.official_description == "Winding of clock"
    assert parsed.common_language_description == "A clock is wound."
    assert (parsed.ama_copyright_year, parsed.publisher_copyright_year) == (2026, 2026)


def test_a_script_that_names_noscript_hides_nothing_of_the_page():
    script = "<script>document.write('<noscript>')</script>"
    page = html_page("<p>A clock is wound.</p>", before=script) + "<noscript>Turn on</noscript>"
    parsed = PARSER.parse(page, site="codingahead")
    assert parsed.common_language_description == "A clock is wound."


def test_questions_about_two_codes_prove_neither_of_them():
    asked = "".join(f"<p>Have a question about CPT\u00ae Code {n}?</p>" for n in ("27999", "27931"))
    page = html_page("<p>A clock is wound.</p>", before=asked)
    parsed = PARSER.parse(page, site="codingahead")
    assert judge_page(parsed).outcome == "quarantined"
    by_url = PARSER.parse(page, url="https://www.codingahead.com/cpt/codes/27931")
    assert (by_url.code, judge_page(by_url).outcome) == ("27931", "row")


FRAGMENTS = st.sampled_from(
    [
        *(source.text for source in read_sources()[:8]),
        *(shape.format(line="CasePilot", gate="", marker="", marker_free="") for shape in SHAPES),
        *furniture_of(PROFILES["codingahead"]),
        *(noise.format(code="27999") for noise in NOISE),
        *("<p>", "</p>", "<table>", "<tr>", "<td>", "<br>", "<!--", "-->", "<script>", "</script>"),
        *("<pre>", "<noscript>", "<svg>", "<template>", "<select>", "<a>", "<b>", " ", "\t", "|"),
    ]
)
PROPERTY = settings(max_examples=700, deadline=None, database=None, derandomize=True)


def check_pieces(body: bytes | str, url: str | None, site: str | None) -> None:
    content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    page = HostilePage("generated", site, url, content, is_whole=False, is_clear=False)
    assert list(find_faults(parse(page), page)) == []


@PROPERTY
@given(st.lists(st.one_of(FRAGMENTS, st.text(max_size=20)), max_size=60), st.sampled_from(SITES))
def test_no_mixture_of_fragments_crashes_leaks_or_guesses(pieces, site):
    check_pieces("\n".join(pieces), None, site)


@PROPERTY
@given(st.binary(max_size=300), st.sampled_from((b"", b"<html>", b"\xff\xfe", b"\xef\xbb\xbf")))
def test_no_bytes_crash_the_parser(body, start):
    check_pieces(start + body, "https://www.codingahead.com/cpt/codes/27931", None)


@PROPERTY
@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_address_or_header_crashes_the_parser(body, url, content_type):
    page = HostilePage("generated", None, url, body.encode("utf-8", "replace"), False, False)
    parsed = PARSER.parse(body, url=url, content_type=content_type)
    assert list(find_faults(parsed, page)) == []
