"""Which role a line plays: only as a whole, and only if the profile knows it."""

from __future__ import annotations

import pytest

from scraper.parse.lexicon import LONGEST_KNOWN_LINE, Lexicon, Role
from scraper.sites.profile import SiteProfile, load_profiles

CODINGAHEAD = Lexicon(load_profiles()["codingahead"])
GATE = "Create a free account to unlock this content"


def role_of(line: str) -> Role | None:
    marks = CODINGAHEAD.marks([line])
    return marks[0].role if marks else None


def make_lexicon(**tables) -> Lexicon:
    keys = {
        "name": "lamp",
        "title": "Lamp",
        "publisher": "Lamp",
        "origin": "https://lamp.example",
        "hosts": ["lamp.example"],
        "code_paths": {"CPT": "/{code}"},
    }
    return Lexicon(SiteProfile.model_validate(keys | tables))


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Official Description", Role.OFFICIAL_LABEL),
        ("Common Language Description", Role.COMMON_LABEL),
        (GATE, Role.GATE),
        ("CasePilot", Role.PROMO),
        ("CareerCenter", Role.MENU),
        ("Have a question about CPT® Code 99042?", Role.ASK_LINE),
        ("© Copyright 2026 American Medical Association. All rights reserved.", Role.AMA_COPYRIGHT),
        ("Copyright © 2019-2026 American Medical Association.", Role.AMA_COPYRIGHT),
        ("CPT © 2026 American Medical Association. All Rights Reserved.", Role.AMA_COPYRIGHT),
        ("© 2025 Coding Ahead", Role.PUBLISHER_COPYRIGHT),
        ("© 2024\u20132025 Coding Ahead. All Rights Reserved.", Role.PUBLISHER_COPYRIGHT),
        (f"Register to view content{GATE}", Role.GATE),
        ("2. What is CPT 99042?", Role.SECTION),
        ("0 code page views remaining. Guest accounts are limited to 1 page view.", Role.METER),
        ("Code deleted. See 99043.", Role.STATUS_NOTICE),
        ("Quick Reference: CPT 99042", Role.GUIDE),
        ("1. Brewing", Role.SECTION),
        ("Date Action Notes", Role.HISTORY),
    ],
)
def test_a_known_line_has_its_role(line, role):
    assert role_of(line) is role


@pytest.mark.parametrize(
    "line",
    [
        f"{GATE}.",
        f"Please: {GATE}",
        "official description",
        "Official Description of tea",
        "The line Official Description heads a part",
        "1. Tea is poured first. Then it is drunk.",
        "",
    ],
)
def test_a_part_of_a_line_has_none(line):
    assert role_of(line) is None


def test_patterns_are_not_tried_on_prose():
    start = "Code deleted. "
    assert role_of(start.ljust(LONGEST_KNOWN_LINE, "x")) is Role.STATUS_NOTICE
    assert role_of(start.ljust(LONGEST_KNOWN_LINE + 1, "x")) is None


def test_marks_come_in_order_with_their_groups():
    marks = CODINGAHEAD.marks(["3 code page views remaining", "tea", GATE, "Official Description"])
    assert [mark.line for mark in marks] == [0, 2, 3]
    assert marks[0].groups == {"views": "3"}


def test_a_fixed_line_wins_over_a_pattern_and_a_label_over_a_promo():
    lexicon = make_lexicon(
        labels={"official_description": ["Tea"], "section_pattern": ".{1,9}"},
        boilerplate={"promos": ["Tea", "Jam"]},
    )
    roles = [mark.role for mark in lexicon.marks(["Tea", "Jam", "Milk"])]
    assert roles == [Role.OFFICIAL_LABEL, Role.PROMO, Role.SECTION]


def test_patterns_with_alternatives_and_equal_groups_do_not_disturb_each_other():
    lexicon = make_lexicon(
        patterns={
            "ama_copyright": "A|(?P<year>[0-9]{4}) AMA",
            "publisher_copyright": "(?P<year>[0-9]{4}) Lamp|B",
            "guide": ["x|y", "(one) (two)"],
        }
    )
    marks = lexicon.marks(["2026 AMA", "2025 Lamp", "B", "y", "one two", "x 2026 AMA"])
    assert [(m.role, m.groups) for m in marks] == [
        (Role.AMA_COPYRIGHT, {"year": "2026"}),
        (Role.PUBLISHER_COPYRIGHT, {"year": "2025"}),
        (Role.PUBLISHER_COPYRIGHT, {"year": ""}),
        (Role.GUIDE, {}),
        (Role.GUIDE, {}),
    ]


def test_a_site_that_knows_no_lines_marks_none():
    lexicon = make_lexicon()
    assert lexicon.marks(["Tea", GATE]) == []
    assert lexicon.wall_kind(["404"]) is None


def test_walls_are_known_whatever_the_case():
    lexicon = make_lexicon(walls={"login_wall": ["show your card|sign in"], "not_found": ["gone"]})
    assert lexicon.wall_kind(["tea", "SIGN IN"]) == "login_wall"
    assert lexicon.wall_kind(["sign in", "Gone"]) == "not_found"
    assert lexicon.wall_kind(["sign in to tea", "x" * 500]) is None
