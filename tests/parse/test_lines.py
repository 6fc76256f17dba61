"""Texts that meet in a block: what stands between them decides how they are parted."""

from __future__ import annotations

import time

import pytest

from scraper.parse.blocks import read_document


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p><b>one</b> <i>two</i></p>", ["one two"]),
        ("<p><b>one</b><i>two</i></p>", ["onetwo"]),
        ("<p><b>one<i> </i></b>two</p>", ["one two"]),
        ("<p><b>one</b>\n<!-- note -->\n<i>two</i></p>", ["one two"]),
        ("<p>one<span hidden> </span>two</p>", ["onetwo"]),
        ("<p>one<script> </script>two</p>", ["onetwo"]),
        ("<p>one<img> <img>two</p>", ["one two"]),
        ("<div>one<p>two</p>three</div>", ["one", "two", "three"]),
        ("<div><p>one</p> <b>two</b></div>", ["one", "two"]),
        ("<div><p><b>one</b></p><b>two</b></div>", ["one", "two"]),
        ("<div>one<div hidden>two</div>three</div>", ["onethree"]),
        ("<div><br>one<br><br>two<br></div>", ["one", "two"]),
        ("<div><p>one<br></p>two</div>", ["one", "two"]),
        ("<div>&nbsp;<b>one</b>&nbsp;</div>", ["one"]),
        ("<p>one</p>&nbsp;<p>two</p>", ["one", "two"]),
    ],
)
def test_two_texts_are_one_line_where_no_block_ends_between_them(html, lines):
    assert read_document(f"<!doctype html><body>{html}").lines == lines


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<pre><b>one</b>\n<b>two</b></pre>", ["one", "two"]),
        ("<pre><b>one</b> <b>two</b></pre>", ["one two"]),
        ("<pre>one<br>two</pre>after", ["one", "two", "after"]),
        ("<pre>one\ntwo</pre>after<br>it", ["one", "two", "after", "it"]),
    ],
)
def test_preformatted_text_keeps_its_lines(html, lines):
    assert read_document(f"<!doctype html><body>{html}").lines == lines


def test_white_space_between_texts_may_part_the_cells_of_preformatted_text():
    document = read_document("<!doctype html><body><pre><b>one</b>\t<b>two</b></pre>")
    assert document.rows == {0: ("one", "two")}


@pytest.mark.parametrize(
    "skipped",
    [
        "<svg> <path/> </svg>",
        "<script>x</script>",
        "<select>\n</select>",
        "<svg></svg>",
        "<!-- -->",
    ],
)
def test_a_line_goes_on_behind_what_is_not_seen(skipped):
    html = f"<!doctype html><body><p>one{skipped}</p>{skipped}<p>{skipped}two</p>{skipped}"
    assert read_document(html).lines == ["one", "two"]


def test_cells_make_rows_and_what_follows_the_table_makes_lines():
    html = (
        "<table><tr><td>a</td><td><p>b</p></td></tr><tr><th>c</th><td>d<br>e</td></tr></table>"
        "<p>after</p><ul><li>it</li></ul><table><tr><td>f</td><td>g</td></tr></table>"
    )
    document = read_document(f"<!doctype html><body>{html}")
    assert document.lines == ["a b", "c d e", "after", "it", "f g"]
    assert document.rows == {0: ("a", "b"), 1: ("c", "d e"), 4: ("f", "g")}


def test_blocks_in_a_cell_are_lines_of_their_own():
    html = "<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>"
    assert read_document(f"<!doctype html><body>{html}").lines == ["a", "b", "c"]


def test_an_empty_cell_makes_no_line_and_keeps_its_place_in_the_row():
    html = "<table><tr><td>a</td><td>&nbsp;</td><td>b</td></tr><tr><td>&nbsp;</td></tr></table>"
    document = read_document(f"<!doctype html><body>{html}")
    assert document.lines == ["a b"]
    assert document.rows == {0: ("a", "", "b")}


def test_a_hidden_cell_has_no_place_in_the_row():
    html = "<table><tr><td>a</td><td hidden>x</td><td>b</td></tr></table>"
    assert read_document(f"<!doctype html><body>{html}").rows == {0: ("a", "b")}


def test_many_blocks_in_one_cell_take_time_in_proportion():
    def seconds(blocks: int) -> float:
        html = f"<table><tr><td>{'<p>x</p>' * blocks}</td></tr></table>"
        start = time.process_time()
        assert len(read_document(html).lines) == blocks
        return time.process_time() - start

    # Ten times the blocks take ten times as long; if each counted the others, a hundred times.
    assert min(seconds(20_000) for _ in range(3)) < 40 * max(seconds(2_000) for _ in range(3))
