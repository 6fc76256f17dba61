"""What holds for every test: repeatable chance, and no setting from the shell that runs it."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, configuration, settings

from scraper.fetch import retry

configuration.set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "scraper-hypothesis")
settings.register_profile(
    "repeatable",
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")
# A shell lets what it starts in the background ignore Ctrl-C, and so would what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_real_pause_before_a_request_is_made_again(monkeypatch):
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.0)


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch):
    for name in os.environ:
        if name.upper().startswith("SCRAPER_"):
            monkeypatch.delenv(name)
