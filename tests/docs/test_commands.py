"""What the documents tell a reader to type exists: commands, options, targets, links."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from importlib.metadata import version

import click
import pytest

from scraper.cli import cli

from .documents import DOCUMENTS, ROOT, anchors, commands, read, table

NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_that_is_shown_exists_with_its_options(name):
    for words in commands(name, "scraper"):
        _check_command(cli, words)


def test_the_check_of_commands_finds_what_does_not_exist():
    for words in (["scrap"], ["show", "63020", "--rw"], ["columns", "--table", "prices"]):
        with pytest.raises(click.UsageError):
            _check_command(cli, words)


def test_the_readme_shows_how_to_use_every_command():
    shown = {words[0] for words in commands("README.md", "scraper") if words}
    assert shown == set(cli.commands)


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_that_is_shown_exists(name):
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert {words[0] for words in commands(name, "make")} <= targets


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name):
    for link in re.findall(r"\]\(([^)\s]+)\)", read(name)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(str(target.resolve().relative_to(ROOT))), link


def test_the_readme_leads_to_every_document():
    documents = [name for name in NAMES if name.startswith("docs/")]
    assert [name for name in documents if name not in read("README.md")] == []


def test_the_changelog_has_the_version():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert project["version"] == version("scraper")
    assert re.search(rf"^## {re.escape(project['version'])}$", read("CHANGELOG.md"), re.MULTILINE)


def test_every_library_is_named_with_its_door_and_its_reason():
    libraries = table("README.md", "Library")
    assert libraries.column("Library") == [_name(line) for line in _project()["dependencies"]]
    assert all(reason for reason in libraries.column("Why"))
    for library, doors, _ in libraries.rows:
        doors_of = tuple(re.findall(r"`(.+?)`", doors))
        modules = _importers(library.replace("-", "_"))
        assert modules
        assert [module for module in modules if not module.startswith(doors_of)] == []


def test_every_tool_of_development_is_named():
    extras = _project()["optional-dependencies"]
    tools = {_name(line) for lines in extras.values() for line in lines}
    assert {tool for tool in tools if not re.search(rf"\b{tool}\b", read("README.md"))} == set()


def _project() -> dict:
    return tomllib.loads(read("pyproject.toml"))["project"]


def _name(requirement: str) -> str:
    return re.match(r"[\w-]+", requirement)[0]


def _importers(library: str) -> list[str]:
    """The modules that import a library at their head."""
    imports = re.compile(rf"^(?:import|from) {library}\b", re.MULTILINE)
    return [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "scraper").rglob("*.py")
        if imports.search(path.read_text("utf-8"))
    ]


def _check_command(command: click.Command, words: list[str]) -> None:
    """Let click read the words; raise UsageError for a command or option that there is not."""
    context = click.Context(command, info_name="scraper", **cli.context_settings)
    while isinstance(command, click.Group):
        if not words or words[0].startswith("-"):
            command.make_parser(context).parse_args(list(words))
            return
        name, words = words[0], words[1:]
        command = command.get_command(context, name) or context.fail(f"no command {name}")
    # In running text a command may stand without its arguments.
    with suppress(click.MissingParameter):
        command.make_context(command.name, list(words), parent=context)
