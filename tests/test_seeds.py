"""Five real page texts, beside the checkout, give the five rows that the issue asks for."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

SEEDS = Path(__file__).parents[2] / "shared" / "pages" / "seeds"
OFFICIAL, COMMON = "Official Description", "Common Language Description"
BARE = "63043"  # the one page without labels

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed pages are not beside us")


def run(folder: Path, *arguments: str) -> str:
    settings = {"SCRAPER_RAW_DIR": folder / "raw", "SCRAPER_OUTPUT_DIR": folder / "output"}
    answer = subprocess.run(
        [sys.executable, "-m", "scraper", *arguments],
        env=os.environ | {name: str(value) for name, value in settings.items()},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    run(folder, "import", str(SEEDS), "--site", "codingahead")
    run(folder, "build", "--site", "codingahead")
    return folder


@pytest.fixture(scope="module")
def rows(folder):
    table = pq.read_table(folder / "output" / "latest" / "codes.parquet")
    return {row["code"]: row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def seeds():
    """The lines of each seed file, by the code that it asks about, or names first."""
    pages = [file.read_text(encoding="utf-8").splitlines() for file in sorted(SEEDS.glob("*.txt"))]
    asked = r"Have a question about CPT® Code ([0-9]{5})\?|The CPT® Code ([0-9]{5}) refers"
    found = [re.search(asked, "\n".join(lines)) for lines in pages]
    return {match[1] or match[2]: lines for match, lines in zip(found, pages, strict=True) if match}


def between(lines: list[str], label: str, copyright_of: str) -> str:
    """The one line of text that stands between a label and a copyright line."""
    start = lines.index(label) + 1
    end = next(i for i in range(start, len(lines)) if re.match(rf"©.*{copyright_of}", lines[i]))
    (text,) = filter(None, map(str.strip, lines[start:end]))
    return text


def test_five_pages_are_five_rows(rows, seeds):
    assert list(rows) == ["63020", "63035", "63043", "63044", "63053"]
    assert seeds.keys() == rows.keys()


@pytest.mark.parametrize("code", ["63020", "63035", "63044", "63053"])
def test_a_labelled_page_gives_both_descriptions_to_the_letter(rows, seeds, code):
    row, lines = rows[code], seeds[code]
    assert row["official_description"] == between(lines, OFFICIAL, "American Medical Association")
    assert row["common_language_description"] == between(lines, COMMON, "Coding Ahead")
    assert row["layout"] == "A"


def test_the_bare_page_gives_its_prose_and_no_official_description(rows, seeds):
    lines = [line.strip() for line in seeds[BARE] if line.strip()]
    first, second = (i for i, line in enumerate(lines) if line.startswith("©"))
    assert rows[BARE]["common_language_description"] == "\n\n".join(lines[first + 1 : second])
    assert rows[BARE]["official_description"] is None
    assert rows[BARE]["layout"] == "B"


def test_every_page_has_seven_gates_and_both_years(rows):
    facts = ("access", "gated_sections", "ama_copyright_year", "publisher_copyright_year")
    assert {tuple(row[fact] for fact in facts) for row in rows.values()} == {
        ("gated", 7, 2026, 2026)
    }


def test_add_on_codes_are_known_by_their_descriptor_alone(rows):
    assert {code: row["is_add_on"] for code, row in rows.items()} == {
        "63020": False,
        "63035": True,
        "63043": None,
        "63044": True,
        "63053": True,
    }


def test_other_codes_that_a_page_names_are_kept(rows):
    assert set(rows["63044"]["mentioned_codes"]) == {"63040", "63042", "63043"}


def test_the_attributes_are_those_that_the_descriptors_say(rows):
    fields = ("is_add_on", "is_each_additional", "unit", "unit_min", "unit_max", "parent_code")
    assert {code: tuple(row[field] for field in fields) for code, row in rows.items()} == {
        "63020": (False, False, "interspace", 1, 1, None),
        "63035": (True, True, "interspace", 1, 1, "63020"),
        "63043": (None, None, None, None, None, None),
        "63044": (True, True, "interspace", 1, 1, None),
        "63053": (True, True, "vertebral segment", 1, 1, None),
    }


def test_the_levels_of_the_spine_are_sites(rows):
    levels = {"cervical", "thoracic", "lumbar", "sacral"}
    named = {code: levels.intersection(row["anatomic_sites"]) for code, row in rows.items()}
    assert named == {
        "63020": {"cervical"},
        "63035": {"cervical", "lumbar"},
        "63043": set(),
        "63044": {"lumbar"},
        "63053": {"lumbar"},
    }
    assert all("spine" in row["anatomic_sites"] for code, row in rows.items() if code != BARE)


def test_the_primary_codes_are_those_that_the_page_names(rows):
    assert rows["63035"]["primary_codes"] == ["63020", "63030"]
    assert not any(row["primary_codes"] for code, row in rows.items() if code != "63035")


def test_stem_and_variant_part_at_the_semicolon(rows):
    for code in ("63020", "63035", "63044", "63053"):
        row = rows[code]
        assert f"{row['official_stem']}; {row['official_variant']}" == row["official_description"]
        assert ";" not in row["official_stem"]


def test_the_two_texts_of_a_seed_contradict_each_other_nowhere(rows):
    flags = {flag for row in rows.values() for flag in row["quality_flags"]}
    assert flags == {"no_official_description"}


def test_the_same_input_again_publishes_nothing(folder):
    imported = json.loads(run(folder, "import", str(SEEDS), "--site", "codingahead", "--json"))
    built = json.loads(run(folder, "build", "--site", "codingahead", "--json"))
    assert (imported["kept"], imported["held_already"]) == (0, 5)
    assert (built["rows"], built["release"]) == (5, None)
