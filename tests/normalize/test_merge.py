"""Several readings of one code make one record, whatever their order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.readings import CODE, at, make_reading, merge, sha

SHORT, STATUS = "Short wording", "Ledger status"


def test_one_reading_gives_a_whole_record():
    record = merge(
        make_reading(
            official_description="Pouring of tea; two cups (List separately in addition to code "
            "for primary procedure)",
            common_language_description="Tea\u00a0is  poured.\n\nNo 99043, no 99044.",
            ama_copyright_year=2026,
            publisher_copyright_year=2025,
            mentioned_codes=("99043", CODE, "99044", "99043"),
            gated_sections=2,
            facts={SHORT: "TEA", "Phase of the moon": "full", "Never heard of": "it"},
        )
    )
    assert (record.code, record.code_system, record.category) == (CODE, "CPT", "Category I")
    assert (record.section, record.subsection) == (
        "Medicine",
        "Special Services, Procedures and Reports",
    )
    assert (record.official_stem, record.is_add_on) == ("Pouring of tea", True)
    assert record.common_language_description == "Tea is poured.\n\nNo 99043, no 99044."
    assert record.mentioned_codes == ("99043", "99044")
    assert (record.access, record.gated_sections) == ("gated", 2)
    assert (record.ama_copyright_year, record.publisher_copyright_year) == (2026, 2025)
    assert record.short_descriptor == "TEA"
    assert record.page_facts == ("Phase of the moon: full", "Never heard of: it")
    assert (record.first_seen, record.last_changed, record.retrieved_at) == (at(0),) * 3
    assert record.official_capture == record.common_language_capture == sha(0)
    assert record.quality_flags == ()


def test_the_newest_copyright_year_wins_over_the_newest_capture():
    record = merge(
        make_reading(1, official_description="new words", ama_copyright_year=2026),
        make_reading(9, official_description="old words", ama_copyright_year=2025),
    )
    assert record.official_description == "new words"
    assert record.capture_sha256 == record.official_capture == sha(1)


def test_of_one_year_the_newest_capture_wins():
    record = merge(
        make_reading(9, official_description="new words", ama_copyright_year=2026),
        make_reading(1, official_description="old words", ama_copyright_year=2026),
    )
    assert record.official_description == "new words"


def test_of_one_second_the_later_record_wins():
    readings = [make_reading(1, offset=n, official_description=f"words {n}") for n in (7, 3, 5)]
    assert merge(*readings).official_description == "words 7"
    assert merge(*readings).raw_offset == 7


def test_each_description_goes_by_the_year_of_its_own_line():
    record = merge(
        make_reading(
            1,
            official_description="official 2026",
            ama_copyright_year=2026,
            common_language_description="common 2024",
            publisher_copyright_year=2024,
        ),
        make_reading(
            2,
            official_description="official 2025",
            ama_copyright_year=2025,
            common_language_description="common 2025",
            publisher_copyright_year=2025,
        ),
    )
    assert record.official_description == "official 2026"
    assert record.common_language_description == "common 2025"
    assert (record.official_capture, record.common_language_capture) == (sha(1), sha(2))


def test_a_null_never_replaces_a_value():
    record = merge(
        make_reading(
            1,
            official_description="words",
            ama_copyright_year=2025,
            facts={SHORT: "TEA", "Phase of the moon": "new"},
        ),
        make_reading(2, common_language_description="prose", publisher_copyright_year=2026),
    )
    assert (record.official_description, record.common_language_description) == ("words", "prose")
    assert (record.ama_copyright_year, record.publisher_copyright_year) == (2025, 2026)
    assert record.short_descriptor == "TEA"
    assert record.page_facts == ("Phase of the moon: new",)


def test_facts_merge_column_by_column_and_others_come_from_one_page():
    record = merge(
        make_reading(1, facts={SHORT: "OLD", STATUS: "Active", "Odd": "old", "More": "old"}),
        make_reading(2, facts={SHORT: "NEW", "Odd": "new"}),
    )
    assert (record.short_descriptor, record.status_code) == ("NEW", "Active")
    assert record.page_facts == ("Odd: new",)


def test_codes_that_the_kept_texts_name_are_kept():
    record = merge(
        make_reading(1, status_notice="Struck. See 99043.", mentioned_codes=("99043",)),
        make_reading(
            2,
            official_description="words of 99044",
            ama_copyright_year=2026,
            common_language_description="replaced, 99046",
            publisher_copyright_year=2024,
            mentioned_codes=("99044", "99046"),
        ),
        make_reading(4, common_language_description="kept", publisher_copyright_year=2025),
        make_reading(
            3, official_description="replaced", ama_copyright_year=2020, mentioned_codes=("99045",)
        ),
    )
    assert record.mentioned_codes == ("99043", "99044")


def test_a_wording_lasts_from_its_first_capture():
    steady = [make_reading(day, official_description="words") for day in (1, 2, 3)]
    assert merge(*steady).last_changed == at(1)
    assert merge(*steady, make_reading(0, official_description="before")).last_changed == at(1)
    assert merge(*steady, make_reading(4, official_description="after")).last_changed == at(4)
    assert merge(*steady, make_reading(4, status_notice="Struck.")).last_changed == at(4)
    assert merge(*steady).first_seen == at(1)


def test_a_wording_that_went_and_came_back_lasts_from_its_return():
    words = ("one", "two", "one")
    record = merge(*(make_reading(day, official_description=w) for day, w in enumerate(words)))
    assert record.last_changed == at(2)


def test_an_older_edition_captured_later_changes_nothing():
    record = merge(
        make_reading(1, official_description="new", ama_copyright_year=2026),
        make_reading(9, official_description="old", ama_copyright_year=2025),
    )
    assert record.last_changed == at(1)


@pytest.mark.parametrize(
    ("reading", "status"),
    [
        (make_reading(status_notice="Struck from the book."), "deleted"),
        (make_reading(history=(("2020-01-01", "Added"), ("2024-01-01", "Deleted"))), "deleted"),
        (make_reading(history=(("12/31/2011", "Added"), ("01/01/2024", "deleted"))), "deleted"),
        (make_reading(history=(("01/01/2011", "Deleted"), ("12/31/2024", "Added"))), "unknown"),
        (make_reading(history=(("long ago", "Deleted"), ("2024-01-01", "Added"))), "unknown"),
        (make_reading(history=(("long ago", "Deleted"),)), "deleted"),
        (make_reading(facts={STATUS: "Active Code"}), "active"),
        (make_reading(facts={STATUS: "Bundled"}), "unknown"),
        (make_reading(facts={STATUS: "Active"}, status_notice="Struck."), "deleted"),
        (make_reading(gated_sections=5), "unknown"),
        (make_reading(), "unknown"),
    ],
)
def test_a_status_is_what_a_page_says_and_never_a_guess(reading, status):
    assert merge(reading).status == status


def test_a_notice_names_the_codes_that_replace_it():
    notice = f"Code deleted. To report {CODE}, use 99043, 0042T or 99043 (not 50,000)."
    record = merge(make_reading(status_notice=notice))
    assert record.status_notice == notice
    assert record.replaced_by == ("99043", "0042T")
    assert merge(make_reading()).replaced_by == ()


@pytest.mark.parametrize(
    ("official", "stem", "variant"),
    [
        ("Tea;", "Tea", None),
        ("; two cups", None, "two cups"),
        (";", None, None),
        ("Tea; one; two", "Tea", "one; two"),
        ("Tea; one\n\nmore; of it", "Tea", "one"),
        ("Tea", "Tea", None),
    ],
)
def test_a_descriptor_is_split_at_its_first_semicolon(official, stem, variant):
    record = merge(make_reading(official_description=official))
    assert record.official_description == official
    assert (record.official_stem, record.official_variant) == (stem, variant)
    assert record.is_add_on is False


def test_without_a_descriptor_it_is_not_known_whether_it_is_an_add_on():
    assert merge(make_reading(common_language_description="prose")).is_add_on is None


def test_texts_of_dental_codes_are_withheld_wherever_they_stand():
    record = merge(
        make_reading(
            official_description="Secret words",
            common_language_description="Secret prose",
            status_notice="Struck. See D0121.",
            mentioned_codes=("D0121",),
            facts={
                SHORT: "Secret",
                "Medium wording": "Secret",
                "Long wording": "Secret",
                STATUS: "Active",
                "Odd": "Secret",
            },
        ),
        code="D0120",
    )
    assert "Secret" not in record.model_dump_json()
    assert (record.code_system, record.section) == ("HCPCS", "Dental Procedures")
    assert (record.official_capture, record.common_language_capture) == (None, None)
    assert record.is_add_on is None
    assert record.status_code == "Active"
    assert record.replaced_by == record.mentioned_codes == ("D0121",)
    assert record.quality_flags == ("cdt_text_withheld",)


def test_what_a_reader_should_know_is_flagged():
    record = merge(
        make_reading(
            official_description="caf\ufffd",
            warnings=("boilerplate_in_description", "boilerplate_in_description"),
        )
    )
    assert record.quality_flags == (
        "boilerplate_in_description",
        "no_common_language_description",
        "replacement_character",
    )


texts = st.none() | st.sampled_from(["tea", "Tea; two", "caf\u0065\u0301", "a\n\nb", ";"])
years = st.none() | st.integers(2024, 2026)
any_reading = st.builds(
    make_reading,
    day=st.integers(0, 3),
    official_description=texts,
    common_language_description=texts,
    status_notice=st.none() | st.just("Struck. See 99043."),
    ama_copyright_year=years,
    publisher_copyright_year=years,
    gated_sections=st.integers(0, 2),
    facts=st.dictionaries(
        st.sampled_from([SHORT, STATUS, "Odd"]), st.sampled_from(["x", "Active"])
    ),
    mentioned_codes=st.sampled_from([(), ("99043",), ("99044", CODE)]),
)
some_readings = st.lists(any_reading, min_size=1, max_size=5).map(
    lambda readings: [
        reading._replace(held=make_reading(number // 2, offset=number).held)
        for number, reading in enumerate(readings)
    ]
)


@given(some_readings, st.randoms(use_true_random=False))
def test_merging_in_any_order_gives_the_same_record(readings, chance):
    shuffled = readings.copy()
    chance.shuffle(shuffled)
    assert merge(*shuffled) == merge(*readings)


@given(some_readings)
def test_no_text_is_lost_and_none_is_made_up(readings):
    record = merge(*readings)
    for field in ("official_description", "common_language_description", "status_notice"):
        found = {getattr(reading.parsed, field) for reading in readings}
        merged = getattr(record, field)
        assert (merged is None) == (found == {None})
        assert merged is None or merged in {*found, "café"}
    assert record.first_seen <= record.last_changed <= max(r.held.retrieved_at for r in readings)
