"""Verify finds every change of a release, and never falls over a damaged file."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from scraper.publish.manifest import describe_file, read_manifest, write_manifest
from scraper.publish.tables import TableWriter
from scraper.publish.verify import verify_release

from .rows import make_records, publish_rows

FLIPS = 1_000


@pytest.fixture
def release(tmp_path):
    folder = publish_rows(tmp_path, make_records(20)).folder
    assert verify_release(folder) == ()
    return folder


def reseal(folder: Path, **values: object) -> None:
    """Make the manifest fit the folder again: what a faulty publisher would have left."""
    old = read_manifest(folder)
    files = {name: describe_file(folder / name, file.rows) for name, file in old.files.items()}
    write_manifest(folder, old.model_copy(update={"files": files} | values))


def write_codes(folder: Path, count: int) -> None:
    with TableWriter(folder, "codes") as writer:
        writer.write(make_records(count))


def test_each_of_a_thousand_flipped_bits_is_found(release):
    rng = random.Random(20)
    files = [path for path in sorted(release.rglob("*")) if path.is_file()]
    places = [(path, bit) for path in files for bit in range(path.stat().st_size * 8)]
    silent = []
    for path, bit in rng.sample(places, FLIPS):
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        if not verify_release(release):
            silent.append((path.name, bit))
        path.write_bytes(whole)
    assert silent == []
    assert verify_release(release) == ()


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "extra.parquet"])
def test_a_file_that_is_not_listed_is_found(release, name):
    (release / name).touch()
    assert verify_release(release) == (f"{release / name}: is not of this release",)


@pytest.mark.parametrize("name", ["codes.parquet", "codes.csv", "history.parquet"])
def test_a_missing_file_is_found(release, name):
    (release / name).unlink()
    assert verify_release(release) == (f"{release / name}: is missing",)


@pytest.mark.parametrize("name", ["_SUCCESS", "_manifest.json"])
def test_a_folder_without_its_seal_is_no_release(release, name):
    (release / name).unlink()
    (finding,) = verify_release(release)
    assert "is no whole release" in finding
    assert name in finding


def test_a_folder_that_is_not_there_is_a_finding(tmp_path):
    (finding,) = verify_release(tmp_path / "none")
    assert finding.startswith(f"{tmp_path}/none: is no whole release")


def test_a_file_cut_short_is_found_by_its_size(release):
    path = release / "pages.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    (finding,) = verify_release(release)
    assert finding.startswith(f"{path}: holds {path.stat().st_size} bytes, not the ")


def test_a_folder_in_place_of_a_file_is_found(release):
    (release / "pages.parquet").unlink()
    (release / "pages.parquet").mkdir()
    assert verify_release(release) == (f"{release}/pages.parquet: is no plain file",)


def test_a_sealed_manifest_of_another_form_is_found(release):
    content = (release / "_manifest.json").read_bytes().replace(b'"version":', b'"edition":', 1)
    (release / "_manifest.json").write_bytes(content)
    (release / "_SUCCESS").write_text(hashlib.sha256(content).hexdigest() + "\n")
    (finding,) = verify_release(release)
    assert finding.startswith(f"{release}/_manifest.json: version: ")


def test_rows_that_are_not_those_of_the_manifest_are_found(release):
    write_codes(release, 19)
    reseal(release)
    assert verify_release(release) == (
        f"{release}/codes.parquet: holds 19 rows, not those of the manifest",
        f"{release}/codes.csv: does not hold the same rows as codes.parquet",
    )


def test_a_csv_with_another_word_is_found(release):
    path = release / "codes.csv"
    path.write_text(path.read_text("utf-8").replace("gently", "softly", 1), "utf-8")
    reseal(release)
    assert verify_release(release) == (f"{path}: does not hold the same rows as codes.parquet",)


def test_a_csv_with_fewer_rows_is_found(release):
    path = release / "codes.csv"
    header = path.read_text("utf-8").splitlines()[0]
    path.write_text(f"{header}\n", "utf-8")
    reseal(release)
    assert verify_release(release) == (f"{path}: does not hold the same rows as codes.parquet",)


def test_a_csv_that_cannot_be_read_is_found(release):
    path = release / "codes.csv"
    path.write_bytes(b'"code"\n"unclosed')
    reseal(release)
    (finding,) = verify_release(release)
    assert finding.startswith(f"{path}: is not the CSV of this table")


def test_columns_that_are_not_those_of_the_manifest_are_found(release):
    tables = read_manifest(release).tables
    reseal(release, tables=tables | {"pages": tables["history"]})
    assert verify_release(release) == (
        f"{release}/pages.parquet: its columns are not those of the manifest",
    )


def test_codes_out_of_order_are_found(release, monkeypatch):
    monkeypatch.setattr("scraper.publish.keys.KEYS", {})
    with TableWriter(release, "codes", csv=True) as writer:
        writer.write(reversed(make_records(20)))
    reseal(release)
    assert verify_release(release) == (
        f"{release}/codes.parquet: its rows are not in strict order of their key",
    )


def test_a_table_without_a_file_is_found(release):
    manifest = read_manifest(release)
    files = {name: file for name, file in manifest.files.items() if name != "history.parquet"}
    (release / "history.parquet").unlink()
    write_manifest(release, manifest.model_copy(update={"files": files}))
    assert verify_release(release) == (f"{release}/history.parquet: is not listed in the manifest",)


def test_sums_that_do_not_add_up_are_found(release):
    coverage = read_manifest(release).coverage
    reseal(release, coverage=coverage | {"waiting": 1})
    (finding,) = verify_release(release)
    assert finding.startswith("coverage: 20 codes wanted, but 21 accounted for")


def test_rows_that_the_sums_do_not_count_are_found(release):
    coverage = read_manifest(release).coverage
    reseal(release, coverage=coverage | {"row": 19, "absent": 1})
    assert verify_release(release) == ("coverage: 19 codes with a row, but the table holds 20",)


def test_a_sealed_file_that_is_no_parquet_is_found(release):
    (release / "history.parquet").write_bytes(b"PAR1 not really PAR1")
    reseal(release)
    (finding,) = verify_release(release)
    assert finding.startswith(f"{release}: cannot be read: ")


def test_a_csv_is_compared_across_batches_of_any_length(tmp_path, monkeypatch):
    monkeypatch.setattr("scraper.publish.twin._BLOCK_BYTES", 50_000)
    folder = publish_rows(tmp_path, make_records(3_000)).folder
    assert verify_release(folder) == ()
