"""The table of attributes: each has a row, and its example gives what the row says."""

from __future__ import annotations

import json

import pytest

from scraper.normalize.attributes import Attributes, read_attributes

from .documents import read, table

ATTRIBUTES = table("docs/columns.md", "Attribute")


def test_every_attribute_has_a_row():
    assert ATTRIBUTES.column("Attribute") == list(Attributes._fields)
    assert all(f"`{name}`" in read("docs/columns.md") for name in ("parent_code", "primary_codes"))


@pytest.mark.parametrize("row", ATTRIBUTES.rows, ids=lambda row: row[0])
def test_the_example_gives_what_the_row_says(row):
    name, _, example, gives = row
    found = getattr(read_attributes(example), name.strip("`"))
    assert (list(found) if isinstance(found, tuple) else found) == json.loads(gives.strip("`"))
