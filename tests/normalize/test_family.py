"""Codes that share a stem within a subsection name their parent."""

from __future__ import annotations

from normalize.readings import make_reading
from scraper.spool import Spool

ADD_ON = "(List separately in addition to code for primary procedure)"


def parents(descriptors: dict[str, str | None]) -> dict[str, str]:
    """The parents that a build finds, whatever the order in which the pages were read."""
    found = []
    for codes in (list(descriptors), list(reversed(descriptors))):
        with Spool() as spool:
            for number, code in enumerate(codes):
                reading = make_reading(offset=number, official_description=descriptors[code])
                spool.add_reading(code, reading)
            list(spool.readings_by_code())
            named = {code: spool.parent_of(code) for code in descriptors}
        found.append({code: parent for code, parent in named.items() if parent})
    assert found[0] == found[1]
    return found[0]


def test_the_parent_is_the_first_code_of_the_family():
    family = {
        "63020": "Tea; 1 cup",
        "63030": "TEA; 1 pot",
        "63035": f"Tea; each additional {ADD_ON}",
    }
    assert parents(family) == {"63030": "63020", "63035": "63020"}


def test_an_add_on_that_comes_first_is_no_parent():
    family = {"63010": f"Tea; milk {ADD_ON}", "63020": "Tea; 1 cup", "63030": "Tea; 1 pot"}
    assert parents(family) == {"63010": "63020", "63030": "63020"}


def test_the_code_of_the_common_part_alone_is_the_parent():
    assert parents({"63020": "Tea; 1 cup", "63030": "Tea;"}) == {"63020": "63030"}
    assert parents({"63020": "Tea; 1 cup", "63030": "Tea"}) == {"63020": "63030"}


def test_a_family_of_add_ons_has_the_one_that_is_for_no_each_additional():
    single, each = f"Tea; single cup {ADD_ON}", f"Tea; each additional cup {ADD_ON}"
    assert parents({"63052": single, "63053": each}) == {"63053": "63052"}
    assert parents({"63053": each, "63054": f"Tea; each additional pot {ADD_ON}"}) == {}


def test_codes_of_another_subsection_or_without_a_semicolon_are_no_family():
    assert parents({"63020": "Tea; 1 cup", "69020": "Tea; 1 pot"}) == {}
    assert parents({"63020": "Tea", "63030": "Tea"}) == {}
    assert parents({"63020": None, "63030": "Tea; 1 pot", "63040": ";"}) == {}


def test_the_stem_that_counts_is_that_of_the_row():
    with Spool() as spool:
        for day, words in enumerate(("Tea; 1 cup", "Milk; 1 cup")):
            spool.add_reading("63020", make_reading(day, official_description=words))
        spool.add_reading("63030", make_reading(official_description="Tea; 1 pot"))
        spool.add_reading("63040", make_reading(official_description="Milk; 1 pot"))
        list(spool.readings_by_code())
        assert [spool.parent_of(code) for code in ("63030", "63040")] == [None, "63020"]


def test_the_newest_year_counts_over_the_newest_capture():
    with Spool() as spool:
        for day, year, words in ((1, 2026, "Tea; 1 cup"), (2, 2025, "Milk; 1 cup")):
            reading = make_reading(day, official_description=words, ama_copyright_year=year)
            spool.add_reading("63020", reading)
        spool.add_reading("63030", make_reading(official_description="Tea; 1 pot"))
        list(spool.readings_by_code())
        assert spool.parent_of("63030") == "63020"
