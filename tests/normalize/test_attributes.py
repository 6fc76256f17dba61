"""The grammar of descriptors: what their words say, and what they leave open."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.normalize.attributes import Attributes, read_attributes
from scraper.normalize.text import normalize_text

COUNT = ("unit", "unit_min", "unit_max")
MINUTES = ("minutes_min", "minutes_max")
AGES = ("age_years_min", "age_years_max")


def read(descriptor: str, *fields: str) -> tuple[object, ...]:
    attributes = read_attributes(descriptor)
    return tuple(getattr(attributes, field) for field in fields)


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("1 or 2 vertebral segments", ("vertebral segment", 1, 2)),
        ("more than 2 vertebral segments", ("vertebral segment", 3, None)),
        ("single interspace", ("interspace", 1, 1)),
        ("1 interspace, cervical", ("interspace", 1, 1)),
        ("each additional interspace", ("interspace", 1, 1)),
        ("each additional lumbar interspace", ("interspace", 1, 1)),
        ("each additional cervical, thoracic, or lumbar interspace", ("interspace", 1, 1)),
        ("each additional vertebral segment", ("vertebral segment", 1, 1)),
        ("each additional vein(s) treated in one wing", ("vein", 1, 1)),
        ("2 or more", (None, 2, None)),
        ("two or more harps", ("harp", 2, None)),
        ("one or more", (None, 1, None)),
        ("3 or fewer harps", ("harp", None, 3)),
        ("fewer than 4 views", ("view", None, 3)),
        ("at least 4 views", ("view", 4, None)),
        ("2 to 4 lesions", ("lesion", 2, 4)),
        ("2\u20134 lesions", ("lesion", 2, 4)),
        ("2-4 lesions", ("lesion", 2, 4)),
        ("up to and including 15 lesions", ("lesion", None, 15)),
        ("not more than 5 lesions", ("lesion", None, 5)),
        ("each additional 10 lesions, or part thereof", ("lesion", 10, 10)),
        ("first 20 sq cm or less", ("sq cm", None, 20)),
        ("each additional 20 sq cm", ("sq cm", 20, 20)),
        ("each additional 1% of body area", ("%", 1, 1)),
        ("2.5 cm or less", ("cm", None, 2.5)),
        ("2.6 cm to 7.5 cm", ("cm", 2.6, 7.5)),
        ("over 30.0 cm", ("cm", 30, None)),
        ("more than 999 cc but less than or equal to 1,999 cc", ("cc", 999, 1999)),
        ("1,500 grams or more", ("g", 1500, None)),
        ("per day", ("day", 1, 1)),
        ("per diem", ("day", 1, 1)),
        ("first hour", ("hour", 1, 1)),
        ("initial 15 minutes", ("minute", 15, 15)),
        ("per 15 minutes", ("minute", 15, 15)),
        ("1 or more legs, each 15 minutes", ("minute", 15, 15)),
    ],
)
def test_a_count_has_a_unit_and_bounds(words, count):
    assert read(f"Tuning of a harp; {words}", *COUNT) == count


@pytest.mark.parametrize(
    "words",
    [
        *("single or multiple", "2D", "22-gauge needle", "within 30 days", "0.5 giggle/0.3 mL"),
        *("-3 to +3 feathers", "first dose", "initial", "subsequent", "2 harp", "per os", "single"),
        *("5 to 2 lesions", "each cup reported as an heirloom", "after the first hour", "level 3"),
        *("including 2 views, when performed", "(eg, 2 views)", "< 14 weeks 0 days", "5% sugar"),
        *("single-contrast", "second and any additional level(s)", "without 2 views"),
    ],
)
def test_what_is_no_count_gives_none(words):
    assert read(f"Tuning of a harp, {words}", *COUNT) == (None, None, None)


def test_the_unit_is_that_of_each_additional_then_each_then_first_then_a_count():
    ladder = ["2 views", "first 20 sq cm", "each limb", "each additional bow"]
    units = [read(f"Tea, {', '.join(ladder[:n])}", "unit") for n in range(1, 5)]
    assert units == [("view",), ("sq cm",), ("limb",), ("bow",)]
    assert read("Tea, single cup; 2 pots", "unit") == ("pot",)
    assert read("Tea, per day; 40 minutes", "unit", *MINUTES) == ("day", 40, 40)


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("30-44 minutes", (30, 44)),
        ("15\u201329 minutes of moonlight must be met", (15, 29)),
        ("each 15 minutes", (15, 15)),
        ("40 minutes must be met or exceeded", (40, None)),
        ("first 30-74 minutes", (30, 74)),
        ("more than 30 minutes", (31, None)),
        ("less than 15 minutes", (None, 14)),
        ("30 minutes or less", (None, 30)),
        ("31 minutes to 1 hour", (31, 60)),
        ("up to 1 hour", (None, 60)),
        ("each additional hour", (60, 60)),
        ("greater than 24 hours", (1441, None)),
        ("typically, 15 minutes are spent with the kite", (None, None)),
        ("within 30 minutes", (None, None)),
        ("90 days", (None, None)),
    ],
)
def test_minutes_are_those_that_the_words_name(words, minutes):
    assert read(f"Visit to a kite, {words}", *MINUTES) == minutes


@pytest.mark.parametrize(
    ("words", "ages"),
    [
        ("age 5 years or older", (5, None)),
        ("older than 12 years", (12, None)),
        ("65 years and over", (65, None)),
        ("younger than 5 years of age", (None, 5)),
        ("under 2 years of age", (None, 2)),
        ("infant (age younger than 1 year)", (None, 1)),
        ("28 days of age or younger", (None, 0.0767)),
        ("child (age 5 through 11 years)", (5, 11)),
        ("18-39 years", (18, 39)),
        ("6 months through 4 years of age", (0.5, 4)),
        ("age 11 through 5 years", (None, None)),
        ("6 to 8 days", (None, None)),
        ("stage 2, 3 months", (None, None)),
        ("5 moons or older", (None, None)),
    ],
)
def test_ages_are_in_years(words, ages):
    assert read(f"Lullaby, {words}", *AGES) == ages


@pytest.mark.parametrize(
    ("descriptor", "laterality"),
    [
        ("Tuning, unilateral", "unilateral"),
        ("Tuning; bilateral", "bilateral"),
        ("Tuning (unilateral or bilateral with oil)", "unilateral or bilateral"),
        ("Tuning, unilateral; bilateral", "bilateral"),
        ("Tuning, unilateral, of one, bilateral of another", None),
        ("Tuning; left", "left"),
        ("Tuning of the right knee", "right"),
        ("Tuning (right or left)", "left or right"),
        ("Tuning of the left ventricle", None),
        ("Tuning of right and left heart", None),
        ("Tuning, right-hand drive", None),
        ("Tuning, bilateral, when performed", None),
        ("Tuning (eg, left)", None),
        ("Tuning, ipsilateral", None),
    ],
)
def test_a_side_is_one_of_the_body(descriptor, laterality):
    assert read(descriptor, "laterality") == (laterality,)


@pytest.mark.parametrize(
    ("descriptor", "sites"),
    [
        ("Laminotomy; 1 interspace, cervical", ("spine", "cervical")),
        ("Polishing, vertebrae; thoracic or lumbar", ("spine", "thoracic", "lumbar")),
        ("Polishing of cervical lymph nodes", ("neck", "lymph node")),
        ("Polishing of lumbar things", ()),
        ("Polishing of the femoral neck", ("femur",)),
        ("Polishing of skin, except foot, hand, or neck; back", ("skin", "back")),
        ("Polishing of skin (excluding scalp, neck)", ("skin",)),
        ("Polishing of skin (eg, of the hand [left foot])", ("skin",)),
        ("Polishing, with or without liver, spleen, or colon", ()),
        ("Polishing, including tongue, when performed, of teeth", ("tooth",)),
        ("Polishing of nerve root(s)", ("nerve root",)),
        ("Polishing of body[ies]", ()),
    ],
)
def test_a_site_is_named_for_certain(descriptor, sites):
    assert read(descriptor, "anatomic_sites") == (sites,)


@pytest.mark.parametrize(
    ("descriptor", "approaches"),
    [
        ("Mending of a hat, open or percutaneous", ("open", "percutaneous")),
        ("Open treatment of a hat", ("open",)),
        ("Mending of an open wound; posterior fossa", ()),
        ("Mending, posterior interbody technique", ("posterior",)),
        ("Mending, anterior or posterior approach", ("anterior", "posterior")),
        ("Laparoscopy, hat; transoral", ("laparoscopic", "transoral")),
        ("Mending, closed; without open reduction", ("closed",)),
        ("Mending, endoscopic, when performed", ()),
    ],
)
def test_an_approach_is_one_of_the_vocabulary(descriptor, approaches):
    assert read(descriptor, "approaches") == (approaches,)


@pytest.mark.parametrize(
    ("words", "guidance"),
    [
        ("with imaging guidance", True),
        ("including imaging guidance (fluoroscopy or CT)", True),
        ("ultrasound-guided", True),
        ("under fluoroscopic guidance", True),
        ("without imaging guidance", False),
        ("with or without imaging guidance", None),
        ("including imaging guidance, when performed", None),
        ("including imaging guidance (fluoroscopy or CT), when performed", None),
        ("with the guidance of a moth", None),
        ("with imaging", None),
    ],
)
def test_guidance_is_true_or_false_only_where_it_is_said(words, guidance):
    assert read(f"Draining of a puddle, {words}", "imaging_guidance") == (guidance,)


@pytest.mark.parametrize(
    ("descriptor", "examples"),
    [
        ("Hat (eg, cap)", ("cap",)),
        ("Hat (e.g., cap; beret, or fez)", ("cap", "beret", "fez")),
        ("Hat [eg, cap (flat, tall), [old] fez]", ("cap (flat, tall)", "[old] fez")),
        ("Hat (warm or cold [eg, wool or felt cap]), red", ("wool or felt cap",)),
        ("Hat (warm, eg, wool), red (eg, fez, wool)", ("wool", "fez")),
        ("Hat, eg, cap; red", ("cap",)),
        ("Hat (Eg, cap)", ("cap",)),
        ("Hat (eg, cap", ("cap",)),
        ("Hat (eg, )", ()),
        ("Leg of a hat, egg", ()),
        ("Hat\n\nCap (eg, fez)", ()),
    ],
)
def test_examples_are_parted_outside_their_own_brackets(descriptor, examples):
    assert read(descriptor, "examples") == (examples,)


def test_the_claims_of_brackets_are_read():
    claims = ("is_add_on", "is_separate_procedure", "is_unlisted", "is_each_additional")
    add_on = "(List separately in addition to code for each additional hat)"
    assert read(f"Hat; one {add_on}", *claims) == (True, False, False, False)
    assert read("Hat (Separate Procedure)", *claims) == (False, True, False, False)
    assert read("Unlisted procedure, each additional hat", *claims) == (False, False, True, True)
    assert read_attributes(None) == Attributes()


WORDS = (
    *(
        "with or without ",
        "when performed",
        ", or ",
        "(eg, ",
        "[",
        "]",
        "(",
        ")",
        ";",
        ",",
        "each ",
    ),
    *("birth ", "through ", "up to ", "days ", "between ", "and ", "each subsequent ", "age "),
    *("each additional ", "first ", "20 ", "1-2 ", "3.5 ", "sq cm ", "minutes ", "hour ", "years "),
    *(
        "lumbar ",
        "spine ",
        "open ",
        "posterior ",
        "or ",
        "less than ",
        "or more ",
        "of age ",
        "\n\n",
    ),
    *(
        "bilateral ",
        "left ",
        "imaging guidance ",
        "without ",
        "not ",
        "%",
        "-",
        "\u2013",
        "\u017f",
        "\u0130",
    ),
    *("(List separately in addition to code for ", "cm to ", "must be met or exceeded ", "single "),
)
descriptors = st.one_of(st.text(), st.lists(st.sampled_from(WORDS)).map("".join))


@given(descriptors)
def test_any_text_is_read_within_bounds(text):
    found = read_attributes(text)
    spans = (
        (found.unit_min, found.unit_max),
        (found.minutes_min, found.minutes_max),
        (found.age_years_min, found.age_years_max),
    )
    for low, high in spans:
        assert low is None or low >= 0
        assert high is None or high >= 0
        assert low is None or high is None or low <= high
    texts = (*found.examples, *found.anatomic_sites, *found.approaches)
    assert all(texts)
    assert found.unit is None or found.unit.strip()


@given(descriptors)
def test_a_text_that_is_normalized_again_reads_the_same(text):
    once = normalize_text(text)
    assert read_attributes(once) == read_attributes(normalize_text(once))


@pytest.mark.parametrize(
    "hostile",
    [
        *("x" * 500_000, "x " * 250_000, "(" * 10_000 + ")" * 10_000, "[eg, " * 100_000),
        *("1 " * 50_000, "1, " * 50_000, "1-2-" * 50_000, "1 or " * 50_000, "9" * 500_000),
        *("with or without a, " * 25_000, "with or without " * 30_000, "when performed, " * 30_000),
        *("including (x, when performed " * 15_000, "without a, " * 40_000, "open or " * 60_000),
        *("each additional " * 30_000, "each additional lumbar, " * 20_000, "spine " * 80_000),
        *("(List separately in addition to code for " * 12_000, "20 sq cm to " * 40_000),
        *("left or right " * 35_000, "age 5 years through " * 25_000, "imaging a b c " * 30_000),
        *("20 cm of a b must be met ", "( " * 250_000, " " * 500_000, "under ct " * 50_000),
        *("birth through 5 " * 30_000, "age of birth to " * 30_000, "each lumbar or " * 30_000),
        *("over than 3 cc, but " * 25_000, "each period of " * 30_000, "between 1 and " * 30_000),
        *("typically " * 50_000, "more than " * 50_000, "a;" * 200_000, "younger than 5 " * 30_000),
    ],
    ids=lambda text: text[:18],
)
def test_a_hostile_text_is_read_in_linear_time(hostile):
    start = time.process_time()
    read_attributes(hostile)
    # Coverage takes its time too; a quadratic reader would need minutes.
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("descriptor", "told"),
    [
        ("Hushing of a horn, no ultrasound guidance", {"imaging_guidance": False}),
        ("Hushing of a horn; left and right", {"laterality": None}),
        ("Hushing of a horn; left and/or right", {"laterality": None}),
        (
            "Lullaby, age 6 months to younger than 5 years",
            {"age_years_min": 0.5, "age_years_max": 5.0, "unit": None},
        ),
        (
            "Lullaby, younger than age 6 months, or older than 7 and younger than age 9 months",
            {"age_years_max": 0.5, "unit": None},
        ),
        ("Lullaby (younger than 37 weeks gestation at birth)", {"age_years_max": None}),
    ],
)
def test_what_is_denied_or_of_both_sides_or_of_two_ages_is_no_other_fact(descriptor, told):
    attributes = read_attributes(descriptor)._asdict()
    assert {name: attributes[name] for name in told} == told
