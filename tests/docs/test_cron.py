"""docs/cron.md against the code: exit codes, options, variables, fields, metrics, units."""

from __future__ import annotations

import re
import shlex
from configparser import RawConfigParser
from datetime import UTC, datetime

import pytest

from scraper import errors
from scraper.cli import cli
from scraper.cli.logs import FIELDS
from scraper.cli.watch import _ENDED_BY_OTHERS, _WENT_WELL
from scraper.errors import EXIT_PAGES, FetchError, SiteStopError
from scraper.metrics import RunRecord, gauges_of
from scraper.pipeline.built import BuildReport
from scraper.pipeline.fetching import FetchReport
from scraper.pipeline.importing import ImportReport
from scraper.pipeline.measuring import Holdings
from scraper.settings import ENV_PREFIX, Settings

from .documents import blocks, read, table
from .test_commands import _check_command

NAME = "docs/cron.md"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
COMMANDS = re.findall(r"/bin/(scraper [^\n>|]*)", read(NAME))


def test_crontab_service_and_ci_run_commands_and_options_that_exist():
    assert len(COMMANDS) == 3
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        context = cli.make_context("scraper", list(words))
        assert context.params["log_format"] in {"text", "json"}
        _check_command(cli, words[words.index("scrape") :])


def test_every_variable_and_setting_that_is_named_exists():
    variables = set(re.findall(rf"\b{ENV_PREFIX}[A-Z_]+", read(NAME)))
    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert variables <= known | {f"{ENV_PREFIX}CONFIG"}
    assert {"SCRAPER_CONTACT", "SCRAPER_LOG_FORMAT", "SCRAPER_PING_URL"} <= variables
    for setting in ("log_format", "metrics_file", "ping_url", "segment_megabytes"):
        assert f"`{setting}`" in read(NAME)
        assert setting in Settings.model_fields


def test_every_exit_code_is_explained_with_its_ping():
    kinds = (*errors.RunError.__subclasses__(), *SiteStopError.__subclasses__())
    codes = {error.exit_code for error in kinds}
    codes |= {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    told = table(NAME, "Exit code")
    assert told.column("Exit code") == [str(code) for code in sorted(codes)]
    for code, ping in zip(sorted(codes), told.column("Ping"), strict=True):
        expected = "ping_url" if code in _WENT_WELL else "/fail"
        assert ping == ("none" if code in _ENDED_BY_OTHERS else expected)


def test_the_units_are_read_and_take_an_empty_meter_for_success():
    units = [RawConfigParser(strict=True) for _ in range(2)]
    for unit, block in zip(units, blocks(NAME, "ini"), strict=True):
        unit.optionxform = str
        unit.read_string(block.text)
    service, timer = units
    told = {int(code) for code in service["Service"]["SuccessExitStatus"].split()}
    assert told == {SiteStopError.exit_code, errors.MeterEmptyError.exit_code}
    assert service["Service"]["ProtectSystem"] == "strict"
    assert service["Service"]["Type"] == "oneshot"
    assert "Restart" not in service["Service"]
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_every_field_of_a_json_line_is_documented():
    named = {field for cell in table(NAME, "Field").column("Field") for field in cell.split("`, `")}
    assert named == set(FIELDS)
    assert all(f"`{field}`" in read(NAME) for field in ("time", "level", "logger", "message"))


@pytest.fixture
def gauges():
    """Every gauge that there is, of a run in which everything happened."""
    run = RunRecord("scrape", "sample", NOW)
    failure = ("00117", FetchError("timeout", "slow"))
    run.fetched = FetchReport(planned=2, fetched=1, failures=[failure], views_remaining=7)
    run.built = BuildReport(coverage={"wanted": 1, "row": 1})
    run.imported = ImportReport(kept=1)
    holdings = Holdings({("sample", "code"): 1}, {"sample": NOW}, {}, NOW, 1)
    return gauges_of(run, NOW, EXIT_PAGES, holdings)


def test_every_metric_is_documented_with_its_labels(gauges):
    told = table(NAME, "Metric")
    labels = {gauge.name: gauge.samples[0][0].keys() - {"command", "site"} for gauge in gauges}
    assert told.column("Metric") == list(labels)
    assert told.column("Labels") == [", ".join(names) for names in labels.values()]


def test_the_alerts_ask_for_metrics_that_exist(gauges):
    [_, alerts] = blocks(NAME, "yaml")
    asked = set(re.findall(r"scraper_\w+", alerts.text))
    assert len(asked) == 2
    assert asked <= {gauge.name for gauge in gauges}


def test_what_grep_looks_for_is_what_the_log_says():
    assert "grep 'ended with exit code'" in read(NAME)
    assert "ended with exit code %d" in read("scraper/cli/watch.py")
