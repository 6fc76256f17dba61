"""The commands that look at what is held, and the help of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pipeline.ground import (
    page_of,
    run,
)

from scraper import __version__
from scraper.archive.store import Archive
from scraper.record import TABLES
from scraper.sample.server import SampleServer

COMMANDS = (
    ("scrape",),
    ("plan",),
    ("fetch",),
    ("import",),
    ("build",),
    ("parse",),
    ("show",),
    ("sites",),
    ("columns",),
    ("index",),
    ("verify",),
    ("diff",),
    ("history",),
    ("pin",),
    ("unpin",),
    ("sample",),
    ("sample", "serve"),
)


def test_show_tells_what_is_held_of_a_code_and_gives_its_bytes(golden):
    ended = run("show", "99216")
    assert ended.code == 0
    assert ended.out.startswith("2026-11-20T09:00:00Z  code        fetch  http://127.0.0.1:")
    assert "/cpt/codes/99216, sample/sample-00001.warc.gz:" in ended.out
    (data,) = run("show", "99216", "--json").data
    assert (data["code"], data["status"], data["retrieved_at"]) == (
        "99216",
        200,
        "2026-11-20T09:00:00Z",
    )
    body = run("show", "99216", "--raw").body
    assert body.replace(b"Moon meter", b"") != body
    with Archive.open(golden / "raw") as archive:
        (page,) = [page for page in archive.pages() if page.code == "99216"]
        assert archive.read(page).capture.body == body


def test_show_of_a_code_that_is_not_held_says_so(golden):
    ended = run("show", "99215")
    assert (ended.code, ended.out) == (0, "raw/ holds nothing of 99215\n")
    assert run("show", "99215", "--json").data == []
    assert run("show", "99215", "--raw").code == 2


def test_show_takes_lower_case(golden):
    assert run("show", "0998a", "--json").data[0]["code"] == "0998A"


def test_sites_are_listed_for_people_and_for_scripts(home):
    assert [line.split()[0] for line in run("sites").out.splitlines()] == ["codingahead", "sample"]
    ended = run("sites", "--json")
    assert [(site["name"], site["fictional"]) for site in ended.data] == [
        ("codingahead", False),
        ("sample", True),
    ]
    assert "www.codingahead.com" in ended.data[0]["hosts"]


@pytest.mark.parametrize("table", TABLES)
def test_columns_of_each_table_are_those_of_its_rows(home, table):
    ended = run("columns", "--table", table, "--json")
    assert [column["name"] for column in ended.data] == list(TABLES[table].model_fields)
    assert all(column["description"].endswith(".") for column in ended.data)
    assert len(run("columns", "--table", table).out.splitlines()) == len(ended.data)


def test_columns_without_a_table_are_those_of_codes(home):
    assert run("columns").out == run("columns", "--table", "codes").out


def test_index_counts_captures_and_is_made_anew(golden):
    assert run("index").out == "sample  109\n"
    Path("raw/index.sqlite").unlink()
    ended = run("index", "--rebuild", "--json")
    assert (ended.code, ended.data) == (0, {"sample": 109})
    assert Path("raw/index.sqlite").exists()


def test_index_of_an_empty_archive_says_so(home):
    assert run("index").out == "raw/ holds no pages\n"
    assert run("index", "--rebuild", "--json").data == {}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_both_options_and_says_what_it_does(home, command):
    short, long = run(*command, "-h"), run(*command, "--help")
    assert short.out == long.out
    assert (short.code, short.err) == (0, "")
    assert short.out.startswith(f"Usage: scraper {' '.join(command)}")
    if command != ("sample",):
        assert "Example" in short.out
    assert all(len(line) <= 100 for line in short.out.splitlines())


def test_the_help_lists_every_command(home):
    listed = run("--help").out
    assert all(f"  {command[0]} " in listed for command in COMMANDS)


def test_the_version_is_that_of_the_package(home):
    assert __version__ in run("--version").out


def test_letters_that_a_terminal_has_not_are_escaped_and_json_stays_json(home):
    Path("page.html").write_bytes(
        page_of("99216").replace(b"<p>", "<p>Tea \N{CRESCENT MOON} ".encode())
    )
    plain = run("parse", "page.html", "--json").data
    assert not json.dumps(plain, ensure_ascii=False).isascii()
    assert run("parse", "page.html", "--json", encoding="latin-1").data == plain
    ended = run("parse", "page.html", encoding="latin-1")
    assert (ended.code, ended.err) == (0, "")
    assert "\\U0001f319" in ended.out


def test_an_unexpected_error_of_the_disk_is_one_line(home, monkeypatch):
    monkeypatch.setenv("SCRAPER_RAW_DIR", "r" * 300)
    ended = run("index", "--rebuild")
    assert (ended.code, len(ended.err.splitlines())) == (6, 1)
    assert ended.complaints[0].endswith("File name too long")


def test_the_sample_site_is_served_for_people_until_the_interrupt(home, monkeypatch):
    served = []

    def serve(server):
        served.append(server)
        server.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(SampleServer, "serve_forever", serve)
    ended = run("sample", "serve", "--port", "0", "--views", "7")
    assert ended.code == 130
    assert ended.out == f"serving 109 fictional codes on {served[0].url}  (Ctrl-C ends)\n"
