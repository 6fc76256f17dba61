"""The site file of the sample site against the pages that the site serves."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from scraper.codes import system_of
from scraper.record import PAGE_FACT_COLUMNS
from scraper.sample.book import read_book
from scraper.sample.chrome import path_of
from scraper.sample.site import SampleSite
from scraper.sites.profile import load_profiles

PROFILE = load_profiles()["sample"]
BOOK = read_book()
TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """Every line of text of every page and wall."""
    codes = (*BOOK.listed, *BOOK.doors.login, *BOOK.doors.challenge)
    site = SampleSite(BOOK, PROFILE.origin, views_per_day=len(BOOK.pages) - 1, crawl_delay=0)
    pages = [site.answer(path_of(code), TODAY).body.decode() for code in codes]
    text = "\n".join(re.sub(r"<[^>]*>", "\n", page) for page in pages)
    return [line.strip() for line in unescape(text).splitlines() if line.strip()]


def known_lines() -> list[str]:
    labels, boilerplate = PROFILE.labels, PROFILE.boilerplate
    return [
        *labels.official_description,
        *labels.common_language_description,
        *labels.sections,
        *boilerplate.gates,
        *boilerplate.promos,
        *boilerplate.menu,
        *(line for wall in PROFILE.walls.values() for line in wall),
        *PROFILE.facts,
    ]


@pytest.mark.parametrize("line", known_lines())
def test_every_line_of_the_profile_stands_on_some_page(line, lines):
    assert line in lines


def patterns() -> list[str]:
    found = PROFILE.patterns
    single = (found.ama_copyright, found.publisher_copyright, found.ask_line, found.status_notice)
    return [
        *PROFILE.boilerplate.patterns,
        *found.meter,
        *found.guide,
        *(pattern for pattern in (*single, PROFILE.labels.section_pattern) if pattern),
    ]


@pytest.mark.parametrize("pattern", patterns())
def test_every_pattern_of_the_profile_matches_a_line_of_some_page(pattern, lines):
    assert any(re.fullmatch(pattern, line) for line in lines)


@pytest.mark.parametrize("joint", [" | ", " ", "\t"])
def test_rows_of_modifiers_and_history_match_however_their_cells_are_joined(joint):
    page = BOOK.pages["27998"]
    for label, value in page.modifiers.items():
        match = re.fullmatch(PROFILE.patterns.modifier, joint.join((label, value)))
        assert match
        assert match.groupdict() == {"label": label, "value": value}
    for entry in page.history:
        row = joint.join((entry.date, entry.action, entry.notes)).strip()
        match = re.fullmatch(PROFILE.patterns.history, row)
        assert match
        assert (match["date"], match["action"]) == (entry.date, entry.action)
        assert (match["notes"] or "") == entry.notes


def test_no_description_holds_a_line_that_the_profile_knows():
    known = set(known_lines())
    for page in BOOK.pages.values():
        for text in filter(None, (page.official, page.common)):
            assert not known & set(text.split("\n"))


def test_every_page_fact_column_has_a_label_and_some_label_has_no_column():
    columns = set(PROFILE.facts.values())
    assert set(PAGE_FACT_COLUMNS) == columns - {""}
    assert "" in columns


def test_every_label_of_the_pages_is_in_the_profile():
    shown = {label for page in BOOK.pages.values() for label in page.facts}
    assert shown == set(PROFILE.facts)


def test_the_profile_is_fictional_and_of_loopback_alone():
    assert PROFILE.fictional
    assert set(PROFILE.hosts) == {"127.0.0.1", "localhost"}
    assert PROFILE.pace_seconds == 0


@pytest.mark.parametrize("code", ["00117", "8998T", "A9998"])
def test_the_profile_and_the_site_agree_on_the_address_of_a_code(code):
    url = PROFILE.url_of_code(code)
    assert url == f"{PROFILE.origin}{path_of(code)}"
    assert PROFILE.code_of_url(url) == code
    assert system_of(code) in PROFILE.code_paths
