"""Where a description begins and ends, and what never is part of one."""

from __future__ import annotations

import pytest

from scraper.parse.document import Document, add_text_lines
from scraper.parse.lexicon import Lexicon
from scraper.parse.sections import Descriptions, find_descriptions
from scraper.sites.profile import load_profiles

LEXICON = Lexicon(load_profiles()["codingahead"])
OFFICIAL, COMMON = "Official Description", "Common Language Description"
AMA = "© Copyright 2026 American Medical Association. All rights reserved."
PUBLISHER = "© Copyright 2026 Coding Ahead. All rights reserved."
ASK = "Have a question about CPT® Code 99042?"
GATE = "Create a free account to unlock this content"
PROSE = "Tea is poured for two moons, one after the other."


def find(*lines: str) -> Descriptions:
    document = Document()
    add_text_lines(document, "\n\n".join(lines))
    return find_descriptions(document, LEXICON.marks(document.lines), LEXICON)


def texts(found: Descriptions) -> tuple[str | None, str | None, str | None]:
    return found.official.text, found.common.text, found.layout


def test_labelled_descriptions_end_at_their_copyright_lines():
    found = find(OFFICIAL, "Tea;", "one cup", AMA, COMMON, PROSE, "More.", PUBLISHER, "not this")
    assert texts(found) == ("Tea;\n\none cup", f"{PROSE}\n\nMore.", "A")
    assert (found.official.warning, found.common.warning) == (None, None)


@pytest.mark.parametrize("end", [AMA, COMMON, "1. Brewing", "Date Action Notes"])
def test_the_official_description_ends_at_the_next_label_too(end):
    assert find(OFFICIAL, "Tea", end, PROSE).official.text == "Tea"


@pytest.mark.parametrize(
    "cut", [(), (ASK,), (PUBLISHER,), (GATE,), ("Quick Reference: CPT 99042",)]
)
def test_an_official_description_that_is_not_closed_is_not_given(cut):
    found = find(OFFICIAL, "Tea", *cut)
    assert found.official.text is None
    assert found.official.warning == "official_description_not_closed"


@pytest.mark.parametrize("end", [ASK, OFFICIAL, COMMON, "Date Action Notes"])
def test_an_unsigned_common_description_ends_at_the_next_label(end):
    assert find(COMMON, PROSE, end, "not this", PUBLISHER).common.text == PROSE


@pytest.mark.parametrize("end", [GATE, "CasePilot", "CareerCenter", "1. Brewing", AMA])
def test_an_unsigned_common_description_ends_at_chrome(end):
    assert find(COMMON, PROSE, end, "not this").common.text == PROSE


def test_a_common_description_that_is_not_closed_is_not_given():
    found = find(COMMON, PROSE)
    assert found.common.text is None
    assert found.common.warning == "common_language_description_not_closed"


def test_a_section_heading_before_the_publishers_line_is_no_end():
    assert find(COMMON, PROSE, "1. Brewing", PUBLISHER).common.text == PROSE


@pytest.mark.parametrize("line", [GATE, "CasePilot", "CareerCenter", "3 code page views remaining"])
def test_known_lines_within_a_description_are_left_out_with_a_warning(line):
    found = find(COMMON, PROSE, line, "More tea.", PUBLISHER)
    assert found.common.text == f"{PROSE}\n\nMore tea."
    assert found.common.warning == "boilerplate_in_description"


def test_a_known_line_broken_over_two_lines_is_left_out_too():
    first, second = GATE.split(" unlock ")
    found = find(COMMON, PROSE, f"{first}\nunlock {second}", PUBLISHER)
    assert found.common.text == PROSE
    assert found.common.warning == "boilerplate_in_description"


def test_a_missing_part_leaves_the_other():
    assert texts(find(OFFICIAL, "Tea", AMA, "Short Descr TEA")) == ("Tea", None, "A")
    assert texts(find(COMMON, PROSE, PUBLISHER)) == (None, PROSE, "A")
    assert find(OFFICIAL, AMA, COMMON, PROSE, PUBLISHER).official.text is None


def test_items_of_a_numbered_list_are_part_of_a_signed_description():
    items = ("1. Warm the pot", "2. Pour the tea")
    found = find(OFFICIAL, "Tea of:", *items, AMA, COMMON, PROSE, *items, "Drink.", PUBLISHER)
    assert found.official.paragraphs == ("Tea of:", *items)
    assert found.common.paragraphs == (PROSE, *items, "Drink.")
    assert (found.official.warning, found.common.warning) == (None, None)


@pytest.mark.parametrize("tabs", [(OFFICIAL, COMMON), (OFFICIAL, "Crosswalks", COMMON, "Fees")])
def test_labels_in_a_menu_of_the_page_open_no_description(tabs):
    found = find(*tabs, OFFICIAL, "Tea", AMA, COMMON, PROSE, PUBLISHER)
    assert texts(found) == ("Tea", PROSE, "A")


def test_an_empty_signed_description_is_not_sought_elsewhere():
    assert (
        find(OFFICIAL, AMA, COMMON, PROSE, PUBLISHER, OFFICIAL, "Soup", AMA).official.text is None
    )


@pytest.mark.parametrize("fact", ["Short Descr TEA", "Short Descr", "MUE\t2"])
def test_a_description_without_copyright_line_ends_where_facts_begin(fact):
    assert find(OFFICIAL, "Tea", fact, "Date Action Notes").official.text == "Tea"
    assert find(COMMON, PROSE, fact, "Date Action Notes").common.text == PROSE


def test_prose_that_begins_as_a_fact_is_prose_and_a_row_of_facts_is_none():
    prose = "Short Descr is painted on the pot."
    assert find(COMMON, prose, PUBLISHER).common.text == prose
    assert find(COMMON, PROSE, "MUE\t2", PUBLISHER).common.text == PROSE


def test_a_copyright_line_on_the_line_of_a_description_is_left_out():
    found = find(OFFICIAL, f"Tea {AMA}", COMMON, PROSE, PUBLISHER)
    assert found.official.text == "Tea"
    assert found.official.warning == "boilerplate_in_description"


def test_a_copyright_line_may_stand_twice():
    assert texts(find(AMA, AMA, PROSE, PUBLISHER, PUBLISHER)) == (None, PROSE, "B")


def test_without_labels_the_prose_between_the_copyright_lines_is_the_description():
    assert texts(find("CasePilot", AMA, PROSE, PUBLISHER, GATE)) == (None, PROSE, "B")


@pytest.mark.parametrize(
    "lines",
    [
        (AMA, PROSE),
        (AMA, PROSE, GATE, PUBLISHER),
        (AMA, PUBLISHER),
        (AMA, "Too short.", PUBLISHER),
        ("An unknown heading", AMA, PROSE, PUBLISHER),
        (PROSE, PUBLISHER),
        (PROSE,),
        (),
    ],
)
def test_other_prose_is_no_description(lines):
    assert texts(find(*lines)) == (None, None, None)
