from __future__ import annotations

import gzip
import logging
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scraper.archive.digest import digest_label
from scraper.archive.store import Archive, rebuild_index
from scraper.capture import HeldCapture
from scraper.errors import BusyError, StorageError

from .samples import (
    SEGMENT,
    SITE,
    copies,
    fetched,
    file_bytes,
    fill,
    held,
    imported,
    page_body,
    page_url,
    read_all,
)

CAPTURES = [
    fetched(1),
    imported("b.html", b"<p>saved</p>"),
    fetched(2),
    fetched(1, minutes=5),
    fetched(3, minutes=6, body=b"<p>short</p>"),
]


def test_a_tail_torn_at_any_byte_is_cut_and_the_re_run_gives_the_same_bytes(tmp_path):
    pages = fill(tmp_path / "before", CAPTURES[:-1])
    fill(tmp_path / "whole", CAPTURES)
    whole = file_bytes(tmp_path / "whole")[SEGMENT]
    start = len(file_bytes(tmp_path / "before")[SEGMENT])
    copy = copies(tmp_path / "before", tmp_path / "copy")
    for size in range(start + 1, len(whole)):
        raw_dir = next(copy)
        (raw_dir / SEGMENT).write_bytes(whole[:size])
        assert fill(raw_dir, CAPTURES[-1:])[0].raw_offset > start
        files = file_bytes(raw_dir)
        assert files.pop(SEGMENT) == whole
        assert files == {f"{SEGMENT}.partial": whole[start:size]}
    assert len(held(tmp_path / "before")) == len(pages) - 1


def test_a_first_capture_torn_at_any_byte_leaves_an_empty_archive(tmp_path):
    fill(tmp_path / "whole", CAPTURES[:1])
    whole = file_bytes(tmp_path / "whole")[SEGMENT]
    (tmp_path / "empty" / SITE).mkdir(parents=True)
    copy = copies(tmp_path / "empty", tmp_path / "copy")
    for size in range(1, len(whole), 9):
        raw_dir = next(copy)
        (raw_dir / SEGMENT).write_bytes(whole[:size])
        assert held(raw_dir) == []
        fill(raw_dir, CAPTURES[:1])
        assert file_bytes(raw_dir)[SEGMENT] == whole


def test_what_is_cut_twice_is_kept_one_after_the_other(tmp_path):
    fill(tmp_path, CAPTURES)
    for torn in (b"\x1f\x8b\x08 first", b"second"):
        with (tmp_path / SEGMENT).open("ab") as segment:
            segment.write(torn)
        assert len(held(tmp_path)) == 4
    assert file_bytes(tmp_path)[f"{SEGMENT}.partial"] == b"\x1f\x8b\x08 firstsecond"


def test_a_capture_that_the_index_does_not_know_is_found_by_a_reader(tmp_path):
    fill(tmp_path / "raw", CAPTURES[:3])
    index = (tmp_path / "raw" / "index.sqlite").read_bytes()
    pages = fill(tmp_path / "raw", CAPTURES[3:])
    (tmp_path / "raw" / "index.sqlite").write_bytes(index)
    assert [page.url for page in held(tmp_path / "raw")][-1] == page_url(3)
    assert held(tmp_path / "raw")[0] == pages[0]


def _no_index(path: Path) -> None:
    path.unlink()


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def _other_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _holes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4_096 : len(data) - 4_096] = bytes(len(data) - 8_192)
    path.write_bytes(data)


def _stale_journal(path: Path) -> None:
    path.unlink()
    path.with_name("index.sqlite-journal").write_bytes(b"left by a killed writer" * 100)


SPOILERS = [_no_index, _garbage, _torn, _other_version, _holes, _stale_journal]


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("spoil", SPOILERS)
def test_a_lost_or_damaged_index_is_made_anew(tmp_path, caplog, spoil, write):
    fill(tmp_path, CAPTURES)
    before = held(tmp_path)
    spoil(tmp_path / "index.sqlite")
    with caplog.at_level(logging.WARNING), Archive.open(tmp_path, write=write) as archive:
        assert list(archive.pages()) == before
    assert caplog.records == []
    assert held(tmp_path) == before


def test_a_rebuilt_index_equals_the_one_that_grew(tmp_path):
    captures = [fetched(n % 7, minutes=n, body=page_body(n % 4)) for n in range(40)]
    captures += [imported(f"{n % 3}.html", b"<p>%d</p>" % (n % 2)) for n in range(12)]
    fill(tmp_path, captures, segment_bytes=3_000)
    before = held(tmp_path)
    assert rebuild_index(tmp_path) == len(before)
    assert held(tmp_path) == before
    assert len({page.raw_file for page in before}) > 1
    assert max(page.checked_at for page in before) > max(page.retrieved_at for page in before[:5])


