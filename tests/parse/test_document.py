"""The lines and paragraphs of saved text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper.parse.document import Document, add_text_lines, fold


def read(text: str) -> Document:
    document = Document()
    add_text_lines(document, text)
    return document


def paragraphs(text: str) -> tuple[str, ...]:
    document = read(text)
    return document.paragraphs(range(len(document.lines)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree", ("one two", "three")),
        ("one\r\n\r\ntwo\rthree", ("one", "two three")),
        ("\n\n one \n\n\n\n two", ("one", "two")),
        ("one\n \u00a0 \ntwo", ("one", "two")),
        ("one\n• two\n• three\nfour", ("one", "two", "three four")),
        ("one\n- two", ("one", "two")),
        ("-3 to +3\n*starred*", ("-3 to +3 *starred*",)),
        ("", ()),
    ],
)
def test_a_blank_line_or_a_glyph_starts_a_paragraph(text, expected):
    assert paragraphs(text) == expected


def test_tabs_and_pipes_make_table_rows():
    document = read("| Date | Action |\n|---|:-:|\n| 2020 | Added |\n\nLabel\tvalue\tmore\nprose")
    assert document.lines == ["Date Action", "2020 Added", "Label value more", "prose"]
    assert list(document.rows.values()) == [
        ("Date", "Action"),
        ("2020", "Added"),
        ("Label", "value", "more"),
    ]
    assert document.block(0) == "Date | Action"
    assert document.block(3) == "prose"


@pytest.mark.parametrize("line", ["a | b", "|", "||", "| alone |"])
def test_a_line_with_less_than_two_cells_is_no_row(line):
    assert read(line).rows == {}


def test_a_tab_within_a_paragraph_is_white_space():
    assert paragraphs("one\ntwo\tthree") == ("one two three",)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (" a \n\t b\u00a0\u2003c ", "a b c"),
        ("a\u200bb\u00adc\ufeff", "abc"),
        ("\u202eabc\u202c", "abc"),
        ("\x07bell\x1b", "bell"),
        ("\u200b \u00ad", ""),
        ("café 5 µg¹⁰", "café 5 µg¹⁰"),
    ],
)
def test_white_space_is_folded_and_the_invisible_dropped(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert fold(text) == fold(text).strip()


@example("\u200b\ra")  # a line of nothing that is seen
@given(st.text(st.sampled_from("ab \n\t|-•\u200b\r\x0b"), max_size=80))
def test_every_line_is_seen_and_of_one_paragraph(text):
    document = read(text)
    assert all(line and line == fold(line) for line in document.lines)
    assert document.continued <= set(range(1, len(document.lines)))
    assert not document.continued & document.rows.keys()
