"""Lines of the log: short for a person, time and level for grep, one JSON object for machines."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from pathlib import Path
from typing import get_args

import pytest
from fetch.faults import answer
from pipeline.ground import ROWS, mirror, page_of, run

from scraper.cli.logs import FIELDS, FORMATS, start_logging
from scraper.sample.chrome import path_of
from scraper.settings import Settings

TEXT_LINE = re.compile(r"2026-11-20T09:00:00Z (INFO|WARNING|ERROR) [a-z.]+: .+")
FIRST, SECOND = ROWS[:2]


@pytest.fixture
def failing(old_site, clock):
    """A site of two pages, of which one fails."""
    answers = mirror([FIRST, SECOND]) | {path_of(SECOND): answer(b"", status=500)}
    old_site.serve(answers)
    return old_site


def lines_of(ended):
    return [json.loads(line) for line in ended.err.splitlines()]


def test_json_makes_every_line_an_object_that_names_page_and_reason(failing):
    ended = run("--log-format", "json", "scrape")
    told = lines_of(ended)
    assert ended.code == 1
    assert {"time", "level", "logger", "message"} <= set.intersection(*map(set, told))
    [failed] = [line for line in told if line["level"] == "WARNING"]
    assert failed["url"] == f"http://127.0.0.1:{failing.origin.rpartition(':')[2]}{path_of(SECOND)}"
    assert (failed["code"], failed["outcome"], failed["reason"]) == (
        SECOND,
        "failed",
        "server_error",
    )
    assert failed["time"] == "2026-11-20T09:00:00Z"
    [end] = [line for line in told if "exit_code" in line]
    assert (end["command"], end["exit_code"], end["logger"]) == ("scrape", 1, "scraper.run")


def test_verbose_json_tells_of_each_page_that_was_kept(failing):
    told = lines_of(run("-v", "--log-format", "json", "fetch"))
    [kept] = [line for line in told if line.get("outcome") == "row"]
    assert (kept["code"], kept["level"]) == (FIRST, "INFO")


def test_text_begins_every_line_with_time_and_level(failing):
    ended = run("--log-format", "text", "scrape")
    lines = ended.err.splitlines()
    assert [line for line in lines if not TEXT_LINE.fullmatch(line)] == []
    assert any("WARNING scraper.pipeline.fetching" in line for line in lines)
    assert lines[-1].endswith("INFO scraper.run: scrape of sample ended with exit code 1 after 0 s")


def test_without_a_format_complaints_and_progress_are_short(failing):
    ended = run("scrape")
    assert ended.err.splitlines()[0].startswith("2026-11-20T09:00:00Z WARNING http://127.0.0.1:")
    assert "ended with exit code" not in ended.err
    assert run("show", "x").err.startswith("scraper: 'x' is no code")


@pytest.mark.parametrize("words", [("show", "x"), ("shwo",), ("show",), ("import", "none.html")])
def test_a_complaint_is_an_object_too(home, monkeypatch, words):
    monkeypatch.setenv("SCRAPER_LOG_FORMAT", "json")
    ended = run(*words)
    complaint = lines_of(ended)[0]
    assert ended.code in {1, 2}
    assert (complaint["level"], complaint["logger"]) == ("ERROR", "scraper.cli")


def test_a_file_that_is_refused_is_named_with_its_reason(home):
    told = lines_of(run("--log-format", "json", "import", "none.html"))
    assert (told[0]["outcome"], told[0]["reason"]) == ("refused", "missing")
    assert (told[-1]["command"], told[-1]["exit_code"]) == ("import", 1)


def test_the_setting_holds_where_no_option_is_given(home):
    with Path("scraper.toml").open("a") as file:
        file.write('log_format = "json"\n')
    assert lines_of(run("show", "0274T", "--raw"))[0]["exit_code"] == 2
    assert TEXT_LINE.sub("", run("--log-format", "text", "show", "0274T", "--raw").err) != ""
    assert not run("--log-format", "text", "show", "0274T", "--raw").err.startswith("{")


def test_a_format_that_there_is_not_is_refused_wherever_it_stands(home, monkeypatch):
    assert run("--log-format", "xml", "sites").code == 2
    monkeypatch.setenv("SCRAPER_LOG_FORMAT", "xml")
    ended = run("sites")
    assert (ended.code, len(ended.complaints)) == (2, 1)
    assert "SCRAPER_LOG_FORMAT" in ended.complaints[0]


def test_the_setting_takes_every_format_that_there_is():
    [literal, _none] = get_args(Settings.model_fields["log_format"].annotation)
    assert list(get_args(literal)) == list(FORMATS)


@pytest.mark.parametrize("log_format", [None, *FORMATS])
def test_what_a_site_says_cannot_begin_a_line_of_its_own(clock, capsys, log_format):
    start_logging(log_format)
    logging.getLogger("scraper.x").warning("%s", "a\nb\r\x1b[2J\u2028c")
    printed = capsys.readouterr().err
    assert len(printed.splitlines()) == 1
    assert "\x1b" not in printed


def test_verbose_lets_every_step_through_and_an_error_comes_in_one_line(clock, capsys):
    log = logging.getLogger("scraper.x")
    start_logging()
    log.info("silent")
    start_logging(verbose=True)
    log.info("told", exc_info=OSError("disk\nfull"))
    assert capsys.readouterr().err == "2026-11-20T09:00:00Z INFO told: OSError: disk full\n"


def test_starting_twice_says_nothing_twice(clock, capsys):
    start_logging("text")
    start_logging("text")
    logging.getLogger("scraper.x").warning("once")
    assert capsys.readouterr().err.count("once") == 1


def test_a_log_that_cannot_be_written_is_given_up_and_ends_nothing(monkeypatch):
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stderr", full)
        start_logging()
        logging.getLogger("scraper.x").warning("lost")
        full.flush()  # as each start of a worker does
        assert os.fstat(full.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


@pytest.mark.parametrize("error", [KeyboardInterrupt(), None])
def test_an_interrupt_is_left_to_the_complaint(clock, capsys, error):
    start_logging()
    group = BaseExceptionGroup("of a task", [error or OSError("lost")])
    for behind in (error or OSError("lost"), group):
        logging.getLogger("asyncio").error("unhandled", exc_info=behind)
    assert len(capsys.readouterr().err.splitlines()) == (0 if error else 2)


def test_a_task_that_an_interrupt_cut_short_is_left_to_the_complaint(clock, capsys):
    start_logging()
    logging.getLogger("asyncio").error("Task was destroyed but it is pending!\ntask: <Task>")
    assert capsys.readouterr().err == ""


def test_other_libraries_are_heard_from_warnings_on(clock, capsys):
    start_logging("json", verbose=True)
    logging.getLogger("httpx").info("HTTP Request: GET https://ping.example.org/secret")
    logging.getLogger("asyncio").warning("slow")
    assert [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()] == [
        "slow"
    ]


def test_fields_without_a_value_are_left_out(clock, capsys):
    start_logging("json")
    extra = {"url": None, "reason": "made_up", "secret": "never told"}
    logging.getLogger("scraper.x").warning("x", extra=extra)
    told = json.loads(capsys.readouterr().err)
    assert set(told) - {"time", "level", "logger", "message"} == {"reason"}
    assert "secret" not in FIELDS


def test_a_page_that_cannot_be_read_is_told_in_its_outcome(old_site, clock):
    old_site.serve(mirror([FIRST]) | {path_of(FIRST): answer(page_of(FIRST)[:-9] + b"\0</html>")})
    told = lines_of(run("-v", "--log-format", "json", "scrape"))
    assert all(line["level"] in {"INFO", "WARNING", "ERROR"} for line in told)
    assert any(line.get("code") == FIRST for line in told)
