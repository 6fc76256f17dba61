"""A release is published whole, under a version of its day, or not at all."""

from __future__ import annotations

import multiprocessing
import os
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.errors import BusyError, ReleaseError, StorageError
from scraper.publish.manifest import read_manifest
from scraper.publish.release import stage_release
from scraper.publish.schema import describe_columns
from scraper.publish.verify import verify_release
from scraper.record import LICENSED_COLUMNS, TABLES

from .rows import NOW, SITE, coverage_of, make_record, make_records, publish_rows

TABLE_FILES = {"codes.parquet", "codes.csv", "pages.parquet", "history.parquet"}
SIDECARS = {"README.md", "datapackage.json"}
DATA_FILES = TABLE_FILES | {f"open/{name}" for name in TABLE_FILES}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_release_holds_its_tables_its_manifest_and_its_seal(tmp_path):
    release = publish_rows(tmp_path, make_records(3))
    assert release.folder == tmp_path / "releases" / "2026.11.20"
    sealed = {"_manifest.json", "_SUCCESS", "open"}
    assert names_in(release.folder) == TABLE_FILES | {"delta.parquet"} | SIDECARS | sealed
    assert names_in(release.folder / "open") == TABLE_FILES | SIDECARS
    assert (tmp_path / "latest").resolve() == release.folder
    assert (tmp_path / "latest").readlink() == Path("releases/2026.11.20")
    assert names_in(tmp_path) == {"releases", "latest", ".lock"}
    assert verify_release(release.folder) == ()


def test_the_manifest_tells_what_the_release_is(tmp_path):
    release = publish_rows(tmp_path, make_records(3))
    manifest = read_manifest(release.folder)
    assert manifest == release.manifest
    assert (manifest.version, manifest.parent) == ("2026.11.20", None)
    assert manifest.created_at == NOW
    assert manifest.coverage == coverage_of(3)
    assert manifest.sources[0].publisher == "Nobody at all"
    rows = {name: file.rows for name, file in manifest.files.items()}
    assert rows == dict.fromkeys(DATA_FILES, 3) | {"delta.parquet": 0}
    tables = {name: describe_columns(row) for name, row in TABLES.items()}
    assert {name: manifest.tables[name] for name in TABLES} == tables
    assert set(manifest.tables) == {*TABLES, *(f"open/{name}" for name in LICENSED_COLUMNS)}
    assert set(manifest.sidecars) == SIDECARS | {f"open/{name}" for name in SIDECARS}


def test_the_same_tables_are_not_published_twice(tmp_path):
    publish_rows(tmp_path, make_records(3))
    again = publish_rows(tmp_path, make_records(3), now=NOW + timedelta(days=40))
    assert again is None
    assert names_in(tmp_path / "releases") == {"2026.11.20"}


def test_releases_of_one_day_are_counted_and_know_their_parent(tmp_path):
    releases = [publish_rows(tmp_path, make_records(count)) for count in range(1, 13)]
    assert [release.version for release in releases[:3]] == [
        "2026.11.20",
        "2026.11.20.1",
        "2026.11.20.2",
    ]
    assert releases[11].version == "2026.11.20.11"
    assert releases[11].manifest.parent == "2026.11.20.10"
    assert publish_rows(tmp_path, make_records(1), NOW + timedelta(days=1)).version == "2026.11.21"


def test_data_files_hold_neither_clock_nor_version(tmp_path):
    first = publish_rows(tmp_path / "a", make_records(5))
    second = publish_rows(tmp_path / "b", make_records(5), now=NOW + timedelta(days=400))
    assert first.manifest.files == second.manifest.files
    assert first.version != second.version


def test_a_damaged_latest_is_followed_by_a_whole_one(tmp_path):
    damaged = publish_rows(tmp_path, make_records(3)).folder
    (damaged / "codes.csv").write_bytes(b"x")
    healed = publish_rows(tmp_path, make_records(3))
    assert (healed.version, healed.manifest.parent) == ("2026.11.20.1", "2026.11.20")
    (healed.folder / "_SUCCESS").unlink()
    assert publish_rows(tmp_path, make_records(3)).version == "2026.11.20.2"


def test_a_block_that_fails_leaves_nothing(tmp_path):
    publish_rows(tmp_path, make_records(3))
    with pytest.raises(ReleaseError), stage_release(tmp_path) as staging:
        staging.codes.write(reversed(make_records(4)))
    assert names_in(tmp_path / "releases") == {"2026.11.20"}


