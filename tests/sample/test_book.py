"""The data of the code book: enough codes, every section, every shape of a descriptor."""

from __future__ import annotations

import re

import pytest

from scraper.codes import category_of, is_cdt, place_of
from scraper.sample.book import read_book, split_blocks

BOOK = read_book()
PAGES = tuple(BOOK.pages.values())
DESCRIPTORS = tuple(page.official for page in PAGES if page.official)


def test_there_are_more_than_ninety_pages():
    assert len(PAGES) >= 90


@pytest.mark.parametrize(
    "section",
    [
        "Evaluation and Management",
        "Anesthesia",
        "Surgery",
        "Radiology",
        "Pathology and Laboratory",
        "Medicine",
        "Category II Codes",
        "Category III Codes",
        "Durable Medical Equipment",
        "Vision Services",
    ],
)
def test_the_section_has_pages(section):
    assert any(place_of(code).section == section for code in BOOK.pages)


@pytest.mark.parametrize(
    "system",
    [
        "Integumentary",
        "Musculoskeletal",
        "Respiratory",
        "Cardiovascular",
        "Hemic",
        "Mediastinum",
        "Digestive",
        "Urinary",
        "Male Genital",
        "Female Genital",
        "Maternity",
        "Endocrine",
        "Nervous",
        "Eye",
        "Auditory",
    ],
)
def test_the_body_system_of_surgery_has_pages(system):
    subsections = [place_of(code).subsection or "" for code in BOOK.pages]
    assert any(name.startswith(system) for name in subsections)


@pytest.mark.parametrize(
    "category", ["Category I", "Category II", "Category III", "PLA", "MAAA", "Level II"]
)
def test_the_category_has_pages(category):
    assert any(category_of(code) == category for code in BOOK.pages)


def test_leading_zeros_and_vaccine_codes_are_among_the_pages():
    assert {"00117", "0997A"} <= set(BOOK.pages)


def test_no_page_is_of_a_dental_code():
    assert not any(map(is_cdt, BOOK.listed))


@pytest.mark.parametrize(
    "shape",
    [
        r"\(List separately in addition to code for primary procedure\)$",
        r"\(separate procedure\)$",
        r"\(eg, [a-z]",
        r"each additional",
        r"^Unlisted procedure, ",
        r";$",
        r"\[s\] \[eg, [^]]*\]",
        r"\[eg, [^]]*\([a-z]+\)[^]]*\]",
        r"[0-9]+-[0-9]+ minutes",
        r"sq cm",
        r"\b(?:unilateral|bilateral)\b",
        r"\b(?:left or right|right or left)\b",
        r"; right$",
        r">50 mcg/0\.3 mL",
        r"^[a-z]",
        r"\n\n",
    ],
)
def test_a_descriptor_has_the_shape(shape):
    assert any(re.search(shape, " ".join(d.split(" "))) for d in DESCRIPTORS)


def test_descriptions_are_of_eighty_to_three_hundred_words_and_all_different():
    proses = [page.common for page in PAGES if page.common]
    lengths = [len(prose.split()) for prose in proses]
    assert min(lengths) >= 80
    assert max(lengths) <= 300
    assert max(lengths) - min(lengths) > 100
    assert len(set(proses)) == len(proses)


def test_some_descriptions_have_several_paragraphs_and_some_a_list():
    blocks = [split_blocks(page.common) for page in PAGES if page.common]
    assert any(len(found) > 2 for found in blocks)
    assert any(len(block) > 1 for found in blocks for block in found)


KINDS = {
    "gated": lambda p: p.layout == "gated" and p.official and p.common,
    "open": lambda p: p.layout == "open" and p.sections and p.modifiers and p.history,
    "deleted_gated": lambda p: p.layout == "gated" and p.notice,
    "deleted_open": lambda p: p.layout == "open" and p.notice,
    "official_only": lambda p: p.official and not p.common,
    "common_only": lambda p: p.common and not p.official,
    "guide": lambda p: p.layout == "guide" and p.sections and p.glance,
    "two_years": lambda p: p.board_year != p.press_year,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_page_occurs(kind):
    assert any(KINDS[kind](page) for page in PAGES)


def test_gated_pages_have_three_to_seven_gates_and_others_none():
    assert {page.gates for page in PAGES if page.layout == "gated"} == {3, 4, 5, 6, 7}
    assert {page.gates for page in PAGES if page.layout != "gated"} == {0}


def test_a_notice_names_codes_that_have_pages():
    named = re.findall(r"[0-9]{4}[0-9AT]", " ".join(page.notice or "" for page in PAGES))
    assert set(named) <= set(BOOK.pages)
    assert len(named) >= 5


def test_special_addresses_have_no_page():
    doors = BOOK.doors
    assert not {doors.stale, *doors.login, *doors.challenge} & set(BOOK.pages)
    assert {*doors.popular, doors.example} <= set(BOOK.pages)


def test_the_first_and_last_page_have_one_neighbour():
    codes = list(BOOK.pages)
    assert BOOK.neighbours(codes[0]) == (None, codes[1])
    assert BOOK.neighbours(codes[1]) == (codes[0], codes[2])
    assert BOOK.neighbours(codes[-1]) == (codes[-2], None)
