"""Saved pages and what each must give: one result per case, form and field."""

from __future__ import annotations

import codecs
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from record_case import CASES, FIELDS, find_cases, forms_of, main, parse_form, read_json, to_fields

import scraper

CODINGAHEAD = CASES / "codingahead"
PAGES = [(case, form) for case in find_cases() for form in forms_of(case)]

# The rows of the site's variants, seen or to be expected, and the rules of what each page gives.
CASES_BY_ROW = {
    "A (2026)": ["a"],
    "B (2026)": ["b"],
    "A open": ["a_open", "a_open_lines_parted_by_br"],
    "B open": ["b_open", "b_open_2025"],
    "A-2025": ["a_2025", "a_2025_open"],
    "A-2025 legacy": ["a_2025_legacy"],
    "deleted notice": ["deleted_to_report", "deleted_see", "deleted_for"],
    "no common description": ["no_common_description"],
    "descriptor over several paragraphs": ["descriptor_paragraphs"],
    "descriptor ends with ';'": ["descriptor_semicolon"],
    "description over several paragraphs": ["description_paragraphs", "description_paragraphs_b"],
    "guide": ["guide_a", "guide_b"],
    "site articles": ["article_how_to_use", "article_code_list", "article_old_post"],
    "quota wall": ["quota_wall_gates", "quota_wall_no_gates", "quota_wall_ask_line"],
    "log-in, 404, bot check": ["login_wall", "not_found", "challenge"],
    "codes not seen yet": ["anesthesia", "evaluation_management", "category_ii", "pla", "hcpcs"],
    "other codes": ["category_iii", "maaa", "vaccine"],
    "lists": ["description_list", "description_list_b"],
    "years": ["years_differ", "ama_line_missing", "publisher_line_missing"],
    "identity by URL": ["identity_url_lower_case", "identity_url_longer_segment"],
    "identity by ask line": ["identity_ask_line", "identity_ask_line_other_code_first"],
    "identity by prose": ["b_refers_to", "b_described_by", "b_code_is"],
    "no guessed identity": ["b_comparative", "b_comparative_at_start", "b_no_code"],
    "no evidence": ["b_definition_of_another_code", "identity_footer_example"],
    "another code first": ["identity_other_code_first", "b_other_code_first"],
    "URL and ask line disagree": ["identity_disagree"],
    "white space": ["whitespace", "line_breaks", "carriage_returns"],
    "characters": ["characters", "characters_as_entities"],
    "whole lines only": ["headings_in_prose", "gates_whole_line"],
    "gates": ["five_gates", "gates_hidden", "gate_inside_description"],
    "views": ["views_left"],
    "missing parts": ["official_missing", "official_empty", "cut_off"],
    "mentioned codes": ["mentioned_codes", "mentioned_numbers", "mentioned_sources"],
    "facts": ["facts_tabs", "facts_lines", "facts_blocks", "mentioned_facts"],
    "HTML": ["hidden_text", "tag_soup", "inline_tags", "tables_for_layout"],
}


@cache
def parse_once(case: Path, form: str) -> dict[str, Any]:
    return parse_form(case, form)


def comparable(field: str, value: Any) -> Any:
    return sorted(set(value)) if field == "mentioned_codes" else value


@pytest.mark.parametrize(
    ("case", "form", "field"),
    [
        pytest.param(case, form, field, id=f"{case.name}-{form}-{field}")
        for case, form in PAGES
        for field in FIELDS
    ],
)
def test_a_page_gives_what_its_case_expects(case, form, field):
    expected = read_json(case / "expected.json")[field]
    assert comparable(field, parse_once(case, form)[field]) == comparable(field, expected)


@pytest.mark.parametrize(
    ("case", "form"), [pytest.param(*p, id=f"{p[0].name}-{p[1]}") for p in PAGES]
)
def test_mentioned_codes_are_named_once_each(case, form):
    codes = parse_once(case, form)["mentioned_codes"]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("row", CASES_BY_ROW)
def test_every_variant_and_rule_has_its_cases(row):
    assert set(CASES_BY_ROW[row]) <= {case.name for case in find_cases()}


