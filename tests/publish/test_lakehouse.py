"""Releases as versions of a Delta Lake table, by the library itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from pyarrow import parquet

from scraper.errors import DeliveryError, ReleaseError
from scraper.places import check_table_place
from scraper.publish.lakehouse import Lakehouse
from scraper.publish.manifest import describe_file, read_manifest, write_manifest

from .rows import NOW, make_record, make_records, publish_rows


@pytest.fixture
def place(tmp_path):
    return str(tmp_path / "lake" / "codes")


def publish(tmp_path, count, day=0):
    return publish_rows(tmp_path, make_records(count), NOW + timedelta(days=day)).folder


def codes_of(place, version=None):
    table = DeltaTable(place, version=version).to_pyarrow_table()
    return sorted(table.column("code").to_pylist())


def test_each_release_is_a_version_that_can_be_travelled_to(tmp_path, place):
    folders = [publish(tmp_path, count, count) for count in (3, 5, 4)]
    table = Lakehouse(place)
    assert table.releases == []
    assert [table.append(folder) for folder in folders] == [True] * 3
    assert Lakehouse(place).releases == [folder.name for folder in folders]
    assert [len(codes_of(place, version)) for version in (0, 1, 2)] == [3, 5, 4]
    assert len(codes_of(place)) == 4
    commits = DeltaTable(place).history()
    assert [commit["release"] for commit in commits] == [f.name for f in reversed(folders)]
    assert commits[0]["manifest_sha256"] == (folders[2] / "_SUCCESS").read_text().strip()


def test_the_values_are_those_of_the_release(tmp_path, place):
    record = make_record(
        "00100", mentioned_codes=("J1885", "00102"), is_add_on=True, official_description="A\n\nB"
    )
    folder = publish_rows(tmp_path, [record, make_record("0042T")]).folder
    Lakehouse(place).append(folder)
    told = DeltaTable(place).to_pyarrow_table().sort_by("code")
    release = parquet.read_table(folder / "codes.parquet")
    assert told.to_pylist() == release.to_pylist()
    assert DeltaTable(place).metadata().name == "codes"
    assert "American Medical Association" in DeltaTable(place).metadata().description


def test_a_release_is_not_written_twice(tmp_path, place):
    folder = publish(tmp_path, 3)
    assert Lakehouse(place).append(folder)
    table = Lakehouse(place)
    assert not table.append(folder)
    assert not table.append(folder)
    assert DeltaTable(place).version() == 0
    assert len(list(Path(place).glob("*.parquet"))) == 1


def drop_columns(folder, *names):
    path = folder / "codes.parquet"
    parquet.write_table(parquet.read_table(path).drop_columns(list(names)), path)
    old = read_manifest(folder)
    files = {name: describe_file(folder / name, file.rows) for name, file in old.files.items()}
    write_manifest(folder, old.model_copy(update={"files": files}))


def test_a_column_that_is_new_or_gone_changes_the_table_and_no_older_version(tmp_path, place):
    first, second, third = (publish(tmp_path, count, count) for count in (1, 2, 3))
    drop_columns(first, "mue", "betos")
    drop_columns(third, "ccs_category")
    for folder in (first, second, third):
        Lakehouse(place).append(folder)
    columns = [set(DeltaTable(place, version=v).to_pyarrow_table().column_names) for v in range(3)]
    assert columns[1] - columns[0] == {"mue", "betos"}
    assert columns[1] - columns[2] == {"ccs_category"}


def test_another_release_of_the_same_name_is_refused(tmp_path, place):
    Lakehouse(place).append(publish(tmp_path / "a", 3))
    with pytest.raises(DeliveryError, match="holds another release 2026"):
        Lakehouse(place).append(publish(tmp_path / "b", 4))
    assert len(codes_of(place)) == 3


def test_a_damaged_release_is_not_appended(tmp_path, place):
    folder = publish(tmp_path, 3)
    (folder / "codes.parquet").write_bytes(b"PAR1 no PAR1")
    with pytest.raises(ReleaseError, match="was changed"):
        Lakehouse(place).append(folder)
    assert not Path(place).exists()


@pytest.mark.parametrize("metadata", [{}, {"release": "v1"}, {"release": "2026"}])
def test_commits_of_others_are_passed_over(tmp_path, place, metadata):
    folder = publish(tmp_path, 3)
    Lakehouse(place).append(folder)
    write_deltalake(
        place,
        pa.table({"mine": ["x"]}),
        mode="overwrite",
        schema_mode="overwrite",
        commit_properties=CommitProperties(custom_metadata=metadata),
    )
    DeltaTable(place).vacuum(dry_run=False)
    table = Lakehouse(place)
    assert table.releases == [folder.name]
    assert table.append(publish(tmp_path, 4, 1))
    assert len(codes_of(place)) == 4


def test_a_table_of_others_is_left_alone(tmp_path, place):
    write_deltalake(place, pa.table({"mine": ["x"]}))
    with pytest.raises(DeliveryError, match="is a table of others; name another delta_table"):
        Lakehouse(place)
    assert DeltaTable(place).to_pyarrow_table().to_pylist() == [{"mine": "x"}]


@pytest.mark.parametrize("name", ["a b", "läke", "a&b'(c)"])
def test_a_folder_may_have_any_other_name(tmp_path, name):
    place = check_table_place(str(tmp_path / name))
    folder = publish(tmp_path, 3)
    assert Lakehouse(place).append(folder)
    assert Lakehouse(place).releases == [folder.name]


@pytest.mark.parametrize("seal", [None, b"", b"\xff\xfe"])
def test_a_release_without_its_seal_is_one_line(tmp_path, place, seal):
    path = publish(tmp_path, 3) / "_SUCCESS"
    path.unlink() if seal is None else path.write_bytes(seal)
    with pytest.raises(ReleaseError, match=r"is no whole release|does not fit"):
        Lakehouse(place).append(path.parent)


@pytest.mark.parametrize("damage", ["file", "log", "permission"])
def test_a_table_that_cannot_be_used_is_one_line(tmp_path, place, damage):
    folder = publish(tmp_path, 3)
    if damage == "log":
        Lakehouse(place).append(folder)
        next(Path(place, "_delta_log").glob("*.json")).write_bytes(b"{not json")
    elif damage == "file":
        Path(place).parent.mkdir()
        Path(place).write_text("in the way")
    else:
        place = "/proc/nobody/codes"
    with pytest.raises(DeliveryError) as told:
        Lakehouse(place).append(folder)
    assert str(told.value).startswith(f"{place}: ")
    assert {"\n", "\x1b"} & set(str(told.value)) == set()


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("No table", "No table"),
        (
            "\x1b[31mGeneric S3 error\x1b[0m\n  \u21b3 Error of GET\n\n   \u21b3 timed  out\n",
            "Generic S3 error: timed out",
        ),
        (
            "Bad\n<Error><Code>X</Code><Message>No key</Message><AWSAccessKeyId>I</AWSAccessKeyId>",
            "Bad: No key",
        ),
        ("", "DeltaError"),
    ],
)
def test_what_the_library_says_is_one_line_with_the_cause(place, monkeypatch, told, line):
    def fail(_place):
        raise DeltaError(told)

    monkeypatch.setattr(DeltaTable, "is_deltatable", fail)
    with pytest.raises(DeliveryError) as raised:
        Lakehouse(place)
    assert str(raised.value) == f"{place}: {line}; see delta_table"


def test_without_the_extra_it_is_said_how_to_get_it(tmp_path, place, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "deltalake"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "deltalake", None)
    with pytest.raises(DeliveryError, match=r"pip install 'scraper\[delta\]'"):
        Lakehouse(place)


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path):
    folder = publish(tmp_path, 3)
    before = {path.name for path in folder.iterdir()}
    for place in (folder, tmp_path / "latest", tmp_path):
        with pytest.raises(DeliveryError, match="and is no table; name another folder"):
            Lakehouse(str(place)).append(folder)
    assert {path.name for path in folder.iterdir()} == before


def test_what_a_killed_first_run_left_is_no_hindrance(tmp_path, place):
    Path(place, "_delta_log").mkdir(parents=True)
    Path(place, "part-00000-x-c000.snappy.parquet").write_bytes(b"half a f")
    assert Lakehouse(place).append(publish(tmp_path, 3))
    assert len(codes_of(place)) == 3


APPEND = """
import sys
from pathlib import Path
from scraper.publish.lakehouse import Lakehouse
table = Lakehouse(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
table.append(Path(sys.argv[2]))
print("done", flush=True)
"""


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.01, 0.03])
def test_a_run_killed_while_it_appends_leaves_the_table_whole(tmp_path, place, pause):
    first, second = publish(tmp_path, 3), publish(tmp_path, 3_000, 1)
    Lakehouse(place).append(first)
    with subprocess.Popen(
        [sys.executable, "-c", APPEND, place, str(second)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout.readline() == b"open\n"
        child.stdin.write(b"\n")
        child.stdin.flush()
        try:
            child.wait(pause or 0.000_1)
        except subprocess.TimeoutExpired:
            os.kill(child.pid, signal.SIGKILL)
    assert len(codes_of(place)) in {3, 3_000}
    Lakehouse(place).append(second)
    assert Lakehouse(place).releases == [first.name, second.name]
    assert (len(codes_of(place)), DeltaTable(place).version()) == (3_000, 1)


def test_duckdb_reads_the_files_that_the_newest_version_names(tmp_path, place):
    for count in (3, 5):
        Lakehouse(place).append(publish(tmp_path, count, count))
    files = [Path(place, name) for name in DeltaTable(place).file_uris()]
    [(count,)] = duckdb.sql(f"SELECT count(*) FROM read_parquet({[*map(str, files)]})").fetchall()
    assert count == 5
    log = max(Path(place, "_delta_log").glob("*.json")).read_text()
    assert [json.loads(line) for line in log.splitlines()]
