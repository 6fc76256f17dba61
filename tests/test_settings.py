"""Settings: where they come from, who wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from scraper import settings as settings_module
from scraper.errors import UsageError
from scraper.settings import FILE_NAME, Settings, find_config, load_settings


@pytest.fixture
def config(tmp_path, monkeypatch):
    """Write a settings file in an empty current folder."""
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes, name: str = FILE_NAME) -> Path:
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


@pytest.fixture
def no_checkout(monkeypatch, tmp_path):
    monkeypatch.setattr(settings_module, "_CHECKOUT", tmp_path / "nowhere")


def test_without_file_and_environment_the_defaults_hold(tmp_path, monkeypatch, no_checkout):
    monkeypatch.chdir(tmp_path)
    assert load_settings() == Settings()
    assert load_settings().site == "sample"
    assert load_settings().raw_dir == Path("raw")


def test_the_file_wins_over_the_defaults(config):
    config("pace_seconds = 3\nsite = 'other'\n")
    assert (load_settings().pace_seconds, load_settings().site) == (3.0, "other")


def test_the_environment_wins_over_the_file(config, monkeypatch):
    config("pace_seconds = 3\nworkers = 7\n")
    monkeypatch.setenv("SCRAPER_PACE_SECONDS", "4.5")
    assert (load_settings().pace_seconds, load_settings().workers) == (4.5, 7)


def test_an_empty_variable_is_no_setting(config, monkeypatch):
    config("contact = 'me@example.org'\n")
    monkeypatch.setenv("SCRAPER_CONTACT", "")
    assert load_settings().contact == "me@example.org"


def test_a_folder_in_a_file_is_relative_to_the_file(config, tmp_path):
    config("raw_dir = 'kept'\noutput_dir = '/elsewhere'\nsites_dir = '~/sites'\n")
    settings = load_settings()
    assert settings.raw_dir == tmp_path / "kept"
    assert settings.output_dir == Path("/elsewhere")
    assert settings.sites_dir == Path.home() / "sites"


def test_a_folder_in_the_environment_is_relative_to_the_current_folder(config, monkeypatch):
    config("raw_dir = 'kept'\n")
    monkeypatch.setenv("SCRAPER_RAW_DIR", "mine")
    assert load_settings().raw_dir == Path("mine")


@pytest.mark.parametrize("name", ["raw_dir", "output_dir", "sites_dir"])
def test_a_folder_in_the_environment_may_begin_with_the_home(config, monkeypatch, name):
    config("")
    monkeypatch.setenv(f"SCRAPER_{name.upper()}", "~/mine")
    assert getattr(load_settings(), name) == Path.home() / "mine"


def test_the_nearest_file_upward_is_used(config, tmp_path, monkeypatch):
    file = config("")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert find_config() == file


def test_a_file_can_be_named_by_argument_or_variable(config, monkeypatch):
    config("site = 'near'\n")
    named = config("site = 'named'\n", "named.toml")
    given = config("site = 'given'\n", "given.toml")
    assert load_settings(given).site == "given"
    monkeypatch.setenv("SCRAPER_CONFIG", str(named))
    assert load_settings().site == "named"
    assert load_settings(given).site == "given"


def test_away_from_any_file_that_of_the_checkout_is_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config() == Path(settings_module.__file__).parents[1] / FILE_NAME


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("colour = 'red'", "colour"),
        ("workers = 0", "workers"),
        ("workers = 'many'", "workers"),
        ("pace_seconds = -1", "pace_seconds"),
        ("sample_port = 70000", "sample_port"),
        ("origin = 'ftp://example.org'", "origin"),
        ("origin = 'http://example.org/path'", "origin"),
        ("origin = 'http://me:secret@example.org'", "origin"),
        ("raw_dir = 5", "raw_dir"),
        ("_env_file = 'secrets'", "_env_file"),
        ("_env_prefix = 'OTHER_'", "_env_prefix"),
        ("publish_url = 'file:///'", "publish_url"),
        ("publish_url = 'file:x'", "publish_url"),
        ("delta_table = 'file:///'", "delta_table"),
        ("delta_table = 'file:x'", "delta_table"),
        ("delta_table = ''", "delta_table"),
        ("delta_table = 'abfss://box:word@shelf/codes'", "delta_table"),
        ("delta_table = 'abfss://box%3Aword@shelf/codes'", "delta_table"),
        ("delta_table = 'az://shelf/codes;AccountKey=word'", "delta_table"),
    ],
)
def test_a_wrong_key_or_value_is_named_in_one_line(config, text, key):
    file = config(text)
    with pytest.raises(UsageError) as raised:
        load_settings()
    message = str(raised.value)
    assert message.startswith(f"{file}: {key}: ")
    assert message.endswith("; see docs/settings.md")
    assert "\n" not in message


def test_a_wrong_variable_is_named(config, monkeypatch):
    config("workers = 2\n")
    monkeypatch.setenv("SCRAPER_WORKERS", "many")
    with pytest.raises(UsageError, match=r"^SCRAPER_WORKERS: .*see docs/settings\.md$"):
        load_settings()


@pytest.mark.parametrize("text", ["site = ", b"site = '\xff'", "site = 'a'\nsite = 'b'"])
def test_a_file_that_is_no_toml_is_named(config, text):
    file = config(text)
    with pytest.raises(UsageError, match=f"^{file}: cannot be read as TOML: ") as raised:
        load_settings()
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match=f"^{tmp_path}/no.toml: cannot be read"):
        load_settings(tmp_path / "no.toml")


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().site = "other"


def test_megabytes_are_decimal():
    assert Settings(segment_megabytes=2).segment_bytes == 2_000_000


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is(name):
    assert Settings.model_fields[name].description


def test_folders_that_the_file_does_not_name_stand_beside_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scraper.toml").write_text('site = "sample"\n')
    monkeypatch.chdir("/")
    settings = load_settings(tmp_path / "scraper.toml")
    assert (settings.raw_dir, settings.output_dir) == (tmp_path / "raw", tmp_path / "output")
    assert settings.sites_dir is None


def test_a_variable_that_is_no_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SCRAPER_RAWDIR", "/elsewhere")
    load_settings()
    assert "SCRAPER_RAWDIR: is no setting" in caplog.text


@pytest.mark.parametrize("key", ["origin", "common_crawl_data", "ping_url"])
@pytest.mark.parametrize("where", ["me:hush@a.example", "hush@a.example", ":hush@a.example:80"])
def test_a_password_in_an_address_is_refused_and_not_told(config, monkeypatch, key, where):
    config(f"{key} = 'https://{where}'\n")
    with pytest.raises(UsageError, match=key) as of_file:
        load_settings()
    config("")
    monkeypatch.setenv(f"SCRAPER_{key.upper()}", f"https://{where}")
    with pytest.raises(UsageError, match=key.upper()) as of_environment:
        load_settings()
    for told in (str(of_file.value), str(of_environment.value)):
        assert "hush" not in told
        assert "\n" not in told
