"""What is damaged, locked or in the way is named, and ends with its exit code."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path

from pipeline.ground import (
    ROWS,
    capture_of,
    keep,
    run,
)

from scraper.archive.store import Archive
from scraper.cli import run as run_commands
from scraper.publish.release import stage_release


def test_verify_names_what_is_damaged_and_ends_with_4(golden):
    table = golden / "output" / "latest" / "codes.csv"
    table.write_bytes(table.read_bytes().replace(b"CPT", b"CPU", 1))
    ended = run("verify", "--json")
    assert ended.code == 4
    assert ended.data["proven"] is False
    assert "codes.csv: was changed" in ended.data["findings"][0]
    assert ended.complaints[0].endswith("1 findings; build it anew from raw/")


def test_verify_raw_names_a_damaged_capture_and_ends_with_4(golden):
    segment = golden / "raw" / "sample" / "sample-00001.warc.gz"
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    assert run("verify").code == 0
    ended = run("verify", "--raw")
    assert ended.code == 4
    assert "sample/sample-00001.warc.gz: damaged at file offset" in ended.out


def test_a_run_while_another_writes_to_raw_ends_with_5(site):
    with Archive.open(Path("raw"), write=True):
        for words in (
            ("fetch", "99216"),
            ("scrape",),
            ("import", "x.html"),
            ("index", "--rebuild"),
        ):
            ended = run(*words)
            assert (ended.code, len(ended.complaints)) == (5, 1)
            assert "another run works here" in ended.complaints[0]
        assert run("plan", "99216").code == 0


def test_a_file_where_a_folder_should_be_ends_with_6(golden, monkeypatch):
    Path("file").write_text("")
    monkeypatch.setenv("SCRAPER_OUTPUT_DIR", "file")
    ended = run("build")
    assert (ended.code, len(ended.complaints)) == (6, 1)
    assert "file" in ended.complaints[0]


def test_an_interrupt_ends_with_130_and_says_that_nothing_is_lost(home, monkeypatch):
    def interrupt(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_commands, "expand_codes", interrupt)
    ended = run("plan", "99216")
    assert ended.code == 130
    assert "what was fetched is kept" in ended.complaints[0]


def test_a_latest_that_points_nowhere_is_named_and_the_next_build_mends_it(golden):
    latest = Path("output/latest")
    latest.unlink()
    latest.symlink_to("releases/2000.01.01")
    ended = run("verify")
    assert (ended.code, len(ended.complaints)) == (4, 1)
    assert "output/latest" in ended.complaints[0]
    ended = run("build")
    assert ended.code == 0
    assert "latest leads nowhere, though 2026.11.20 is there" in ended.out
    assert run("verify").code == 0


def test_a_latest_that_leads_to_what_is_no_release_is_named_and_nothing_is_done(golden):
    latest = Path("output/latest")
    latest.resolve().rename(Path("output/releases/mine").resolve())
    latest.unlink()
    latest.symlink_to("releases/mine")
    for words in (("build",), ("diff",), ("verify",)):
        ended = run(*words)
        assert (ended.code, len(ended.complaints)) == (4, 1)
        assert "releases/mine, which is named as no release; link it to one" in ended.complaints[0]
    assert [path.name for path in Path("output/releases").iterdir()] == ["mine"]


def test_a_latest_that_is_a_folder_is_named_and_nothing_of_it_is_lost(golden):
    latest = Path("output/latest")
    latest.unlink()
    latest.mkdir()
    (latest / "mine.txt").write_text("mine")
    ended = run("build")
    assert (ended.code, len(ended.complaints)) == (6, 1)
    assert "latest" in ended.complaints[0]
    assert (latest / "mine.txt").read_text() == "mine"


def test_a_damaged_index_is_made_anew_without_a_word(golden):
    index = Path("raw/index.sqlite")
    index.write_bytes(b"moon" * 2_000)
    ended = run("index", "--json")
    assert (ended.code, ended.data, ended.err) == (0, {"sample": 109}, "")


def test_a_folder_in_the_place_of_the_index_is_named_where_it_must_be_written(golden):
    index = Path("raw/index.sqlite")
    index.unlink()
    index.mkdir()
    assert run("index", "--json").data == {"sample": 109}
    ended = run("import", "file", "--site", "sample")
    assert (ended.code, len(ended.complaints)) == (6, 1)
    assert "index.sqlite" in ended.complaints[0]


def test_a_damaged_segment_is_quarantined_by_a_build_and_named(golden):
    segment = Path("raw/sample/sample-00001.warc.gz")
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    ended = run("build", "--json")
    assert ended.code == 8  # the row of the release before would be lost
    assert [finding["check"] for finding in ended.data["findings"]] == ["vanished_codes"]
    (page,) = ended.data["quarantined"]
    assert (page["reason"], page["outcome"]) == ("damaged", "quarantined")
    assert ended.data["coverage"]["quarantined"] == 1
    assert ended.data["coverage"]["row"] == len(ROWS) - 1


def test_a_segment_of_another_program_is_not_touched(golden):
    segment = Path("raw/sample/sample-00002.warc.gz")
    shutil.copy("raw/sample/sample-00001.warc.gz", segment)
    foreign = Path("raw/moon")
    foreign.mkdir()
    ended = run("index", "--json")
    assert ended.code == 0
    assert segment.exists()


def test_a_list_of_wanted_codes_that_is_no_text_ends_with_6(golden):
    Path("raw/sample/wanted.txt").write_bytes(b"\xff\xfe")
    ended = run("build")
    assert (ended.code, len(ended.complaints)) == (6, 1)
    assert "wanted.txt" in ended.complaints[0]


def test_a_damaged_sitemap_in_the_archive_is_named_and_ends_with_6(home):
    sitemap = capture_of("0", b"<html>closed</html>", url="http://x/sitemap.xml", kind="sitemap")
    keep(Path("raw"), capture_of("99216"), sitemap)
    ended = run("build")
    assert (ended.code, len(ended.complaints)) == (6, 1)
    assert "sitemap" in ended.complaints[0]


def test_a_build_beside_another_publisher_ends_with_5(golden, tmp_path):
    context = multiprocessing.get_context("spawn")  # the lock is of a process, this is another
    ready, done = context.Event(), context.Event()
    holder = context.Process(target=hold_output, args=(golden / "output", ready, done))
    holder.start()
    try:
        assert ready.wait(30)
        ended = run("build")
    finally:
        done.set()
        holder.join()
    assert (ended.code, len(ended.complaints)) == (5, 1)
    assert "another run publishes here" in ended.complaints[0]


def hold_output(output_dir, ready, done):
    with stage_release(output_dir):
        ready.set()
        done.wait(30)
