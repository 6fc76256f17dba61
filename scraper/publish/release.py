"""Tables in, a release out: staged in a hidden folder, renamed in whole, then made `latest`.

Readers see the old release or the new one, whatever ends the run.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scraper.disk import storage_errors
from scraper.errors import ReleaseError
from scraper.publish.baseline import find_baseline
from scraper.publish.compare import find_changes
from scraper.publish.difference import DELTA
from scraper.publish.editions import (
    OPEN,
    describe_editions,
    find_licensed_words,
    write_open_edition,
)
from scraper.publish.findings import Finding, refuse_if_blocked, remove_findings
from scraper.publish.keys import find_coverage_gap
from scraper.publish.latest import (
    RELEASES,
    STAGING,
    find_latest,
    finish_interrupted,
    switch_latest,
)
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
from scraper.publish.past import keep_times
from scraper.publish.schema import NOTICES, OPEN_NOTICE
from scraper.publish.tables import TableWriter
from scraper.publish.version import next_version
from scraper.record import CodeRecord
from scraper.sites.profile import SiteProfile


@dataclass(frozen=True, slots=True)
class Release:
    """A published release."""

    version: str
    folder: Path
    manifest: Manifest


class Staging:
    """A release that nobody sees yet: one open writer for each table.

    `baseline` is the release to compare with, None where there is none; where it is not the latest,
    `why_not_compared` says what is wrong with that.
    """

    def __init__(self, output_dir: Path, folder: Path, open_files: ExitStack) -> None:
        self._output_dir = output_dir
        self._folder = folder
        self.codes = open_files.enter_context(TableWriter(folder, "codes", csv=True))
        self.pages = open_files.enter_context(TableWriter(folder, "pages"))
        self.history = open_files.enter_context(TableWriter(folder, "history"))
        self._delta = open_files.enter_context(TableWriter(folder, "delta"))
        self._writers = (self.codes, self.pages, self.history)
        self._emptied = 0
        self._latest = find_latest(output_dir)
        self.baseline, self.why_not_compared = find_baseline(self._latest, folder.parent)
        self._before = self.baseline.folder if self.baseline else None

    def accepted_marks(self) -> list[str]:
        """Return the marks of what persons accepted and the latest release was published with.

        Its tables may be damaged: where its manifest is too, it is that of the baseline.
        """
        manifest = self.baseline.manifest if self.baseline else None
        if self._latest:
            with suppress(ReleaseError):
                manifest = read_manifest(self._latest)
        return [note.mark for note in manifest.findings if note.accepted] if manifest else []

    def keep_times(self, records: Iterable[CodeRecord]) -> Iterator[CodeRecord]:
        """Give records on with the times of the release before that raw/ has lost."""
        return keep_times(records, self._before)

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
        with storage_errors(self._folder):
            if self._latest and _holds_same_files(self._latest, files):
                remove_findings(self._output_dir)
                return None
            refuse_if_blocked(told, is_first=self._latest is None)
            manifest = Manifest(
                version=next_version(self._folder.parent, now),
                created_at=now.astimezone(UTC),
                parent=self._latest.name if self._latest else None,
                parser_version=parser_version,
                sources=tuple(map(_describe_site, sites)),
                coverage=dict(coverage),
                compared_with=self._before.name if self._before else None,
                findings=tuple(map(_note, told)),
                files=files | self._write_delta(),
                tables=describe_editions((*self._writers, self._delta)),
                emptied=self._emptied,
            )
            return self._make_latest(manifest)

    def _check_sums(self, coverage: Mapping[str, int], findings: tuple[Finding, ...]) -> None:
        if gap := find_coverage_gap(coverage, self.codes.rows):
            refuse_if_blocked(findings, is_first=self._latest is None)
            raise ReleaseError(f"{gap}; nothing was published")

    def _make_latest(self, manifest: Manifest) -> Release:
        notices = {"full": " ".join(NOTICES), OPEN: OPEN_NOTICE}
        manifest = write_sidecars(self._folder, manifest, notices)
        write_manifest(self._folder, manifest)
        folder = switch_latest(self._output_dir, self._folder, manifest.version)
        remove_findings(self._output_dir)
        return Release(manifest.version, folder, manifest)

    def _close_tables(self) -> dict[str, DataFile]:
        full = self._close(*self._writers)
        with storage_errors(self._folder):
            opened, self._emptied = write_open_edition(self._folder)
        if found := find_licensed_words(self._folder, self._folder / OPEN):
            words = " ".join(min(found))
            raise ReleaseError(f"the open edition holds licensed words: {words!r}; report it")
        return full | opened

    def _write_delta(self) -> dict[str, DataFile]:
        if self._before:
            self._delta.write(find_changes(self._before, self._folder))
        return self._close(self._delta)

    def _close(self, *writers: TableWriter) -> dict[str, DataFile]:
        for writer in writers:
            writer.close()
        with storage_errors(self._folder):
            return {p.name: describe_file(p, w.rows) for w in writers for p in w.paths}


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
            finish_interrupted(output_dir)
            folder = output_dir / RELEASES / f"{STAGING}{secrets.token_hex(4)}"
            folder.mkdir()
        folder_removed.callback(shutil.rmtree, folder, ignore_errors=True)
        with ExitStack() as open_files:
            yield Staging(output_dir, folder, open_files)


def _holds_same_files(latest: Path, files: Mapping[str, DataFile]) -> bool:
    try:
        held = read_manifest(latest)
    except ReleaseError:
        return False
    # The delta tells of the release before, not of the archive.
    tables = {name: file for name, file in held.files.items() if name != DELTA}
    return tables == files and not any(find_damage(latest, held))


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
