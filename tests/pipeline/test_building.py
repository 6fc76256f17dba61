"""From archive to release: every page ends in one outcome, every wanted code in one sum."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.archive.store import Archive
from scraper.archive.wanted import add_wanted
from scraper.codes import order_of
from scraper.errors import UsageError
from scraper.pipeline import building
from scraper.pipeline.building import build_release
from scraper.project import Project
from scraper.publish.verify import verify_release
from scraper.sites.profile import load_profiles

from .ground import (
    BOOK,
    CODES,
    START,
    Clock,
    capture_of,
    data_files,
    keep,
    page_of,
    project_in,
    releases,
    rows_of,
    sample_page,
)

SITE_TOML = """
name = "inn"
title = "The Inn"
publisher = "Nobody at all"
origin = "http://inn.test"
hosts = ["inn.test"]
[code_paths]
CPT = "/{code}"
[labels]
official_description = ["What it is"]
[patterns]
ama_copyright = '(?P<year>[0-9]{4}) the inn'
"""
INN_PAGE = "<html><h2>What it is</h2><p>Soup for one; with bread</p><p>2026 the inn</p></html>"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    Clock(monkeypatch)


def inn_page(code, text=INN_PAGE, **changes):
    values = {"site": "inn", "url": f"http://inn.test/{code}"}
    return capture_of(code, text.encode(), **(values | changes))


def project_with_inn(folder, **settings):
    sites = folder / "sites"
    sites.mkdir(exist_ok=True)
    sites.joinpath("inn.toml").write_text(SITE_TOML)
    return project_in(folder, "inn", sites_dir=sites, **settings)


def outcomes(folder):
    pages = rows_of("pages", folder / "output")
    return {page["code"] or page["url"]: (page["outcome"], page["reason"]) for page in pages}


def test_an_archive_without_pages_is_refused_and_nothing_is_published(tmp_path):
    with pytest.raises(UsageError, match="holds no pages yet"):
        build_release(project_in(tmp_path))
    assert releases(tmp_path / "output") == []


def test_every_page_of_the_sample_book_becomes_what_its_kind_says(tmp_path):
    doors = BOOK.doors
    keep(
        tmp_path / "raw",
        *map(capture_of, CODES),
        capture_of(doors.stale, status=404),
        capture_of(doors.login[0]),
        capture_of(doors.challenge[0]),
        capture_of("0", sample_page("/"), url="http://127.0.0.1/"),
    )
    built = build_release(project_in(tmp_path))
    found = outcomes(tmp_path)
    guides = [code for code, page in BOOK.pages.items() if page.layout == "guide"]
    rows = [code for code in CODES if code not in guides]
    assert [row["code"] for row in rows_of("codes", tmp_path / "output")] == rows
    assert all(found[code] == ("row", None) for code in rows)
    assert all(found[code] == ("no_code_page", "guide") for code in guides)
    assert found[doors.stale] == ("absent", "not_found")
    assert found[doors.login[0]] == ("waiting", "login_wall")
    assert found[doors.challenge[0]] == ("waiting", "challenge")
    assert found["http://127.0.0.1/"][0] == "no_code_page"
    assert built.rows == built.full + built.gated == len(rows)
    assert built.coverage == {
        "wanted": len(CODES) + 3,
        "row": len(rows),
        "absent": len(guides) + 1,
        "waiting": 2,
        "quarantined": 0,
    }
    assert verify_release(built.release.folder) == ()


def test_rows_come_in_the_order_of_system_and_code(tmp_path):
    keep(tmp_path / "raw", *map(capture_of, reversed(CODES)))
    build_release(project_in(tmp_path))
    codes = [row["code"] for row in rows_of("codes", tmp_path / "output")]
    assert codes == sorted(codes, key=order_of)
    assert len(codes) == len(set(codes))


def test_the_same_archive_gives_the_same_bytes_whoever_parses(tmp_path):
    keep(tmp_path / "raw", *map(capture_of, CODES[:20]))
    raw = tmp_path / "raw"
    outputs = [tmp_path / str(workers) for workers in (1, 2)]
    for workers, output in enumerate(outputs, 1):
        build_release(project_in(tmp_path, raw_dir=raw, output_dir=output, workers=workers))
    assert data_files(outputs[0]) == data_files(outputs[1])
    tables = {"codes.parquet", "codes.csv", "pages.parquet", "history.parquet", "delta.parquet"}
    assert set(data_files(outputs[0])) > tables


def test_a_build_that_says_nothing_new_publishes_nothing(tmp_path):
    keep(tmp_path / "raw", capture_of("99216"))
    assert build_release(project_in(tmp_path)).release is not None
    again = build_release(project_in(tmp_path))
    assert again.release is None
    assert (again.rows, again.coverage["row"]) == (1, 1)
    assert len(releases(tmp_path / "output")) == 1


def test_codes_asked_for_and_not_fetched_wait_with_their_address(tmp_path):
    keep(tmp_path / "raw", capture_of("99216"))
    add_wanted(tmp_path / "raw", "sample", ["99216", "99229", "J9991"])
    built = build_release(project_in(tmp_path))
    assert built.coverage == {"wanted": 3, "row": 1, "absent": 0, "waiting": 2, "quarantined": 0}
    pages = {page["code"]: page for page in rows_of("pages", tmp_path / "output")}
    assert sorted(pages) == ["99216", "99229", "J9991"]
    assert pages["J9991"]["reason"] == "never_fetched"
    assert pages["J9991"]["url"].endswith("/hcpcs/codes/J9991")


def test_a_page_that_cannot_be_parsed_is_quarantined_under_the_code_of_its_address(tmp_path):
    keep(
        tmp_path / "raw",
        capture_of("99216"),
        capture_of("99229", b"<html>\x00\x01</html>"),
        capture_of("0", b"<html>\x00\x02</html>", url="http://127.0.0.1/x"),
        capture_of("0", b"<html>\x00\x03</html>", url=None, source="import", source_name="a.html"),
    )
    add_wanted(tmp_path / "raw", "sample", ["99229"])
    built = build_release(project_in(tmp_path))
    assert built.coverage == {"wanted": 2, "row": 1, "absent": 0, "waiting": 0, "quarantined": 1}
    found = {page["code"]: page for page in rows_of("pages", tmp_path / "output")}
    assert (found["99229"]["outcome"], found["99229"]["reason"]) == ("quarantined", "binary")
    assert found["99229"]["raw_file"] == "sample/sample-00001.warc.gz"
    assert len(rows_of("pages", tmp_path / "output")) == 4
    assert [page.reason for page in built.quarantined] == ["binary"] * 3
    assert [page.source_name for page in built.quarantined].count("a.html") == 1


def test_a_damaged_capture_is_quarantined_and_the_rest_is_published(tmp_path):
    keep(tmp_path / "raw", *map(capture_of, CODES[:3]))
    with Archive.open(tmp_path / "raw") as archive:
        page = list(archive.pages())[1]
    segment = tmp_path / "raw" / page.raw_file
    content = bytearray(segment.read_bytes())
    content[page.raw_offset + 300] ^= 4
    segment.write_bytes(content)
    built = build_release(project_in(tmp_path))
    assert built.coverage == {"wanted": 3, "row": 2, "absent": 0, "waiting": 0, "quarantined": 1}
    assert outcomes(tmp_path)[CODES[1]] == ("quarantined", "damaged")


def test_a_page_that_proves_no_code_is_quarantined_and_makes_no_row(tmp_path):
    anonymous = page_of("99216").replace(b'rel="canonical"', b'rel="x"').replace(b"99216", b"")
    assert anonymous != page_of("99216")
    keep(
        tmp_path / "raw",
        capture_of("0", anonymous, url=None, source="import", source_name="page.html"),
    )
    built = build_release(project_in(tmp_path))
    assert built.rows == 0
    (page,) = built.quarantined
    assert (page.reason, page.code, page.source_name) == ("no_evidence_of_code", None, "page.html")


def test_a_page_whose_evidence_disagrees_is_quarantined(tmp_path):
    keep(tmp_path / "raw", capture_of("99229", page_of("99216")))
    built = build_release(project_in(tmp_path))
    assert built.rows == 0
    assert [page.reason for page in built.quarantined] == ["identity_disputed"]


def test_a_promo_line_in_a_selected_description_reaches_no_row(tmp_path):
    project = project_with_inn(tmp_path)
    (tmp_path / "sites" / "inn.toml").write_text(
        SITE_TOML.partition("[labels]")[0]
        + '[boilerplate]\npromos = ["Now with cake"]\n[select]\nofficial_description = ".soup"\n'
    )
    page = '<html><div class="soup"><p>Soup for one</p><p>{}</p></div></html>'
    keep(
        tmp_path / "raw",
        inn_page("10001", page.format("with bread")),
        inn_page("10002", page.format("Now with<br>cake")),
    )
    build_release(Project.open(project.settings))
    texts = [row["official_description"] for row in rows_of("codes", tmp_path / "output")]
    assert texts[0] == "Soup for one\n\nwith bread"
    assert texts[1:] in ([], ["Soup for one"])


def test_only_twenty_quarantined_pages_are_named_and_all_are_in_the_table(tmp_path):
    bad = [capture_of(f"{n:05}", b"<html>\x00%d</html>" % n) for n in range(10_000, 10_025)]
    keep(tmp_path / "raw", *bad)
    built = build_release(project_in(tmp_path))
    assert (len(built.quarantined), built.coverage["quarantined"]) == (20, 25)
    assert len(rows_of("pages", tmp_path / "output")) == 25


def test_the_newest_capture_gives_the_row_and_its_time_the_change(tmp_path):
    changed = page_of("99216").replace(
        b"<blockquote>\n<p>", b"<blockquote><p>Quite another beginning. "
    )
    keep(tmp_path / "raw", capture_of("99216"))
    first = build_release(project_in(tmp_path))
    keep(tmp_path / "raw", capture_of("99216", changed, retrieved_at=START + DAY))
    second = build_release(project_in(tmp_path))
    assert second.release is not None
    assert second.release.manifest.parent == first.release.version
    (row,) = rows_of("codes", tmp_path / "output")
    assert "Quite another beginning." in str(row)
    assert (row["first_seen"], row["last_changed"]) == (START, START + DAY)
    assert len(rows_of("pages", tmp_path / "output")) == 1


def test_the_history_is_that_of_the_newest_capture_which_shows_one(tmp_path):
    code = next(code for code, page in BOOK.pages.items() if len(page.history) > 1)
    entries = BOOK.pages[code].history
    keep(
        tmp_path / "raw",
        capture_of(code),
        capture_of(code, page_of(code).replace(b"Date", b"When"), retrieved_at=START + DAY),
    )
    build_release(project_in(tmp_path))
    history = rows_of("history", tmp_path / "output")
    assert [row["line"] for row in history] == list(range(1, len(entries) + 1))
    assert [row["action"] for row in history] == [entry.action for entry in entries]


def test_a_fictional_site_is_left_out_beside_a_real_one_unless_it_is_named(tmp_path, caplog):
    project = project_with_inn(tmp_path)
    keep(tmp_path / "raw", capture_of("99216"), inn_page("10001"))
    with caplog.at_level(logging.INFO):
        built = build_release(project)
    assert [row["site"] for row in rows_of("codes", tmp_path / "output")] == ["inn"]
    assert [source.name for source in built.release.manifest.sources] == ["inn"]
    assert "--site sample builds it" in caplog.text
    build_release(project, "sample")
    assert [row["site"] for row in rows_of("codes", tmp_path / "output")] == ["sample"]


def test_two_real_sites_make_one_table(tmp_path):
    project = project_with_inn(tmp_path)
    second = project.profiles["inn"].model_copy(
        update={"name": "tavern", "hosts": ("tavern.test",)}
    )
    both = Project(project.settings, {**project.profiles, "tavern": second})
    other = INN_PAGE.replace("Soup for one", "Soup for two")
    keep(
        tmp_path / "raw",
        inn_page("10001"),
        inn_page("10002", other, site="tavern", url="http://tavern.test/10002"),
    )
    build_release(both)
    rows = rows_of("codes", tmp_path / "output")
    assert [(row["code"], row["site"]) for row in rows] == [("10001", "inn"), ("10002", "tavern")]


def test_a_site_without_pages_cannot_be_built(tmp_path):
    keep(tmp_path / "raw", capture_of("99216"))
    with pytest.raises(UsageError, match="holds no pages yet"):
        build_release(project_in(tmp_path), "codingahead")


def test_pages_of_a_site_whose_file_is_gone_are_named(tmp_path):
    keep(tmp_path / "raw", inn_page("10001"))
    with pytest.raises(UsageError, match="no site is called 'inn'"):
        build_release(project_in(tmp_path))


def test_a_boilerplate_line_of_another_site_may_be_a_description(tmp_path):
    project = project_with_inn(tmp_path)
    profile = project.profiles["inn"]
    lines = profile.boilerplate.model_copy(update={"promos": ("Soup for one; with bread",)})
    strict = profile.model_copy(
        update={"name": "tavern", "hosts": ("tavern.test",), "boilerplate": lines}
    )
    both = Project(project.settings, {**project.profiles, "tavern": strict})
    other = INN_PAGE.replace("Soup for one; with bread", "Cake for two")
    keep(
        tmp_path / "raw",
        inn_page("10001"),
        inn_page("10002", other, site="tavern", url="http://tavern.test/10002"),
    )
    assert build_release(both).rows == 2


def test_a_record_that_breaks_the_contract_refuses_the_release_by_name(tmp_path, monkeypatch):
    keep(tmp_path / "raw", capture_of("99216"))
    monkeypatch.setattr(building, "PARSER_VERSION", "")
    built = build_release(project_in(tmp_path))
    assert [finding.check for finding in built.findings] == ["contract", "sums"]
    assert re.search(
        r"contract \w+: 99216: breaks the contract: .*parser_version String should have",
        str(built.refused),
    )
    assert not (tmp_path / "output" / "latest").exists()


def test_what_a_mirror_gave_is_of_its_site_whatever_the_settings_say_later(tmp_path):
    url = "http://mirror.example:8000/cpt/codes/99216"
    bare = "© 2026 Board of Imaginary Procedures. Wording lent by moonlight.<br>A moth is "
    page = f"<html><p>{bare} led to the lamp.<br>© 2026 Moonbeam Press. All lanterns reserved."
    keep(tmp_path / "raw", replace(capture_of("99216", page.encode()), url=url))
    assert build_release(project_in(tmp_path)).rows == 1
    (row,) = rows_of("codes", tmp_path / "output")
    assert (row["code"], row["layout"], row["source_url"]) == ("99216", "B", url)


def test_progress_is_told_for_every_page(tmp_path):
    keep(tmp_path / "raw", *map(capture_of, CODES[:3]))
    told = []
    build_release(project_in(tmp_path), None, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_the_profiles_of_these_tests_are_valid(tmp_path):
    project = project_with_inn(tmp_path)
    assert set(project.profiles) == {*load_profiles(), "inn"}
