"""Pages that a user brings: kept once, under their site and address, or refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive.packed import entry, har, mhtml, zipped

from scraper.archive.store import Archive
from scraper.errors import BusyError, UsageError
from scraper.pipeline.building import build_release
from scraper.pipeline.importing import import_pages
from scraper.sample.chrome import CANONICAL_ORIGIN, path_of

from .ground import CODES, START, Clock, page_of, project_in, rows_of

SEEDS = Path(__file__).parents[1] / "cases" / "codingahead"
ADDRESS = CANONICAL_ORIGIN + path_of("99216")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    Clock(monkeypatch)


@pytest.fixture
def saved(tmp_path):
    """Three pages of the sample site, as a browser would save them."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for code in CODES[:3]:
        (folder / f"{code}.html").write_bytes(page_of(code))
    return folder


def held(folder):
    with Archive.open(folder / "raw") as archive:
        return list(archive.pages())


def bring(folder, *paths, **options):
    return import_pages(project_in(folder, **options.pop("settings", {})), paths, **options)


def test_a_folder_of_saved_pages_is_kept_with_name_time_and_source(tmp_path, saved):
    report = bring(tmp_path, saved)
    assert (report.kept, report.held_already, report.refused) == (3, 0, [])
    assert report.by_kind == {"code": 3}
    assert [(page.code, page.source_name) for page in held(tmp_path)] == [
        (code, f"{code}.html") for code in CODES[:3]
    ]
    assert {(page.source, page.retrieved_at, page.site) for page in held(tmp_path)} == {
        ("import", START, "sample")
    }


def test_the_same_import_twice_keeps_nothing_new(tmp_path, saved):
    bring(tmp_path, saved)
    before = held(tmp_path)
    report = bring(tmp_path, saved)
    assert (report.kept, report.held_already) == (0, 3)
    assert held(tmp_path) == before


def test_imported_pages_make_the_rows_of_fetched_ones(tmp_path, saved):
    bring(tmp_path, saved)
    assert build_release(project_in(tmp_path)).coverage["row"] == 3
    rows = rows_of("codes", tmp_path / "output")
    assert [row["code"] for row in rows] == list(CODES[:3])
    assert all(row["source_url"].startswith(CANONICAL_ORIGIN) for row in rows)


