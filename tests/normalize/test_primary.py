"""An add-on code's primary codes are those that a sentence of its page names as such."""

from __future__ import annotations

import time

import pytest

from normalize.readings import CODE, make_reading, merge
from scraper.normalize.primary import find_primary_codes
from scraper.parsed import Section

ADD_ON = "each additional cup (List separately in addition to code for primary procedure)"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("(Use 99042 in conjunction with 99040, 99041)", ("99040", "99041")),
        ("(Use 99042 in conjunction with 99030-99041)", ("99030", "99041")),
        (
            "(Use 99042 in conjunction with 99030\u201399032 and 0042T.)",
            ("99030", "99032", "0042T"),
        ),
        ("Tea is reported separately using codes 99040 for hot tea and 99041.", ("99040", "99041")),
        ("Listed in addition to CPT\u00ae code 99040, or 99041; not 99050", ("99040", "99041")),
        ("The primary code is 99040.", ("99040",)),
        ("Used in conjunction with the primary procedure, code 99040.", ("99040",)),
        ("Code 99050 is dear. Use it in conjunction with 99040.", ("99040",)),
        ("Do not report 99042 in conjunction with 99040.", ()),
        ("It can\u2019t be used in conjunction with 99040.", ()),
        ("Use 99050 in conjunction with 99040.", ()),
        ("Use 99042 in conjunction with tea, 99040.", ()),
        ("Use in conjunction with 99042.", ()),
        ("In addition to 50,000 cups, see 99040.", ()),
        ("In conjunction with 99040.5 and 123456.", ()),
    ],
)
def test_only_a_sentence_that_affirms_names_codes(text, codes):
    assert find_primary_codes(CODE, [text]) == codes


def test_an_add_on_code_alone_has_primary_codes():
    words = {"common_language_description": "Use it in conjunction with 99040."}
    assert merge(make_reading(official_description=ADD_ON, **words)).primary_codes == ("99040",)
    assert merge(make_reading(official_description="One cup", **words)).primary_codes == ()
    assert merge(make_reading(**words)).primary_codes == ()


def test_the_sections_of_an_open_page_are_read_too():
    sections = (Section("1. Notes", ("Tea.", f"(Use {CODE} in conjunction with 99040)")),)
    record = merge(make_reading(official_description=ADD_ON, sections=sections))
    assert record.primary_codes == ("99040",)


@pytest.mark.parametrize(
    "hostile",
    [
        *("in conjunction with " * 25_000, "in conjunction with 99040, " * 18_000),
        *("in addition to the the the " * 18_000, "primary code " * 40_000, "99040, " * 70_000),
    ],
    ids=lambda text: text[:30],
)
def test_a_hostile_text_is_read_in_linear_time(hostile):
    start = time.process_time()
    find_primary_codes(CODE, [hostile])
    assert time.process_time() - start < 2
