"""What each command tells: the same facts as JSON for scripts and as text for people."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pipeline.ground import BOOK, START, capture_of, keep, page_of, project_in
from publish.rows import make_page

from scraper import parse_page, report
from scraper.archive.store import Archive
from scraper.errors import FetchError, MeterEmptyError, PageError, SiteStopError
from scraper.pipeline.built import BuildReport
from scraper.pipeline.fetching import FetchReport
from scraper.pipeline.importing import ImportReport
from scraper.publish.schema import describe_columns
from scraper.record import CodeRecord

COVERAGE = {"wanted": 4, "row": 3, "absent": 0, "waiting": 0, "quarantined": 1}
URL = "http://127.0.0.1/cpt/codes/99216"


@pytest.fixture
def project(tmp_path):
    return project_in(tmp_path)


def lines_of(told):
    """Every report can be given to a script."""
    assert json.loads(json.dumps(told.data)) is not None
    return told.text.splitlines()


def test_a_fetch_tells_what_was_fetched_waits_failed_and_stopped():
    failures = [("99216", FetchError("timeout", f"{URL}: no whole answer"))]
    told = report.of_fetch(FetchReport(9, 5, 2, failures, SiteStopError("the meter is empty")))
    assert lines_of(told) == [
        "pages fetched  5 of 9 planned",
        "pages waiting  4",
        f"failed         timeout: {URL}: no whole answer",
        "stopped        the meter is empty",
    ]
    assert told.data["pages_waiting"] == 4
    assert told.data["failures"] == [
        {"code": "99216", "reason": "timeout", "message": f"{URL}: no whole answer"}
    ]
    assert (told.data["stopped"], told.data["resumes_at"]) == ("the meter is empty", None)


def test_a_fetch_tells_a_script_from_when_on_the_meter_may_grant_views():
    stop = MeterEmptyError("sample", datetime(2026, 3, 1, 3, 17, tzinfo=UTC))
    told = report.of_fetch(FetchReport(9, 5, stopped=stop))
    assert told.data["resumes_at"] == "2026-03-01T03:17:00Z"
    assert "before 2026-03-01 03:17:00 UTC" in told.text


def test_a_fetch_names_twenty_failures_to_a_person_and_all_to_a_script():
    failures = [(f"{n:05}", FetchError("timeout", f"page {n}")) for n in range(30)]
    told = report.of_fetch(FetchReport(30, 0, 0, failures))
    assert sum(line.startswith("failed") for line in lines_of(told)) == 20
    assert len(told.data["failures"]) == 30


def test_a_build_tells_rows_sums_quarantine_and_how_to_load_it(project):
    page = make_page("99216", outcome="quarantined", reason="parse_timeout", url=URL)
    built = BuildReport(None, full=2, gated=1, coverage=COVERAGE, quarantined=[page])
    told = report.of_build(built, project)
    latest = project.settings.output_dir / "latest"
    assert lines_of(told) == [
        "rows          3: 2 full, 1 gated",
        "codes wanted  4 = 3 row + 0 absent + 0 waiting + 1 quarantined",
        f"quarantined   {URL} (parse_timeout), sample/00001.warc.gz:0",
        "release       nothing new, latest stays",
        "",
        "load it:",
        "    import pandas as pd",
        f"    codes = pd.read_parquet('{latest}/codes.parquet')",
        "    print(codes[['code', 'official_description']].head())",
    ]
    assert told.data["rows"] == 3
    assert told.data["release"] is None
    assert told.data["quarantined"][0]["reason"] == "parse_timeout"


def test_a_whole_run_tells_of_its_fetch_and_then_of_its_build(project):
    fetched, built = FetchReport(1, 1), BuildReport(None, 3, 0, COVERAGE)
    told = report.of_scrape(fetched, built, project)
    assert list(told.data) == ["fetch", "build"]
    assert told.text.startswith(report.of_fetch(fetched).text)
    assert told.text.endswith(report.of_build(built, project).text)


def test_an_import_tells_kinds_and_what_was_not_taken():
    refused = [("a.html", PageError("empty", "it is empty"))]
    told = report.of_import(ImportReport(3, 1, {"guide": 1, "code": 3}, refused))
    assert lines_of(told) == [
        "pages kept    3",
        "held already  1",
        "  code        3",
        "  guide       1",
        "not taken     1",
    ]
    assert told.data["refused"] == [{"name": "a.html", "reason": "empty", "message": "it is empty"}]


@pytest.mark.parametrize(
    ("message", "line"),
    [("it is empty", "a.html: it is empty"), ("x/a.html: it is empty", "x/a.html: it is empty")],
)
def test_a_refusal_names_its_file_once(message, line):
    assert report.of_refusal("a.html", PageError("empty", message)) == line


def test_a_page_tells_what_was_read_and_leaves_out_what_was_not():
    page = parse_page(page_of("99216"))
    told = report.of_page(page)
    names = [line.split()[0] for line in told.text.splitlines() if line]
    assert "code" in names
    assert "status_notice" not in names
    assert told.data["status_notice"] is None
    assert list(told.data) == list(type(page).__dataclass_fields__)
    mentioning = next(
        code for code in BOOK.pages if len(parse_page(page_of(code)).mentioned_codes) > 1
    )
    codes = parse_page(page_of(mentioning)).mentioned_codes
    assert (
        f"mentioned_codes              {', '.join(codes)}\n"
        in report.of_page(parse_page(page_of(mentioning))).text
    )


def test_captures_tell_time_kind_source_and_place(tmp_path):
    keep(
        tmp_path,
        capture_of("99216"),
        capture_of("99216", b"<html>x</html>", url=None, source="import", source_name="a.html"),
    )
    with Archive.open(tmp_path) as archive:
        pages = list(archive.pages())
    told = report.of_captures("99216", pages)
    first, second = lines_of(told)
    assert first.startswith(f"2026-11-20T09:00:00Z  not parsed  fetch  {URL}, sample/")
    assert second.startswith("2026-11-20T09:00:00Z  not parsed  import a.html, sample/")
    assert [page["checked_at"] for page in told.data] == [f"{START:%Y-%m-%dT%H:%M:%SZ}"] * 2


def test_no_captures_tell_so():
    assert report.of_captures("99216", []) == ([], "raw/ holds nothing of 99216")
    assert report.of_index({}) == ({}, "raw/ holds no pages")


def test_counts_of_the_index_are_aligned():
    assert report.of_index({"inn": 3, "tavern": 12}).text == "inn     3\ntavern  12"


def test_sites_tell_which_are_fictional(project):
    told = report.of_sites(project)
    real, fictional = lines_of(told)
    assert "fictional" not in real
    assert fictional.startswith("sample       Moonbeam Code Book, fictional, http://127.0.0.1:")
    assert [site["fictional"] for site in told.data] == [False, True]


def test_columns_tell_name_type_and_meaning_and_mark_what_may_be_null():
    told = report.of_columns(describe_columns(CodeRecord))
    lines = lines_of(told)
    assert lines[0].split("  ")[0] == "code"
    assert any(line.startswith("section? ") for line in lines)
    assert len(lines) == len(CodeRecord.model_fields)


def test_a_verification_tells_findings_or_that_all_is_proven():
    folder = Path("releases/1")
    assert report.of_verification(folder, ()).text.startswith("releases/1: proven")
    told = report.of_verification(folder, ("a: was changed", "b: is missing"))
    assert lines_of(told) == ["a: was changed", "b: is missing"]
    assert told.data["proven"] is False
