"""The folders of the releases, and the link `latest` to the one that readers are led to.

It is switched by one rename. A run that is killed leaves either a staging folder, which the next
run removes, or a whole release, which the next run makes `latest`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from scraper.disk import sync
from scraper.errors import ReleaseError, StorageError
from scraper.publish.version import is_version

RELEASES, LATEST = "releases", "latest"
REMOVED, STAGING = ".removed-", ".staging-"
_NEXT = ".latest-next"


def find_release(output_dir: Path, version: str | None = None) -> Path:
    """Return the folder of a release, the latest by default.

    The folder is that of the version itself: it stays the same while a new release is published.
    Raises ReleaseError where there is none.
    """
    if version is None:
        named, folder = output_dir / LATEST, find_latest(output_dir)
    else:
        named = output_dir / RELEASES / version
        folder = named.resolve() if is_version(version) and named.is_dir() else None
    if folder is None:
        todo = "run `scraper build` to publish one"
        if version is not None:
            todo = f"name a folder of {output_dir / RELEASES}, or {todo}"
        raise ReleaseError(f"{named}: there is no such release; {todo}")
    return folder


def find_latest(output_dir: Path) -> Path | None:
    """Return the folder that `latest` leads to, None where it leads nowhere.

    Raises ReleaseError where that is no release by its name.
    """
    latest = output_dir / LATEST
    folder = latest.resolve() if latest.is_dir() else None
    if folder and not is_version(folder.name):
        raise ReleaseError(
            f"{latest}: leads to {folder}, which is named as no release; link it to one"
        )
    return folder


def finish_interrupted(output_dir: Path) -> None:
    """Finish the switch that a killed run began, and remove what others left."""
    latest = output_dir / LATEST
    if latest.is_dir() and not latest.is_symlink():
        raise StorageError(f"{latest}: is a folder where a link must be; move it away")
    following = output_dir / _NEXT
    if following.exists():
        following.replace(output_dir / LATEST)
        sync(output_dir)
    following.unlink(missing_ok=True)
    for prefix in (STAGING, REMOVED):
        for leftover in (output_dir / RELEASES).glob(f"{prefix}*"):
            shutil.rmtree(leftover)


def switch_latest(output_dir: Path, staged: Path, version: str) -> Path:
    """Rename a staged release to its version and lead readers to it; return its folder."""
    folder = staged.with_name(version)
    following = output_dir / _NEXT
    # The link is written first: once its target exists, the release is published, and a run that
    # finds it finishes the switch.
    following.symlink_to(Path(RELEASES) / version)
    sync(output_dir)
    staged.rename(folder)
    sync(folder.parent)
    following.replace(output_dir / LATEST)
    sync(output_dir)
    return folder
