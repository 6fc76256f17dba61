"""Two texts that contradict each other are flagged, and nothing is mended."""

from __future__ import annotations

import pytest

from normalize.readings import make_reading, merge

SPINE = "Untangling of a spinal kite tail"


@pytest.mark.parametrize(
    ("official", "common", "flags"),
    [
        (f"{SPINE}; lumbar", "Untangling in the cervical region.", ("spine_level_contradicted",)),
        (f"{SPINE}; lumbar", "Untangling in the neck.", ("spine_level_contradicted",)),
        (f"{SPINE}; lumbar", "Lumbar it is; for cervical tails another leaf.", ()),
        (f"{SPINE}; cervical or lumbar", "A tail of the lower back.", ()),
        (f"{SPINE}; lumbar", "Untangling of a tail.", ()),
        ("Combing of lumbar moss", "Combing of cervical moss.", ()),
        ("Tuning, bilateral", "Tuning is done unilaterally.", ("laterality_contradicted",)),
        ("Tuning, unilateral or bilateral", "Tuning is unilateral.", ()),
        ("Tuning, unilateral", "Unilateral, for bilateral tuning see elsewhere.", ()),
        ("Tuning of the left knee", "The right knee is tuned.", ("laterality_contradicted",)),
        ("Tuning of the left knee", "It hangs to the right, right away.", ()),
        ("Tea; each additional cup", "For a single cup of tea.", ("count_contradicted",)),
        ("Tea; each additional cup", "After the first cup, every additional one.", ()),
        ("Tea; each additional cup", "A cup of tea.", ()),
        ("Tea; single cup", "For every additional cup of tea.", ("count_contradicted",)),
        ("Tea; single cup", "For one cup; each additional cup has its own leaf.", ()),
        ("Study, with contrast", "Study without contrast.", ("contrast_contradicted",)),
        ("Study; without contrast", "Done with the use of contrast.", ("contrast_contradicted",)),
        ("Study; without contrast, followed by contrast", "Study with contrast.", ()),
        ("Study, with or without contrast", "Study without contrast.", ()),
        ("Study", "Study without contrast.", ()),
    ],
)
def test_a_flag_says_that_two_texts_have_nothing_in_common(official, common, flags):
    record = merge(make_reading(official_description=official, common_language_description=common))
    assert record.quality_flags == flags
    assert (record.official_description, record.common_language_description) == (official, common)


def test_one_text_contradicts_nothing():
    assert merge(make_reading(official_description=f"{SPINE}; lumbar")).quality_flags == (
        "no_common_language_description",
    )
