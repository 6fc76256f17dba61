"""The vocabularies are well formed, and each line of them can be found."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from scraper.normalize.vocabulary import find_phrases, read_tokens

FOLDER = resources.files("scraper.normalize")


def lines(name: str) -> list[list[str]]:
    return list(csv.reader(FOLDER.joinpath(f"{name}.csv").read_text("utf-8").splitlines()))


@pytest.mark.parametrize(
    ("name", "conditions"),
    [
        ("sites", {"", "spine", "not femur|humerus|radius|fibula|pancreas"}),
        ("approaches", {"", "technique", "direction"}),
    ],
)
def test_a_vocabulary_is_sorted_and_has_each_phrase_once(name, conditions):
    head, *rows = lines(name)
    phrases = [row[0] for row in rows]
    assert head == ["words", "entry", "condition"]
    assert phrases == sorted(set(phrases))
    assert {row[2] for row in rows} <= conditions
    assert all(row[0] == row[0].lower().strip() for row in rows)


@pytest.mark.parametrize("name", ["sites", "approaches"])
def test_every_phrase_is_found_as_a_whole(name):
    for words, entry, condition in lines(name)[1:]:
        [match] = find_phrases(read_tokens(words), name)
        assert (match.phrase.entry, match.phrase.condition) == (entry, condition)


def test_the_longest_phrase_wins_and_none_reaches_over_a_comma():
    found = find_phrases(read_tokens("femoral necks, spinal, cord"), "sites")
    assert [match.phrase.entry for match in found] == ["femur", "spine"]