def test_rebuilding_what_is_not_there_gives_nothing(tmp_path):
    assert rebuild_index(tmp_path / "raw") == 0
    assert not (tmp_path / "raw").exists()


def test_rebuilding_waits_for_no_other_run(tmp_path):
    with Archive.open(tmp_path, write=True), pytest.raises(BusyError):
        rebuild_index(tmp_path)


def test_a_segment_that_was_taken_away_is_named_and_only_a_rebuild_goes_on_without_it(tmp_path):
    captures = [fetched(n, body=page_body(n, 900)) for n in range(4)]
    pages = fill(tmp_path, captures, segment_bytes=100)
    (tmp_path / pages[1].raw_file).unlink()
    for write in (False, True):
        with pytest.raises(StorageError, match=pages[1].raw_file):  # noqa: SIM117 - it opens
            with Archive.open(tmp_path, write=write):
                pass
    assert rebuild_index(tmp_path) == 3
    assert [page.url for page in held(tmp_path)] == [page_url(n) for n in (0, 2, 3)]


def test_an_archive_without_any_of_its_segments_is_not_taken_for_an_empty_one(tmp_path):
    (page,) = fill(tmp_path, [fetched(1)])
    (tmp_path / page.raw_file).unlink()
    with pytest.raises(StorageError, match="or gone"):
        held(tmp_path)


def test_a_folder_that_cannot_be_written_is_read_all_the_same(tmp_path):
    fill(tmp_path, CAPTURES)
    before = held(tmp_path)
    (tmp_path / "index.sqlite").unlink()
    (tmp_path / ".lock").unlink()
    (tmp_path / ".lock").mkdir()
    assert held(tmp_path) == before
    assert not (tmp_path / "index.sqlite").exists()
    with pytest.raises(StorageError, match=r"\.lock"), Archive.open(tmp_path, write=True):
        pass


def test_a_reader_beside_a_writer_with_a_lost_index_reads_the_segments(tmp_path):
    fill(tmp_path, CAPTURES)
    before = held(tmp_path)
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(9))
        assert len(held(tmp_path)) >= len(before)
        (tmp_path / "index.sqlite").unlink()
        assert len(held(tmp_path)) == len(before) + 1


def test_files_that_are_no_segments_are_left_alone(tmp_path):
    fill(tmp_path, CAPTURES)
    (tmp_path / "sample" / "notes.warc.gz").write_bytes(b"my own")
    (tmp_path / "sample" / "other-00001.warc.gz").write_bytes(b"my own")
    assert rebuild_index(tmp_path) == 4
    assert (tmp_path / "sample" / "notes.warc.gz").read_bytes() == b"my own"


def test_a_segment_of_another_program_is_refused_and_left_alone(tmp_path):
    (tmp_path / SITE).mkdir()
    record = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 5\r\n\r\nother\r\n\r\n"
    (tmp_path / SEGMENT).write_bytes(gzip.compress(record))
    for write in (False, True):
        with (
            pytest.raises(StorageError, match="another program wrote it; move it away and import"),
            Archive.open(tmp_path, write=write),
        ):
            pass
    assert file_bytes(tmp_path) == {SEGMENT: (tmp_path / SEGMENT).read_bytes()}


@pytest.mark.parametrize("type_", ["metadata", "response"])
def test_a_record_of_another_program_in_a_segment_is_reported(tmp_path, caplog, type_):
    fill(tmp_path, CAPTURES[:1])
    record = f"WARC/1.0\r\nWARC-Type: {type_}\r\nContent-Length: 5\r\n".encode()
    digest = digest_label(b"other").encode()
    record += b"WARC-Block-Digest: " + digest + b"\r\n\r\nother\r\n\r\n"
    with (tmp_path / SEGMENT).open("ab") as segment:
        segment.write(gzip.compress(record))
    assert len(held(tmp_path)) == 1
    assert "torn bytes" in caplog.text
    assert (tmp_path / f"{SEGMENT}.partial").read_bytes() == gzip.compress(record)


def test_an_index_that_tells_another_story_than_the_segment_is_not_believed(tmp_path):
    fill(tmp_path, CAPTURES[:1])
    with sqlite3.connect(tmp_path / "index.sqlite") as connection:
        connection.execute("UPDATE captures SET url = 'https://codes.example/other'")
    connection.close()
    ((page, error),) = read_all(tmp_path)
    assert (page.url, error.reason) == ("https://codes.example/other", "damaged")
    assert "not what the index says" in str(error)