def test_a_page_without_address_is_kept_for_the_site_that_is_named(tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("Sweeping of one chimney\n")
    assert bring(tmp_path, page).refused[0][1].reason == "unknown_site"
    report = bring(tmp_path, page, site="sample")
    assert (report.kept, report.refused) == (1, [])
    assert (held(tmp_path)[0].url, held(tmp_path)[0].code) == (None, None)


def test_a_url_list_gives_a_file_its_address_and_so_its_site_and_code(tmp_path):
    page = tmp_path / "a page.txt"
    page.write_text(
        "Wording of the Board\n\nSweeping of one chimney\n\n"
        "© 2026 Board of Imaginary Procedures. Wording lent by moonlight.\n"
    )
    report = bring(tmp_path, page, urls={"a page.txt": ADDRESS})
    assert (report.kept, report.refused) == (1, [])
    assert [(p.url, p.code, p.page_kind) for p in held(tmp_path)] == [(ADDRESS, "99216", "code")]


def test_what_cannot_be_used_is_refused_by_name_and_the_rest_is_kept(tmp_path, saved):
    saved.joinpath("empty.html").write_bytes(b"")
    saved.joinpath("binary.html").write_bytes(b"%PDF-1.7 \x00\x01")
    saved.joinpath("zeros.txt").write_bytes(b"text\x00" * 3 + b"more of it")
    saved.joinpath("large.html").write_bytes(b"<html>" + b" " * 100_000)
    saved.joinpath("unknown.html").write_text("<html><p>Of nowhere</p></html>")
    saved.joinpath("picture.png").write_bytes(b"\x89PNG")
    missing = tmp_path / "missing.html"
    report = bring(tmp_path, missing, saved, settings={"max_page_bytes": 90_000})
    assert report.kept == 3
    assert {name: error.reason for name, error in report.refused} == {
        "missing.html": "missing",
        "empty.html": "empty",
        "binary.html": "binary",
        "zeros.txt": "binary",
        "large.html": "too_large",
        "unknown.html": "unknown_site",
        "picture.png": "unknown_type",
    }
    assert all(name in str(error) for name, error in report.refused)
    assert all("\n" not in str(error) for _, error in report.refused)


def test_a_name_that_the_disk_cannot_hold_is_refused_by_name(tmp_path, saved):
    report = bring(tmp_path, Path("x" * 300), saved)
    assert report.kept == 3
    assert [(name, error.reason) for name, error in report.refused] == [("x" * 300, "unreadable")]


def test_a_name_with_a_line_break_is_told_in_one_line(tmp_path):
    page = tmp_path / "two\nlines.html"
    page.write_text("<html><p>Of nowhere</p></html>")
    ((name, error),) = bring(tmp_path, page).refused
    assert name == "two\\nlines.html"
    assert str(error).startswith("two\\nlines.html: is of no known site")


def test_a_folder_without_pages_is_refused(tmp_path):
    folder = tmp_path / "nothing"
    folder.mkdir()
    assert bring(tmp_path, folder).refused[0][1].reason == "empty"


def test_a_page_that_the_parser_refuses_is_not_kept(tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes("half a pair ".encode("utf-16-le") * 20 + b"A\xdc")
    report = bring(tmp_path, page, site="sample")
    assert report.kept == 0
    assert [(name, error.reason) for name, error in report.refused] == [("page.html", "binary")]
    assert held(tmp_path) == []


def test_a_wall_that_was_saved_is_kept_as_what_it_is(tmp_path):
    page = tmp_path / "wall.html"
    page.write_text("<html><p>Prove that you are a reader and no raccoon</p></html>")
    report = bring(tmp_path, page, site="sample", urls={"wall.html": ADDRESS})
    assert report.by_kind == {"challenge": 1}
    assert build_release(project_in(tmp_path)).coverage["waiting"] == 1


def test_pages_of_a_real_site_are_known_by_their_canonical_link(tmp_path):
    report = bring(tmp_path, SEEDS / "a" / "page.html", urls={})
    assert report.by_kind.keys() <= {"code"}
    pages = held(tmp_path)
    assert [page.site for page in pages] == ["codingahead"] * report.kept


def test_an_unknown_site_is_refused_before_anything_is_read(tmp_path, saved):
    with pytest.raises(UsageError, match="no site is called 'moon'; choose one of"):
        bring(tmp_path, saved, site="moon")
    assert not (tmp_path / "raw").exists()


def test_an_import_while_another_run_writes_is_refused(tmp_path, saved):
    with Archive.open(tmp_path / "raw", write=True), pytest.raises(BusyError):
        bring(tmp_path, saved)


def test_what_a_browser_keeps_makes_the_rows_of_fetched_pages(tmp_path):
    one, two, three = (page_of(code) for code in CODES[:3])
    addresses = [CANONICAL_ORIGIN + path_of(code) for code in CODES[:3]]
    then = "2020-02-03T04:05:06Z"
    har_file = har(entry(addresses[0], one.decode(), startedDateTime=then))
    pages = [("a.har", har_file), ("b.mht", mhtml(two, addresses[1])), ("c.html", three)]
    (tmp_path / "x.zip").write_bytes(zipped(pages))
    report = bring(tmp_path, tmp_path / "x.zip")
    assert (report.kept, report.refused) == (3, [])
    assert [(page.code, page.url, page.source_name) for page in held(tmp_path)] == [
        (code, url, f"x.zip/{name}")
        for code, url, (name, _) in zip(CODES, addresses, pages, strict=False)
    ]
    assert held(tmp_path)[0].retrieved_at.isoformat() == "2020-02-03T04:05:06+00:00"
    assert bring(tmp_path, tmp_path / "x.zip").held_already == 3
    assert build_release(project_in(tmp_path)).coverage["row"] == 3


def test_a_time_of_saving_in_the_future_is_that_of_the_import(tmp_path):
    page = page_of(CODES[0]).decode()
    session = har(entry(ADDRESS, page, startedDateTime="9999-01-01T00:00:00Z"))
    (tmp_path / "a.har").write_bytes(session)
    bring(tmp_path, tmp_path / "a.har")
    assert [page.retrieved_at for page in held(tmp_path)] == [START]
