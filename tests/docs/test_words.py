"""Every word that a table or a message can hold is documented: kinds, reasons, flags, keys."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import get_args

from pydantic import BaseModel

from scraper.fetch.plan import FetchPlan, PlannedPage, PlanReason
from scraper.fetch.reasons import FINAL, RETRYABLE
from scraper.fetch.robots import RobotsRules
from scraper.fetch.robots_file import _AGENT_KEYS, _DISALLOW_KEYS
from scraper.normalize.reading import _OUTCOME_OF_KIND
from scraper.parsed import IDENTITY_DISPUTED, CodeEvidence, Layout, PageKind, ParsedPage
from scraper.pipeline.planning import SiteStanding
from scraper.plan_report import of_plan
from scraper.publish.keys import OUTCOMES, WANTED
from scraper.publish.manifest import Manifest
from scraper.record import Outcome
from scraper.sites.profile import WALL_KINDS, SiteProfile, load_profiles

from .documents import ROOT, read, table, tables

_WORD = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


def test_every_page_kind_is_documented():
    assert set(table("docs/pages.md", "Kind").column("Kind")) == set(get_args(PageKind))


def test_every_layout_is_documented():
    assert table("docs/pages.md", "Layout").column("Layout") == list(get_args(Layout))


def test_every_evidence_of_a_code_is_documented():
    assert set(table("docs/pages.md", "Evidence").column("Evidence")) == set(get_args(CodeEvidence))


def test_every_outcome_is_documented():
    assert table("docs/pages.md", "Outcome").column("Outcome") == list(get_args(Outcome))


def test_every_key_of_a_parsed_page_is_documented_in_its_order():
    keys = [field.name for field in fields(ParsedPage)]
    assert table("docs/pages.md", "Key").column("Key") == keys


def test_every_key_of_the_manifest_is_documented():
    assert table("docs/releases.md", "Key").column("Key") == list(Manifest.model_fields)
    assert all(f"`{word}`" in read("docs/releases.md") for word in (WANTED, *OUTCOMES))


def test_every_reason_to_plan_a_page_is_documented():
    assert all(f"`{reason}`" in read("docs/cli.md") for reason in get_args(PlanReason))


def test_every_word_on_robots_txt_is_documented():
    page = PlannedPage("99216", "http://127.0.0.1/lamp", "never_seen")
    [profile] = [known for name, known in load_profiles(None).items() if name == "sample"]
    files = (None, b"", b"User-agent: *\nDisallow: /lamp\n")
    words = set()
    for body in files:
        robots = None if body is None else RobotsRules.parse(200, body)
        told = of_plan(FetchPlan((page,), 0, ()), profile, SiteStanding(robots, None, 0))
        words.add(told.data["pages"][0]["robots"])
    assert len(words) == len(files)
    assert all(f"`{word}`" in read("docs/cli.md") for word in words)


def test_every_slip_that_is_forgiven_is_documented():
    documented = read("docs/conduct.md").lower()
    slips = (*_AGENT_KEYS, *_DISALLOW_KEYS)
    assert all(f"`{slip.decode()}" in documented for slip in slips if slip != b"user-agent")


def test_every_reason_is_documented_and_none_that_does_not_exist():
    documented = {
        reason
        for name in ("docs/pages.md", "docs/archive.md", "docs/conduct.md")
        for found in tables(name)
        if found.head[0] == "Reason"
        for reason in found.column("Reason")
    }
    of_kinds = {*_OUTCOME_OF_KIND, "unknown_page"}
    assert documented == {*_reasons(), *of_kinds, *RETRYABLE, *FINAL}


def test_every_flag_is_documented_and_none_that_does_not_exist():
    others = {*get_args(CodeEvidence), "canonical"} - {"url", "prose"}
    disputes = {f"{IDENTITY_DISPUTED}_{evidence}" for evidence in others}
    assert set(table("docs/pages.md", "Flag").column("Flag")) == {*_flags(), *disputes}


def test_every_key_of_a_site_file_is_documented():
    keys = table("docs/add-a-site.md", "Key")
    assert keys.column("Key") == list(_profile_keys(SiteProfile))


def test_a_needed_key_of_a_site_file_is_marked():
    keys = table("docs/add-a-site.md", "Key")
    marked = dict(zip(keys.column("Key"), keys.column("Needed"), strict=True))
    for name, field in SiteProfile.model_fields.items():
        assert name not in marked or (marked[name] == "yes") == field.is_required()


def _reasons() -> Iterator[str]:
    """Yield the first argument of a PageError, the reason of a Judgement, and the like."""
    for node in _nodes():
        match node:
            case ast.Call(func=ast.Name("PageError" | "FetchError"), args=[ast.Constant(word), *_]):
                yield word
            case ast.Call(func=ast.Name("Judgement"), args=[_, ast.Constant(str(word))]):
                yield word
            case ast.Assign(
                targets=[ast.Tuple([ast.Name("reason"), *_])],
                value=ast.Tuple([ast.Constant(word), *_]),
            ):
                yield word
            case ast.Return(value=ast.Tuple([ast.Constant(str(word)), ast.JoinedStr()])):
                yield word
            case ast.Constant(str(text)) if "INSERT" not in text and "'waiting', '" in text:
                yield from re.findall(r"'waiting', '(\w+)'", text)


def _flags() -> Iterator[str]:
    """Yield what the parser warns of and what normalize flags."""
    for node in _nodes("parse", "normalize"):
        match node:
            case ast.Yield(value=ast.Constant(str(word))):
                yield word
            case ast.Assign(targets=[ast.Name("_FLAG")], value=ast.Constant(str(word))):
                yield word
            case ast.keyword(arg="warning" | "warnings", value=value):
                yield from _constants(value)
            case ast.Call(func=ast.Name("Description"), args=[*_, ast.IfExp() as value]):
                yield from _constants(value)


def _constants(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _nodes(*folders: str) -> Iterator[ast.AST]:
    for folder in folders or ("",):
        for path in (ROOT / "scraper" / folder).rglob("*.py"):
            yield from ast.walk(ast.parse(path.read_text("utf-8")))


def _profile_keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield the dotted keys of a site file."""
    for name, field in model.model_fields.items():
        inner = [
            kind for kind in (field.annotation, *get_args(field.annotation)) if _is_table(kind)
        ]
        if inner:
            yield from (f"{name}.{key}" for key in _profile_keys(inner[0]))
        elif name == "walls":
            yield from (f"walls.{kind}" for kind in WALL_KINDS)
        else:
            yield name


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
