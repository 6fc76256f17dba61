"""The public API: small, typed, and light to import."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pandas as pd
import pytest
from pipeline.ground import BOOK, CODES, capture_of, clean_home, keep, page_of, project_in

import scraper
from scraper.errors import PageError, ReleaseError, UsageError
from scraper.pipeline.building import build_release
from scraper.record import TABLES
from scraper.sample.chrome import path_of

TEXT = pd.StringDtype()


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a release of the whole sample book."""
    folder = tmp_path_factory.mktemp("published")
    keep(folder / "raw", *map(capture_of, CODES))
    build_release(project_in(folder))
    return folder / "output"


def test_only_what_is_meant_for_users_is_exported():
    assert set(scraper.__all__) == {"CodeRecord", "ParsedPage", "__version__", "load", "parse_page"}
    assert all(hasattr(scraper, name) for name in scraper.__all__)


def test_importing_the_package_loads_no_heavy_library_and_no_network():
    code = "import sys, json, scraper; print(json.dumps(sorted(sys.modules)))"
    printed = subprocess.check_output([sys.executable, "-c", code], timeout=60, text=True)
    loaded = {name.partition(".")[0] for name in json.loads(printed)}
    assert "scraper" in loaded
    assert loaded.isdisjoint({"pandas", "pyarrow", "numpy", "httpx", "click", "fastwarc", "pebble"})


def test_parsing_a_page_loads_no_table_library_and_no_network():
    code = (
        "import sys, json, scraper\n"
        "scraper.parse_page('<p>Moon</p>', site='sample')\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], timeout=60, text=True)
    loaded = {name.partition(".")[0] for name in json.loads(printed)}
    assert loaded.isdisjoint({"pandas", "pyarrow", "httpx"})


def test_codes_load_with_text_as_text_and_numbers_flags_and_times_as_such(published):
    codes = scraper.load(output_dir=published)
    kinds = {name: codes[name].dtype for name in codes.columns}
    assert list(codes.columns) == list(TABLES["codes"].model_fields)
    assert kinds["code"] == kinds["official_description"] == kinds["mue"] == TEXT
    assert kinds["gated_sections"] == kinds["ama_copyright_year"] == pd.Int64Dtype()
    assert kinds["is_add_on"] == pd.BooleanDtype()
    assert all(str(kinds[name]).endswith("UTC]") for name in ("retrieved_at", "first_seen"))
    assert "00117" in set(codes["code"])
    assert codes["official_description"].isna().any()
    assert not (codes["official_description"] == "").any()


def test_lists_load_as_lists(published):
    codes = scraper.load(output_dir=published).set_index("code")
    for name in ("mentioned_codes", "replaced_by", "page_facts", "quality_flags"):
        assert {type(value) for value in codes[name]} == {list}
    assert any(codes["mentioned_codes"])


@pytest.mark.parametrize("table", TABLES)
def test_each_table_loads_by_name_version_and_folder(published, table):
    latest = scraper.load(table=table, output_dir=published)
    version = (published / "latest").resolve().name
    for release in (version, published / "releases" / version, published / "latest"):
        pd.testing.assert_frame_equal(
            scraper.load(release, table=table, output_dir=published), latest
        )
    assert list(latest.columns) == list(TABLES[table].model_fields)
    assert len(latest) or table == "delta"  # of the first release


def test_dates_of_the_history_load_as_dates(published):
    history = scraper.load(table="history", output_dir=published)
    assert {type(value) for value in history["event_date"].dropna()} == {date}
    entries = sum(len(page.history) for page in BOOK.pages.values() if page.layout != "guide")
    assert len(history) == entries


def test_the_folder_of_the_settings_is_the_default(published, monkeypatch, tmp_path):
    clean_home(monkeypatch, tmp_path / "home", output_dir=str(published))
    assert len(scraper.load()) == len(scraper.load(output_dir=published))


def test_a_release_that_is_not_there_is_named(tmp_path, published):
    with pytest.raises(ReleaseError, match="latest: there is no such release"):
        scraper.load(output_dir=tmp_path)
    with pytest.raises(ReleaseError, match=r"2000\.01\.01: there is no such release"):
        scraper.load("2000.01.01", output_dir=published)
    with pytest.raises(ReleaseError, match="there is no such table"):
        scraper.load(tmp_path, output_dir=published)


def test_a_table_that_is_not_there_is_named_with_those_that_are(published):
    with pytest.raises(UsageError, match="moon: is no table; choose one of codes, pages, history"):
        scraper.load(table="moon", output_dir=published)


def test_bytes_and_text_of_a_page_give_the_same():
    body = page_of("99216")
    url = f"http://127.0.0.1{path_of('99216')}"
    page = scraper.parse_page(body, url=url)
    assert page == scraper.parse_page(body.decode(), url=url)
    assert isinstance(page, scraper.ParsedPage)
    assert (page.code, page.code_evidence, page.site) == ("99216", "url", "sample")
    assert page.official_description


def test_the_page_itself_tells_its_site_and_code_where_nobody_else_does():
    page = scraper.parse_page(page_of("99216"))
    assert (page.site, page.code) == ("sample", "99216")


def test_saved_text_is_parsed_like_a_page():
    text = (
        "Wording of the Board\n\nSweeping of one chimney\n\n"
        "© 2026 Board of Imaginary Procedures. Wording lent by moonlight.\n"
    )
    page = scraper.parse_page(text, url="http://127.0.0.1/cpt/codes/99216")
    assert (page.official_description, page.code) == ("Sweeping of one chimney", "99216")


def test_an_unknown_site_is_named():
    with pytest.raises(UsageError, match="moon"):
        scraper.parse_page("<p>Moon</p>", site="moon")


def test_bytes_that_are_no_text_are_a_page_error():
    with pytest.raises(PageError, match="NUL bytes") as caught:
        scraper.parse_page(b"<html>\x00\x01</html>", site="sample")
    assert caught.value.reason == "binary"


def test_a_folder_of_sites_adds_its_own(tmp_path):
    (tmp_path / "inn.toml").write_text(
        'name = "inn"\ntitle = "Inn"\npublisher = "Nobody"\norigin = "http://inn.test"\n'
        'hosts = ["inn.test"]\ncode_paths = {CPT = "/{code}"}\n'
        '[select]\nofficial_description = ".soup"\n'
    )
    page = scraper.parse_page(
        '<html><p class="soup">Soup for one</p></html>',
        url="http://inn.test/10001",
        sites_dir=tmp_path,
    )
    assert (page.site, page.code) == ("inn", "10001")
    assert page.official_description == "Soup for one"


def test_a_record_says_what_each_of_its_fields_is():
    fields = scraper.CodeRecord.model_fields
    assert all(field.description for field in fields.values())
