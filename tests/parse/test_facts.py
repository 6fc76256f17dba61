"""What an open page shows below its descriptions, in the page's own words."""

from __future__ import annotations

import pytest

import scraper
from scraper.parse.page import PageParser
from scraper.parsed import Fact, HistoryLine, Section
from scraper.sites.profile import SiteProfile, load_profiles

URL = "https://www.codingahead.com/cpt/codes/99042"
ASK = "Ask the night clerk about code 99042"
HEAD = """\
Common Language Description

Status Code is a fine beginning for the prose of a tea service.

© Copyright 2026 Coding Ahead. All rights reserved.

"""


def parse(below: str):
    return scraper.parse_page(HEAD + below, url=URL)


def facts(below: str) -> list[tuple[str, str]]:
    return [(fact.label, fact.value) for fact in parse(below).facts]


@pytest.mark.parametrize(
    "written",
    [
        "Global Days\t010",
        "| Global Days | 010 |",
        "Global Days 010",
        "Global Days: 010",
        "Global Days | 010",
        "Global Days\n\n010",
        "Global Days:\n\n010",
        "Global Days:\n010",
    ],
)
def test_a_fact_is_read_however_it_is_written(written):
    assert facts(f"Short Descr TEA\n\n{written}") == [
        ("Short Descr", "TEA"),
        ("Global Days", "010"),
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr><th>Global Days</th><td>010</td></tr></table>",
        "<table><tr><td><p>Global Days:</p></td><td><p>010</p></td></tr></table>",
        "<dl><dt>Global Days</dt><dd>010</dd></dl>",
        "<p><b>Global Days</b> 010</p>",
        "<ul><li>Global Days: 010</li></ul>",
        "<p>Global Days<br>010</p>",
    ],
)
def test_a_fact_of_an_html_page_is_the_same(html):
    head = "".join(f"<p>{line}</p>" for line in HEAD.splitlines())
    page = scraper.parse_page(f"<!doctype html><body>{head}{html}</body>", url=URL)
    assert page.facts == (Fact("Global Days", "010"),)


def test_facts_keep_the_words_and_the_order_of_the_page():
    below = "Status Code\tActive Code\nMUE\t2\tper day\nPC/TC Indicator (26, TC)\t0 = Tea"
    assert facts(below) == [
        ("Status Code", "Active Code"),
        ("MUE", "2 per day"),
        ("PC/TC Indicator (26, TC)", "0 = Tea"),
    ]


def test_a_label_without_a_value_gives_no_fact():
    assert facts("Global Days\n\nMUE\n\n2\n\nStatus Code") == [("MUE", "2")]


def test_a_label_followed_by_a_known_line_gives_no_fact():
    assert facts("Global Days\n\nCasePilot") == []


@pytest.mark.parametrize("line", ["Global Daystar 1", "Globally", "The Global Days are 10"])
def test_a_line_that_only_looks_like_a_label_is_no_fact(line):
    assert facts(line) == []


def test_the_descriptions_give_no_facts():
    assert facts("") == []


def test_numbered_sections_keep_their_blocks():
    page = parse(
        "1. Brewing\n\nTea is brewed.\nSlowly.\n\n• green\n• black\n\n| Cup | Size |\n\n"
        "2. Empty\n\n3. Global Days of tea\n\nGlobal Days are ten in all.\n\nCasePilot\n\nnot this"
    )
    assert page.sections == (
        Section("1. Brewing", ("Tea is brewed. Slowly.", "green", "black", "Cup | Size")),
        Section("3. Global Days of tea", ("Global Days are ten in all.",)),
    )
    assert page.facts == ()


def test_the_first_label_of_the_table_ends_a_section():
    page = parse("1. Brewing\n\nTea.\n\nShort Descr TEA\n\nGlobal Days 010")
    assert page.sections == (Section("1. Brewing", ("Tea.",)),)
    assert [fact.label for fact in page.facts] == ["Short Descr", "Global Days"]


def test_rows_that_go_on_the_table_of_facts_are_facts_whatever_their_label():
    rows = "Short Descr\tTEA\nWarmth:\t3\nMUE\t2"
    assert facts(f"{rows}\n\nSomething else\n\nMilk\t1") == [
        ("Short Descr", "TEA"),
        ("Warmth", "3"),
        ("MUE", "2"),
    ]


@pytest.mark.parametrize("written", ["LT Left side", "LT\n\nLeft side", "26 Professional part"])
def test_modifiers_are_read_after_the_facts(written):
    label, value = written.replace("\n\n", " ").split(" ", 1)
    assert facts(f"MUE 2\n\n{written}")[1:] == [(label, value)]
    assert facts(written) == []


def test_the_history_is_read_line_by_line():
    page = parse(
        "Date\tAction\tNotes\n2013-01-01\tAdded\tFirst\tedition\n2020-01-01\tChanged\t\n"
        "\n2021-02-03 Deleted\n\n01/02/2022 Added back again\n\nTea ends it.\n\n2023-01-01 Added x"
    )
    assert page.history == (
        HistoryLine("2013-01-01", "Added", "First edition"),
        HistoryLine("2020-01-01", "Changed", None),
        HistoryLine("2021-02-03", "Deleted", None),
        HistoryLine("01/02/2022", "Added", "back again"),
    )


def test_a_history_line_without_date_or_action_is_none():
    keys = load_profiles()["sample"].model_dump()
    keys["patterns"]["history"] = "(?P<date>[0-9]*)-(?P<action>[a-z]*)(?P<notes>!?)"
    parser = PageParser({"sample": SiteProfile.model_validate(keys)})
    below = "Date | Action | Notes\n\n2020-\n\n-added\n\n2021-added\n\n2022-cut!"
    page = parser.parse(f"In plain words\n\nTea.\n\n{ASK}\n\n{below}", site="sample")
    assert page.history == (HistoryLine("2021", "added", None), HistoryLine("2022", "cut", "!"))


def test_without_its_header_there_is_no_history():
    assert parse("2013-01-01 Added First edition").history == ()


def test_a_wall_gives_no_facts():
    page = scraper.parse_page("404\n\nGlobal Days 010", url=URL)
    assert (page.page_kind, page.facts) == ("not_found", ())


def parse_rows(rows: str):
    head = "".join(f"<p>{line}</p>" for line in HEAD.splitlines())
    return scraper.parse_page(f"<!doctype html><body>{head}<table>{rows}</table>Popular", url=URL)


def test_a_row_without_a_value_is_no_fact_and_takes_no_line_after_it():
    page = parse_rows("<tr><td>Global Days</td><td>010</td></tr><tr><td>MUE</td><td></td></tr>")
    assert page.facts == (Fact("Global Days", "010"),)


def test_an_empty_cell_of_the_history_is_not_filled_from_the_next():
    rows = (
        ("Date", "Action", "Notes"),
        ("2011-01-01", "", "Seen first"),
        ("2012-01-01", "Added", ""),
    )
    page = parse_rows(
        "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    )
    assert page.history == (HistoryLine("2012-01-01", "Added", None),)
