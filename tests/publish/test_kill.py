"""A publisher that is killed at any moment leaves a whole latest, and a re-run the same bytes."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest

from scraper.publish.manifest import read_manifest
from scraper.publish.verify import verify_release

from .killing import is_change, kill_at_moments
from .rows import NOW, make_records, publish_rows

WRITER = "publish/tables.py"
LATER = NOW + timedelta(days=1)
RECORDS = make_records(3)


def is_moment(frame: FrameType, event: str, function: object) -> bool:
    """Tell whether a function is called that writes tables, or one that changes the disk."""
    if event == "c_call":
        return is_change(frame, event, function)
    return event == "call" and frame.f_code.co_filename.endswith(WRITER)


def publish_later(output_dir: Path) -> None:
    publish_rows(output_dir, RECORDS, LATER)


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.torture)])
def test_a_publisher_killed_at_any_moment_leaves_a_whole_latest(tmp_path, step):
    old = publish_rows(tmp_path / "old", make_records(2))
    shutil.copytree(tmp_path / "old", tmp_path / "new", symlinks=True)
    new = publish_rows(tmp_path / "new", make_records(3), LATER)
    outputs = kill_at_moments(tmp_path, tmp_path / "old", publish_later, is_moment, step)
    assert len(outputs) > 100 // step
    found = []
    for output in outputs:
        latest = output / "latest"
        assert verify_release(latest) == ()
        found.append(read_manifest(latest).files)
        publish_rows(output, make_records(3), LATER)
        assert verify_release(latest) == ()
        assert read_manifest(latest).files == new.manifest.files
        assert {path.name for path in output.iterdir()} == {".lock", "latest", "releases"}
        assert {path.name for path in latest.resolve().parent.iterdir()} == {
            old.version,
            new.version,
        }
    assert found[0] == old.manifest.files
    assert found[-1] == new.manifest.files
