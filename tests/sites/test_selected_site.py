"""A site of quite another look is added by one short TOML file: from its pages to its rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import scraper

FILE = Path(__file__).with_name("lantern.toml")
PAGE = """<!doctype html><html><head><title>no</title></head><body>
<nav class="trail"><a>Lamps</a> / <a>Street</a></nav>
<p>4 matches left in the box</p>
<h1><span class="code">{code}</span> &ndash; <span class="descriptor">Trimming of a wick; up to
 5&nbsp;mm</span></h1>
<div hidden><h1><span class="code">99999</span><span class="descriptor">Twin</span></h1></div>
<p>Nights to come</p>
<div class="grid">
 <div><b>Nights</b> <i>010</i></div><div><b>Brief</b> <i>WICK</i></div>
 <div><b>Standing</b> <i>Active</i></div><div><b>Colour of the flame</b> <i>blue</i></div>
</div>
<aside class="plain"><p>The wick is cut even.<br>Then it is lit, as in 99043.</p>
 <p class="share">Tell a friend of 99044</p><p>Light your own lantern to read on</p>
 <ul><li>short wick</li><li>long wick</li></ul><p>Wicks, two for one</p></aside>
<table class="life"><thead><tr><th>Day</th><th>What</th><th>Note</th></tr></thead><tbody>
 <tr><td>2019-05-01</td><td>Added</td><td>in spring</td></tr>
 <tr><td>2024-11-02</td><td>Changed</td><td></td></tr></tbody></table>
