"""Which numbers of a running text are codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.codes import parse_code
from scraper.parse.mentions import find_codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("10010 is designated for it", ["10010"]),
        ("See 63020.", ["63020"]),
        ("Is it CPT® 63020?", ["63020"]),
        ("(63020)", ["63020"]),
        ("“63020”", ["63020"]),
        ("+63035 is an add-on", ["63035"]),
        ("63020/63030", ["63020", "63030"]),
        ("63020, 63030, and 63040; 63050:", ["63020", "63030", "63040", "63050"]),
        ("99213-25", ["99213"]),
        ("99213-25, 99214-57", ["99213", "99214"]),
        ("63020-63030", ["63020", "63030"]),
        ("63020 \u2013 63030", ["63020", "63030"]),
        (
            "0042T and 0001U and 0031A and 0001F and 0002M",
            ["0042T", "0001U", "0031A", "0001F", "0002M"],
        ),
        ("J1885, A0021", ["J1885", "A0021"]),
        ("63020 then 63030 then 63020", ["63020", "63030"]),
        ("use 63030, or 63035, in 63040", ["63030", "63035", "63040"]),
        ("code 12345 units of nothing", ["12345"]),
    ],
)
def test_codes_are_found_in_order_and_once_each(text, codes):
    assert list(find_codes([text])) == codes


@pytest.mark.parametrize(
    "text",
    [
        "50,000 patients",
        "50000 patients",
        "63020 units",
        "63020 dollars",
        "10000 mg",
        "12000mL",
        "63020%",
        "$63020",
        "€ 63020",
        "USD 63020",
        "10.63020",
        "63020.5",
        "63020.A",
        "163020",
        "63020123",
        "63020TC",
        "CPT63020",
        "2x1010",
        "5 x 10100",
        "Springfield, IL 62704",
        "ZIP 62704",
        "ZIP code 62704-1234",
        "62704-1234",
        "phone 555-63020",
        "(800) 55512",
        "fax 63020",
        "P.O. Box 63020",
        "Ray ID: 63020",
        "order number 63020",
        "NPI 63020",
        "ICD-10 M5416",
        "ICD-10-CM code: M5416",
        "ICD-10 codes M5416, M5417 and S3210",
        "M54.16",
        "W1234",
        "0042X",
        "#63020",
    ],
)
def test_other_numbers_are_no_codes(text):
    assert find_codes([text]) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ICD-10 M5416 and 63020", ["63020"]),
        ("ICD-10 codes M5416, M5417 and S3210, with 63020", ["63020"]),
        ("IL 62704 is far, OR 97201 is farther, 63020 is near", ["62704", "63020"]),
    ],
)
def test_a_code_beside_other_numbers_is_still_found(text, codes):
    assert list(find_codes([text])) == codes


def test_texts_are_read_one_by_one():
    assert find_codes(["63020", "no number", "", "63030 63020"]) == ("63020", "63030")


@given(st.lists(st.text(st.sampled_from("0123456789AT-\u2013,. ()J"), max_size=60), max_size=4))
def test_whatever_is_found_is_a_code_and_stands_in_the_text(texts):
    found = find_codes(texts)
    assert len(set(found)) == len(found)
    assert all(parse_code(code) == code and code in "\n".join(texts) for code in found)
