"""What differs between two releases, field by field, and what is no difference."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from pyarrow import parquet

from scraper.publish.compare import find_changes, shared_fields, to_text
from scraper.publish.findings import Finding
from scraper.publish.manifest import describe_file, read_manifest, write_manifest
from scraper.publish.release import stage_release
from scraper.publish.tables import TableWriter
from scraper.publish.verify import verify_release
from scraper.record import COMPARED_COLUMNS, CodeRecord

from .rows import NOW, SEEN, make_record, make_records, publish_rows

LATER = NOW + timedelta(days=1)


def delta_of(release):
    return parquet.read_table(release.folder / "delta.parquet").to_pylist()


def publish_two(output, old, new):
    publish_rows(output, old)
    return publish_rows(output, new, LATER)


def test_added_removed_and_changed_are_told_in_order_with_their_evidence(tmp_path):
    old = [
        make_record("10010", official_description="Mending of a kite", mentioned_codes=()),
        make_record("10011"),
        make_record("J9991", is_add_on=None),
    ]
    new = [
        make_record("10009", raw_offset=7, source_url="http://sample.test/10009"),
        make_record(
            "10010", official_description="Mending of a tail", mentioned_codes=("10011", "J9991")
        ),
        make_record("J9991", is_add_on=True, status="deleted", raw_offset=99),
    ]
    release = publish_two(tmp_path, old, new)
    rows = delta_of(release)
    assert [tuple(row.values())[:6] for row in rows] == [
        ("10009", "CPT", "added", None, None, None),
        (
            "10010",
            "CPT",
            "changed",
            "official_description",
            "Mending of a kite",
            "Mending of a tail",
        ),
        ("10010", "CPT", "changed", "mentioned_codes", "[]", '["10011", "J9991"]'),
        ("10011", "CPT", "removed", None, None, None),
        ("J9991", "HCPCS", "changed", "status", "unknown", "deleted"),
        ("J9991", "HCPCS", "changed", "is_add_on", None, "true"),
    ]
    evidence = [(row["source_url"], row["capture"], row["raw_offset"]) for row in rows]
    assert evidence[0] == ("http://sample.test/10009", "ab" * 32, 7)
    assert evidence[3] == (None, None, None)
    assert evidence[4] == (None, "ab" * 32, 99)
    assert release.manifest.compared_with == release.manifest.parent == "2026.11.20"
    assert verify_release(release.folder) == ()


def test_where_and_when_a_page_was_read_is_no_change_of_the_code(tmp_path):
    moved = {
        "retrieved_at": SEEN + timedelta(days=9),
        "capture_sha256": "cd" * 32,
        "raw_file": "sample/00002.warc.gz",
        "raw_offset": 5,
        "parser_version": "2",
        "access": "gated",
        "gated_sections": 3,
        "last_changed": SEEN + timedelta(days=9),
        "ama_copyright_year": 2027,
    }
    release = publish_two(tmp_path, [make_record()], [make_record(**moved)])
    assert release is not None
    assert delta_of(release) == []
    assert {*moved, "code", "code_system", "first_seen"} & set(COMPARED_COLUMNS) == set()


def test_every_column_that_says_something_of_a_code_is_compared():
    evidence = {"site", "source_url", "retrieved_at", "layout", "access", "official_capture"}
    assert set(COMPARED_COLUMNS) < set(CodeRecord.model_fields) - evidence
    assert {"status", "replaced_by", "mue", "page_facts", "quality_flags"} < set(COMPARED_COLUMNS)


def test_the_first_release_has_nothing_to_be_compared_with(tmp_path):
    release = publish_rows(tmp_path, make_records(3))
    assert delta_of(release) == []
    assert release.manifest.compared_with is None


def test_a_delta_makes_no_equal_release_look_new(tmp_path):
    publish_two(tmp_path, make_records(2), make_records(4))
    assert publish_rows(tmp_path, make_records(4), LATER + timedelta(days=1)) is None


def test_the_same_tables_after_the_same_release_give_the_same_bytes(tmp_path):
    publish_rows(tmp_path / "a", make_records(2))
    shutil.copytree(tmp_path / "a", tmp_path / "b", symlinks=True)
    first = publish_rows(tmp_path / "a", make_records(9), LATER)
    second = publish_rows(tmp_path / "b", make_records(9), LATER + timedelta(days=30))
    assert first.manifest.files == second.manifest.files
    assert len(delta_of(first)) == 7


def test_a_damaged_release_before_is_named_and_not_compared_with(tmp_path):
    damaged = publish_rows(tmp_path, make_records(3)).folder
    path = damaged / "codes.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with stage_release(tmp_path) as staging:
        assert staging.baseline is None
        assert f"{path}: was changed" in staging.why_not_compared
    healed = publish_rows(tmp_path, make_records(3), LATER)
    assert (healed.manifest.parent, healed.manifest.compared_with) == ("2026.11.20", None)
    assert delta_of(healed) == []


def test_in_the_place_of_a_damaged_release_the_newest_whole_one_is_compared(tmp_path):
    first = publish_rows(tmp_path, make_records(3))
    second, third = (
        publish_rows(tmp_path, make_records(count), NOW + timedelta(days=count)) for count in (4, 5)
    )
    for damaged in (second, third):
        path = damaged.folder / "codes.parquet"
        path.write_bytes(path.read_bytes()[:-9])
    with stage_release(tmp_path) as staging:
        assert staging.baseline.version == first.version
        assert staging.why_not_compared == (
            f"{path}: was changed; `scraper verify` tells what is damaged;"
            f" {first.version} was compared in its place"
        )
    healed = publish_rows(tmp_path, make_records(5), NOW + timedelta(days=9))
    assert (healed.manifest.parent, healed.manifest.compared_with) == (third.version, first.version)
    assert len(delta_of(healed)) == 2


def test_what_stands_accepted_outlives_the_damage_of_a_table(tmp_path):
    told = [Finding("same_body", "old", "said", is_accepted=True)]
    first = publish_rows(tmp_path, make_records(3), findings=told)
    told = [Finding("same_body", name, "said", is_accepted=True) for name in ("old", "new")]
    second = publish_rows(tmp_path, make_records(4), LATER, findings=told)
    (second.folder / "history.parquet").write_bytes(b"")
    with stage_release(tmp_path) as staging:
        assert staging.baseline.version == first.version
        assert staging.accepted_marks() == [finding.mark for finding in told]
    (tmp_path / "latest").unlink()
    with stage_release(tmp_path) as staging:
        assert staging.accepted_marks() == [told[0].mark]
    (tmp_path / "latest").symlink_to(second.folder)
    (second.folder / "_manifest.json").write_bytes(b"{}")
    with stage_release(tmp_path) as staging:
        assert staging.accepted_marks() == [told[0].mark]


def strip_columns(folder, *names):
    """Make a release look like one of an older program, which knew fewer columns and no delta."""
    path = folder / "codes.parquet"
    parquet.write_table(parquet.read_table(path).drop_columns(list(names)), path)
    (folder / "delta.parquet").unlink()
    old = read_manifest(folder)
    kept = {name: file for name, file in old.files.items() if name != "delta.parquet"}
    files = {name: describe_file(folder / name, file.rows) for name, file in kept.items()}
    write_manifest(folder, old.model_copy(update={"files": files}))


def test_a_column_that_only_one_release_has_is_not_compared(tmp_path):
    old = publish_rows(tmp_path, [make_record(mue="3", betos="P1")])
    strip_columns(old.folder, "mue")
    new = publish_rows(tmp_path, [make_record(mue="4", betos="P2")], LATER)
    assert [row["field"] for row in delta_of(new)] == ["betos"]
    assert "mue" not in shared_fields(("betos", "site"), ("betos", "mue", "site"))


@pytest.mark.parametrize("counts", [(0, 3), (3, 0), (1_203, 1_100), (700, 2_600)])
def test_whole_rows_are_counted_over_any_number_of_batches(tmp_path, counts):
    old, new = counts
    for name, count in (("old", old), ("new", new)):
        (tmp_path / name).mkdir()
        with TableWriter(tmp_path / name, "codes") as writer:
            writer.write(make_records(count))
    changes = [row.change for row in find_changes(tmp_path / "old", tmp_path / "new")]
    assert changes == ["added"] * max(new - old, 0) + ["removed"] * max(old - new, 0)


def test_a_release_without_a_column_of_the_evidence_is_compared(tmp_path):
    old = publish_rows(tmp_path, [make_record(mue="3")])
    strip_columns(old.folder, "raw_offset", "source_url")
    new = publish_rows(tmp_path, [make_record(mue="4")], LATER)
    assert [row["new_value"] for row in delta_of(new)] == ["4"]
    [back] = find_changes(new.folder, old.folder)
    assert (back.new_value, back.capture, back.raw_offset) == ("3", "ab" * 32, None)


def test_a_value_that_looks_like_another_type_stays_apart():
    assert to_text("true") == to_text(True)
    assert to_text(("a,b",)) != to_text(("a", "b"))
    assert to_text(SEEN) == "2026-11-03T08:15:42+00:00"
