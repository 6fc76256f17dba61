"""The archive of raw/: captures in, captures out. Nothing acknowledged is lost.

Segments are the truth, the index is a cache of them. One writer at a time; readers need no lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from scraper.archive.disk import append_durably, naming_storage
from scraper.archive.draft import Draft, draft_entry
from scraper.archive.entry import Revisit, encode_warcinfo
from scraper.archive.index import Index
from scraper.archive.lock import hold_lock
from scraper.archive.message import Headers
from scraper.archive.reader import read_capture, read_captures
from scraper.archive.recovery import build_index, open_recovered, open_to_read
from scraper.archive.segment import next_segment, segment_name
from scraper.capture import Capture, CaptureKind, HeldCapture, HeldPage
from scraper.errors import PageError, StorageError

SEGMENT_BYTES = 256_000_000
_COMMIT_EVERY = 64


class Archive:
    """An open archive; `Archive.open` makes one."""

    def __init__(self, raw_dir: Path, index: Index, segment_bytes: int, *, write: bool) -> None:
        self._raw_dir = raw_dir
        self._index = index
        self._segment_bytes = segment_bytes
        self._is_writable = write
        self._sizes = index.segment_sizes()
        self._uncommitted = 0
        self.kept = 0  # captures with a body of their own, since it was opened

    @classmethod
    @contextmanager
    def open(
        cls, raw_dir: Path, *, segment_bytes: int = SEGMENT_BYTES, write: bool = False
    ) -> Iterator[Self]:
        """Open raw/; to write, its lock is held and what a crash left is mended first.

        Raises BusyError where another run writes, StorageError where the folder cannot be used.
        """
        with ExitStack() as stack:
            with naming_storage(raw_dir):
                if write:
                    raw_dir.mkdir(parents=True, exist_ok=True)
                    stack.enter_context(hold_lock(raw_dir))
                index = (open_recovered if write else open_to_read)(raw_dir)
                stack.callback(_close, index, raw_dir)
                archive = cls(raw_dir, index, segment_bytes, write=write)
            yield archive

    def append(self, capture: Capture, request_headers: Headers = ()) -> HeldPage:
        """Keep a capture; it is safe on the disk when this returns.

        The body that the site gave before is kept as a revisit, a file imported before not at all.
        """
        return self.append_all([capture], request_headers)[0]

    def append_all(
        self, captures: Sequence[Capture], request_headers: Headers = ()
    ) -> list[HeldPage]:
        """Keep captures of one site as `append` does, all or none: the disk is waited for once."""
        self._check_writable()
        for capture in captures:
            _check_url(capture)
        with naming_storage(self._raw_dir):
            twins = [self._find_twin(capture) for capture in captures]
            drafts = [
                draft_entry(capture, twin, request_headers)
                for capture, twin in zip(captures, twins, strict=True)
                if twin is None or capture.source != "import"
            ]
            kept = iter(self._keep(drafts))
            return [
                twin if twin and capture.source == "import" else next(kept)
                for capture, twin in zip(captures, twins, strict=True)
            ]

    def confirm(self, capture: Capture, held: HeldPage, request_headers: Headers = ()) -> HeldPage:
        """Keep that the site says `held` is still the same; `capture` is its answer, status 304."""
        self._check_writable()
        with naming_storage(self._raw_dir):
            return self._keep([draft_entry(capture, held, request_headers)])[0]

    def pages(self, site: str | None = None, kind: CaptureKind = "page") -> Iterator[HeldPage]:
        """Give what is held, without bodies, in the order of the segments."""
        with naming_storage(self._raw_dir):
            yield from self._index.pages(site, kind)

    def newest(self, site: str, url: str | None) -> HeldPage | None:
        """Return the capture of a URL that was last seen to be so, None if it is not held."""
        with naming_storage(self._raw_dir):
            return self._index.newest(site, url)

    def newest_of_kind(self, site: str, kind: CaptureKind) -> HeldPage | None:
        """Return the capture of a kind that was last seen to be so, None if none is held."""
        with naming_storage(self._raw_dir):
            return self._index.newest_of_kind(site, kind)

    def read(self, page: HeldPage) -> HeldCapture:
        """Return a capture with its digest checked; raises PageError("damaged")."""
        with naming_storage(self._raw_dir), (self._raw_dir / page.raw_file).open("rb") as file:
            return read_capture(file, page)

    def captures(
        self, site: str | None = None, kind: CaptureKind = "page"
    ) -> Iterator[HeldCapture | tuple[HeldPage, PageError]]:
        """Give each capture, or why it cannot be read, in the order of the segments."""
        with naming_storage(self._raw_dir):
            yield from read_captures(self._raw_dir, self._index.pages(site, kind))

    def note_parsed(self, page: HeldPage, page_kind: str, code: str | None) -> None:
        """Keep what the parser said of a page, until the index is made anew."""
        self._check_writable()
        with naming_storage(self._raw_dir):
            self._index.note_parsed(page, page_kind, code)

    def count_pages(self) -> dict[str, int]:
        """Return the number of captures of pages by site."""
        with naming_storage(self._raw_dir):
            return self._index.count_pages()

    def count_kinds(self, site: str | None = None) -> dict[tuple[str, str], int]:
        """Return the number of captures of pages by site and page kind."""
        with naming_storage(self._raw_dir):
            return self._index.count_kinds(site)

    def oldest_checks(self, site: str | None = None) -> dict[str, datetime]:
        """Return by site when the fetched page that waits longest for a check was last checked."""
        with naming_storage(self._raw_dir):
            return self._index.oldest_checks(site)

    def _find_twin(self, capture: Capture) -> HeldPage | None:
        site, url, sha256 = capture.site, capture.url, capture.sha256
        if capture.source == "import":
            twin = self._index.find_import(site, url, capture.source_name, sha256)
        else:
            twin = self._index.newest(site, url)
            said = (capture.sha256, capture.status, capture.kind)
            if twin is not None and (twin.sha256, twin.status, twin.kind) != said:
                return None
        return twin if twin is not None and self._is_intact(twin) else None

    def _is_intact(self, page: HeldPage) -> bool:
        try:
            self.read(page)
        except PageError:
            return False
        return True

    def _keep(self, drafts: Sequence[Draft]) -> list[HeldPage]:
        if not drafts:
            return []
        raw_file = self._segment_of(drafts[0].capture.site)
        start = self._append(raw_file, drafts)
        entries: list[tuple[HeldPage | Revisit, int]] = []
        pages = []
        for draft in drafts:
            end = start + draft.size
            pages.append(page := draft.page(raw_file, end - len(draft.records[-1])))
            entries.append((page if draft.twin is None else draft.revisit, end))
            start = end
        self._note(entries, raw_file, start)
        self.kept += sum(draft.twin is None for draft in drafts)
        return pages

    def _note(
        self, entries: Sequence[tuple[HeldPage | Revisit, int]], raw_file: str, end: int
    ) -> None:
        try:
            self._index.add(entries, raw_file, end)
            self._sizes[raw_file] = end
            self._uncommitted += len(entries)
            if self._uncommitted >= _COMMIT_EVERY:
                self._index.commit()
                self._uncommitted = 0
        except BaseException:
            # What is in the segments but not in the index must not be appended to.
            self._sizes.clear()
            raise

    def _append(self, raw_file: str, drafts: Sequence[Draft]) -> int:
        """Append what is drafted to a segment, and return where the first of it begins."""
        path = self._raw_dir / raw_file
        size = path.stat().st_size if path.exists() else 0
        if size != self._sizes.get(raw_file, 0):
            raise StorageError(f"{path}: changed by another program; run the command again")
        first = drafts[0].capture
        opening = b"" if size else encode_warcinfo(first.site, path.name, first.retrieved_at)
        records = (record for draft in drafts for record in draft.records)
        append_durably(path, b"".join((opening, *records)))
        return size + len(opening)

    def _segment_of(self, site: str) -> str:
        last = max((file for file in self._sizes if file.startswith(f"{site}/")), default=None)
        if last is None:
            return segment_name(site, 1)
        return last if self._sizes[last] < self._segment_bytes else next_segment(last)

    def _check_writable(self) -> None:
        if not self._is_writable:
            raise StorageError(
                f"{self._raw_dir}: is open for reading only; open it with write=True"
            )


def rebuild_index(raw_dir: Path) -> int:
    """Make the index anew from the segments, all or nothing; return the number of captures."""
    if not raw_dir.is_dir():
        return 0
    with naming_storage(raw_dir), hold_lock(raw_dir):
        return build_index(raw_dir)


def _close(index: Index, raw_dir: Path) -> None:
    with naming_storage(raw_dir):
        index.close()


def _check_url(capture: Capture) -> None:
    if any(character.isspace() or not character.isprintable() for character in capture.url or ""):
        message = f"{capture.url!r}: is no URL: it holds white space; write it with %20"
        raise PageError("bad_url", message)
