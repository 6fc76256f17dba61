"""A step of publishing that is killed at one moment after the other, each time on a fresh copy."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

# Functions that change the disk.
CHANGES = {"open", "write", "fsync", "mkdir", "rmdir", "rename", "replace", "symlink", "unlink"}

IsMoment = Callable[[FrameType, str, object], bool]


def is_change(_frame: FrameType, event: str, function: object) -> bool:
    return event == "c_call" and getattr(function, "__name__", "") in CHANGES


def kill_at_moments(
    folder: Path, whole: Path, act: Callable[[Path], object], is_moment: IsMoment, step: int = 1
) -> list[Path]:
    """Let `act` die at each moment, or each so many, on a copy of `whole`; return the copies.

    The last of them is the one on which it lived to its end.
    """
    context = multiprocessing.get_context("spawn")
    killer = context.Process(target=_kill, args=(folder, whole, act, is_moment, step))
    killer.start()
    killer.join(300)
    assert (folder / "last_exit_code").read_text() == "0"
    return sorted((folder / "killed").iterdir(), key=lambda output: int(output.name))


def _kill(
    folder: Path, whole: Path, act: Callable[[Path], object], is_moment: IsMoment, step: int
) -> None:
    # What is imported late is no moment.
    act(shutil.copytree(whole, folder / "warm", symlinks=True))
    exit_code = -signal.SIGKILL
    for moment in range(1, 1_000, step):
        output = shutil.copytree(whole, folder / "killed" / str(moment), symlinks=True)
        child = os.fork()
        if child == 0:
            _act_and_die(output, act, is_moment, moment)
            os._exit(0)
        exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if exit_code != -signal.SIGKILL:
            break
    (folder / "last_exit_code").write_text(str(exit_code))


def _act_and_die(
    output: Path, act: Callable[[Path], object], is_moment: IsMoment, moment: int
) -> None:
    """Act, and be killed at the moment of that number; live where there are fewer."""
    passed = 0

    def count(frame: FrameType, event: str, function: object) -> None:
        nonlocal passed
        passed += is_moment(frame, event, function)
        if passed == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    act(output)
    sys.setprofile(None)
