"""The rules of the house, read off the syntax trees of all its modules."""

from __future__ import annotations

import ast
import tokenize
from functools import cache
from pathlib import Path

import pytest

import scraper

ROOT = Path(scraper.__file__).parent

# A room may import from the rooms named beside it, and from itself.
SHARED = {"errors", "codes", "clock", "capture", "disk", "parsed", "record", "settings", "sites"}
STAGES = {"fetch", "archive", "parse", "normalize", "publish"}
MAY_IMPORT = {
    "errors": set(),
    "clock": set(),
    "capture": set(),
    "disk": {"errors"},
    "parsed": set(),
    "codes": {"errors"},
    "record": {"codes"},
    "places": set(),
    "settings": {"errors", "places"},
    "sites": {"errors", "codes", "record"},
    **dict.fromkeys(STAGES, SHARED | {"places"}),
    "sample": SHARED,
    "project": SHARED,
    "progress": set(),
    "exposition": {"errors", "disk"},
    "metrics": {"exposition", "pipeline"},
    "spool": SHARED | {"normalize"},  # what normalize is given, kept on disk
    "pipeline": SHARED | STAGES | {"project", "progress", "spool"},
    "report": SHARED | STAGES | {"project", "pipeline"},
    "plan_report": SHARED | STAGES | {"project", "pipeline", "report"},
    "life_report": SHARED | {"publish", "report"},
    "cli": SHARED
    | STAGES
    | {"project", "progress", "pipeline", "report", "plan_report", "life_report", "sample"}
    | {"exposition", "metrics"},
    "__main__": {"cli"},
    "__init__": SHARED | {"parse", "publish"},
}
# One library, one door.
DOORS = {
    # What asks (exchange) and how the bytes go (transport); client names a type alone.
    "httpx": {"fetch/exchange.py", "fetch/transport.py", "fetch/client.py"},
    "ssl": {"fetch/connection.py", "fetch/transport.py", "fetch/reasons.py", "fetch/trust.py"},
    "selectolax": {"parse/blocks.py"},
    "pebble": {"parse/worker.py"},
    "fastwarc": {"archive/"},
    "pyarrow": {"publish/"},
    "deltalake": {"publish/lakehouse.py"},
    "pandas": {"publish/", "__init__.py"},  # __init__ names its type alone
    "click": {"cli/", "progress.py"},
    "pydantic_settings": {"settings.py"},
}
NETWORK = {"httpx", "socket", "ssl", "http", "urllib.request", "asyncio", "requests", "ftplib"}
MAY_PRINT = ("cli/", "progress.py")
NO_NAMES = {"utils", "util", "helpers", "common", "base", "misc"}
MODULE_LINES, FUNCTION_LINES = 250, 30

MODULES = {str(path.relative_to(ROOT)): path for path in sorted(ROOT.rglob("*.py"))}
each_module = pytest.mark.parametrize("module", MODULES)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_bytes())


