"""A release that the checks refuse: nothing is published, all is told, and a person may accept."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from pipeline.ground import CODES, START, capture_of, keep, page_of, releases, rows_of, run

from scraper.archive.store import Archive

PROMO = b"<p>Now with a free lantern for every reader.</p>\n"
PROSE = b'<div class="prose">\n'
CHANGED = [code for code in CODES if PROSE in page_of(code)][:3]


def drifted(*codes: str, promo: bytes = PROMO, days: int = 1) -> None:
    """Keep the pages of codes as they are some days later, with a promo in each description."""
    keep(
        Path("raw"),
        *(
            capture_of(
                code,
                page_of(code).replace(PROSE, PROSE + promo),
                retrieved_at=START + timedelta(days=days),
            )
            for code in codes
        ),
    )


@pytest.fixture
def refused(home):
    """A published release, and pages in raw/ that the checks will refuse."""
    keep(Path("raw"), *map(capture_of, CODES[:30]))
    assert run("build").code == 0
    drifted(*CHANGED)
    return home


def ids_of(ended) -> list[str]:
    return [finding["id"] for finding in ended.data["findings"] if finding["level"] == "block"]


def test_a_refused_build_keeps_latest_writes_findings_and_ends_with_8(refused):
    before = releases()
    ended = run("build")
    assert ended.code == 8
    assert releases() == before
    (line,) = ended.complaints
    assert line.startswith("scraper: the checks refuse the release, latest stays: ")
    assert "refused, latest stays" in ended.out
    assert all(f"{code}  http://127.0.0.1/" in ended.out for code in CHANGED)
    told = json.loads(Path("output/findings.json").read_text("utf-8"))
    found = {finding["check"]: finding for finding in told["findings"]}
    assert found["repeated_paragraph"]["level"] == "block"
    rows = found["repeated_paragraph"]["rows"]
    assert [row["code"] for row in rows] == CHANGED
    assert all(row["place"].startswith("sample/sample-00001.warc.gz:") for row in rows)


def test_the_json_of_a_refused_build_has_the_findings(refused):
    ended = run("build", "--json")
    assert (ended.code, ended.data["refused"], ended.data["release"]) == (8, True, None)
    assert (
        ended.data["findings"] == json.loads(Path("output/findings.json").read_text())["findings"]
    )
    assert ids_of(ended) == ids_of(run("build", "--json"))


def test_every_finding_must_be_accepted_and_is_then_in_the_manifest(refused):
    ids = ids_of(run("build", "--json"))
    assert len(ids) > 1
    assert run("build", "--accept", ids[0]).code == 8
    ended = run("build", *(word for name in ids for word in ("--accept", name)))
    assert (ended.code, len(releases())) == (0, 2)
    assert not Path("output/findings.json").exists()
    manifest = json.loads(Path("output/latest/_manifest.json").read_text())
    assert {note["id"] for note in manifest["findings"] if note["accepted"]} == set(ids)
    assert run("verify").code == 0


def test_what_was_accepted_holds_for_one_run_but_a_paragraph_stays_accepted(refused):
    ids = ids_of(run("build", "--json"))
    run("build", *(word for name in ids for word in ("--accept", name)))
    assert run("build").code == 0
    more = next(code for code in CODES[:30] if PROSE in page_of(code) and code not in CHANGED)
    drifted(more, days=2)
    assert run("build").code == 0
    notes = json.loads(Path("output/latest/_manifest.json").read_text())["findings"]
    assert [note["check"] for note in notes if note["accepted"]] == ["repeated_paragraph"]
    drifted(*CHANGED, promo=b"<p>Now with a tin whistle in every parcel.</p>\n", days=3)
    assert run("build").code == 8


def test_an_id_is_of_no_use_once_the_evidence_has_changed(refused):
    ids = ids_of(run("build", "--json"))
    drifted(*CHANGED, promo=b"<p>Now with a tin whistle in every parcel.</p>\n", days=2)
    ended = run("build", *(word for name in ids for word in ("--accept", name)))
    assert (ended.code, len(releases())) == (2, 1)
    assert re.match(
        r"scraper: --accept \w{12}: no finding of this run has that id", ended.complaints[0]
    )


@pytest.mark.parametrize("name", ["", "0", "no-id", "0123456789AB", "0123456789abcd", "../../x"])
def test_what_is_no_id_is_named_before_anything_is_done(name, home):
    for command in ("build", "scrape"):
        ended = run(command, "--accept", name)
        assert (ended.code, len(ended.complaints)) == (2, 1)
        assert "--accept" in ended.complaints[0]
        assert not Path("raw").exists()


def test_an_id_that_no_finding_has_is_named_and_nothing_is_published(home):
    keep(Path("raw"), capture_of("99216"))
    ended = run("build", "--accept", "0123456789ab")
    assert (ended.code, releases()) == (2, [])
    assert "no finding of this run has that id" in ended.complaints[0]


def test_boilerplate_cannot_be_accepted(home):
    line = b"<p>\xc2\xa9 2031 Moonbeam Sisters. Some lanterns reserved.</p>\n"
    keep(Path("raw"), *map(capture_of, CODES[:5]))
    drifted(CHANGED[0], promo=line)
    ended = run("build", "--json")
    (name,) = ids_of(ended)
    assert run("build", "--accept", name).complaints == [
        f"scraper: --accept {name}: a finding of boilerplate cannot be accepted; mend it"
    ]


def test_a_refused_run_is_measured(refused):
    run("build", "--metrics", "run.prom")
    metrics = Path("run.prom").read_text()
    assert re.search(r'scraper_findings\{[^}]*level="block"[^}]*\} [1-9]', metrics)
    assert re.search(r"scraper_run_exit_code\{[^}]*\} 8", metrics)


def test_a_refused_first_release_leaves_no_latest(home):
    keep(Path("raw"), *map(capture_of, CODES[:5]))
    drifted(*CHANGED)
    ended = run("build")
    assert ended.code == 8
    (line,) = ended.complaints
    assert line.startswith(
        "scraper: the checks refuse the release, nothing is published: repeated_paragraph "
    )
    assert "release       refused, nothing is published" in ended.out
    assert "latest" not in ended.out + ended.err
    assert (releases(), Path("output/latest").exists()) == ([], False)
    assert Path("output/findings.json").exists()


def test_a_build_of_what_is_published_removes_the_findings_of_an_older_run(refused):
    run("build")
    with Archive.open(Path("raw")) as archive:
        assert sum(archive.count_pages().values()) == 33
    segment = Path("raw/sample/sample-00001.warc.gz")
    keep(Path("raw"), *(capture_of(c, retrieved_at=START + timedelta(days=9)) for c in CHANGED))
    ended = run("build")
    assert (segment.exists(), ended.code) == (True, 0)
    assert not Path("output/findings.json").exists()
    assert all("lantern for every" not in str(row) for row in rows_of("codes"))
