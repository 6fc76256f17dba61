"""The data of the sample site says what the parser must give for each of its pages."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pytest

from scraper import parse_page
from scraper.codes import CODE_PATTERN
from scraper.parsed import ParsedPage
from scraper.sample.book import CodePage, read_book, split_blocks
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of
from scraper.sample.site import ARTICLE_PATH, SampleSite

BOOK = read_book()
TODAY = date(2026, 11, 20)
FIELDS = (
    "code",
    "code_evidence",
    "page_kind",
    "layout",
    "official_description",
    "common_language_description",
    "status_notice",
    "gated_sections",
    "views_remaining",
    "ama_copyright_year",
    "publisher_copyright_year",
    "mentioned_codes",
    "sections",
    "facts",
    "history",
    "warnings",
)
_CODE = re.compile(rf"(?<![0-9A-Za-z,.]){CODE_PATTERN}(?![0-9A-Za-z]|[,.][0-9])")


@cache
def parse(path: str, views_per_day: int = 200) -> ParsedPage:
    site = SampleSite(BOOK, CANONICAL_ORIGIN, views_per_day=views_per_day, crawl_delay=0)
    body = site.answer(path, TODAY).body
    return parse_page(body, url=CANONICAL_ORIGIN + path, site="sample")


def blocks_of(text: str) -> tuple[str, ...]:
    return tuple(line for block in split_blocks(text) for line in block)


def joined(text: str | None) -> str | None:
    return "\n\n".join(blocks_of(text)) if text else None


def mentioned(page: CodePage) -> set[str]:
    texts = (page.notice, page.official, page.common)
    if page.layout == "guide":
        texts = tuple(section.text for section in page.sections)
    return set(_CODE.findall(" ".join(filter(None, texts)))) - {page.code}


@cache
def expect(code: str) -> dict[str, object]:
    page = BOOK.pages[code]
    is_guide = page.layout == "guide"
    return {
        "code": code,
        "code_evidence": "url",
        "page_kind": "guide" if is_guide else "code",
        "layout": "guide_A" if is_guide else "A",
        "official_description": joined(page.official),
        "common_language_description": joined(page.common),
        "status_notice": page.notice,
        "gated_sections": page.gates,
        "views_remaining": 199,
        "ama_copyright_year": page.board_year if page.official else None,
        "publisher_copyright_year": page.press_year if page.common else None,
        "mentioned_codes": mentioned(page),
        "sections": [(s.title, blocks_of(s.text)) for s in page.sections],
        "facts": [*page.facts.items(), *page.modifiers.items()],
        "history": [(h.date, h.action, h.notes or None) for h in page.history],
        "warnings": (),
    }


def shown(parsed: ParsedPage, field: str) -> object:
    value = getattr(parsed, field)
    match field:
        case "mentioned_codes":
            return set(value)
        case "sections":
            return [(s.title, s.blocks) for s in value]
        case "facts":
            return [(f.label, f.value) for f in value]
        case "history":
            return [(h.date, h.action, h.notes) for h in value]
    return value


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("code", BOOK.pages)
def test_the_page_gives_what_its_data_says(code, field):
    assert shown(parse(path_of(code)), field) == expect(code)[field]


@pytest.mark.parametrize(
    ("path", "views_per_day", "kind", "code"),
    [
        (path_of(BOOK.doors.stale), 200, "not_found", BOOK.doors.stale),
        (path_of(BOOK.doors.login[0]), 200, "login_wall", BOOK.doors.login[0]),
        (path_of(BOOK.doors.challenge[0]), 200, "challenge", BOOK.doors.challenge[0]),
        (path_of("99216"), 0, "quota_wall", "99216"),
        (ARTICLE_PATH, 200, "other", None),
        ("/", 200, "other", None),
        ("/register", 200, "other", None),
    ],
)
def test_a_page_that_is_no_code_page_gives_no_description(path, views_per_day, kind, code):
    parsed = parse(path, views_per_day)
    assert (parsed.page_kind, parsed.code, parsed.layout) == (kind, code, None)
    assert parsed.official_description is None
    assert parsed.common_language_description is None


def test_the_canonical_link_gives_the_code_where_no_url_is_known():
    site = SampleSite(BOOK, CANONICAL_ORIGIN, views_per_day=1, crawl_delay=0)
    parsed = parse_page(site.answer(path_of("99216"), TODAY).body, site="sample")
    assert parsed.code == "99216"
