"""Tables in, a release out: staged in a hidden folder, renamed in whole, then made `latest`.

Readers see the old release or the new one. A run that is killed leaves either a staging folder,
which the next run removes, or a whole release, which the next run makes `latest`.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scraper.disk import storage_errors, sync
from scraper.errors import ReleaseError, StorageError
from scraper.publish.baseline import Baseline, open_baseline
from scraper.publish.editions import (
    OPEN,
    find_licensed_words,
    open_schema,
    write_open_edition,
)
from scraper.publish.findings import Finding, refuse_if_blocked, remove_findings
from scraper.publish.keys import find_coverage_gap
from scraper.publish.lock import hold_output
from scraper.publish.manifest import (
    DataFile,
    FindingNote,
    Manifest,
    Source,
    describe_file,
    find_damage,
    read_manifest,
    write_manifest,
)
from scraper.publish.package import write_sidecars
from scraper.publish.schema import NOTICES, OPEN_NOTICE, Column, describe_schema
from scraper.publish.tables import TableWriter
from scraper.sites.profile import SiteProfile

RELEASES, LATEST = "releases", "latest"
_NEXT, _STAGING = ".latest-next", ".staging-"


@dataclass(frozen=True, slots=True)
class Release:
    """A published release."""

    version: str
    folder: Path
    manifest: Manifest


class Staging:
    """A release that nobody sees yet: one open writer for each table."""

    def __init__(self, output_dir: Path, folder: Path, open_files: ExitStack) -> None:
        self._output_dir = output_dir
        self._folder = folder
        self.codes = open_files.enter_context(TableWriter(folder, "codes", csv=True))
        self.pages = open_files.enter_context(TableWriter(folder, "pages"))
        self.history = open_files.enter_context(TableWriter(folder, "history"))
        self._writers = (self.codes, self.pages, self.history)
        self._emptied = 0

    def publish(
        self,
        *,
        coverage: Mapping[str, int],
        sites: Iterable[SiteProfile],
        parser_version: str,
        now: datetime,
        findings: Iterable[Finding] = (),
    ) -> Release | None:
        """Make the tables the latest release; None where they are those of the latest already.

        Raises RefusedError where one of the findings blocks, ReleaseError where `coverage` does not
        account for every wanted code.
        """
        told, files = tuple(findings), self._close_tables()
        self._check_sums(coverage, told)
        latest = _latest_folder(self._output_dir)
        with storage_errors(self._folder):
            if latest and _holds_same_files(latest, files):
                remove_findings(self._output_dir)
                return None
            refuse_if_blocked(told)
            manifest = Manifest(
                version=_next_version(self._folder.parent, now),
                created_at=now.astimezone(UTC),
                parent=latest.name if latest else None,
                parser_version=parser_version,
                sources=tuple(map(_describe_site, sites)),
                notices=(*NOTICES, OPEN_NOTICE),
                coverage=dict(coverage),
                findings=tuple(map(_note, told)),
                files=files,
                tables=self._describe_tables(),
                emptied=self._emptied,
            )
            return self._make_latest(manifest)

    def _check_sums(self, coverage: Mapping[str, int], findings: tuple[Finding, ...]) -> None:
        if gap := find_coverage_gap(coverage, self.codes.rows):
            refuse_if_blocked(findings)
            raise ReleaseError(f"{gap}; nothing was published")

    def _make_latest(self, manifest: Manifest) -> Release:
        notices = {"full": " ".join(NOTICES), OPEN: OPEN_NOTICE}
        manifest = write_sidecars(self._folder, manifest, notices)
        write_manifest(self._folder, manifest)
        folder = _switch(self._output_dir, self._folder, manifest.version)
        remove_findings(self._output_dir)
        return Release(manifest.version, folder, manifest)

    def open_baseline(self) -> Baseline | None:
        """Open the latest release, None where there is none; ReleaseError where it is not whole."""
        latest = _latest_folder(self._output_dir)
        return open_baseline(latest) if latest else None

    def _close_tables(self) -> dict[str, DataFile]:
        for writer in self._writers:
            writer.close()
        with storage_errors(self._folder):
            full = {p.name: describe_file(p, w.rows) for w in self._writers for p in w.paths}
            opened, self._emptied = write_open_edition(self._folder)
        if found := find_licensed_words(self._folder, self._folder / OPEN):
            words = " ".join(min(found))
            raise ReleaseError(f"the open edition holds licensed words: {words!r}; report it")
        return full | opened

    def _describe_tables(self) -> dict[str, tuple[Column, ...]]:
        full = {writer.table: writer.schema for writer in self._writers}
        opened = {f"{OPEN}/{table}": open_schema(schema, table) for table, schema in full.items()}
        return {name: describe_schema(schema) for name, schema in (full | opened).items()}


def find_release(output_dir: Path, version: str | None = None) -> Path:
    """Return the folder of a release, the latest by default.

    The folder is that of the version itself: it stays the same while a new release is published.
    Raises ReleaseError where there is none.
    """
    named = output_dir / LATEST if version is None else output_dir / RELEASES / version
    if not named.is_dir():
        raise ReleaseError(f"{named}: there is no such release; run `scraper build` to publish one")
    return named.resolve()


@contextmanager
def stage_release(output_dir: Path) -> Iterator[Staging]:
    """Open a release for writing; what the block does not publish is removed at its end.

    Raises BusyError where another process publishes to the same folder, StorageError where the
    folder cannot be written.
    """
    with storage_errors(output_dir):
        (output_dir / RELEASES).mkdir(parents=True, exist_ok=True)
    with hold_output(output_dir), ExitStack() as folder_removed:
        with storage_errors(output_dir):
            _finish_interrupted(output_dir)
            folder = output_dir / RELEASES / f"{_STAGING}{secrets.token_hex(4)}"
            folder.mkdir()
        folder_removed.callback(shutil.rmtree, folder, ignore_errors=True)
        with ExitStack() as open_files:
            yield Staging(output_dir, folder, open_files)


def _finish_interrupted(output_dir: Path) -> None:
    latest = output_dir / LATEST
    if latest.is_dir() and not latest.is_symlink():
        raise StorageError(f"{latest}: is a folder where a link must be; move it away")
    following = output_dir / _NEXT
    if following.exists():
        following.replace(output_dir / LATEST)
        sync(output_dir)
    following.unlink(missing_ok=True)
    for leftover in (output_dir / RELEASES).glob(f"{_STAGING}*"):
        shutil.rmtree(leftover)


def _switch(output_dir: Path, staged: Path, version: str) -> Path:
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


def _latest_folder(output_dir: Path) -> Path | None:
    latest = output_dir / LATEST
    return latest.resolve() if latest.is_dir() else None


def _holds_same_files(latest: Path, files: Mapping[str, DataFile]) -> bool:
    try:
        held = read_manifest(latest)
    except ReleaseError:
        return False
    return held.files == files and not any(find_damage(latest, held))


def _next_version(releases: Path, now: datetime) -> str:
    day = f"{now.astimezone(UTC):%Y.%m.%d}"
    taken = [path.name.removeprefix(day) for path in releases.glob(f"{day}*")]
    numbers = [int(rest[1:]) for rest in taken if rest[:1] == "." and rest[1:].isdecimal()]
    return f"{day}.{max(numbers, default=0) + 1}" if taken else day


def _describe_site(profile: SiteProfile) -> Source:
    return Source(
        name=profile.name,
        title=profile.title,
        publisher=profile.publisher,
        fictional=profile.fictional,
    )


def _note(finding: Finding) -> FindingNote:
    return FindingNote(
        id=finding.id,
        check=finding.check,
        message=finding.message,
        rows=len(finding.evidence),
        accepted=finding.is_accepted,
        mark=finding.mark,
    )
