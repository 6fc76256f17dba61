"""Which code a page is about, and what does not prove it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scraper
from scraper.codes import CODE_PATTERN
from scraper.parse.identity import Identity, code_in_heading, defined_code, identify_code

URL = "https://www.codingahead.com/cpt/codes/"
BARE = """\
© Copyright 2026 American Medical Association. All rights reserved.
{prose}
© Copyright 2026 Coding Ahead. All rights reserved.
"""


def claims(**given):
    return {"url": None, "heading": None, "ask_line": None, "prose": None} | given


@pytest.mark.parametrize(
    ("prose", "code"),
    [
        ("The CPT® Code 99042 refers to a tea service.", "99042"),
        ("CPT® Code 99042 is a tea service for two moons.", "99042"),
        ("CPT(R) code 0042T describes a tea service.", "0042T"),
        ("CPT Code 99042, specifically describes tea.", "99042"),
        ("The HCPCS Level II Code J1885 represents a jar of jam.", "J1885"),
        ("HCPCS J1885 covers one jar. J1886 covers two.", "J1885"),
        ("CPT code 99042 is used to report tea.", "99042"),
        ("The pouring of tea is described by CPT® Code 99042.", "99042"),
        ("Pouring, as identified by the CPT code 99042, takes an hour.", "99042"),
    ],
)
def test_a_defining_first_sentence_proves_its_code(prose, code):
    assert defined_code(prose) == code


@pytest.mark.parametrize(
    "prose",
    [
        "",
        "Tea is poured for two moons.",
        "Code 99042 is reported for the first moon.",
        "CPT code 99042 is reported for the first moon.",
        "CPT code 99042 is not a tea service.",
        "CPT code 99042 is never poured at night.",
        "CPT code 99042 is no longer valid.",
        "CPT code 99042 is often billed on the same night.",
        "CPT code 99042 is included in the tray.",
        "CPT code 99042 is only for the first moon.",
        "CPT code 99042 is used when there is no cup.",
        "CPT code 99042 is the parent of this code.",
        "CPT code 99042 describes the first moon, while this code adds the second.",
        "CPT code 99042 describes the first moon, whereas CPT code 99043 adds the second.",
        "CPT code 99042 covers what the present one does not.",
        "Unlike what is described by CPT code 99042, this is done at noon.",
        "It is not described by CPT code 99042.",
        "It is different from the service described by CPT code 99042.",
        "It is done after the service described by CPT code 99042.",
        "It is described by CPT code 99042 or described by CPT code 99043.",
        "Tea is poured. The CPT® Code 99042 refers to it.",
        "The CPT® Code 99042-26 refers to a part of it.",
        "The CPT® Code 990421 refers to nothing.",
        "What is CPT code 99213? Ask us.",
        "The ICD-10 code M5416 refers to an ache.",
    ],
)
def test_comparisons_negations_and_other_codes_prove_nothing(prose):
    assert defined_code(prose) is None


@given(st.text(max_size=200))
def test_prose_never_proves_a_code_that_it_does_not_hold(prose):
    code = defined_code(prose)
    assert code is None or code in prose


@given(st.from_regex(CODE_PATTERN, fullmatch=True))
def test_every_shape_of_code_can_be_defined(code):
    assert defined_code(f"The CPT® Code {code} refers to a lamp.") == code


def test_the_strongest_evidence_wins():
    everything = claims(url="99042", heading="99042", ask_line="99042", prose="CPT 99042 is tea.")
    assert identify_code(**everything) == Identity("99042", "url")
    assert identify_code(**everything | {"url": None}) == Identity("99042", "heading")
    assert identify_code(**claims(ask_line="99042")) == Identity("99042", "ask_line")
    assert identify_code(**claims(prose="CPT 99042 is tea.")) == Identity("99042", "prose")
    assert identify_code(**claims()) == Identity(None, None)


@pytest.mark.parametrize(
    ("given", "disputed_by"),
    [
        ({"url": "99042", "ask_line": "99043"}, "ask_line"),
        ({"url": "99042", "heading": "99043"}, "heading"),
        ({"heading": "99042", "ask_line": "99043"}, "ask_line"),
        ({"url": "99042", "ask_line": "99042"}, None),
        ({"url": "99042", "prose": "CPT code 99043 refers to jam."}, None),
    ],
)
def test_evidence_of_the_page_that_contradicts_its_address_is_told(given, disputed_by):
    assert identify_code(**claims(**given)).disputed_by == disputed_by


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Code 0042t: tea", "0042T"),
        ("99042", "99042"),
        ("99042 tea, once more 99042", "99042"),
        ("HCPCS J1885", "J1885"),
        ("99042 and 99043", None),
        ("tea for 2026", None),
        ("x99042", None),
        ("", None),
    ],
)
def test_a_heading_proves_the_one_code_that_it_holds(text, code):
    assert code_in_heading(text) == code


def parse_bare(prose, **options):
    return scraper.parse_page(BARE.format(prose=prose), site="codingahead", **options)


def test_prose_is_asked_only_where_there_is_no_address():
    prose = "The CPT® Code 99042 refers to a tea service for two moons."
    assert parse_bare(prose).code_evidence == "prose"
    assert parse_bare(prose, url=f"{URL}99042").code_evidence == "url"
    elsewhere = parse_bare(prose, url="https://www.codingahead.com/about-tea")
    assert (elsewhere.code, elsewhere.code_evidence) == (None, None)


def test_another_code_named_first_does_not_change_the_code_of_the_address():
    page = parse_bare(
        "CPT code 99043 is the first moon of five that are poured.", url=f"{URL}99042"
    )
    assert (page.code, page.mentioned_codes) == ("99042", ("99043",))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"{URL}99042", "99042"),
        (f"{URL}99042/", "99042"),
        (f"{URL}0042t?x=1#top", "0042T"),
        ("https://webhooks.codingahead.com/hcpcs/codes/j1885", "J1885"),
        (f"{URL}99042-tea", None),
        (f"{URL}990421", None),
        (f"{URL}99042/more", None),
        ("https://codes.example/cpt/codes/99042", None),
        ("https://[broken/cpt/codes/99042", None),
    ],
)
def test_an_address_proves_a_code_by_a_whole_path_segment_of_a_known_host(url, code):
    page = parse_bare("Tea is poured for two moons, in that order.", url=url)
    assert page.code == code


HTML = """<!doctype html><html><head><link rel="Canonical" href="{canonical}"></head><body>
<h2>Official Description</h2><p>Pouring of tea</p><p>© 2026 American Medical Association</p>
<p>{ask}</p></body></html>"""


def test_a_canonical_link_gives_the_address_that_is_not_known():
    page = scraper.parse_page(HTML.format(canonical=f"{URL}99042", ask=""))
    assert (page.url, page.code, page.code_evidence) == (f"{URL}99042", "99042", "url")


@pytest.mark.parametrize(
    ("options", "canonical", "ask", "warning"),
    [
        ({"url": f"{URL}99042"}, f"{URL}99043", "", "canonical"),
        ({"url": f"{URL}99042"}, "", "Have a question about CPT® Code 99043?", "ask_line"),
        ({}, f"{URL}99042", "Have a question about CPT® Code 99043?", "ask_line"),
        (
            {"url": "https://www.codingahead.com/x"},
            f"{URL}99042",
            "Have a question about CPT® Code 99043?",
            "canonical",
        ),
    ],
)
def test_a_page_whose_evidence_contradicts_itself_says_so(options, canonical, ask, warning):
    page = scraper.parse_page(
        HTML.format(canonical=canonical, ask=ask), site="codingahead", **options
    )
    assert page.warnings == (f"identity_disputed_by_{warning}",)


def test_a_canonical_link_to_another_site_is_no_evidence():
    page = scraper.parse_page(
        HTML.format(canonical="https://codes.example/cpt/codes/99042", ask=""), site="codingahead"
    )
    assert (page.url, page.code) == (None, None)
    assert "no_evidence_of_code" in page.warnings


def test_two_questions_about_two_codes_prove_neither():
    asked = [f"Have a question about CPT® Code {code}?" for code in ("99042", "99043")]
    page = "\n\n".join(
        ["Official Description", "Tea", "© 2026 American Medical Association", *asked]
    )
    assert "identity_disputed_by_ask_line" in scraper.parse_page(page, site="codingahead").warnings
    known = scraper.parse_page(page, url=f"{URL}99043")
    assert (known.code, known.warnings) == ("99043", ())
