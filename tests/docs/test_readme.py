"""What the documents show as output is what came out, and their Python runs."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

import scraper
from scraper.cli import cli

from .documents import Table, blocks, read, tables

_VERSION = re.compile(r"\d{4}\.\d\d\.\d\d(?:\.\d+)?")
SNIPPETS = [
    pytest.param(block, id=f"{name}-{number}")
    for name in ("README.md", "docs/releases.md")
    for number, block in enumerate(blocks(name, "python"), 1)
    if "pyspark" not in block.text
]
OUTPUTS = {b.follows.text: b.text for b in blocks("README.md", "text") if b.follows}


def test_the_summary_is_that_of_a_real_run(run):
    shown = next(b.text for b in blocks("README.md", "text") if b.text.startswith("pages fetched"))
    told = run.summary.replace(str(run.folder), "/home/you/scraper")
    assert _VERSION.sub("VERSION", shown) == _VERSION.sub("VERSION", told)


def test_the_table_at_the_top_is_that_of_the_sample_release(project):
    codes = scraper.load().set_index("code", drop=False)
    shown: Table = tables("README.md")[0]
    assert shown.rows
    for row in shown.rows:
        values = codes.loc[row[0]]
        for column, cell in zip(shown.head, row, strict=True):
            value = "" if pd.isna(values[column]) else str(values[column])
            value = value.lower() if codes[column].dtype == "boolean" else value
            assert value.startswith(cell[:-2]) if cell.endswith(" …") else value == cell


def test_the_counts_of_the_table_at_the_top_are_true(project):
    codes, shown = scraper.load(), tables("README.md")[0]
    sizes = f"{len(shown.rows)} of its {len(codes)} rows and {len(shown.head)} of its "
    assert f"{sizes}{len(codes.columns)} columns" in read("README.md")


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_python_snippet_runs_and_prints_what_is_shown(snippet, project):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(snippet.text, "snippet", "exec"), {"__name__": "snippet"})
    assert printed.getvalue().strip() == OUTPUTS.get(snippet.text, "").strip()


def test_only_the_spark_snippet_is_not_run():
    left = [b.text for b in blocks("README.md", "python") if "pyspark" in b.text]
    assert len(left) == 1
    compile(left[0], "snippet", "exec")


def test_the_csv_snippet_gives_the_table_of_the_release(project):
    snippet = next(b.text for b in blocks("docs/releases.md", "python") if "dtype=" in b.text)
    names: dict = {}
    exec(snippet, names)
    pd.testing.assert_frame_equal(names["codes"], scraper.load(), check_dtype=False)


@pytest.mark.parametrize(
    "words",
    [
        ["scrape"],
        ["fetch"],
        ["plan"],
        ["import", "page.html"],
        ["build"],
        ["show", "11999"],
        ["sites"],
        ["columns"],
        ["verify"],
        ["diff", "VERSION", "VERSION"],
        ["history", "11999"],
    ],
    ids=lambda words: words[0],
)
def test_the_keys_of_the_json_are_those_documented(words, project, tmp_path, monkeypatch):
    if words[0] == "import":
        monkeypatch.setenv("SCRAPER_RAW_DIR", str(tmp_path))
    version = Path("output/latest").resolve().name
    words = [word.replace("VERSION", version) for word in words]
    result = CliRunner().invoke(cli, [*words, "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    keys = list((told[0] if isinstance(told, list) else told).keys())
    assert keys == _documented_keys()[words[0]]


def _documented_keys() -> dict[str, list[str]]:
    [shown] = [found for found in tables("docs/cli.md") if found.head == ("Command", "Keys")]
    return {
        command.strip("`"): re.findall(
            r"`(\w+)`", re.sub(r"\([^)]*\)|: the keys of `\w+`", "", keys)
        )
        for command, keys in shown.rows
    }
