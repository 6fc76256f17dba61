"""HTML in, the lines that a reader sees out."""

from __future__ import annotations

import pytest

from scraper.errors import PageError
from scraper.parse.blocks import check_selector, read_document
from scraper.sites.profile import Selectors

NEVER_SEEN = "NOT SEEN"


def lines_of(body: str) -> list[str]:
    return read_document(f"<!doctype html><html><body>{body}</body></html>").lines


def paragraphs_of(body: str) -> tuple[str, ...]:
    document = read_document(f"<!doctype html><html><body>{body}</body></html>")
    return document.paragraphs(range(len(document.lines)))


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<p>one</p><p>two</p>", ["one", "two"]),
        ("<p>one<p>two", ["one", "two"]),
        ("<div>one<div>two</div>three</div>", ["one", "two", "three"]),
        ("one<p>two</p>three", ["one", "two", "three"]),
        ("<p>o<b>n</b>e <i>two</i></p>", ["one two"]),
        ("<p>a<span>b<em>c</em></span>d</p>", ["abcd"]),
        ("<ul><li>one</li><li>two <b>three</b></li></ul>", ["one", "two three"]),
        ("<ul><li>• one</li><li>- two</li><li>-3 to +3</li></ul>", ["one", "two", "-3 to +3"]),
        ("<h1>one</h1>two<h2>three</h2>", ["one", "two", "three"]),
        ("<b>one</b><button>two</button><b>three</b>", ["one", "two", "three"]),
        ("<label>one</label> <a href='#'>two</a>", ["one two"]),
        ("<dl><dt>one</dt><dd>two</dd></dl>", ["one", "two"]),
        ("<details><summary>one</summary>two</details>", ["one", "two"]),
        ("<p>a\u00a0 \n\t b\u200b</p>", ["a b"]),
        ("<p>&lt;p&gt; &amp; &copy; 2026</p>", ["<p> & © 2026"]),
        ("<p></p><p> &nbsp; </p><div><span></span></div>", []),
    ],
)
def test_blocks_are_told_apart_as_a_browser_draws_them(body, lines):
    assert lines_of(body) == lines


@pytest.mark.parametrize(
    ("body", "paragraphs"),
    [
        ("<p>one<br>two</p>", ("one two",)),
        ("<p>one<br><br>two</p>", ("one", "two")),
        ("<p>one<br> <br/>two<br>three</p>", ("one", "two three")),
        ("<p><br>one<br></p>", ("one",)),
        ("<p>one<br>• two<br>• three</p>", ("one", "two", "three")),
        ("<pre>one\ntwo\n\nthree</pre>", ("one two", "three")),
        ("<pre>one<br>two</pre>", ("one two",)),
    ],
)
def test_a_break_goes_on_a_paragraph_and_two_end_it(body, paragraphs):
    assert paragraphs_of(body) == paragraphs


def test_a_break_starts_a_new_line_of_the_same_paragraph():
    document = read_document("<html><p>one<br>two</p><p>three</p>")
    assert (document.lines, document.continued) == (["one", "two", "three"], {1})


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>{}</p>",
        "<p hidden='until-found'>{}</p>",
        "<p style='display:none'>{}</p>",
        "<p style='color:red; DISPLAY : None !important'>{}</p>",
        "<p style='visibility:hidden'>{}</p>",
        "<p style='visibility: collapse'>{}</p>",
        "<p style='opacity:0'>{}</p>",
        "<p style='opacity: 0.0;color:red'>{}</p>",
        "<p style='font-size:0px'>{}</p>",
        "<div popover>{}</div>",
        "<div hidden><div><p>{}</p></div></div>",
        "<script>{}</script>",
        '<script type=\'application/ld+json\'>{{"a": "{}"}}</script>',
        "<style>p {{ content: '{}' }}</style>",
        "<template><p>{}</p></template>",
        "<noscript><p>{}</p></noscript>",
        "<svg><title>{0}</title><text>{0}</text></svg>",
        "<!-- {} -->",
        "<dialog>{}</dialog>",
        "<select><option>{}</option></select>",
        "<textarea>{}</textarea>",
        "<iframe>{}</iframe>",
        "<object>{}</object>",
        "<audio>{}</audio>",
        "<img alt='{}'><input value='{}' placeholder='{}'>",
        "<p title='{0}' data-x='{0}' aria-label='{0}'></p>",
    ],
)
def test_what_a_browser_does_not_draw_is_not_read(hidden):
    body = f"<p>before</p>{hidden.format(*[NEVER_SEEN] * 3)}<p>after</p>"
    assert lines_of(body) == ["before", "after"]
    assert lines_of(f"<p>before</p><div>{body}</div>") == ["before", "before", "after"]


@pytest.mark.parametrize(
    "seen",
    [
        "<p style='display:block'>{}</p>",
        "<p style='opacity:0.5'>{}</p>",
        "<p style='font-size:0.9em'>{}</p>",
        "<p class='hidden'>{}</p>",
        "<dialog open>{}</dialog>",
        "<p style='background: url(display:none.png)'>{}</p>",
    ],
)
def test_what_only_looks_hidden_is_read(seen):
    assert lines_of(f"<p>before</p>{seen.format('here')}<p>after</p>") == [
        "before",
        "here",
        "after",
    ]


