"""Two versions of a text give away what became of it."""

from __future__ import annotations

import pytest

from scraper.publish.text_checks import (
    find_misread_word,
    has_lost_characters,
    inserted_words,
    is_shortened,
    telling_paragraphs,
)

TEXT = "A kite is untangled by hand. Its tail is combed. The string is wound up again."


@pytest.mark.parametrize("end", range(1, len(TEXT) - 1))
def test_every_beginning_of_a_text_is_a_cut(end):
    assert is_shortened(TEXT, TEXT[:end])
    assert is_shortened(TEXT, f"{TEXT[:end]}…")


@pytest.mark.parametrize(
    "edit",
    [
        TEXT,
        f"{TEXT} The kite is hung up.",
        TEXT.replace("combed", "brushed"),
        TEXT.replace(" Its tail is combed.", ""),
        TEXT.replace("A kite", "The kite"),
    ],
)
def test_an_edit_is_no_cut(edit):
    assert not is_shortened(TEXT, edit)


def test_a_small_piece_from_within_is_a_cut():
    assert is_shortened(TEXT, "Its tail is combed.")


def test_characters_that_gave_way_to_marks_are_lost_and_a_question_is_not():
    assert has_lost_characters("a café", "a caf\ufffd")
    assert has_lost_characters("1½ cups", "1? cups")
    assert not has_lost_characters("a café", "a cafe")
    assert not has_lost_characters("a cup", "a cup?")
    assert not has_lost_characters("a caf\ufffd", "a caf\ufffd now")


@pytest.mark.parametrize("word", ["café", "½", "“quoted”", "naïve", "Größe", "™"])
def test_a_word_read_as_western_is_told_from_the_word_itself(word):
    assert find_misread_word(f"said {word} twice") is None
    misread = word.encode().decode("cp1252", "replace")
    if "\ufffd" not in misread:
        assert find_misread_word(f"said {misread} twice") is not None
    assert find_misread_word(f"said {word.encode().decode('latin-1')} twice") is not None


def test_inserted_words_are_the_same_wherever_they_stand():
    promo = "Now with Cake for all, too!"
    ends = inserted_words(TEXT, f"{TEXT} {promo}", "99042")
    assert ends == inserted_words("Tea is poured.", f"{promo} Tea is poured.", "99043")
    assert inserted_words(TEXT, TEXT.replace("combed", "brushed"), "99042") is None


def test_an_own_code_in_an_insertion_does_not_hide_that_it_is_the_same():
    words = [
        inserted_words("Tea.", f"Tea. Ask for {code} at the bar now", code)
        for code in ("99042", "99043")
    ]
    assert words[0] == words[1] is not None


def test_a_lead_in_and_a_common_part_may_repeat_and_their_ends_may_not():
    def told(text, *, is_official):
        return list(telling_paragraphs(text, is_official=is_official, code="99042"))

    assert told("Steps:\n\na knock", is_official=False) == ["a knock"]
    assert told("a knock\n\nSteps:", is_official=False) == ["a knock", "Steps:"]
    assert told("Airing of a room;\n\nwith tea", is_official=True) == ["with tea"]
    assert told("Airing of a room;", is_official=False) == ["Airing of a room;"]
    assert told("Code 99042 is tea.", is_official=False) == ["Code ##### is tea."]
