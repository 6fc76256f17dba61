"""Metrics and ping: what a run leaves for Prometheus and the dead-man's switch, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fetch.faults import answer, redirect
from pipeline.ground import ROWS, START, Mirror, capture_of, keep, mirror, page_of, run
from prometheus_client.parser import text_string_to_metric_families

from scraper.archive.store import Archive
from scraper.sample.chrome import path_of

FIRST, SECOND, THIRD = ROWS[:3]
FILE = Path("night.prom")
SECRET = "a-made-up-secret"


@pytest.fixture
def night(old_site, clock):
    """A site of three pages; the second one fails."""
    answers = mirror([FIRST, SECOND, THIRD])
    old_site.serve(answers | {path_of(SECOND): answer(b"", status=500)})
    return old_site


@pytest.fixture
def switch(monkeypatch):
    """A dead-man's switch on this machine."""
    with Mirror() as server:
        server.serve({f"/{SECRET}": answer(b"OK"), f"/{SECRET}/fail": answer(b"OK")})
        monkeypatch.setenv("SCRAPER_PING_URL", f"{server.origin}/{SECRET}")
        yield server


def samples():
    """The samples of the file as Prometheus reads them: name and the labels beside the run's."""
    found = {}
    for family in text_string_to_metric_families(FILE.read_text()):
        assert family.type == "gauge"
        assert family.documentation
        for sample in family.samples:
            labels = {k: v for k, v in sample.labels.items() if k not in {"command", "site"}}
            assert {"command", "site"} <= sample.labels.keys()
            found[(sample.name.removeprefix("scraper_"), *labels.values())] = sample.value
    return found


def test_a_run_tells_prometheus_how_it_went(night, clock):
    assert run("scrape", "--metrics", FILE).code == 1
    found = samples()
    now = START.timestamp()
    assert found.pop(("views_remaining",)) > 0
    assert found == {
        ("run_start_timestamp_seconds",): now,
        ("run_end_timestamp_seconds",): now,
        ("run_exit_code",): 1,
        ("pages_planned",): 3,
        ("pages_fetched",): 2,
        ("pages_waiting",): 1,
        ("pages_disallowed",): 0,
        ("pages_failed",): 1,
        ("pages_failed_by_reason", "server_error"): 1,
        ("captures_held", "code"): 2,
        ("oldest_page_timestamp_seconds",): now,
        ("codes", "wanted"): 3,
        ("codes", "row"): 2,
        ("codes", "absent"): 0,
        ("codes", "waiting"): 1,
        ("codes", "quarantined"): 0,
        ("release_timestamp_seconds",): now,
        ("release_rows",): 2,
        ("findings", "block"): 0,
        ("findings", "warn"): 0,
    }


def test_the_oldest_page_is_the_one_that_waits_longest_for_its_check(night, clock):
    run("scrape", "--metrics", FILE)
    clock.pass_days(91)
    night.serve(mirror([FIRST, SECOND, THIRD]) | {path_of(THIRD): answer(b"", status=500)})
    assert run("scrape", "--metrics", FILE).code == 1
    assert samples()["oldest_page_timestamp_seconds",] == START.timestamp()
    night.serve(mirror([FIRST, SECOND, THIRD]))
    assert run("scrape", "--metrics", FILE).code == 0
    assert samples()["oldest_page_timestamp_seconds",] == clock.now.timestamp()


def test_a_wall_does_not_make_an_old_page_look_fresh(night, clock):
    run("fetch", FIRST)
    clock.pass_days(91)
    refused = answer(page_of(FIRST), status=403)
    night.serve(mirror([FIRST]) | {path_of(FIRST): refused})
    assert run("fetch", FIRST, "--metrics", FILE).code == 3
    assert samples()["oldest_page_timestamp_seconds",] == START.timestamp()


def test_what_the_meter_said_last_is_told(site, clock):
    assert run("fetch", FIRST, SECOND, "--metrics", FILE).code == 0
    assert samples()["views_remaining",] == 198


def test_a_run_that_fails_tells_too_and_the_next_one_replaces_it(home, clock):
    keep(
        Path("raw"), capture_of(FIRST), capture_of("0", b"<html>", kind="sitemap", url="http://x/s")
    )
    assert run("build", "--metrics", FILE).code == 6
    assert samples()["run_exit_code",] == 6
    assert ("release_rows",) not in samples()
    Path("raw", "sample").rename("raw/away")
    assert run("build", "--metrics", FILE).code == 6
    assert samples()["run_exit_code",] == 6


def test_wrong_settings_are_told_where_the_option_names_the_file(home, monkeypatch, clock):
    monkeypatch.setenv("SCRAPER_WORKERS", "many")
    assert run("scrape", "--metrics", FILE).code == 2
    assert samples()["run_exit_code",] == 2


