"""The generated parts of docs/ are what the code says today."""

from __future__ import annotations

import re

import pytest

from scraper import errors
from scraper.publish.schema import describe_columns
from scraper.record import TABLES
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

from .documents import ROOT, load_generator, read, table, tables

generator = load_generator()


def test_every_generated_part_is_current():
    assert generator.find_stale() == [], "run `make docs`"


def test_every_part_that_can_be_generated_stands_in_one_document():
    names = [
        name
        for path in (ROOT / "docs").glob("*.md")
        for name in re.findall(r"<!-- generated: (\w+) -->", path.read_text("utf-8"))
    ]
    assert sorted(names) == sorted(generator.PARTS)


def test_a_stale_part_is_found_and_made_anew(tmp_path):
    page = tmp_path / "sites.md"
    page.write_text("By hand.\n<!-- generated: sites -->\nold\n<!-- end -->\nTo the end.\n")
    assert generator.find_stale(tmp_path) == [page]
    fresh = generator.render(page.read_text())
    assert fresh.startswith("By hand.\n")
    assert fresh.endswith("\nTo the end.\n")
    assert "codingahead" in fresh
    assert "old" not in fresh
    assert generator.render(fresh) == fresh


def test_every_exit_code_is_documented():
    kinds = (*errors.RunError.__subclasses__(), *errors.SiteStopError.__subclasses__())
    codes = {error.exit_code for error in kinds}
    assert len(codes) == len(kinds)
    codes |= {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert table("docs/cli.md", "Exit code").column("Exit code") == [str(c) for c in sorted(codes)]


@pytest.mark.parametrize(
    "context", list(generator.walk_commands()), ids=lambda context: context.command_path
)
def test_every_option_and_argument_of_a_command_is_documented(context):
    parts = re.split(r"^## ", read("docs/cli.md"), flags=re.MULTILINE)
    [section] = [part for part in parts if part.startswith(f"{context.command_path}\n")]
    for param in context.command.params:
        names = param.opts if param.param_type_name == "option" else [param.name.upper()]
        assert all(name in section for name in names)
    assert "None" not in section


def test_every_setting_is_documented_with_its_variable():
    settings = table("docs/settings.md", "Setting")
    assert settings.column("Setting") == list(Settings.model_fields)
    variables = [f"SCRAPER_{name.upper()}" for name in Settings.model_fields]
    assert settings.column("Environment variable") == variables


@pytest.mark.parametrize(("number", "name"), list(enumerate(TABLES)))
def test_every_column_is_documented(number, name):
    shown = [found for found in tables("docs/columns.md") if found.head[0] == "Column"][number]
    columns = describe_columns(TABLES[name])
    assert shown.column("Column") == [column.name for column in columns]
    assert shown.column("Meaning") == [column.description for column in columns]
    assert [cell == "yes" for cell in shown.column("May be null")] == [c.nullable for c in columns]


def test_every_built_in_site_is_documented():
    assert table("docs/sites.md", "Name").column("Name") == list(load_profiles())
