"""Show how the parser's answer differs from a case's expected.json; write it only with --write.

    python tests/parse/record_case.py [CASE ...] [--write]

A case whose forms (page.html, page.txt) do not agree is never written.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from difflib import unified_diff
from pathlib import Path
from typing import Any

import scraper
from scraper.parsed import ParsedPage

CASES = Path(__file__).resolve().parent.parent / "cases"
NOT_COMPARED = ("file", "warnings")
FIELDS = tuple(f.name for f in dataclasses.fields(ParsedPage) if f.name not in NOT_COMPARED)


def find_cases(root: Path = CASES) -> list[Path]:
    """Return the case folders, `<root>/<site>/<case>`, sorted by name."""
    return sorted(meta.parent for meta in root.glob("*/*/meta.json"))


def read_json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def forms_of(case: Path) -> list[str]:
    """Return the forms of a page that a case holds: html, txt or both."""
    return read_json(case / "meta.json")["forms"]


def to_fields(page: ParsedPage) -> dict[str, Any]:
    """Return the compared fields of a parsed page as JSON values."""
    values = json.loads(json.dumps(dataclasses.asdict(page)))
    return {name: values[name] for name in FIELDS}


def parse_form(case: Path, form: str) -> dict[str, Any]:
    body = (case / f"page.{form}").read_bytes()
    url = read_json(case / "meta.json")["url"]
    return to_fields(scraper.parse_page(body, url=url, site=case.parent.name))


def diff_fields(old: dict[str, Any], new: dict[str, Any], names: tuple[str, str]) -> list[str]:
    """Return the lines of a unified diff; mentioned codes differ only as a set."""
    lines = [to_json(_by_set(fields)).splitlines() for fields in (old, new)]
    return list(unified_diff(*lines, *names, lineterm="", n=1))


def to_json(fields: dict[str, Any]) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False) + "\n"


def _by_set(fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "mentioned_codes": sorted(set(fields.get("mentioned_codes", ())))}


def record_case(case: Path, *, write: bool) -> bool:
    """Print the diffs of one case and tell whether there was none."""
    first, *others = forms_of(case)
    found = parse_form(case, first)
    for form in others:
        if lines := diff_fields(found, parse_form(case, form), (f"page.{first}", f"page.{form}")):
            print(f"{case.name}: the forms do not agree, nothing is written", *lines, sep="\n")
            return False
    file = case / "expected.json"
    old = read_json(file) if file.exists() else {}
    lines = diff_fields(old, found, ("expected.json", "parser"))
    if lines:
        print(case.name, *lines, sep="\n")
    if lines and write:
        file.write_text(to_json(found), encoding="utf-8")
    return not lines


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="names of cases; all when none is given")
    parser.add_argument("--write", action="store_true", help="write expected.json anew")
    parser.add_argument("--root", type=Path, default=CASES, help="folder of the sites' cases")
    options = parser.parse_args(arguments)
    known = {case.name: case for case in find_cases(options.root)}
    if unknown := set(options.cases) - set(known):
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    wanted = [known[name] for name in options.cases] or list(known.values())
    same = [record_case(case, write=options.write) for case in wanted]
    print(f"{len(same)} cases, {same.count(False)} differ")
    return 0 if all(same) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
