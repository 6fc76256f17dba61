"""A code that was published stays: deleted, gone, or with raw/ lost, it never silently vanishes."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta

import pytest

from scraper.pipeline.building import build_release
from scraper.publish.verify import verify_release

from .ground import (
    BOOK,
    START,
    Clock,
    capture_of,
    keep,
    page_of,
    project_in,
    releases,
    rows_of,
)

DAY = timedelta(days=1)
DELETED = next(c for c, page in BOOK.pages.items() if page.notice and page.layout != "guide")
ACTIVE = "00117"
ALIVE = page_of(ACTIVE).replace(b"T: kept on Tuesdays", b"Active at dusk")


@pytest.fixture
def days(monkeypatch):
    return Clock(monkeypatch)


def build(folder, days, *captures):
    """Keep captures of the next day and build; return the rows of both tables by code."""
    days.pass_days(1)
    keep(folder / "raw", *captures)
    built = build_release(project_in(folder))
    if built.release:
        assert verify_release(built.release.folder) == ()
    return built, {row["code"]: row for row in rows_of("codes", folder / "output")}


def delta(folder):
    return [
        (row["code"], row["change"], row["field"], row["old_value"], row["new_value"])
        for row in rows_of("delta", folder / "output")
    ]


@pytest.mark.parametrize("status", [404, 410])
def test_a_code_whose_page_is_gone_stays_and_says_so(tmp_path, days, status):
    _, before = build(tmp_path, days, capture_of(ACTIVE, ALIVE), capture_of("99216"))
    gone_at = START + DAY
    lost = b"<html><p>No such page in this book.</p></html>"
    built, rows = build(
        tmp_path, days, capture_of(ACTIVE, lost, status=status, retrieved_at=gone_at)
    )
    row, old = rows[ACTIVE], before[ACTIVE]
    assert (old["status"], row["status"]) == ("active", "unknown")
    assert row["quality_flags"] == sorted([*old["quality_flags"], "page_gone"])
    assert row["official_description"] == old["official_description"]
    assert (row["capture_sha256"], row["raw_offset"]) == (old["capture_sha256"], old["raw_offset"])
    assert (row["first_seen"], row["last_changed"]) == (START, gone_at)
    assert built.coverage["row"] == 2
    assert [change[:3] for change in delta(tmp_path)] == [
        (ACTIVE, "changed", "status"),
        (ACTIVE, "changed", "quality_flags"),
    ]


def test_a_page_that_comes_back_is_active_again(tmp_path, days):
    build(
        tmp_path,
        days,
        capture_of(ACTIVE, ALIVE),
        capture_of(ACTIVE, b"<html></html>", status=404, retrieved_at=START + DAY),
    )
    _, rows = build(tmp_path, days, capture_of(ACTIVE, ALIVE, retrieved_at=START + 2 * DAY))
    assert rows[ACTIVE]["status"] == "active"
    assert "page_gone" not in rows[ACTIVE]["quality_flags"]


def test_a_wall_in_the_place_of_a_page_changes_nothing(tmp_path, days):
    build(tmp_path, days, capture_of(ACTIVE, ALIVE))
    wall = page_of(BOOK.doors.login[0])
    built, rows = build(tmp_path, days, capture_of(ACTIVE, wall, retrieved_at=START + DAY))
    assert rows[ACTIVE]["status"] == "active"
    assert built.release is None


def test_a_code_that_the_page_now_calls_deleted_stays_with_its_notice(tmp_path, days):
    page = page_of(DELETED)
    notice = BOOK.pages[DELETED].notice
    start, end = page.index(notice.encode()), page.index(notice.encode()) + len(notice.encode())
    alive = page[:start] + b"This line says nothing of the kind." + page[end:]
    alive = re.sub(rb"<tr><td>[0-9-]+</td><td>Deleted</td>.*?</tr>\n?", b"", alive)
    _, before = build(tmp_path, days, capture_of(DELETED, alive))
    assert before[DELETED]["status"] != "deleted"
    _, rows = build(tmp_path, days, capture_of(DELETED, retrieved_at=START + DAY))
    assert (rows[DELETED]["status"], rows[DELETED]["status_notice"]) == ("deleted", notice)
    assert rows[DELETED]["capture_sha256"] != before[DELETED]["capture_sha256"]
    assert (DELETED, "changed", "status_notice", None, notice) in delta(tmp_path)


def test_a_deleted_code_whose_page_goes_stays_deleted(tmp_path, days):
    build(tmp_path, days, capture_of(DELETED))
    _, rows = build(
        tmp_path, days, capture_of(DELETED, b"<html></html>", status=404, retrieved_at=START + DAY)
    )
    assert rows[DELETED]["status"] == "deleted"
    assert "page_gone" in rows[DELETED]["quality_flags"]
    assert rows[DELETED]["last_changed"] == START


def test_a_raw_that_was_begun_anew_keeps_first_seen_and_tells_what_it_lost(tmp_path, days):
    build(tmp_path, days, capture_of("99216"), capture_of(ACTIVE, ALIVE))
    shutil.rmtree(tmp_path / "raw")
    refused, _ = build(tmp_path, days, capture_of("99216", retrieved_at=START + 9 * DAY))
    assert refused.refused is not None
    blocking = [finding.id for finding in refused.findings if finding.level == "block"]
    assert build_release(project_in(tmp_path), accept=blocking).refused is None
    rows = {row["code"]: row for row in rows_of("codes", tmp_path / "output")}
    assert rows["99216"]["first_seen"] == rows["99216"]["last_changed"] == START
    assert delta(tmp_path) == [(ACTIVE, "removed", None, None, None)]
    built, _ = build(tmp_path, days)
    assert built.release is None


def test_a_build_lets_old_releases_go_and_tells_which(tmp_path, days):
    for number, code in enumerate(("99216", "99229", "00118")):
        days.pass_days(1)
        keep(tmp_path / "raw", capture_of(code))
        built = build_release(project_in(tmp_path, keep_releases=2))
        assert built.release is not None
        assert len(built.removed) == (number == 2)
    assert built.removed == ["2026.11.21"]
    assert build_release(project_in(tmp_path, keep_releases=1)).removed == []
    assert releases(tmp_path / "output") == ["2026.11.22", "2026.11.23"]