@cache
def imports_of(module: str) -> frozenset[str]:
    """The dotted names that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def room_of(dotted: str) -> str | None:
    """The room of a name below the package: `parse` of `scraper.parse.page`."""
    parts = dotted.split(".")
    if parts[0] != "scraper" or len(parts) == 1:
        return None
    is_room = (ROOT / parts[1]).is_dir() or (ROOT / f"{parts[1]}.py").is_file()
    return parts[1] if is_room else "__init__"


def rooms_of(module: str) -> set[str]:
    return {room for name in imports_of(module) if (room := room_of(name))}


def functions_of(module: str) -> list[Function]:
    return [node for node in ast.walk(tree_of(module)) if isinstance(node, Function)]


def file_of(dotted: str) -> str | None:
    path = dotted.removeprefix("scraper.").replace(".", "/")
    return next((f for f in (f"{path}.py", f"{path}/__init__.py") if f in MODULES), None)


def reached_from(folder: str) -> set[str]:
    """Every module that the modules of a folder import, however far away."""
    reached: set[str] = set()
    waiting = [module for module in MODULES if module.startswith(f"{folder}/")]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            names = [n for n in imports_of(module) if n.startswith("scraper.")]
            waiting.extend(file for file in map(file_of, names) if file)
    return reached


def code_lines(module: str, node: Function) -> int:
    """The lines of a function that hold code: no comment, no blank line, no docstring."""
    with MODULES[module].open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    passed = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    lines = {n for t in tokens if t.type not in passed for n in range(t.start[0], t.end[0] + 1)}
    if ast.get_docstring(node):
        lines -= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1)))


def is_public(name: str) -> bool:
    return not name.startswith("_")


def is_broad(handler: ast.ExceptHandler) -> bool:
    names = [node.id for node in ast.walk(handler.type or handler) if isinstance(node, ast.Name)]
    return handler.type is None or not {"Exception", "BaseException"}.isdisjoint(names)


def raises(handler: ast.ExceptHandler) -> bool:
    """Tell whether a handler undoes something and lets the error go on."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


@each_module
def test_imports_point_one_way(module):
    room = Path(module).parts[0].removesuffix(".py")
    assert rooms_of(module) - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_no_stage_reaches_another_however_far(stage):
    assert not {Path(module).parts[0] for module in reached_from(stage)} & (STAGES - {stage})


def test_only_the_command_line_knows_the_sample_site():
    assert {m for m in MODULES if "sample" in rooms_of(m) and not m.startswith("sample/")} == {
        "cli/run.py",
        "cli/sample.py",
    }


@pytest.mark.parametrize("stage", ["parse", "normalize", "publish"])
def test_a_pure_stage_reaches_no_network_library(stage):
    reached = {name for module in reached_from(stage) for name in imports_of(module)}
    assert not reached & NETWORK


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library):
    users = {m for m in MODULES if any(n.split(".")[0] == library for n in imports_of(m))}
    assert users
    assert {m for m in users if not any(m.startswith(door) for door in DOORS[library])} == set()


def test_nobody_imports_what_is_private_to_another_module():
    private = [
        f"{module}: {alias.name}"
        for module in MODULES
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("scraper")
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert private == []


@each_module
def test_a_module_is_named_for_what_it_is_and_small(module):
    assert not {part.removesuffix(".py") for part in Path(module).parts} & NO_NAMES
    assert len(MODULES[module].read_bytes().splitlines()) <= MODULE_LINES


@each_module
def test_a_function_fits_on_a_screen(module):
    sizes = {node.name: code_lines(module, node) for node in functions_of(module)}
    assert {name: size for name, size in sizes.items() if size > FUNCTION_LINES} == {}


@each_module
def test_everything_public_says_what_it_is(module):
    tree = tree_of(module)
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and is_public(n.name)]
    functions = [n for n in (tree, *classes) for n in n.body if isinstance(n, Function)]
    public = [n for n in (*classes, *functions) if is_public(n.name)]
    if module != "__main__.py":
        assert ast.get_docstring(tree)
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@each_module
def test_an_error_is_caught_by_name_or_raised_again(module):
    handlers = [n for n in ast.walk(tree_of(module)) if isinstance(n, ast.ExceptHandler)]
    blind = [handler.lineno for handler in handlers if is_broad(handler) and not raises(handler)]
    assert blind == []


@each_module
def test_only_the_command_line_writes_to_the_terminal(module):
    calls = [n.func for n in ast.walk(tree_of(module)) if isinstance(n, ast.Call)]
    prints = [c.id for c in calls if isinstance(c, ast.Name) and c.id in {"print", "input"}]
    assert prints == []
    if not module.startswith(MAY_PRINT):
        names = [n.attr for n in ast.walk(tree_of(module)) if isinstance(n, ast.Attribute)]
        assert not {"stdout", "stderr", "echo"} & set(names)
