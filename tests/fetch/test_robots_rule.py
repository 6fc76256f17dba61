"""One line of robots.txt: its weight, its words and its pattern."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.robots_rule import Pattern, Rule, rules_of


@pytest.mark.parametrize(
    ("value", "text", "octets"),
    [
        ("/lamp", "Disallow: /lamp", 5),
        ("/lamp*.wax$", "Disallow: /lamp*.wax$", 11),
        ("/%7emoth", "Disallow: /%7Emoth", 8),
        ("/\u00fc", "Disallow: /%C3%BC", 7),
        ("/a b", "Disallow: /a%20b", 6),
        ("/100%", "Disallow: /100%25", 7),
        ("*", "Disallow: *", 1),
    ],
)
def test_a_rule_tells_its_words_and_its_weight(value: str, text: str, octets: int) -> None:
    rule = Rule.of(value.encode(), is_allow=False)
    assert (rule.text, rule.octets) == (text, octets)


@given(st.binary(min_size=1, max_size=40))
def test_the_words_of_a_rule_are_one_line_of_printable_ascii(value: bytes) -> None:
    for rule in rules_of(value, is_allow=True):
        assert re.fullmatch(r"Allow: [!-~]+", rule.text)


def test_an_index_page_stands_for_its_folder_where_it_is_allowed() -> None:
    page, folder = rules_of(b"/a/index.html", is_allow=True)
    assert page.text == folder.text == "Allow: /a/index.html"
    assert (page.octets, folder.octets) == (13, 4)
    assert len(rules_of(b"/a/index.html", is_allow=False)) == 1
    assert len(rules_of(b"/a/pindex.html", is_allow=True)) == 1


def test_an_empty_line_says_nothing() -> None:
    assert rules_of(b"", is_allow=True) == rules_of(b"", is_allow=False) == ()


LETTERS = st.text("ab*$", max_size=8)


@given(LETTERS, st.text("ab$", max_size=12))
def test_a_pattern_matches_what_the_same_regular_expression_does(pattern: str, path: str) -> None:
    is_anchored = pattern.endswith("$")
    body = pattern[:-1] if is_anchored else pattern
    regex = ".*".join(map(re.escape, body.split("*"))) + (r"\Z" if is_anchored else "")
    expected = re.match(regex, path) is not None
    assert Pattern.of(pattern.encode()).matches(path.encode()) is expected
