"""Descriptors in the grammar of every chapter of CPT, against values that were written by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from scraper.normalize.attributes import Attributes, read_attributes

EXPECTED = tomllib.loads((Path(__file__).parent / "expected_by_chapter.toml").read_text("utf-8"))
# What the words do not tell: false for a claim, empty for a list, null for all else.
SILENT = read_attributes("")._asdict()


def told(descriptor: str) -> dict[str, object]:
    found = read_attributes(descriptor)._asdict()
    said = {name: value for name, value in found.items() if value != SILENT[name]}
    return {name: list(value) if type(value) is tuple else value for name, value in said.items()}


@pytest.mark.parametrize("descriptor", EXPECTED)
def test_the_descriptor_says_what_a_coder_reads_in_it(descriptor):
    assert told(descriptor) == EXPECTED[descriptor]


def test_the_table_is_long_and_tells_of_every_attribute():
    assert len(EXPECTED) >= 200
    assert set().union(*EXPECTED.values()) == set(Attributes._fields)
