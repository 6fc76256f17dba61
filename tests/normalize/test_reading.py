"""What becomes of a page: never a row without evidence."""

from __future__ import annotations

from typing import get_args

import pytest

from normalize.readings import make_parsed
from scraper.normalize.reading import judge_page
from scraper.parsed import PageKind


@pytest.mark.parametrize(
    ("changes", "judgement"),
    [
        ({}, ("row", None)),
        ({"code": None}, ("quarantined", "no_evidence_of_code")),
        ({"warnings": ("identity_disputed_by_ask_line",)}, ("quarantined", "identity_disputed")),
        (
            {"warnings": ("x", "identity_disputed_by_canonical")},
            ("quarantined", "identity_disputed"),
        ),
        ({"warnings": ("boilerplate_in_description",)}, ("row", None)),
        ({"page_kind": "quota_wall"}, ("waiting", "quota_wall")),
        ({"page_kind": "login_wall"}, ("waiting", "login_wall")),
        ({"page_kind": "challenge"}, ("waiting", "challenge")),
        ({"page_kind": "not_found"}, ("absent", "not_found")),
        ({"page_kind": "guide"}, ("no_code_page", "guide")),
        ({"page_kind": "other", "code": None}, ("no_code_page", "unknown_page")),
        ({"page_kind": "other"}, ("quarantined", "unknown_page")),
        (
            {"page_kind": "other", "warnings": ("identity_disputed_by_canonical", "unknown_page")},
            ("quarantined", "unknown_page"),
        ),
    ],
)
def test_a_page_is_judged_by_its_kind_and_its_evidence(changes, judgement):
    assert judge_page(make_parsed(**changes)) == judgement


@pytest.mark.parametrize("kind", [kind for kind in get_args(PageKind) if kind != "code"])
def test_only_code_pages_are_rows(kind):
    assert judge_page(make_parsed(page_kind=kind)).outcome != "row"
