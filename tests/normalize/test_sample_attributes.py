"""Every attribute of every code of the sample site, against values that were written by hand."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from normalize.readings import PROFILES, make_reading
from scraper import parse_page
from scraper.normalize.attributes import Attributes
from scraper.normalize.merge import merge_readings
from scraper.record import CodeRecord
from scraper.sample.book import read_book
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of
from scraper.sample.site import SampleSite
from scraper.spool import Spool

BOOK = read_book()
EXPECTED = tomllib.loads((Path(__file__).parent / "expected_attributes.toml").read_text("utf-8"))
FIELDS = (*Attributes._fields, "parent_code", "primary_codes")
CLAIMS = ("is_add_on", "is_separate_procedure", "is_unlisted", "is_each_additional")
LISTS = {CodeRecord.model_fields[name].annotation for name in ("examples", "primary_codes")}


@cache
def rows() -> dict[str, CodeRecord]:
    """The records of the whole book, each with its parent, as a build makes them."""
    site = SampleSite(BOOK, CANONICAL_ORIGIN, views_per_day=200, crawl_delay=0)
    found = {}
    with Spool() as spool:
        for number, code in enumerate(page.code for page in BOOK.pages.values()):
            body = site.answer(path_of(code), date(2026, 11, 20)).body
            parsed = parse_page(body, url=CANONICAL_ORIGIN + path_of(code), site="sample")
            if parsed.page_kind == "code":
                reading = make_reading(offset=number)._replace(parsed=parsed)
                spool.add_reading(code, reading)
        for code, readings in spool.readings_by_code():
            record = merge_readings(code, readings, PROFILES, "1")
            found[code] = record.model_copy(update={"parent_code": spool.parent_of(code)})
    return found


def expect(code: str, field: str) -> object:
    value = EXPECTED[code].get(field)
    if isinstance(value, list):
        return tuple(value)
    if value is None and field in CLAIMS and BOOK.pages[code].official:
        return False
    return () if value is None and CodeRecord.model_fields[field].annotation in LISTS else value


def test_every_code_of_the_book_has_values_written_by_hand():
    assert EXPECTED.keys() == rows().keys()
    assert len(EXPECTED) >= 60


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("code", EXPECTED)
def test_the_field_is_what_the_words_say(code, field):
    assert getattr(rows()[code], field) == expect(code, field)


@pytest.mark.parametrize("field", FIELDS)
def test_the_field_is_told_somewhere(field):
    assert any(getattr(row, field) for row in rows().values())
