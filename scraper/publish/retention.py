"""Which releases are kept: the newest, and always the latest, the one before it, and the pinned.

An old release is renamed away before it is deleted, so a run that is killed leaves it whole or out
of sight; the next run deletes what was left.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from scraper.disk import replace_durably, storage_errors, sync
from scraper.errors import ReleaseError, StorageError, UsageError
from scraper.publish.difference import parent_of
from scraper.publish.latest import RELEASES, REMOVED, find_release
from scraper.publish.lock import hold_output
from scraper.publish.version import is_version, list_versions

PINNED = "pinned"
_log = logging.getLogger(__name__)


def remove_old(output_dir: Path, keep: int) -> list[str]:
    """Remove all but the `keep` newest releases and those that never go; 0 keeps all.

    Call it while the lock of the folder is held. Where it is not sure what may go, nothing goes:
    a warning says why.
    """
    if keep == 0:
        return []
    removed: list[str] = []
    try:
        for version, folder in _find_old(output_dir, keep):
            _remove(folder)
            removed.append(version)
    except (ReleaseError, StorageError) as error:
        _log.warning("old releases stay: %s", error)
    return removed


def read_pins(output_dir: Path) -> list[str]:
    """Return the versions in the file of the pinned, one a line, the oldest first."""
    path = output_dir / PINNED
    with storage_errors(path):
        text = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if wrong := next((line for line in lines if not is_version(line)), None):
        raise StorageError(f"{path}: {wrong!r} is no version; write one a line, as 2026.11.20")
    return [version for version in list_versions(output_dir / RELEASES) if version in lines]


def pin_release(output_dir: Path, version: str) -> list[str]:
    """Keep a release whatever its age; return all that are pinned."""
    if not is_version(version):
        raise UsageError(f"{version!r} is no version; write one as 2026.11.20")
    find_release(output_dir, version)
    with hold_output(output_dir):
        pins = {*read_pins(output_dir), version}
        _write_pins(output_dir, pins)
        return read_pins(output_dir)


def unpin_release(output_dir: Path, version: str) -> list[str]:
    """Let a release go when it is old; return those that are still pinned."""
    if version not in read_pins(output_dir):
        raise UsageError(f"{version!r} is not pinned; `scraper pin` lists what is")
    with hold_output(output_dir):
        _write_pins(output_dir, {*read_pins(output_dir)} - {version})
        return read_pins(output_dir)


def _find_old(output_dir: Path, keep: int) -> list[tuple[str, Path]]:
    latest = find_release(output_dir)
    versions = list_versions(latest.parent)
    spared = {latest.name, parent_of(latest), *versions[-keep:], *read_pins(output_dir)}
    old = ((name, latest.parent / name) for name in versions if name not in spared)
    return [(name, path) for name, path in old if path.is_dir() and not path.is_symlink()]


def _remove(folder: Path) -> None:
    hidden = folder.with_name(f"{REMOVED}{folder.name}")
    with storage_errors(folder):
        folder.rename(hidden)
        sync(folder.parent)
        shutil.rmtree(hidden)


def _write_pins(output_dir: Path, versions: set[str]) -> None:
    path = output_dir / PINNED
    with storage_errors(path):
        replace_durably(path, "".join(f"{version}\n" for version in sorted(versions)).encode())