@pytest.mark.parametrize("case", find_cases(), ids=lambda case: case.name)
def test_a_case_is_whole(case):
    meta = read_json(case / "meta.json")
    assert meta.keys() == {"url", "why", "forms"}
    assert meta["why"]
    pages = {f"page.{form}" for form in meta["forms"]}
    assert {file.name for file in case.iterdir()} == {"meta.json", "expected.json", *pages}
    assert tuple(read_json(case / "expected.json")) == FIELDS


def _as_html(encoding: str, declared: str | None, bom: bytes = b"") -> bytes:
    page = (CODINGAHEAD / "characters" / "page.html").read_text(encoding="utf-8")
    declaration = '<meta charset="utf-8">'
    assert page.count(declaration) == 1
    page = page.replace(declaration, f'<meta charset="{declared}">' if declared else "")
    return bom + page.encode(encoding)


def _as_text(encoding: str, bom: bytes = b"") -> bytes:
    page = (CODINGAHEAD / "characters" / "page.txt").read_text(encoding="utf-8")
    return bom + page.encode(encoding)


ENCODED = {
    "html utf-8": _as_html("utf-8", "utf-8"),
    "html utf-8 with BOM": _as_html("utf-8", "utf-8", codecs.BOM_UTF8),
    "html utf-8 with BOM, declared latin-1": _as_html("utf-8", "iso-8859-1", codecs.BOM_UTF8),
    "html utf-8 declared latin-1": _as_html("utf-8", "iso-8859-1"),
    "html utf-8 without declaration": _as_html("utf-8", None),
    "html cp1252 declared so": _as_html("cp1252", "windows-1252"),
    "html cp1252 declared latin-1": _as_html("cp1252", "iso-8859-1"),
    "html cp1252 declared utf-8": _as_html("cp1252", "utf-8"),
    "html cp1252 without declaration": _as_html("cp1252", None),
    "html utf-16 little endian with BOM": _as_html("utf-16-le", "utf-16", codecs.BOM_UTF16_LE),
    "html utf-16 big endian with BOM": _as_html("utf-16-be", "utf-8", codecs.BOM_UTF16_BE),
    "text utf-8": _as_text("utf-8"),
    "text utf-8 with BOM": _as_text("utf-8", codecs.BOM_UTF8),
    "text cp1252": _as_text("cp1252"),
    "text utf-16 little endian with BOM": _as_text("utf-16-le", codecs.BOM_UTF16_LE),
    "text utf-16 big endian with BOM": _as_text("utf-16-be", codecs.BOM_UTF16_BE),
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_page_gives_the_same_whatever_its_encoding(name):
    case = CODINGAHEAD / "characters"
    url = read_json(case / "meta.json")["url"]
    found = to_fields(scraper.parse_page(ENCODED[name], url=url, site="codingahead"))
    expected = read_json(case / "expected.json")
    assert {f: comparable(f, found[f]) for f in FIELDS} == {
        f: comparable(f, expected[f]) for f in FIELDS
    }


def _copy_case(name: str, root: Path) -> Path:
    return Path(shutil.copytree(CODINGAHEAD / name, root / "codingahead" / name))


def test_recording_shows_a_difference_and_leaves_the_case_alone(tmp_path, capsys):
    file = _copy_case("a", tmp_path) / "expected.json"
    wrong = file.read_text(encoding="utf-8").replace('"layout": "A"', '"layout": "Z"')
    file.write_text(wrong, encoding="utf-8")
    assert main(["--root", str(tmp_path)]) == 1
    assert '-  "layout": "Z",\n+  "layout": "A",' in capsys.readouterr().out
    assert file.read_text(encoding="utf-8") == wrong


def test_recording_writes_when_asked(tmp_path):
    file = _copy_case("a", tmp_path) / "expected.json"
    right = read_json(file)
    file.unlink()
    assert main(["a", "--write", "--root", str(tmp_path)]) == 1
    assert read_json(file) == right
    assert main(["a", "--root", str(tmp_path)]) == 0


def test_recording_refuses_forms_that_do_not_agree(tmp_path, capsys):
    case = _copy_case("a", tmp_path)
    shutil.copy(CODINGAHEAD / "b" / "page.txt", case / "page.txt")
    before = (case / "expected.json").read_bytes()
    assert main(["a", "--write", "--root", str(tmp_path)]) == 1
    assert "a: the forms do not agree, nothing is written" in capsys.readouterr().out
    assert (case / "expected.json").read_bytes() == before
