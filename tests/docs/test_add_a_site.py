"""The walk-through of docs/add-a-site.md, walked: its files, its commands, its output."""

from __future__ import annotations

import json
import shlex

import pytest
from click.testing import CliRunner

import scraper
from scraper.cli import cli

from .documents import blocks, shell_lines, table

NAME = "docs/add-a-site.md"


@pytest.fixture
def walker(tmp_path, monkeypatch):
    """A folder with the page and the site file of the walk-through, and its settings."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "cobbler.toml").write_text(_block("toml"), "utf-8")
    (tmp_path / "28997.html").write_text(_block("html"), "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SCRAPER_SITES_DIR", "sites")
    monkeypatch.setenv("SCRAPER_RAW_DIR", "raw")
    monkeypatch.setenv("SCRAPER_OUTPUT_DIR", "output")
    return CliRunner()


def test_the_site_file_has_under_sixty_lines():
    assert len(_block("toml").splitlines()) < 60


def test_the_site_is_listed(walker):
    assert "cobbler" in _invoke(walker, "scraper sites").stdout


def test_the_page_parses_to_the_output_that_is_shown(walker):
    printed = _invoke(walker, "scraper parse 28997.html --json").stdout
    assert list(json.loads(printed).items()) == list(json.loads(_block("json")).items())


def test_import_and_build_give_the_row_that_is_shown(walker, tmp_path):
    _invoke(walker, "scraper import 28997.html")
    _invoke(walker, "scraper build")
    [(_, row)] = scraper.load(output_dir=tmp_path / "output").iterrows()
    shown = table(NAME, "Column")
    for column, value in zip(shown.column("Column"), shown.column("Value"), strict=True):
        told = json.dumps(row[column]) if isinstance(row[column], list) else str(row[column])
        assert told == value, column


def test_the_code_that_the_page_shows_is_evidence_too(walker, tmp_path):
    page = tmp_path / "28997.html"
    page.write_text(page.read_text("utf-8").replace('<link rel="canonical"', '<link rel="next"'))
    printed = walker.invoke(cli, ["parse", "28997.html", "--site", "cobbler", "--json"]).stdout
    assert (json.loads(printed)["code"], json.loads(printed)["code_evidence"]) == (
        "28997",
        "heading",
    )


def _invoke(walker, line):
    """Run a command that the walk-through shows."""
    assert line in shell_lines(NAME)
    result = walker.invoke(cli, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    return result


def _block(language):
    [block] = blocks(NAME, language)
    return block.text
