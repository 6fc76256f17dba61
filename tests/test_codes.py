"""Codes: what is one, of which category and place, and how lists of them are written."""

from __future__ import annotations

import csv
from importlib import resources
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.codes import (
    CODE_PATTERN,
    _range_key,
    _read_places,
    category_of,
    expand_codes,
    is_cdt,
    order_of,
    parse_code,
    place_of,
    system_of,
)
from scraper.errors import UsageError

PLACES = list(
    csv.DictReader(resources.files("scraper").joinpath("places.csv").read_text("utf-8").split("\n"))
)
any_code = st.from_regex(CODE_PATTERN, fullmatch=True)


@pytest.mark.parametrize(
    ("code", "system", "category"),
    [
        ("99213", "CPT", "Category I"),
        ("00100", "CPT", "Category I"),
        ("0031A", "CPT", "Category I"),
        ("0001F", "CPT", "Category II"),
        ("0042T", "CPT", "Category III"),
        ("0001U", "CPT", "PLA"),
        ("0002M", "CPT", "MAAA"),
        ("A0021", "HCPCS", "Level II"),
        ("V5364", "HCPCS", "Level II"),
        ("U0001", "HCPCS", "Level II"),
    ],
)
def test_a_code_has_a_system_and_a_category_by_its_shape(code, system, category):
    assert parse_code(code) == code
    assert (system_of(code), category_of(code)) == (system, category)


@pytest.mark.parametrize("text", ["0042t", "j1885", "0031a"])
def test_lower_case_is_allowed_and_made_upper(text):
    assert parse_code(text) == text.upper()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6302",
        "630200",
        " 63020",
        "63020\n",
        "63020-26",
        "0042X",
        "W1234",
        "Z1234",
        "AB123",
        "1234AT",
        "٦٣٠٢٠",
        "6302\uff10",
        "\uff16\uff13\uff10\uff12\uff10",
        "0042ŧ",
        "\u017f1234",
    ],
)
def test_what_only_looks_like_a_code_is_none(text):
    assert parse_code(text) is None


def test_cdt_codes_are_those_of_dentistry():
    assert is_cdt("D0120")
    assert not is_cdt("E0120")
    assert not is_cdt("00120")


def test_cpt_comes_before_hcpcs_and_numbers_in_order():
    codes = ["J1885", "99213", "0042T", "A0021", "00100"]
    assert sorted(codes, key=order_of) == ["00100", "0042T", "99213", "A0021", "J1885"]


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize("row", PLACES, ids=lambda row: f"{row['first']}-{row['last']}")
def test_both_ends_of_a_published_range_stand_in_it(row, end):
    place = place_of(row[end])
    if row["subsection"]:
        assert place == (row["section"], row["subsection"])
    else:
        assert place.section == row["section"]


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("00001", (None, None)),
        ("10003", (None, None)),
        ("99201", (None, None)),
        ("R0001", (None, None)),
        ("99217", ("Evaluation and Management", None)),
        ("10025", ("Surgery", None)),
        ("69980", ("Surgery", None)),
        ("80082", ("Pathology and Laboratory", None)),
        ("99116", ("Anesthesia", "Qualifying Circumstances for Anesthesia")),
        ("99150", ("Medicine", None)),
        ("0016F", ("Category II Codes", None)),
        ("0031A", ("Medicine", "Immunization Administration for Vaccines/Toxoids")),
        ("0042T", ("Category III Codes", None)),
        ("T0042", (None, None)),
        ("G0463", ("Procedures and Professional Services (Temporary)", None)),
    ],
)
def test_a_code_in_a_gap_has_at_most_a_section(code, place):
    assert place_of(code) == place


@pytest.mark.parametrize("level", [0, 1])
def test_the_ranges_of_a_level_are_sorted_and_disjoint(level):
    ranges = _read_places()[level]
    assert len(ranges) > 10
    assert all(one.first <= one.last for one in ranges)
    assert all(one.last < two.first for one, two in pairwise(ranges))


def test_no_range_crosses_shapes():
    for row in PLACES:
        assert parse_code(row["first"]) == row["first"]
        assert parse_code(row["last"]) == row["last"]
        assert category_of(row["first"]) == category_of(row["last"])


@given(any_code)
def test_a_code_stands_in_one_place_at_most(code):
    key = _range_key(code)
    found = [[r.place for r in level if r.first <= key <= r.last] for level in _read_places()]
    assert all(len(places) <= 1 for places in found)
    place = place_of(code)
    assert place in [*found[0], *found[1], (None, None)]
    assert place.section or not place.subsection


@given(st.text())
def test_every_text_is_a_code_in_upper_case_or_none(text):
    code = parse_code(text)
    assert code is None or (code == text.upper() and parse_code(code) == code)


def test_a_list_is_sorted_and_holds_each_code_once():
    assert expand_codes("j1885, 63020 00100,63020\n0042T") == ("00100", "0042T", "63020", "J1885")
    assert expand_codes("") == expand_codes(" , ") == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("63020-63022", ("63020", "63021", "63022")),
        ("0099T-0101T", ("0099T", "0100T", "0101T")),
        ("J0009-J0010", ("J0009", "J0010")),
        ("00099-00101", ("00099", "00100", "00101")),
        ("63020-63020", ("63020",)),
        ("0001u-0002U", ("0001U", "0002U")),
    ],
)
def test_a_range_holds_both_ends_and_all_between(text, codes):
    assert expand_codes(text) == codes


def test_a_range_may_be_as_wide_as_its_shape():
    assert len(expand_codes("00000-99999")) == 100_000


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "6302",
        "63020-",
        "-63020",
        "63020-6302",
        "63053-63020",
        "0001T-0002U",
        "00001-0002U",
        "A0001-B0002",
        "63020-63030-63040",
        "63020\u201363030",
        "٦٣٠٢٠",
    ],
)
def test_what_is_no_code_or_range_is_refused_by_name(text):
    with pytest.raises(UsageError) as raised:
        expand_codes(f"99213,{text}")
    assert repr(text) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_of_codes_may_hold_comments_ranges_and_a_byte_order_mark(tmp_path):
    file = tmp_path / "codes.txt"
    file.write_bytes("\ufeff# wanted\n63020-63021, 0042t\n\nJ1885 # a jar\n".encode())
    assert expand_codes(f"99213,@{file}") == ("0042T", "63020", "63021", "99213", "J1885")


def test_a_wrong_line_of_a_file_is_named_with_its_number(tmp_path):
    file = tmp_path / "codes.txt"
    file.write_text("63020\n# fine\n99213 nonsense\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f"^{file}:3: 'nonsense' is no code"):
        expand_codes(f"@{file}")


def test_a_file_in_a_file_is_refused(tmp_path):
    file = tmp_path / "codes.txt"
    file.write_text("@other.txt\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r":1: '@other.txt' is no code"):
        expand_codes(f"@{file}")


@pytest.mark.parametrize("content", [None, b"\xff\xfe63020"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    file = tmp_path / "codes.txt"
    if content:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=f"^{file}: cannot be read as a list of codes"):
        expand_codes(f"@{file}")