<p>Light your own lantern to read on</p>
<p>(c) 2026 Guild of Lamplighters</p><p>(c) 2025 Wick &amp; Daughters</p>
</body></html>"""
URL = "https://m.lantern.example/index/99042.html"


@pytest.fixture
def sites(tmp_path) -> Path:
    folder = tmp_path / "sites"
    folder.mkdir()
    (folder / FILE.name).write_bytes(FILE.read_bytes())
    return folder


def parse(sites: Path, page: str = PAGE, url: str | None = URL):
    return scraper.parse_page(page.replace("{code}", "99042"), url=url, sites_dir=sites)


def test_the_file_is_short():
    assert len(FILE.read_text(encoding="utf-8").splitlines()) < 60


def test_descriptions_and_identity_are_read_by_selector(sites):
    page = parse(sites)
    assert (page.site, page.page_kind, page.code, page.code_evidence) == (
        "lantern",
        "code",
        "99042",
        "url",
    )
    assert page.official_description == "Trimming of a wick; up to 5 mm"
    assert page.common_language_description == (
        "The wick is cut even. Then it is lit, as in 99043.\n\nshort wick\n\nlong wick"
    )
    assert page.mentioned_codes == ("99043",)
    assert page.layout is None
    assert page.warnings == ("boilerplate_in_description",)


def test_a_notice_is_read_by_selector(sites):
    notice = "<p class=ribbon>Blown out. See <b>99043</b>.</p><nav"
    page = parse(sites, PAGE.replace("<nav", notice, 1))
    assert page.status_notice == "Blown out. See 99043."
    assert parse(sites).status_notice is None


def test_facts_history_and_breadcrumb_are_read_once_each(sites):
    page = parse(sites)
    assert [(fact.label, fact.value) for fact in page.facts] == [
        ("Breadcrumb", "Lamps > Street"),
        ("Nights", "010"),
        ("Brief", "WICK"),
        ("Standing", "Active"),
        ("Colour of the flame", "blue"),
    ]
    assert [(line.date, line.action, line.notes) for line in page.history] == [
        ("2019-05-01", "Added", "in spring"),
        ("2024-11-02", "Changed", None),
    ]


def test_gates_meter_and_years_are_read_by_line(sites):
    page = parse(sites)
    assert (page.gated_sections, page.views_remaining) == (2, 4)
    assert (page.ama_copyright_year, page.publisher_copyright_year) == (2026, 2025)


@pytest.mark.parametrize(
    ("url", "evidence"),
    [
        (None, "heading"),
        ("https://lantern.example/elsewhere", "heading"),
        ("https://lantern.example/index/99042.html?print=1", "url"),
    ],
)
def test_the_heading_proves_the_code_where_the_address_does_not(sites, url, evidence):
    page = scraper.parse_page(
        PAGE.replace("{code}", "99042"), url=url, site="lantern", sites_dir=sites
    )
    assert (page.code, page.code_evidence) == ("99042", evidence)


def test_a_code_may_stand_in_the_query_of_an_address(sites):
    url = "https://lantern.example/lookup?system=hcpcs&code=j1885"
    page = scraper.parse_page(PAGE.replace("{code}", "J1885"), url=url, sites_dir=sites)
    assert (page.code, page.code_evidence) == ("J1885", "url")


def test_a_heading_that_contradicts_the_address_is_told(sites):
    page = scraper.parse_page(PAGE.replace("{code}", "99043"), url=URL, sites_dir=sites)
    assert "identity_disputed_by_heading" in page.warnings


@pytest.mark.parametrize(
    ("heading", "official"),
    [
        ("99042 \u2013 Trimming", "Trimming"),
        ("CPT® Code 99042: Trimming", "Trimming"),
        ("99042 - Trimming", "Trimming"),
        ("99042 Trimming", "Trimming"),
        ("99042", None),
        ("99043: Trimming", "99043: Trimming"),
        ("Trimming as in 99042", "Trimming as in 99042"),
        ("99042-like trimming", "99042-like trimming"),
    ],
)
def test_a_descriptor_in_one_element_with_its_code_is_told_apart(sites, heading, official):
    file = sites / FILE.name
    text = file.read_text(encoding="utf-8").replace("h1 .descriptor", "h1")
    file.write_text(text.replace("h1 .code", "title ~ b, h2"), encoding="utf-8")
    page = f"<!doctype html><body><h2>99042</h2><h1>{heading}</h1><p>tea"
    found = scraper.parse_page(page, url=URL, site="lantern", sites_dir=sites)
    assert found.official_description == official


def test_a_description_without_a_selector_may_have_a_label(sites):
    file = sites / FILE.name
    text = file.read_text(encoding="utf-8").replace('"aside.plain"', '"aside.none"')
    labels = '[labels]\ncommon_language_description = ["In short"]\n[boilerplate]'
    file.write_text(text.replace("[boilerplate]", labels), encoding="utf-8")
    page = (
        "<!doctype html><body><h1><b class=descriptor>Trimming</b></h1><h2>In short</h2>"
        "<p>Cut even.</p><p>(c) 2025 Wick & Daughters</p><p>after</p>"
    )
    found = scraper.parse_page(page, url=URL, sites_dir=sites)
    assert found.official_description == "Trimming"
    assert found.common_language_description == "Cut even."


def test_a_label_within_a_selected_part_is_no_part_of_it_and_no_fault(sites):
    file = sites / FILE.name
    text = file.read_text(encoding="utf-8")
    labels = '[labels]\ncommon_language_description = ["In short"]\n[boilerplate]'
    file.write_text(text.replace("[boilerplate]", labels), encoding="utf-8")
    page = "<!doctype html><body><aside class=plain><h2>In short</h2><p>Cut even.</p></aside>"
    found = scraper.parse_page(page, url=URL, site="lantern", sites_dir=sites)
    assert (found.common_language_description, found.warnings) == ("Cut even.", ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [("No lamp burns here, sorry", "not_found"), ("Who goes there?", "login_wall")],
)
def test_walls_are_known_by_text(sites, text, kind):
    assert parse(sites, f"<!doctype html><body><h1>{text}</h1>").page_kind == kind


def test_the_pages_of_the_site_are_imported_and_built_to_rows(sites, tmp_path):
    saved = tmp_path / "saved"
    saved.mkdir()
    # No text stands under two codes: a release with one is refused.
    for code, wick in (("99042", "wick"), ("99045", "mantle")):
        page = PAGE.replace("{code}", code).replace("wick", wick)
        (saved / f"{code}.html").write_text(page, encoding="utf-8")
    settings = {"RAW_DIR": tmp_path / "raw", "OUTPUT_DIR": tmp_path / "out", "SITES_DIR": sites}
    environment = os.environ | {f"SCRAPER_{name}": str(path) for name, path in settings.items()}

    def run(*arguments: str) -> dict:
        command = [sys.executable, "-m", "scraper", *arguments, "--site", "lantern", "--json"]
        answer = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, timeout=120, check=True
        )
        return json.loads(answer.stdout)

    assert run("import", str(saved))["kept"] == 2
    assert run("build")["rows"] == 2
    latest = tmp_path / "out" / "latest"
    first, second = pq.read_table(latest / "codes.parquet").to_pylist()
    assert (first["code"], second["code"]) == ("99042", "99045")
    assert first["official_stem"] == "Trimming of a wick"
    assert first["official_variant"] == "up to 5 mm"
    assert (first["global_days"], first["short_descriptor"]) == ("010", "WICK")
    assert first["page_facts"] == ["Breadcrumb: Lamps > Street", "Colour of the flame: blue"]
    assert (first["site"], first["status"], first["access"]) == ("lantern", "active", "gated")
    assert first["quality_flags"] == ["boilerplate_in_description"]
    history = pq.read_table(latest / "history.parquet").to_pylist()
    assert [(line["code"], line["action"]) for line in history][:2] == [
        ("99042", "Added"),
        ("99042", "Changed"),
    ]