def test_head_and_title_are_not_read():
    page = "<!doctype html><head><title>no</title><meta name=a content=no></head><body>yes"
    assert read_document(page).lines == ["yes"]


def test_a_table_row_is_one_line_with_its_cells_apart():
    document = read_document(
        "<html><table><thead><tr><th>Date<th>Action</thead>"
        "<tr><td>2020<td><p>Added</p><tr><td> <td>alone</table>"
    )
    assert document.lines == ["Date Action", "2020 Added", "alone"]
    assert document.rows == {0: ("Date", "Action"), 1: ("2020", "Added"), 2: ("", "alone")}
    assert document.block(1) == "2020 | Added"


def test_a_layout_table_gives_the_blocks_in_its_cells():
    page = "<table><tr><td><h2>Label</h2><p>one</p><p>two</p></td><td>side</td></tr></table>"
    assert lines_of(page) == ["Label", "one", "two", "side"]


def test_a_break_in_a_cell_is_a_space():
    assert lines_of("<table><tr><td>one<br>two</td><td>three</td></tr></table>") == [
        "one two three"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a < b and b > c\n\nnext",
        "Use <5 ml\n\nnext",
        "",
    ],
)
def test_text_that_is_no_html_is_read_line_by_line(text):
    assert read_document(text).lines == text.split("\n\n") * bool(text)


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><p>x",
        "  <html><p>x",
        "<!-- c --><p>x",
        "<?xml version='1.0'?><html><p>x",
        "<p>x",
        "noise <body><p>x",
        "<div class='a'>x</div>",
    ],
)
def test_html_is_known_by_its_beginning(page):
    assert read_document(page).lines[-1] == "x"


@pytest.mark.parametrize("page", ["<html>", "<!doctype html>", "<frameset><frame></frameset>"])
def test_a_page_without_text_has_no_lines(page):
    assert read_document(page).lines == []


def test_the_canonical_link_is_read():
    page = "<html><head><link REL='next Canonical' href='https://a.example/1'></head>"
    assert read_document(page).canonical_url == "https://a.example/1"
    assert read_document("<html><link rel=canonical>").canonical_url is None
    assert read_document("plain text").canonical_url is None


def test_bytes_are_decoded_first():
    assert read_document("<p>naïve".encode("cp1252")).lines == ["naïve"]
    with pytest.raises(PageError):
        read_document(b"<p>\x00\x00\xff")


@pytest.mark.parametrize("selector", ["h1 [", "p:nope(", "", "a >> b", ":has("])
def test_what_is_no_selector_is_refused_by_name(selector):
    with pytest.raises(ValueError, match="is no CSS selector"):
        check_selector(selector)


def test_a_selector_is_checked():
    assert check_selector("main > h1 .code, td:nth-child(2)") is None


def select(body: str, **selectors):
    page = f"<!doctype html><html><body>{body}</body></html>"
    return read_document(page, None, Selectors.model_validate(selectors)).selected


def test_selectors_find_texts_as_a_reader_sees_them():
    found = select(
        "<h1><b>99042</b> <i>Tea</i></h1><div class=d><p>one<br>two<p>three<p hidden>no</div>"
        "<nav><a>A</a><a>B</a></nav>",
        code="h1 b",
        official_description="h1 i",
        common_language_description=".d",
        status_notice=".gone",
        breadcrumb="nav a",
    )
    common = found.common_language_description
    assert found.code == "99042"
    assert found.official_description.lines == ["Tea"]
    assert common.paragraphs(range(3)) == ("one two", "three")
    assert (found.status_notice, found.breadcrumb) == ("", ("A", "B"))
    assert found.has_description


@pytest.mark.parametrize(
    "hidden", ["<div hidden>{}</div>", "<noscript>{}</noscript>", "<template>{}</template>"]
)
def test_a_selector_does_not_reach_into_what_is_not_seen(hidden):
    twin = hidden.format("<h1><b>99043</b></h1>")
    assert select(f"{twin}<h1><b>99042</b></h1>", code="h1 b").code == "99042"
    assert not select(twin, official_description="h1").has_description


def test_removed_elements_are_not_read_but_may_hold_the_code():
    found = select(
        "<h1><b>99042</b> Tea <small>promo</small></h1>",
        code="h1 b",
        official_description="h1",
        remove=["h1 b", "small"],
    )
    assert found.code == "99042"
    assert found.official_description.lines == ["Tea"]


def test_grids_and_history_tables_are_read_row_by_row():
    found = select(
        "<ul><li><b>Days</b><i>10</i><li><b>Empty</b><i></i></ul>"
        "<table><tr><td>2020-01-01<td>Added<td>new<tr><td>2021-01-01<td>Changed<td>"
        "<tr><td><td>nothing<td></table>",
        facts={"row": "li", "label": "b", "value": "i"},
        history={"row": "tr", "date": "td", "action": "td + td:nth-child(2)"},
    )
    assert found.facts == (("Days", "10"),)
    assert [row[1] for row in found.history] == ["Added", "Changed", "nothing"]


def test_history_notes_and_rows_without_date_or_action():
    found = select(
        "<p class=h><b>2020</b><i>Added</i><u>new</u></p><p class=h><b>2021</b></p>",
        history={"row": ".h", "date": "b", "action": "i", "notes": "u"},
    )
    assert found.history == (("2020", "Added", "new"),)
