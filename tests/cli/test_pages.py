"""The commands that read saved pages: import and parse."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from archive.packed import entry, har, tarred
from pipeline.crawl import Crawl
from pipeline.ground import (
    BOOK,
    ROWS,
    page_of,
    rows_of,
    run,
)

from scraper.parsed import ParsedPage
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of

# design.md, section 3: the contract of `scraper parse --json`.
PARSED_KEYS = [
    "file",
    "site",
    "url",
    "page_kind",
    "layout",
    "code",
    "code_evidence",
    "official_description",
    "common_language_description",
    "status_notice",
    "gated_sections",
    "views_remaining",
    "ama_copyright_year",
    "publisher_copyright_year",
    "mentioned_codes",
    "sections",
    "facts",
    "history",
    "warnings",
]


@pytest.fixture
def saved(home):
    for code in ROWS[:3]:
        Path(f"{code}.html").write_bytes(page_of(code))
    return [f"{code}.html" for code in ROWS[:3]]


def test_imported_pages_are_kept_counted_and_built(saved):
    ended = run("import", *saved)
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "pages kept    3",
        "held already  0",
        "  code        3",
        "not taken     0",
    ]
    again = run("import", *saved, "--json")
    assert again.data == {
        "kept": 0,
        "held_already": 3,
        "by_kind": {"code": 3},
        "refused": [],
        "stopped": None,
    }
    assert run("build", "--json").data["rows"] == 3


def test_what_cannot_be_imported_is_named_line_by_line_and_ends_with_1(saved):
    Path("empty.html").write_bytes(b"")
    Path("picture.html").write_bytes(b"\x89PNG\r\n")
    Path("stray.html").write_text("<html><p>Of nowhere</p></html>")
    bad = ("empty.html", "picture.html", "stray.html", "gone.html")
    ended = run("import", saved[0], *bad, "--json")
    assert ended.code == 1
    assert ended.data["kept"] == 1
    assert [refused["reason"] for refused in ended.data["refused"]] == [
        "empty",
        "binary",
        "missing",
        "unknown_site",
    ]
    assert len(ended.complaints) == len(ended.err.splitlines()) == 4
    for name in bad:
        assert sum(name in line for line in ended.complaints) == 1


def test_a_url_list_tells_the_addresses_of_files(home):
    Path("one two.txt").write_text(
        "Wording of the Board\n\nSweeping of one chimney\n\n"
        "© 2026 Board of Imaginary Procedures. Wording lent by moonlight.\n"
    )
    Path("list").write_text("one two.txt http://127.0.0.1:8642/cpt/codes/99216\n")
    assert run("import", "one two.txt", "--url-list", "list").code == 0
    run("build")
    assert [(row["code"], row["official_description"]) for row in rows_of("codes")] == [
        ("99216", "Sweeping of one chimney")
    ]


def test_parse_prints_the_contract_one_line_a_page_in_file_order(saved):
    ended = run("parse", *reversed(saved), "--json")
    assert (ended.code, ended.err) == (0, "")
    pages = [json.loads(line) for line in ended.out.splitlines()]
    assert [page["file"] for page in pages] == list(reversed(saved))
    assert all(list(page) == PARSED_KEYS for page in pages)
    assert [field.name for field in fields(ParsedPage)] == PARSED_KEYS
    assert list(pages[0]["sections"][0]) == ["title", "blocks"] if pages[0]["sections"] else True


def test_parse_tells_a_person_what_it_read_and_leaves_out_what_it_did_not(saved):
    ended = run("parse", saved[0])
    assert ended.code == 0
    assert f"code                         {ROWS[0]}\n" in ended.out
    assert "None" not in ended.out
    assert ended.out.endswith("\n\n")


def test_parse_names_a_broken_file_in_one_line_goes_on_and_ends_with_1(saved):
    Path("broken.html").write_bytes(b"\x89PNG\r\n")
    ended = run("parse", "broken.html", saved[0], "gone.html", "--json")
    assert ended.code == 1
    assert [json.loads(line)["code"] for line in ended.out.splitlines()] == [ROWS[0]]
    assert [("broken.html" in line, "gone.html" in line) for line in ended.complaints] == [
        (True, False),
        (False, True),
    ]
    assert len(ended.err.splitlines()) == 2


def test_parse_takes_the_url_of_one_file_alone(saved):
    url = "http://127.0.0.1:8642/cpt/codes/12345"
    assert run("parse", saved[0], "--url", url, "--json").data["url"] == url
    ended = run("parse", *saved, "--url", url)
    assert ended.code == 2
    assert ended.complaints == ["scraper: --url is the address of one page; give one FILE with it"]


def test_parse_and_import_read_the_pages_of_an_archive_segment(golden, monkeypatch):
    shutil.copy("raw/sample/sample-00001.warc.gz", "ours.warc.gz")
    ended = run("parse", "ours.warc.gz", "--json")
    assert ended.code == 0
    codes = [json.loads(line)["code"] for line in ended.out.splitlines()]
    assert codes == list(BOOK.listed)
    monkeypatch.setenv("SCRAPER_RAW_DIR", "other")
    assert run("import", "ours.warc.gz", "--json").data["kept"] == 109


def test_an_archive_is_imported_and_parsed_with_the_names_of_its_members(home):
    url, page = CANONICAL_ORIGIN + path_of(ROWS[0]), page_of(ROWS[0])
    members = [("a.har", har(entry(url, page.decode()))), ("b.html", page), ("../c.html", page)]
    Path("x.tgz").write_bytes(tarred(members, "w:gz"))
    ended = run("import", "x.tgz", "--json")
    assert (ended.code, ended.data["kept"]) == (1, 2)
    assert [(r["name"], r["reason"]) for r in ended.data["refused"]] == [
        ("x.tgz/../c.html", "bad_name")
    ]
    assert len(ended.complaints) == 1
    parsed = [json.loads(line) for line in run("parse", "x.tgz", "--json").out.splitlines()]
    assert [(one["file"], one["code"]) for one in parsed] == [
        ("x.tgz/a.har", ROWS[0]),
        ("x.tgz/b.html", ROWS[0]),
    ]


def test_common_crawl_is_imported_and_a_refusal_ends_with_3(home, monkeypatch):
    pages = {CANONICAL_ORIGIN + path_of(code): page_of(code) for code in ROWS[:2]}
    with Crawl(pages) as crawl:
        monkeypatch.setenv("SCRAPER_COMMON_CRAWL_DATA", crawl.origin)
        words = ("import", "--common-crawl", crawl.index, "--prefix", "127.0.0.1:8642/")
        ended = run(*words, "--json")
        assert (ended.code, ended.data["kept"], ended.data["stopped"]) == (0, 2, None)
        crawl.change_answer = lambda *_: (429, {}, b"")
        refused = run(*words)
        assert (refused.code, len(refused.complaints)) == (3, 1)
        assert "status 429" in refused.err
