"""The typographic policy, and the grammar of descriptors."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.normalize.descriptor import is_add_on, split_descriptor
from scraper.normalize.text import normalize_text


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        (" a \u00a0 b\t\nc ", "a b c"),
        ("a\n\n\n\n b \n\n", "a\n\nb"),
        ("Cafe\u0301", "Café"),
        ("\u212b", "Å"),
        ("“tea” \u2013 \u2018two\u2019 \u2014 5x10", "“tea” \u2013 \u2018two\u2019 \u2014 5x10"),
        ("½ µg ® ™", "½ µg ® ™"),
        ("", None),
        (" \n\n ", None),
        (None, None),
    ],
)
def test_text_is_composed_and_folded_and_otherwise_as_it_was_set(text, normal):
    assert normalize_text(text) == normal


@given(st.text())
def test_normalizing_twice_changes_nothing(text):
    once = normalize_text(text)
    assert normalize_text(once) == once
    assert once is None or unicodedata.is_normalized("NFC", once)


@given(st.text())
def test_no_visible_character_is_lost(text):
    kept = "".join((normalize_text(text) or "").split())
    assert kept == "".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize(
    "descriptor",
    [
        "tea (List separately in addition to code for primary procedure)",
        "tea (list separately in addition to code for 99042)",
        "tea (List separately in addition to codes for tea (hot) and jam)",
        "one\n\ntwo (List separately in addition to code for\n\nprimary procedure)",
        "tea (List separately in addition to the code of the morning tea)",
        "tea (List separately in addition to 99042 or 99043)",
        "tea (List separately in addition to code)",
    ],
)
def test_the_words_of_cpt_make_an_add_on(descriptor):
    assert is_add_on(descriptor)


@pytest.mark.parametrize(
    "descriptor",
    [
        "tea",
        "each additional cup",
        "List separately in addition to code for primary procedure",
        "(List separately in addition to code for primary procedure",
        "(separate procedure)",
    ],
)
def test_other_words_make_none(descriptor):
    assert not is_add_on(descriptor)


@given(st.text())
def test_a_split_loses_nothing_of_the_first_paragraph(text):
    stem, variant = split_descriptor(text)
    first = text.partition("\n\n")[0]
    assert (stem or "") == first.split(";")[0].strip()
    assert variant is None or first.strip().endswith(variant)
