"""What kind of page it is, and how much of it is shown."""

from __future__ import annotations

import pytest

import scraper
from scraper.parse.page import PageParser
from scraper.sites.profile import load_profiles

URL = "http://127.0.0.1:8642/cpt/codes/99042"
PARSER = PageParser(load_profiles())
DESCRIBED = """\
Wording of the Board

Pouring of tea

© {ama} Board of Imaginary Procedures. Wording lent by moonlight.

In plain words

Tea is poured.

© {publisher} Moonbeam Press. All lanterns reserved.
"""
GUIDE = "At a glance: code 99042\n\n1. Brewing\n\nTea is brewed as in 99043.\n"
GATE = "Borrow a library card to lift the cloud\n\n"
WALLS = {
    "quota_wall": "Your page views for tonight are all used up",
    "login_wall": "Please show your library card to read this leaf",
    "challenge": "Prove that you are a reader and no raccoon",
    "not_found": "No leaf of the book is kept at this address",
}
METER = "Moon meter: {} of 9 page views left today. Card holders may read all night."


def parse(text: str, status: int | None = 200, url: str | None = URL):
    return PARSER.parse(text, url=url, site="sample", status=status)


def page(ama: object = 2026, publisher: object = 2026) -> str:
    return DESCRIBED.format(ama=ama, publisher=publisher)


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_is_known_by_its_text(kind):
    found = parse(f"All codes\n\n{WALLS[kind]}\n\nLibrary cards")
    assert found.page_kind == kind
    assert found.code == "99042"
    assert (found.official_description, found.layout) == (None, None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "login_wall"),
        (403, "challenge"),
        (404, "not_found"),
        (410, "not_found"),
        (429, "quota_wall"),
    ],
)
def test_a_status_makes_a_wall_of_any_page(status, kind):
    found = parse(page(), status=status)
    assert (found.page_kind, found.official_description) == (kind, None)
    assert found.facts == found.sections == found.history == ()


def test_the_text_of_a_wall_says_more_than_its_status():
    assert parse(WALLS["login_wall"], status=403).page_kind == "login_wall"


@pytest.mark.parametrize("status", [None, 200, 203])
def test_a_page_with_a_description_is_a_code_page_even_with_an_empty_meter(status):
    found = parse(f"{METER.format(0)}\n\n{page()}\n\n{WALLS['login_wall']}", status=status)
    assert (found.page_kind, found.views_remaining) == ("code", 0)


def test_a_guide_is_known_by_its_own_lines_and_gives_no_description():
    found = parse(GUIDE)
    assert (found.page_kind, found.layout) == ("guide", "guide_B")
    assert found.common_language_description is None
    assert found.mentioned_codes == ("99043",)
    assert parse(f"Staff almanac\n\n{GUIDE}").layout == "guide_A"


def test_headings_of_a_guide_name_codes_too():
    assert parse(f"{GUIDE}\n2. Other Than 99041\n\nTea.\n").mentioned_codes == ("99043", "99041")


def test_of_several_copyright_lines_that_which_closes_a_description_gives_the_year():
    above = page(2019, 2018).splitlines()
    found = parse(f"{above[4]}\n\n{above[-1]}\n\n{page(2026, 2025)}\n\n{above[4]}")
    assert (found.ama_copyright_year, found.publisher_copyright_year) == (2026, 2025)


@pytest.mark.parametrize(("place", "is_own"), [("{notice}{page}", True), ("{page}{notice}", False)])
def test_a_notice_below_the_descriptions_is_of_another_code(place, is_own):
    notice = "Struck from the book. See 99043.\n\n"
    found = parse(place.format(notice=notice, page=f"{page()}\n\n"))
    assert (found.status_notice is not None) is is_own


def test_the_sites_chrome_at_a_codes_address_is_the_wall_of_its_meter():
    assert parse("All codes\n\nLibrary cards").page_kind == "quota_wall"
    assert parse(GATE).page_kind == "quota_wall"


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:8642/letters/1"])
def test_chrome_elsewhere_and_unknown_pages_are_other(url):
    found = parse("All codes\n\nA letter about tea", url=url)
    assert (found.page_kind, found.warnings) == ("other", ("unknown_page",))
    assert parse("A letter about tea", url=URL).page_kind == "other"


def test_gates_are_counted_as_whole_lines():
    found = parse(f"{page()}\n\n{GATE * 3}Please: {GATE}")
    assert found.gated_sections == 3


@pytest.mark.parametrize(
    ("meters", "views"), [([], None), (["7"], 7), (["7", "0", "3"], 0), (["9" * 12], None)]
)
def test_the_least_that_a_meter_says_is_left(meters, views):
    lines = "\n\n".join(METER.format(meter) for meter in meters)
    assert parse(f"{lines}\n\n{page()}").views_remaining == views


@pytest.mark.parametrize(
    ("ama", "publisher", "years"),
    [
        (2026, 2025, (2026, 2025)),
        (1966, 2100, (1966, 2100)),
        (1965, 2101, (None, None)),
        ("0000", 9999, (None, None)),
        ("MMXX", 2026, (None, 2026)),
    ],
)
def test_years_are_those_of_each_line_if_they_can_be_years(ama, publisher, years):
    found = parse(page(ama, publisher))
    assert (found.ama_copyright_year, found.publisher_copyright_year) == years


def test_the_public_function_reads_the_same():
    assert scraper.parse_page(page(), url=URL, site="sample") == parse(page())
