"""Changes told to people: briefly, word by word, and without moving the cursor."""

from __future__ import annotations

import json
from time import process_time

import pytest

from scraper.life_report import mark_words, of_diff, of_pins
from scraper.record import ChangeRow


def change(code="10010", kind="changed", field=None, old=None, new=None):
    return ChangeRow(
        code=code,
        code_system="CPT",
        change=kind,
        field=field,
        old_value=old,
        new_value=new,
        source_url=None,
        capture=None,
        raw_file=None,
        raw_offset=None,
    )


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("a b c d", "a b c d e", "a b c d {+e+}"),
        ("x a b c d", "a b c d", "[-x-] a b c d"),
        ("one two\n\nthree", "one two three", "(only its paragraphs)"),
        (
            "one two three four five six red seven eight nine ten eleven twelve",
            "one two three four five six green seven eight nine ten eleven twelve",
            "... four five six [-red-] {+green+} seven eight nine ...",
        ),
        ("w " * 2_001, "v", "(2001 words) -> (1 words)"),
    ],
)
def test_words_are_marked_with_a_few_beside_them(old, new, marked):
    assert mark_words(old, new) == marked


def test_a_diff_is_one_line_a_change_under_its_code():
    rows = [
        change("10009", "added"),
        change(field="status", old="unknown", new="deleted"),
        change(field="official_description", old="Mending of a red kite", new="Mending of kites"),
        change(field="official_stem", old="Mending of a red kite", new="Mending of kites"),
        change(field="mue", old=None, new="4"),
        change("10011", "removed"),
    ]
    told = of_diff("2026.11.20", "2026.11.21", rows)
    assert told.text.splitlines() == [
        "2026.11.20 -> 2026.11.21: 1 added, 1 removed, 1 changed",
        "+ 10009",
        "~ 10010  status: unknown -> deleted",
        "         official_description: Mending of [-a red kite-] {+kites+}",
        "         mue: none -> 4",
        "- 10011",
    ]
    data = json.loads(json.dumps(told.data))
    assert (data["added"], data["removed"], data["changed"]) == (1, 1, 1)
    assert [row["field"] for row in data["changes"]].count("official_stem") == 1


def test_a_text_cannot_move_the_cursor():
    rows = [change(field="mue", old="\x1b[2J3", new="a\rb\x07")]
    assert {"\x1b", "\r", "\x07"} & set(of_diff("a", "b", rows).text) == set()


def test_a_long_value_is_cut_where_the_other_side_has_none():
    rows = [change(field="common_language_description", old=None, new="word " * 50)]
    assert of_diff("a", "b", rows).text.endswith(f"none -> {'word ' * 12}...")


@pytest.mark.parametrize("count", [150, 1_000, 2_000])
def test_words_that_were_made_to_be_slow_are_compared_in_time(count):
    started = process_time()
    assert mark_words("a " * count, "a b " * (count // 2))
    assert process_time() - started < 5


def test_pins_are_listed():
    assert of_pins(["2026.11.20", "2026.11.21"]).text == "2026.11.20\n2026.11.21"
    assert of_pins([]).text == "no release is pinned"
