"""The golden run: the whole sample site over HTTP, archived, parsed, checked and published."""

from __future__ import annotations

from pathlib import Path

from pipeline.ground import (
    BOOK,
    DOORS,
    GUIDES,
    ROWS,
    data_files,
    releases,
    rows_of,
    run,
)

from scraper.sample.chrome import path_of


def test_the_whole_sample_site_is_scraped_and_published(scraped):
    home, ended, asked, *_ = scraped
    assert ended.code == 0, ended.err
    assert asked[:2] == ("/robots.txt", "/sitemap.xml")
    assert asked[2:] == tuple(path_of(code) for code in BOOK.listed)
    lines = dict(line.split("  ", 1) for line in ended.out.splitlines()[:5])
    told = {name: value.strip() for name, value in lines.items()}
    gated = sum(1 for code in ROWS if BOOK.pages[code].gates)
    assert told == {
        "pages fetched": "109 of 109 planned",
        "pages waiting": "0",
        "rows": f"106: {106 - gated} full, {gated} gated",
        "codes wanted": "109 = 106 row + 3 absent + 0 waiting + 0 quarantined",
        "release": f"{home}/output/releases/2026.11.20",
    }
    assert ended.err == "fetch: 109 of 109 pages\nparse: 109 of 109 pages\n"


def test_the_snippet_of_the_summary_loads_the_table(scraped):
    snippet = scraped[1].out.partition("load it:\n")[2]
    names: dict[str, object] = {}
    code = "\n".join(line.strip() for line in snippet.splitlines() if "print" not in line)
    exec(code, names)  # it is what the summary tells people to run
    assert list(names["codes"]["code"]) == ROWS


def test_every_wanted_code_is_in_the_pages_once_with_one_outcome(scraped):
    pages = rows_of("pages", scraped[0] / "output")
    assert sorted(page["code"] for page in pages) == sorted(BOOK.listed)
    assert {page["outcome"] for page in pages} == {"row", "absent", "no_code_page"}
    assert [p["code"] for p in pages if p["outcome"] == "absent"] == [DOORS.stale]
    assert sorted(p["code"] for p in pages if p["outcome"] == "no_code_page") == sorted(GUIDES)
    assert all(page["raw_file"] and page["capture"] for page in pages)


def test_the_rows_say_what_the_book_says(scraped):
    rows = {row["code"]: row for row in rows_of("codes", scraped[0] / "output")}
    assert list(rows) == ROWS
    for code, row in rows.items():
        page = BOOK.pages[code]
        assert row["gated_sections"] == page.gates
        assert (row["official_description"] is None) == (page.official is None)
        assert (row["common_language_description"] is None) == (page.common is None)
        assert (row["status"] == "deleted") >= bool(page.notice)


def test_the_second_run_asks_for_robots_and_sitemap_alone_and_publishes_nothing(scraped):
    *_, again, asked = scraped
    assert asked == ("/robots.txt", "/sitemap.xml")
    assert again.code == 0
    assert again.data["fetch"] == {
        "pages_planned": 0,
        "pages_fetched": 0,
        "pages_waiting": 0,
        "pages_disallowed": 0,
        "codes_held": 109,
        "failures": [],
        "stopped": None,
        "resumes_at": None,
    }
    assert (again.data["build"]["release"], again.data["build"]["folder"]) == (None, None)
    assert releases(scraped[0] / "output") == ["2026.11.20"]


def test_the_release_and_the_archive_verify(golden):
    ended = run("verify", "--raw", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.data == {
        "release": f"{golden}/output/releases/2026.11.20",
        "proven": True,
        "findings": [],
    }
    assert run("verify", "2026.11.20").out.endswith("proven, every byte and every sum\n")


def test_a_build_from_the_archive_alone_gives_the_same_bytes(golden, monkeypatch):
    monkeypatch.setenv("SCRAPER_OUTPUT_DIR", "second")
    assert run("index", "--rebuild").code == 0
    assert run("build").code == 0
    assert data_files(Path("second")) == data_files(Path("output"))
