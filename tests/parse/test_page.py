"""One page in, one ParsedPage out: which site it is of, and what the parser refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scraper
from scraper.errors import PageError, UsageError
from scraper.parse.page import PageParser, check_selectors
from scraper.sites.profile import SiteProfile, load_profiles

PARSER = PageParser(load_profiles())
CASES = Path(__file__).parents[1] / "cases"
WALL = "Prove that you are a reader and no raccoon"


def test_the_address_tells_the_site():
    assert PARSER.parse("tea", url="http://localhost:1/x").site == "sample"
    assert PARSER.parse("tea", url="https://case2code.codingahead.com/").site == "codingahead"


def test_the_canonical_link_tells_the_site():
    page = '<html><link rel="canonical" href="http://localhost/cpt/codes/99042"><p>tea'
    assert PARSER.parse(page).url == "http://localhost/cpt/codes/99042"
    assert PARSER.parse(page).site == "sample"


@pytest.mark.parametrize(
    ("text", "site"),
    [("Official Description", "codingahead"), ("In plain words", "sample"), (WALL, "sample")],
)
def test_the_lines_of_a_page_tell_the_site(text, site):
    assert PARSER.parse(text).site == site


@pytest.mark.parametrize("body", ["A letter about tea", b"", b"<html></html>", "<p>tea"])
def test_a_page_of_no_known_site_is_told_so(body):
    page = PARSER.parse(body, url="https://codes.example/cpt/codes/99042", file="a.html")
    assert (page.site, page.page_kind, page.code) == (None, "other", None)
    assert page.warnings == ("unknown_site",)
    assert (page.file, page.url) == ("a.html", "https://codes.example/cpt/codes/99042")


@pytest.mark.parametrize(
    ("page", "is_cut"),
    [
        ("<!doctype html><html><body><p>tea", True),
        ("<!doctype html><HTML><body><p>tea</body></HTML><!-- of the cache -->", False),
        ("<article><p>tea", False),  # a piece of a page, which somebody saved
        ("tea", False),
    ],
)
def test_a_page_that_begins_and_has_no_end_is_called_cut(page, is_cut):
    assert ("page_cut" in PARSER.parse(page, site="sample").warnings) == is_cut


def test_an_unknown_site_is_refused_by_name():
    with pytest.raises(UsageError, match="'nowhere'"):
        PARSER.parse("tea", site="nowhere")


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(PageError):
        PARSER.parse(b"\x00\x01\x02", site="sample")


def test_a_wrong_selector_is_refused_by_site_and_key():
    keys = load_profiles()["sample"].model_dump()
    profile = SiteProfile.model_validate(keys | {"select": {"remove": ["nav", "p ["]}})
    for check in (lambda: check_selectors([profile]), lambda: PageParser({"sample": profile})):
        with pytest.raises(UsageError, match=r"^site sample: select\.remove: 'p \['"):
            check()


def test_an_html_page_and_its_saved_text_give_the_same():
    case = CASES / "codingahead" / "a_open"
    html, text = ((case / f"page.{form}").read_text(encoding="utf-8") for form in ("html", "txt"))
    url = "https://www.codingahead.com/cpt/codes/90001"
    assert scraper.parse_page(html, url=url) == scraper.parse_page(text, url=url)


def test_a_gate_is_never_part_of_a_description_wherever_it_stands():
    gate = "Create a free account to unlock this content"
    page = (CASES / "codingahead" / "a" / "page.txt").read_text(encoding="utf-8")
    lines = page.splitlines()
    for place in range(len(lines)):
        text = "\n\n".join([*lines[:place], gate, *lines[place:]])
        found = PARSER.parse(text, site="codingahead")
        assert gate not in (found.official_description or "")
        assert gate not in (found.common_language_description or "")


@given(st.binary(max_size=400))
def test_all_bytes_give_a_page_or_an_error_with_a_name(body):
    try:
        page = PARSER.parse(body, site="codingahead")
    except PageError as error:
        page = error
    assert isinstance(page, PageError) or page.code is None


LINES = [
    "Official Description",
    "Common Language Description",
    "© Copyright 2026 American Medical Association. All rights reserved.",
    "© Copyright 2026 Coding Ahead. All rights reserved.",
    "Have a question about CPT® Code 99042?",
    "Create a free account to unlock this content",
    "Last Updated: May 2026 | Verified for 2026",
    "Code deleted. See 99043.",
    "Tea is poured for two moons in that order.",
    "1. Brewing",
    "Short Descr TEA",
    "Date Action Notes",
    "2020-01-01 Added",
    "404",
]


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_lines_in_any_order_never_put_a_known_line_into_a_description(lines):
    page = PARSER.parse("\n\n".join(lines), site="codingahead")
    described = f"{page.official_description}\n\n{page.common_language_description}".split("\n\n")
    allowed = {"None", LINES[8], "2020-01-01 Added", "Short Descr TEA", "404"}
    assert set(described) <= allowed
    assert page.code in {None, "99042"}
