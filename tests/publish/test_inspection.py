"""Every check speaks where it must, is quiet where it may be, and keeps the id of what it says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from scraper.pipeline.checking import read_before
from scraper.publish.checks import CHECKS
from scraper.publish.findings import Finding
from scraper.publish.inspection import Inspection
from scraper.publish.release import stage_release
from scraper.record import CodeRecord, HistoryRow
from scraper.sites.profile import load_profiles

from .rows import (
    NOW,
    SEEN,
    coverage_of,
    make_history,
    make_page,
    make_record,
    rewrite,
    with_values,
)

SITE = load_profiles()["sample"]
(GATE,) = SITE.boilerplate.gates


def row(number: int, **values: Any) -> CodeRecord:
    """A row unlike all others; its code is a number."""
    sha = f"{number:064x}"[::-1]
    room = number - 9_000
    known = {
        "official_description": f"Airing of room {room}; with {number} windows",
        "common_language_description": f"Room {room} is aired by hand. Then it is swept, too.",
        "capture_sha256": sha,
        "official_capture": sha,
        "common_language_capture": sha,
    }
    return make_record(str(number), **(known | values))


def rows(count: int = 20, **changes: dict[str, Any]) -> list[CodeRecord]:
    """So many rows; `changes` are values of some, as `r3={...}`."""
    return [row(10_000 + n, **changes.get(f"r{n}", {})) for n in range(count)]


def text(number: int, words: str) -> dict[str, str]:
    return {"common_language_description": f"Room {number} is {words}. Then it is swept, too."}


def publish(
    folder: Path,
    records: Sequence[CodeRecord],
    held: Sequence[CodeRecord] = (),
    history: Sequence[HistoryRow] = (),
) -> None:
    with stage_release(folder) as staging:
        staging.codes.write(records)
        staging.history.write(history)
        staging.pages.write(
            make_page(r.code, capture=r.capture_sha256, outcome="quarantined") for r in held
        )
        coverage = coverage_of(len(records))
        staging.publish(coverage=coverage, sites=[SITE], parser_version="1", now=NOW)


def inspect(
    folder: Path,
    records: Sequence[CodeRecord],
    seen: Any = SEEN,
    coverage: Any = None,
    history: Sequence[HistoryRow] = (),
) -> list[Finding]:
    with stage_release(folder) as staging, Inspection([SITE], NOW) as inspection:
        read_before(staging, inspection)
        count = len(list(inspection.watch((record, seen) for record in records)))
        assert list(inspection.watch_history(history)) == list(history)
        return list(inspection.findings(coverage or coverage_of(count)))


SAME = {"common_language_description": "Every room is aired in the same way, all day long."}
STEM = {"official_description": "Airing of a room;\n\nby hand"}
FACTS = {"status_code": "Active", "mue": "three", "page_facts": ("Phase: new", "Tide: low")}
MARKS = ("status_code", "global_days", "mue", "betos")
BEFORE_MARKS = {mark: f"{mark} 1" for mark in MARKS}
LONG = "A door is oiled. Its hinge is turned by hand, and turned again."
ALONE = {
    "boilerplate": [rows(r1={"official_description": f"Airing of a room\n\n{GATE}"})],
    "identity": [rows(r1={"source_url": f"{SITE.origin}/cpt/codes/10002"})],
    "broken_encoding": [rows(r1=text(1, "called cafÃ©"))],
    "repeated_paragraph": [
        rows(
            **{
                f"r{n}": {"common_language_description": f"Room {n}.\n\nNow with cake"}
                for n in (1, 5, 9)
            }
        ),
        rows(
            **{f"r{n}": {"official_description": f"Room {n}\n\nNow with cake"} for n in (1, 5, 9)}
        ),
    ],
    "same_body": [rows(r1={"capture_sha256": "ab" * 32}, r7={"capture_sha256": "ab" * 32})],
    "same_texts": [
        rows(r1=SAME | {"official_description": None}, r2=SAME | {"official_description": None}),
    ],
    "same_description": [
        rows(r1=SAME, r2=SAME),
        rows(r1={"official_description": "Airing"}, r2={"official_description": "Airing"}),
    ],
    "key": [[*rows(3), row(10_001)]],
    "future_year": [
        rows(r1={"ama_copyright_year": 2028}),
        rows(r1={"publisher_copyright_year": 2028}),
    ],
}
AFTER = {
    "moved_description": [
        rows(r1={"official_description": row(10_002).official_description}),
        rows(r1={"official_description": row(10_001).common_language_description}),
    ],
    "shortened_description": [rows(r1={"common_language_description": "Room 1001 is aired"})],
    "shortened_fact": [
        rows(r11={"status_code": "A"}),
        rows(r11={"page_facts": ("Phase: new", "Tide: l")}),
    ],
    "lost_characters": [rows(r1=text(1, "called caf\ufffd"))],
    "lost_gates": [rows(r0={"gated_sections": 0})],
    "same_insertion": [
        rows(
            **{f"r{n}": text(1_000 + n, "aired by hand for only ten more pence") for n in (1, 2, 3)}
        )
    ],
    "changed_descriptions": [rows(**{f"r{n}": text(n, f"shut {n}") for n in (1, 2, 3)})],
    "fill_rate": [
        rows(**{f"r{n}": {"status_code": None} for n in (11, 12, 13)}),
        rows(**{f"r{n}": {"common_language_capture": "cd" * 32} for n in (11, 12, 13)}),
    ],
    "vanished_codes": [rows()[1:]],
    "uniform_facts": [rows(r10=dict.fromkeys(MARKS, "Card, please"))],
    "moved_facts": [
        rows(r11=FACTS | {"status_code": "three", "mue": "Active"}),
        rows(r11=FACTS | {"mue": "new", "page_facts": ("Phase: three", "Tide: low")}),
    ],
    "changed_facts": [
        rows(**{f"r{n}": FACTS | {"mue": f"4{n}"} for n in (11, 12, 13)}),
        rows(**{f"r{n}": {"page_facts": (f"Phase: {n}",)} for n in (11, 12, 13)}),
    ],
    "same_notice": [
        rows(**{f"r{n}": {"status": "deleted", "status_notice": "Shut."} for n in (1, 2, 3)})
    ],
    "deleted_codes": [rows(**{f"r{n}": {"status": "deleted"} for n in (1, 2, 3)})],
    "cut_page": [rows(r1={"quality_flags": ("page_cut",), "capture_sha256": "ef" * 32})],
    "undeleted": [rows(r19={"status": "unknown"})],
    "fewer_rows": [rows(17)],
    "more_rows": [rows(23)],
    "deleted_gone": [rows(19)],
}
BEFORE = rows(
    r0={"access": "gated", "gated_sections": 3},
    r10=BEFORE_MARKS,
    r19={"status": "deleted"},
    **{f"r{n}": FACTS for n in (11, 12, 13)},
)


@pytest.mark.parametrize(("check", "case"), [(c, case) for c in ALONE for case in ALONE[c]])
def test_a_check_of_rows_alone_speaks(check, case, tmp_path):
    assert inspect(tmp_path, rows()) == []
    assert check in {finding.check for finding in inspect(tmp_path, case)}


@pytest.mark.parametrize(("check", "case"), [(c, case) for c in AFTER for case in AFTER[c]])
def test_a_check_against_the_release_before_speaks(check, case, tmp_path):
    publish(tmp_path, BEFORE)
    quiet = [f.check for f in inspect(tmp_path, BEFORE)]
    found = {f.check: f for f in inspect(tmp_path, case)}
    assert quiet == []
    assert check in found
    assert found[check].id == {f.check: f for f in inspect(tmp_path, case)}[check].id


def test_a_line_of_history_may_be_added_noted_and_written_in_another_way(tmp_path):
    opened, shut = make_history("10001"), make_history("10001", 2, action="Deleted")
    publish(tmp_path, rows(), history=[opened, shut])
    undated = {"event_date": None}  # as a program read it that knew fewer forms of dates
    rewritten = {"notes": "by the night clerk", "event_date_text": "1/1/2025", "action": "deleted"}
    for kept in (
        [opened, shut],
        [opened, shut, make_history("10001", 3, action="Sold")],
        [opened, shut.model_copy(update=rewritten)],
        [opened.model_copy(update=undated), shut.model_copy(update=undated)],
        [opened],  # a line corrected on one page or two is no drift
    ):
        assert inspect(tmp_path, rows(), history=kept) == []


def test_the_history_of_a_site_that_is_not_built_is_not_lost(tmp_path):
    other = [record.model_copy(update={"site": "inn"}) for record in rows(5)]
    publish(tmp_path, other, history=[make_history(record.code) for record in other])
    assert {finding.check for finding in inspect(tmp_path, rows(5))} == {"left_out_site"}


@pytest.mark.parametrize("kept", [[], [1]])
def test_lines_of_history_that_are_gone_from_several_codes_are_found(kept, tmp_path):
    lines = {
        n: [make_history(f"1000{n}", 1), make_history(f"1000{n}", 2, action="Deleted")]
        for n in range(4)
    }
    publish(tmp_path, rows(), history=[line for told in lines.values() for line in told])
    now = [line for told in lines.values() for line in told if line.line in kept]
    [found] = inspect(tmp_path, rows(), history=now)
    lost = "2025-01-01 deleted" if kept else "2025-01-01 added; 2025-01-01 deleted"
    assert (found.check, found.evidence[0].before) == ("lost_history", lost)
    assert [row.code for row in found.evidence] == [f"1000{n}" for n in range(4)]


def test_sums_that_do_not_add_up_are_found(tmp_path):
    found = inspect(tmp_path, rows(), coverage=coverage_of(20) | {"wanted": 21})
    assert [finding.check for finding in found] == ["sums"]


def test_old_pages_are_found_by_when_the_site_last_showed_them(tmp_path):
    (found,) = inspect(tmp_path, rows(), seen=NOW - timedelta(days=366))
    assert (found.check, len(found.evidence)) == ("page_age", 20)
    assert inspect(tmp_path, rows(), seen=NOW - timedelta(days=364)) == []


def test_rows_by_pages_that_made_none_before_are_not_explained(tmp_path):
    new = rows(23)[20:]
    publish(tmp_path, rows(), held=new)
    found = {finding.check: finding.level for finding in inspect(tmp_path, rows(23))}
    assert found == {"unexplained_rows": "block", "more_rows": "warn"}


def test_a_site_that_is_not_built_is_told_and_its_codes_have_not_vanished(tmp_path):
    other = [record.model_copy(update={"site": "inn"}) for record in rows(3)]
    publish(tmp_path, other)
    found = inspect(tmp_path, rows()[5:])
    assert [finding.check for finding in found] == ["left_out_site"]
    assert found[0].message.startswith("inn: 3 rows")


def test_a_release_before_that_cannot_be_read_is_told_and_not_compared(tmp_path):
    publish(tmp_path, BEFORE)
    table = (tmp_path / "latest" / "codes.parquet").resolve()
    table.write_bytes(table.read_bytes()[:-40])
    found = inspect(tmp_path, rows(3))
    assert [finding.check for finding in found] == ["not_compared"]


def emptied(column):
    return lambda table: with_values(table, column, [None] * len(table))


@pytest.mark.parametrize(
    ("name", "change", "fault"),
    [
        *(
            ("codes.parquet", emptied(column), f"{column} is empty in a row")
            for column in ("code", "code_system", "site", "status", "gated_sections", "first_seen")
        ),
        ("codes.parquet", emptied("page_facts"), "page_facts is empty in a row"),
        (
            "codes.parquet",
            lambda table: with_values(table, "section", [""] * len(table)),
            "section is empty in a row",
        ),
        (
            "codes.parquet",
            lambda table: with_values(table, "code", ["kite"] * len(table)),
            "kite is no code of CPT",
        ),
        (
            "codes.parquet",
            lambda table: with_values(table, "code", range(len(table)), pa.int64()),
            "code is of type int64, not string",
        ),
        ("codes.parquet", lambda table: table.drop_columns(["site"]), "has no column site"),
        ("codes.parquet", lambda table: table.take([1, 0, 2]), "1000. is out of order"),
        ("codes.parquet", lambda table: table.take([0, 0, 1]), "1000. is out of order"),
        ("history.parquet", lambda table: table.drop_columns(["action"]), "has no column action"),
        ("pages.parquet", emptied("outcome"), "outcome is empty in a row"),
        ("pages.parquet", lambda table: table.drop_columns(["capture"]), "has no column capture"),
    ],
)
def test_rows_that_no_release_can_have_are_told_and_not_compared(tmp_path, name, change, fault):
    publish(tmp_path, rows(3), held=rows(4)[3:])
    folder = (tmp_path / "latest").resolve()
    rewrite(folder, name, change)
    [finding] = inspect(tmp_path, rows(3))
    assert finding.check == "not_compared"
    assert re.fullmatch(
        f"{re.escape(str(folder / name))}: {fault}; the release is damaged; nothing was compared",
        finding.message,
    )


def test_pages_before_with_an_odd_capture_hinder_nothing(tmp_path):
    publish(tmp_path, rows(3), held=rows(4)[3:])
    folder = (tmp_path / "latest").resolve()
    rewrite(
        folder, "pages.parquet", lambda table: with_values(table, "capture", ["z"] * len(table))
    )
    assert [finding.check for finding in inspect(tmp_path, rows(3))] == []


@pytest.mark.parametrize(
    "healthy",
    [
        rows(),
        rows(21),
        rows(r1=text(1, "aired by foot"), r2=text(2, "aired at dawn")),
        rows(r1=STEM, r2=STEM | {"official_description": "Airing of a room;\n\nby wind"}),
        rows(r1={"official_description": None}),
        rows(r1={"ama_copyright_year": 2027}),
        rows(r1={"quality_flags": ("page_cut",)}),  # a profile that says more of the same page
        rows(
            r1=dict.fromkeys(MARKS[:3], "0"), r2={"short_descriptor": "X", "long_descriptor": "X"}
        ),
        rows(r1={"status": "deleted", "status_notice": "Shut."}),
    ],
)
def test_an_honest_release_is_not_refused(healthy, tmp_path):
    publish(tmp_path, rows())
    assert [f for f in inspect(tmp_path, healthy) if f.level == "block"] == []


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"mue": "12"}, {"mue": "1"}),
        ({"mue": "1.25", "betos": "$120.50"}, {"mue": "1.2", "betos": "$120.5"}),
        (
            {"mue": "as told", "betos": "never", "team_surgery": "perhaps"},
            {"mue": "by half", "betos": "as told", "team_surgery": "as told"},
        ),
        ({"page_facts": ("Mark: 25", "Mark: 59")}, {"page_facts": ("Mark: 59", "Mark: 25")}),
        ({"mue": "1", "betos": "2"}, {"mue": "2", "betos": "1"}),
        (BEFORE_MARKS, dict.fromkeys(MARKS, "9")),
        (FACTS, FACTS | {"page_facts": ("Phase: new",)}),
        (FACTS, FACTS | {"page_facts": ("Tide: low", "Phase: new", "Wind: none")}),
    ],
)
def test_facts_that_change_as_they_do_in_honest_years_refuse_nothing(before, now, tmp_path):
    publish(tmp_path, rows(r1=before))
    assert inspect(tmp_path, rows(r1=now)) == []


def test_codes_that_give_way_to_the_same_other_may_share_their_notice(tmp_path):
    publish(tmp_path, rows(80))
    notice = {"status": "deleted", "status_notice": "Shut. See 10079.", "replaced_by": ("10079",)}
    struck = rows(80, **{f"r{n}": notice for n in (1, 2, 3, 4)})
    assert inspect(tmp_path, struck) == []


def test_every_check_is_tested():
    elsewhere = {
        "lost_history",
        "contract",
        "sums",
        "unexplained_rows",
        "left_out_site",
        "unread_pages",
    }
    assert {*ALONE, *AFTER, *elsewhere, "page_age", "not_compared"} == set(CHECKS)


def test_the_id_of_a_finding_changes_with_its_evidence(tmp_path):
    publish(tmp_path, BEFORE)
    cases = [rows(r1={"common_language_description": LONG[:end]}) for end in (20, 21)]
    cut = [rows(r1={"common_language_description": f"Room 1001 is aired{x}"}) for x in ("", " by")]
    ids = {
        f.id
        for case in (*cases, *cut)
        for f in inspect(tmp_path, case)
        if f.check == "shortened_description"
    }
    assert len(ids) == 2


def test_of_very_many_findings_the_first_are_whole_and_all_are_counted(tmp_path):
    many = [row(10_000 + n, **text(n, "called cafÃ©")) for n in range(450)]
    found = [f for f in inspect(tmp_path, many) if f.check == "broken_encoding"]
    assert len(found) == 201
    assert found[-1].message == "250 more cases as those before"
    assert found[-1].evidence[-1].now.startswith("50 more rows, by their hash ")
    changed = [*many[:-1], row(10_449, **text(1, "called naÃ¯ve"))]
    again = [f for f in inspect(tmp_path, changed) if f.check == "broken_encoding"]
    assert found[-1].id != again[-1].id


def test_what_stands_for_the_rest_is_accepted_by_its_evidence_alone():
    one, rest = (Finding("repeated_paragraph", subject, "said") for subject in ("+1f", "rest"))
    assert (one.mark, rest.mark) == ("repeated_paragraph:+1f", rest.id)