def test_import_and_build_name_every_site(home, clock):
    Path("page.html").write_bytes(page_of(FIRST))
    assert run("import", "page.html", "none.html", "--metrics", FILE).code == 1
    found = samples()
    assert found["pages_imported", "kept"] == found["pages_imported", "refused"] == 1
    assert 'captures_held{command="import",site="sample",kind="code"} 1' in FILE.read_text()
    assert 'run_exit_code{command="import",site="all"} 1' in FILE.read_text()
    assert ("oldest_page_timestamp_seconds",) not in found  # an import is never due
    assert run("build", "--metrics", FILE).code == 0
    assert samples()["codes", "row"] == 1


def test_the_setting_names_the_file_relative_to_its_own_and_the_option_wins(night, clock):
    with Path("scraper.toml").open("a") as file:
        file.write('metrics_file = "set.prom"\n')
    run("fetch", FIRST)
    assert Path("set.prom").is_file()
    Path("set.prom").unlink()
    run("fetch", FIRST, "--metrics", FILE)
    assert FILE.is_file()
    assert not Path("set.prom").exists()


@pytest.mark.parametrize("target", ["none/night.prom", "raw"])
def test_a_place_that_cannot_be_written_is_refused_before_a_request(night, target):
    Path("raw").mkdir()
    ended = run("scrape", "--metrics", target)
    assert (ended.code, len(ended.complaints)) == (2, 1)
    assert target in ended.complaints[0]
    assert night.paths == []


@pytest.mark.parametrize("words", [("scrape",), ("--config", "none.toml", "scrape")])
def test_what_is_no_plain_file_is_never_replaced(night, words):
    os.mkfifo("pipe")
    assert run(*words, "--metrics", "pipe").code == 2
    assert Path("pipe").is_fifo()
    assert night.paths == []


def test_metrics_that_cannot_be_written_at_the_end_change_nothing(night, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scraper.exposition.replace_durably", fail)
    ended = run("fetch", FIRST, "--metrics", FILE)
    assert ended.code == 0
    assert [line for line in ended.err.splitlines() if "metrics were not written" in line]
    assert not FILE.exists()


def test_a_run_that_is_locked_out_asks_nothing_and_leaves_the_file_to_the_other(night, switch):
    FILE.write_text("of the other\n")
    with Archive.open(Path("raw"), write=True):
        for words in (("scrape",), ("fetch", FIRST), ("import", "x.html")):
            assert run(*words, "--metrics", FILE).code == 5
    assert FILE.read_text() == "of the other\n"
    assert night.paths == switch.paths == []


def test_a_run_that_went_well_asks_the_switch_once(night, switch):
    assert run("fetch", FIRST).code == 0
    assert switch.paths == [f"/{SECRET}"]
    assert "User-Agent: scraper/" in switch.heads[0]


def test_an_empty_meter_is_the_normal_end_of_a_night(night, switch):
    refused = {path_of(FIRST): answer(page_of(FIRST), status=429)}
    night.serve(mirror([FIRST]) | refused)
    assert run("scrape").code == 3
    assert switch.paths == [f"/{SECRET}"]


@pytest.mark.parametrize(("words", "code"), [(("scrape",), 1), (("build", "--site", "lantern"), 2)])
def test_a_run_that_went_wrong_says_so(night, switch, words, code):
    assert run(*words).code == code
    assert switch.paths == [f"/{SECRET}/fail"]


def test_what_a_person_does_or_stops_is_not_told(night, switch, monkeypatch):
    assert run("import", "none.html").code == 1
    assert run("plan", FIRST).code == run("sites").code == 0

    def interrupt(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr("scraper.cli.run.expand_codes", interrupt)
    assert run("scrape").code == 130
    assert switch.paths == []


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("reply", [None, redirect("/elsewhere"), b"no http\r\n"])
def test_a_switch_that_fails_is_one_warning_without_the_secret(night, switch, reply, log_format):
    switch.serve({f"/{SECRET}": reply} if reply else {})
    ended = run("-v", "--log-format", log_format, "fetch", FIRST, "--metrics", FILE)
    assert ended.code == 0
    assert len([line for line in ended.err.splitlines() if "ping to 127.0.0.1" in line]) == 1
    assert SECRET not in ended.err + ended.out + FILE.read_text()


@pytest.mark.parametrize(
    "url",
    ["example.org/x", "ftp://h/x", "https:///", "https://u:p@h/x", "http://h:0/x", "http://h/ x"],
)
def test_an_address_that_is_none_is_refused_without_telling_it(night, monkeypatch, url):
    monkeypatch.setenv("SCRAPER_PING_URL", f"{url}{SECRET}")
    ended = run("scrape")
    assert (ended.code, len(ended.complaints)) == (2, 1)
    assert "SCRAPER_PING_URL" in ended.complaints[0]
    assert SECRET not in ended.err
    assert night.paths == []