def test_a_block_that_does_not_publish_leaves_nothing(tmp_path):
    with stage_release(tmp_path) as staging:
        staging.codes.write(make_records(4))
        assert len(names_in(tmp_path / "releases")) == 1
    assert names_in(tmp_path / "releases") == set()


def test_codes_out_of_order_are_not_published(tmp_path):
    with pytest.raises(ReleaseError, match="CPT 10010: comes after CPT 10011"):
        publish_rows(tmp_path, [make_record("10011"), make_record("10010")])
    assert names_in(tmp_path / "releases") == set()


@pytest.mark.parametrize(
    ("coverage", "gap"),
    [
        (coverage_of(3) | {"wanted": 4}, "4 codes wanted, but 3 accounted for"),
        (coverage_of(4), "4 codes with a row, but the table holds 3; nothing was published"),
    ],
)
def test_a_wanted_code_that_is_not_accounted_for_refuses_the_release(tmp_path, coverage, gap):
    with stage_release(tmp_path) as staging:
        staging.codes.write(make_records(3))
        with pytest.raises(ReleaseError, match=gap):
            staging.publish(coverage=coverage, sites=[SITE], parser_version="1", now=NOW)
    assert not (tmp_path / "latest").exists()


def test_leftovers_of_a_killed_run_are_removed(tmp_path):
    leftover = tmp_path / "releases" / ".staging-1234"
    leftover.mkdir(parents=True)
    (leftover / "codes.parquet").write_bytes(b"half a ta")
    publish_rows(tmp_path, make_records(1))
    assert names_in(tmp_path / "releases") == {"2026.11.20"}


def test_a_release_that_was_renamed_in_but_not_switched_to_becomes_latest(tmp_path):
    publish_rows(tmp_path, make_records(1))
    publish_rows(tmp_path, make_records(2))
    (tmp_path / "latest").rename(tmp_path / ".latest-next")
    (tmp_path / "latest").symlink_to("releases/2026.11.20")
    assert publish_rows(tmp_path, make_records(2)) is None
    assert (tmp_path / "latest").resolve().name == "2026.11.20.1"


def test_a_switch_that_was_only_prepared_is_forgotten(tmp_path):
    publish_rows(tmp_path, make_records(1))
    (tmp_path / ".latest-next").symlink_to("releases/2026.11.20.1")
    assert publish_rows(tmp_path, make_records(1)) is None
    assert (tmp_path / "latest").resolve().name == "2026.11.20"
    assert not (tmp_path / ".latest-next").is_symlink()


def test_a_person_may_go_back_to_an_older_release(tmp_path):
    publish_rows(tmp_path, make_records(1))
    publish_rows(tmp_path, make_records(2))
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").symlink_to("releases/2026.11.20")
    assert publish_rows(tmp_path, make_records(1)) is None
    assert (tmp_path / "latest").resolve().name == "2026.11.20"


def test_a_latest_that_is_no_link_is_named(tmp_path):
    (tmp_path / "latest").mkdir()
    (tmp_path / "latest" / "mine").touch()
    with pytest.raises(StorageError, match="latest: is a folder where a link must be"):
        publish_rows(tmp_path, make_records(1))
    assert names_in(tmp_path / "latest") == {"mine"}
    assert names_in(tmp_path / "releases") == set()


def test_an_output_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "output").touch()
    with (
        pytest.raises(StorageError, match=f"^{tmp_path}/output.*directory"),
        stage_release(tmp_path / "output"),
    ):
        pass


def hold_lock(output_dir: Path, held: multiprocessing.Event, done: multiprocessing.Event) -> None:
    with stage_release(output_dir):
        held.set()
        done.wait(30)


def test_a_second_process_is_told_that_the_folder_is_busy(tmp_path):
    context = multiprocessing.get_context("spawn")
    held, done = context.Event(), context.Event()
    child = context.Process(target=hold_lock, args=(tmp_path, held, done))
    child.start()
    try:
        assert held.wait(30)
        with pytest.raises(BusyError, match="another run publishes here"):
            publish_rows(tmp_path, make_records(1))
    finally:
        done.set()
        child.join(30)
    assert publish_rows(tmp_path, make_records(1)).version == "2026.11.20"


def test_a_release_may_be_read_by_everyone_whom_the_umask_lets(tmp_path):
    before = os.umask(0o022)
    try:
        release = publish_rows(tmp_path, make_records(1))
    finally:
        os.umask(before)
    assert release.folder.stat().st_mode & 0o777 == 0o755
