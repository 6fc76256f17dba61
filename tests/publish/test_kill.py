"""A publisher that is killed at any moment leaves a whole latest, and a re-run the same bytes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest

from scraper.publish.manifest import read_manifest
from scraper.publish.verify import verify_release

from .rows import NOW, make_records, publish_rows

# A moment is the call of a function that writes tables, or of one that changes the disk.
WRITER = "publish/tables.py"
CHANGES = {"open", "write", "fsync", "mkdir", "rmdir", "rename", "replace", "symlink", "unlink"}
LATER = NOW + timedelta(days=1)


def is_moment(frame: FrameType, event: str, function: object) -> bool:
    if event == "c_call":
        return getattr(function, "__name__", "") in CHANGES
    return event == "call" and frame.f_code.co_filename.endswith(WRITER)


def publish_and_die(output_dir: Path, moment: int) -> None:
    """Publish, and be killed at the moment of that number; live where there are fewer."""
    passed = 0

    def count(frame: FrameType, event: str, function: object) -> None:
        nonlocal passed
        passed += is_moment(frame, event, function)
        if passed == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    records = make_records(3)
    sys.setprofile(count)
    publish_rows(output_dir, records, LATER)
    sys.setprofile(None)


def kill_at_moments(folder: Path, old: Path, step: int) -> None:
    """Give each moment, or each so many, a copy of `old`, and a publisher that dies then."""
    publish_rows(folder / "warm", make_records(1))  # what is imported late is no moment
    exit_code = -signal.SIGKILL
    for moment in range(1, 1_000, step):
        output = shutil.copytree(old, folder / "killed" / str(moment), symlinks=True)
        child = os.fork()
        if child == 0:
            publish_and_die(output, moment)
            os._exit(0)
        exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if exit_code != -signal.SIGKILL:
            break
    (folder / "last_exit_code").write_text(str(exit_code))


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.torture)])
def test_a_publisher_killed_at_any_moment_leaves_a_whole_latest(tmp_path, step):
    old = publish_rows(tmp_path / "old", make_records(2))
    shutil.copytree(tmp_path / "old", tmp_path / "new", symlinks=True)
    new = publish_rows(tmp_path / "new", make_records(3), LATER)
    context = multiprocessing.get_context("spawn")
    killer = context.Process(target=kill_at_moments, args=(tmp_path, tmp_path / "old", step))
    killer.start()
    killer.join(300)
    assert (tmp_path / "last_exit_code").read_text() == "0"
    outputs = sorted((tmp_path / "killed").iterdir(), key=lambda output: int(output.name))
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
