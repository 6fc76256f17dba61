"""The Prometheus text format: what the real parser reads is what was meant; the file is whole."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from scraper import disk
from scraper.errors import StorageError, UsageError
from scraper.exposition import Gauge, check_target, render_gauges, write_gauges

BELLS = Gauge("bells", "Bells that hang.", [({"town": "Moonbeam"}, 3), ({"town": "Lantern"}, 0)])
READABLE = st.text(st.characters(blacklist_categories=["Cs"]))


@given(READABLE, READABLE, st.integers(-(2**53), 2**53))
def test_the_parser_of_prometheus_reads_every_label_value_and_number(meaning, town, value):
    text = render_gauges([Gauge("bells", meaning, [({"town": town, "kind": "a"}, value)])])
    [family] = text_string_to_metric_families(text)
    [sample] = family.samples
    assert (family.name, family.type) == ("bells", "gauge")
    assert (sample.labels, sample.value) == ({"town": town, "kind": "a"}, value)


def test_help_and_type_come_once_before_the_samples_and_the_file_ends_with_a_line():
    lines = render_gauges([BELLS]).split("\n")
    assert lines[:2] == ["# HELP bells Bells that hang.", "# TYPE bells gauge"]
    assert lines[2:] == ['bells{town="Moonbeam"} 3', 'bells{town="Lantern"} 0', ""]


def test_a_gauge_without_samples_or_labels():
    assert render_gauges([Gauge("bells", "None hang.", [])]) == ""
    assert render_gauges([Gauge("bells", "One hangs.", [({}, 1)])]).endswith("\nbells 1\n")


def test_a_name_that_is_no_text_is_written_as_text():
    text = render_gauges([Gauge("bells", "x", [({"town": "\udcff"}, 1)])])
    assert text.encode()


def test_the_file_is_readable_for_others_and_nothing_lies_beside_it(tmp_path):
    before = os.umask(0o022)
    try:
        write_gauges(tmp_path / "bells.prom", [BELLS])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "bells.prom").stat().st_mode) == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["bells.prom"]


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "bells.prom"
    write_gauges(path, [BELLS])
    old = path.read_bytes()

    def fail(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "sync", fail)
    with pytest.raises(StorageError, match=r"bells\.prom"):
        write_gauges(path, [])
    assert path.read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "real.prom").write_text("old")
    (tmp_path / "link.prom").symlink_to("real.prom")
    write_gauges(tmp_path / "link.prom", [BELLS])
    assert (tmp_path / "link.prom").is_symlink()
    assert (tmp_path / "real.prom").read_text().startswith("# HELP bells")


def test_a_target_is_refused_before_the_run(tmp_path):
    check_target(tmp_path / "new.prom")
    for target in (tmp_path, "/dev/null", tmp_path / "none" / "bells.prom"):
        with pytest.raises(UsageError, match=str(target)):
            check_target(type(tmp_path)(target))
    os.mkfifo(tmp_path / "pipe.prom")
    with pytest.raises(UsageError, match="no plain file"):
        check_target(tmp_path / "pipe.prom")
