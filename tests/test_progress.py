"""Progress: a bar for a person, a plain line now and then for a log, results never disturbed."""

from __future__ import annotations

import io
import sys
import time

import pytest
from pipeline.ground import Terminal

from scraper.progress import show_progress


class Seconds:
    """A clock that moves when told to."""

    def __init__(self, monkeypatch):
        self.now = 1_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)


@pytest.fixture
def told(caplog):
    """The lines of the log, as the command line lets them through."""
    caplog.set_level("INFO", logger="scraper.progress")
    return caplog


@pytest.fixture
def seconds(monkeypatch):
    return Seconds(monkeypatch)


def test_a_log_gets_a_line_every_ten_seconds_and_one_at_the_end(seconds, told):
    with show_progress("fetch") as progress:
        for done in range(1, 31):
            seconds.now += 1
            progress(done, 30)
    assert told.messages == [
        "fetch: 10 of 30 pages",
        "fetch: 20 of 30 pages",
        "fetch: 30 of 30 pages",
    ]


def test_a_short_run_gets_one_line(seconds, told):
    with show_progress("parse") as progress:
        progress(1, 2)
        progress(2, 2)
    assert told.messages == ["parse: 2 of 2 pages"]


def test_a_run_without_pages_gets_no_line(seconds, told, capsys):
    with show_progress("parse"):
        pass
    assert told.messages == []
    assert capsys.readouterr() == ("", "")


def show_on_terminal(monkeypatch, steps):
    terminal = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stderr", terminal)
    with show_progress("fetch") as progress:
        for done, total in steps:
            progress(done, total)
    terminal.flush()
    return terminal.buffer.getvalue().decode()


def test_a_person_sees_a_bar_that_counts_pages(monkeypatch, capsys):
    shown = show_on_terminal(monkeypatch, [(1, 3), (2, 3), (3, 3)])
    assert "fetch" in shown
    assert "3/3" in shown
    assert "of 3 pages" not in shown
    assert capsys.readouterr().out == ""


def test_a_bar_takes_a_run_without_pages_and_pages_that_fail(monkeypatch):
    assert "fetch" in show_on_terminal(monkeypatch, [])
    assert "0/1" in show_on_terminal(monkeypatch, [(0, 0)])
    assert "4/5" in show_on_terminal(monkeypatch, [(2, 5), (4, 5)])