def test_a_segment_that_vanishes_while_it_is_read_is_one_line(tmp_path):
    (page,) = fill(tmp_path, CAPTURES[:1])
    with Archive.open(tmp_path) as archive:
        (tmp_path / SEGMENT).unlink()
        with pytest.raises(StorageError, match="No such file"):
            archive.read(page)
        with pytest.raises(StorageError, match="No such file"):
            list(archive.captures())


def test_no_bit_flip_in_a_segment_is_silent(tmp_path, caplog):
    pages = fill(tmp_path / "raw", CAPTURES)
    expected = {kept.page.raw_offset: kept.capture for kept in read_all(tmp_path / "raw")}
    whole = file_bytes(tmp_path / "raw")[SEGMENT]
    chance = random.Random(20)
    reported = 0
    for _ in range(300):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (tmp_path / "raw" / SEGMENT).write_bytes(data)
        results = read_all(tmp_path / "raw")
        assert len(results) == len(expected)
        for result in results:
            if isinstance(result, HeldCapture):
                assert result.capture == expected[result.page.raw_offset]
            else:
                page, error = result
                reported += 1
                assert error.reason == "damaged"
                assert f"{SEGMENT}: damaged at file offset {page.raw_offset}" in str(error)
    assert len(pages) == 5
    assert reported > 100


def test_no_bit_flip_is_silent_when_the_index_is_made_anew(tmp_path, caplog):
    fill(tmp_path / "raw", CAPTURES)
    before = {page.raw_offset: page for page in held(tmp_path / "raw")}
    whole = file_bytes(tmp_path / "raw")[SEGMENT]
    copy = copies(tmp_path / "raw", tmp_path / "copy")
    chance = random.Random(21)
    for _ in range(100):
        raw_dir = next(copy)
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        (raw_dir / SEGMENT).write_bytes(data)
        caplog.clear()
        rebuild_index(raw_dir)
        after = {page.raw_offset: page for page in held(raw_dir)}
        assert after.items() <= before.items() or caplog.records
        if after != before:
            assert caplog.records
            assert SEGMENT in caplog.text
        assert len(after) >= len(before) - 1


WRITER = """
import sys
sys.path[:0] = [{tests!r}]
from archive.samples import REQUEST, fetched
from scraper.archive.store import Archive
from pathlib import Path
with Archive.open(Path(sys.argv[1]), write=True, segment_bytes=20_000) as archive:
    for number in range(100_000):
        capture = fetched(number)
        if archive.newest(capture.site, capture.url) is None:
            print(archive.append(capture, REQUEST).url, flush=True)
"""


def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path):
    script = WRITER.format(tests=str(Path(__file__).parent.parent))
    chance = random.Random(5)
    raw_dir = tmp_path / "raw"
    acknowledged: list[str] = []
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(raw_dir)], stdout=subprocess.PIPE, text=True
        ) as writer:
            acknowledged.append(writer.stdout.readline().strip())
            deadline = time.monotonic() + chance.random() / 5
            while time.monotonic() < deadline:
                acknowledged.append(writer.stdout.readline().strip())
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged += [line for line in writer.stdout.read().split("\n")[:-1] if line]
        kept = {page.url for page in held(raw_dir)}
        assert set(acknowledged) <= kept
    fill(tmp_path / "same", [fetched(n) for n in range(len(kept))], segment_bytes=20_000)
    files = {name: data for name, data in file_bytes(raw_dir).items() if "partial" not in name}
    assert files == file_bytes(tmp_path / "same")


def test_a_failing_index_stops_the_writer_and_loses_nothing(tmp_path):
    pages = fill(tmp_path, CAPTURES[:2])
    with Archive.open(tmp_path, write=True) as archive:
        archive.append(fetched(8))
        with sqlite3.connect(tmp_path / "index.sqlite") as other:
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM captures").fetchone()
            archive._index._db.execute("PRAGMA busy_timeout = 1")
            archive._uncommitted = 63
            with pytest.raises(StorageError, match="index is damaged or busy"):
                archive.append(fetched(9))
        other.close()
        with pytest.raises(StorageError, match="changed by another program"):
            archive.append(fetched(10))
    assert held(tmp_path)[:2] == pages
    assert [page.url for page in held(tmp_path)][2:] == [page_url(8), page_url(9)]
