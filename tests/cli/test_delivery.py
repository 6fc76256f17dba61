"""build and scrape with a store and a table: the outcome of each, and a kill at any moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pipeline.ground import capture_of, keep, rows_of, run

from scraper.publish.verify import verify_release


@pytest.fixture
def held(home, clock):
    keep(Path("raw"), capture_of("99216"), capture_of("00117"))
    return home


def test_a_build_tells_where_the_release_went(held, monkeypatch):
    monkeypatch.setenv("SCRAPER_DELTA_TABLE", "lake/codes")
    monkeypatch.setenv("SCRAPER_PUBLISH_URL", (held / "store").as_uri())
    ended = run("build")
    assert ended.code == 0, ended.err
    assert "delivered     2026.11.20 to lake/codes" in ended.out
    assert f"delivered     2026.11.20 to {(held / 'store').as_uri()}" in ended.out
    assert DeltaTable("lake/codes").version() == 0
    data = run("build", "--json").data
    assert (data["release"], data["delivered"], data["undelivered"]) == (None, [], [])


def test_what_is_not_delivered_has_its_own_outcome_and_the_release_stays(held, monkeypatch):
    (held / "file").write_text("in the way")
    monkeypatch.setenv("SCRAPER_DELTA_TABLE", "file/codes")
    monkeypatch.setenv("SCRAPER_PUBLISH_URL", (held / "file" / "store").as_uri())
    ended = run("build", "--json")
    assert ended.code == 9
    assert len(ended.complaints) == 2
    assert ended.complaints[0].startswith("scraper: file/codes: ")
    assert ended.complaints[1].endswith("; see publish_url; the next run tries again")
    assert (ended.data["release"], len(ended.data["undelivered"])) == ("2026.11.20", 2)
    assert len(rows_of("codes")) == 2
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("name", ["delta_table", "publish_url"])
def test_an_address_with_a_secret_is_refused_before_anything_is_done(held, monkeypatch, name):
    monkeypatch.setenv(f"SCRAPER_{name.upper()}", "s3://key:hush-hush@shelf/codes")
    ended = run("build")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (2, "", 1)
    assert "credentials come from the environment alone" in ended.err
    assert "hush-hush" not in ended.err
    assert not Path("output").exists()


def test_a_table_in_the_settings_file_is_relative_to_the_file(held, monkeypatch):
    with Path("scraper.toml").open("a") as file:
        file.write('delta_table = "lake"\n')
    (held / "below").mkdir()
    monkeypatch.chdir(held / "below")
    assert run("build").code == 0
    assert DeltaTable(str(held / "lake")).version() == 0


BUILD = "from scraper.cli import main; main()"


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.torture)])
def test_builds_that_are_killed_leave_places_that_the_next_one_finishes(held, step):
    """Kill the real program a little later each time, from its first write to its end."""
    for number in range(0, 8, step):
        home = held / f"kill{number}"
        home.mkdir()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SCRAPER_")} | {
            "SCRAPER_CONFIG": str(held / "scraper.toml"),
            "SCRAPER_OUTPUT_DIR": str(home / "output"),
            "SCRAPER_DELTA_TABLE": str(home / "lake"),
            "SCRAPER_PUBLISH_URL": (home / "store").as_uri(),
        }
        command = [sys.executable, "-c", BUILD, "build", "--json"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
            latest = home / "output" / "latest"
            while child.poll() is None and not latest.exists():
                time.sleep(0.001)
            try:
                child.wait(0.02 * number + 0.001)
            except subprocess.TimeoutExpired:
                child.send_signal(signal.SIGKILL)
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert json.loads(done.stdout)["undelivered"] == []
        version = latest.resolve().name
        assert (home / "store" / "latest").read_text().strip() == version
        assert verify_release(home / "store" / "releases" / version) == ()
        assert DeltaTable(str(home / "lake")).version() == 0
