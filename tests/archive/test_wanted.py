from __future__ import annotations

import pytest

from scraper.archive.wanted import add_wanted, read_wanted
from scraper.errors import StorageError


def test_nothing_is_wanted_where_nobody_asked(tmp_path):
    assert read_wanted(tmp_path / "raw", "sample") == ()


def test_wanted_codes_are_kept_sorted_and_once(tmp_path):
    add_wanted(tmp_path / "raw", "sample", ["63020", "0042T"])
    add_wanted(tmp_path / "raw", "sample", ["00100", "63020"])
    assert read_wanted(tmp_path / "raw", "sample") == ("00100", "0042T", "63020")
    text = (tmp_path / "raw" / "sample" / "wanted.txt").read_text()
    assert text == "00100\n0042T\n63020\n"


def test_asking_for_what_is_wanted_already_writes_nothing(tmp_path):
    add_wanted(tmp_path, "sample", ["00100"])
    before = (tmp_path / "sample" / "wanted.txt").stat()
    add_wanted(tmp_path, "sample", ["00100"])
    assert (tmp_path / "sample" / "wanted.txt").stat().st_ino == before.st_ino
    add_wanted(tmp_path, "other", [])
    assert not (tmp_path / "other").exists()
    assert [path.name for path in (tmp_path / "sample").iterdir()] == ["wanted.txt"]


def test_a_list_that_is_no_text_is_one_line(tmp_path):
    (tmp_path / "sample").mkdir()
    (tmp_path / "sample" / "wanted.txt").write_bytes(b"\xff\xfe0\x000")
    with pytest.raises(StorageError, match=r"wanted\.txt: is no list of codes"):
        read_wanted(tmp_path, "sample")


def test_a_list_that_cannot_be_read_is_one_line(tmp_path):
    (tmp_path / "sample" / "wanted.txt").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"wanted\.txt: Is a directory"):
        add_wanted(tmp_path, "sample", ["00100"])
