"""diff and history: what a person and a script are told, and what is refused in one line."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from pipeline.ground import run
from publish.rows import NOW, make_record, publish_rows

OUTPUT = Path("output")
STAGES = (
    [make_record("10010", official_description="Mending of a red kite"), make_record("10011")],
    [make_record("10010", official_description="Mending of a green kite"), make_record("10012")],
)


@pytest.fixture
def published(home):
    for day, records in enumerate(STAGES):
        publish_rows(OUTPUT, records, NOW + timedelta(days=day))
    return home


def test_diff_is_from_the_release_before_to_the_latest(published):
    ended = run("diff")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "2026.11.20 -> 2026.11.21: 1 added, 1 removed, 1 changed",
        "~ 10010  official_description: Mending of a [-red-] {+green+} kite",
        "- 10011",
        "+ 10012",
    ]
    assert run("diff", "2026.11.20").out == run("diff", "2026.11.20", "2026.11.21").out == ended.out
    back = run("diff", "2026.11.21", "2026.11.20").out
    assert "+ 10011\n- 10012" in back


def test_diff_in_json_has_every_field_and_the_evidence(published):
    data = run("diff", "--json").data
    assert (data["old"], data["new"]) == ("2026.11.20", "2026.11.21")
    assert [row["field"] for row in data["changes"]] == ["official_description", None, None]
    assert data["changes"][0]["capture"] == "ab" * 32


def test_a_terminal_shows_colours_and_a_file_does_not(published, monkeypatch):
    coloured = run("diff", terminal=True).out
    assert "[\x1b[31m" not in coloured
    assert "\x1b[31m[-red-]\x1b[0m \x1b[32m{+green+}\x1b[0m" in coloured
    assert "\x1b[32m+ 10012\x1b[0m" in coloured
    assert "\x1b" not in run("diff").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("diff", terminal=True).out


def test_history_tells_the_life_of_a_code(published):
    ended = run("history", "10010")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "10010  CPT, unknown",
        "first seen    2026-11-03T08:15:42Z",
        "last changed  2026-11-03T08:15:42Z",
        "in releases   since 2026.11.20 (the oldest that is kept)",
        "2026.11.21  official_description: Mending of a [-red-] {+green+} kite",
        "history on its page, in 2026.11.21:",
        "2025-01-01  Added",
    ]
    gone = run("history", "10011")
    assert "since 2026.11.20 (the oldest that is kept) to 2026.11.20, not in the latest" in gone.out
    assert "2026.11.21  removed" in gone.out
    data = run("history", "10012", "--json").data
    assert (data["first_release"], data["known_from"]) == ("2026.11.21", "2026.11.20")
    assert data["changes"][0]["change"] == "added"
    assert data["page_history"][0]["event_date"] == "2025-01-01"


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("diff", "2026.01.01"), 4, "2026.01.01: there is no such release"),
        (("diff", "2026.11.20", "2027.01.01"), 4, "2027.01.01: there is no such release"),
        (("diff", "2026.11.21", "2026.11.20.7"), 4, "there is no such release"),
        (("diff", "no\0name"), 4, "there is no such release"),
        (("diff", ""), 4, "there is no such release; name a folder of "),
        (("diff", "../latest"), 4, "there is no such release; name a folder of "),
        (("diff", "2026.11.20/"), 4, "there is no such release; name a folder of "),
        (("diff", "x" * 5_000), 4, "there is no such release; name a folder of "),
        (("verify", ".."), 4, "there is no such release; name a folder of "),
        (("pin", ""), 2, "'' is no version"),
        (("unpin", ""), 2, "'' is not pinned"),
        (("unpin", "a\nb"), 2, "is not pinned"),
        (("history", "10099"), 2, "10099: stands in no release"),
        (("history", "kite"), 2, "'kite' is no code"),
    ],
)
def test_what_is_not_there_is_named_in_one_line(published, words, code, complaint):
    ended = run(*words)
    assert (ended.code, ended.out, len(ended.complaints)) == (code, "", 1)
    assert complaint in ended.complaints[0]
    assert len(ended.err.splitlines()) == 1


def test_the_first_release_has_nothing_before_it(published):
    shutil.rmtree(OUTPUT / "releases" / "2026.11.21")
    (OUTPUT / "latest").unlink()
    (OUTPUT / "latest").symlink_to("releases/2026.11.20")
    ended = run("diff")
    assert (ended.code, ended.out) == (2, "")
    assert "2026.11.20: is the first release; name two releases" in ended.complaints[0]


def test_without_a_release_both_say_so(home):
    assert run("diff").code == 4
    ended = run("history", "10010")
    assert (ended.code, len(ended.complaints)) == (4, 1)


def test_a_damaged_release_is_one_line(published):
    path = OUTPUT / "latest" / "delta.parquet"
    path.write_bytes(b"PAR1 no PAR1")
    ended = run("diff")
    assert (ended.code, ended.out, len(ended.err.splitlines())) == (4, "", 1)
    assert "delta.parquet: was changed" in ended.err


def test_a_release_is_pinned_listed_and_let_go(published):
    assert run("pin").out == "no release is pinned\n"
    assert run("pin", "2026.11.20").out == "2026.11.20\n"
    assert run("pin", "--json").data == ["2026.11.20"]
    assert run("unpin", "2026.11.20", "--json").data == []
    ended = run("unpin", "2026.11.20")
    assert (ended.code, ended.out, len(ended.complaints)) == (2, "", 1)
    assert "'2026.11.20' is not pinned" in ended.complaints[0]
    assert run("pin", "2026.01.01").code == 4
