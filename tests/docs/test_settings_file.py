"""scraper.toml shows every setting with its true default and what it is for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scraper.settings import ENVIRONMENT_ONLY, Settings, load_settings

from .documents import ROOT, read

_ENTRY = re.compile(r"^# (?P<comment>.+)\n(?P<off># )?(?P<key>\w+) = (?P<value>.+)$", re.MULTILINE)
ENTRIES = {entry["key"]: entry for entry in _ENTRY.finditer(read("scraper.toml"))}
IN_FILE = [name for name in Settings.model_fields if name not in ENVIRONMENT_ONLY]


def test_every_setting_has_its_line_in_the_order_of_the_code():
    assert list(ENTRIES) == IN_FILE


@pytest.mark.parametrize("name", IN_FILE)
def test_a_line_shows_the_default_and_what_it_is_for(name):
    field, entry = Settings.model_fields[name], ENTRIES[name]
    value = tomllib.loads(f"value = {entry['value']}")["value"]
    assert entry["comment"] == field.description
    assert bool(entry["off"]) == (field.default is None or name == "workers")
    assert entry["off"] or type(field.default)(value) == field.default


def test_every_line_that_is_off_is_valid_when_it_is_on(tmp_path, monkeypatch):
    lines = [f"{entry['key']} = {entry['value']}" for entry in ENTRIES.values()]
    (tmp_path / "scraper.toml").write_text("\n".join(lines))
    (tmp_path / "sites").mkdir()
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SCRAPER_{name.upper()}", raising=False)
    settings = load_settings(tmp_path / "scraper.toml")
    assert settings.sites_dir == tmp_path / "sites"
    assert settings.workers == 2


def test_the_file_itself_gives_the_defaults(monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SCRAPER_{name.upper()}", raising=False)
    settings = load_settings(ROOT / "scraper.toml")
    for name, field in Settings.model_fields.items():
        default = ROOT / field.default if isinstance(field.default, Path) else field.default
        assert getattr(settings, name) == default
