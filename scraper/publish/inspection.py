"""All checks of one build: rows in as they are written, findings out before they are published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from scraper.publish.baseline import Baseline
from scraper.publish.checks import OLDEST_DAYS
from scraper.publish.comparison import Comparison, describe_event
from scraper.publish.fact_checks import FactComparison
from scraper.publish.fill import FillCount, describe_fill
from scraper.publish.findings import Evidence, Finding, FindingLog
from scraper.publish.keys import KeyOrder, find_coverage_gap
from scraper.publish.row_checks import (
    DESCRIPTIONS,
    RowBefore,
    check_change,
    check_row,
    evidence_of,
    find_changes,
    find_move,
)
from scraper.publish.table_checks import Tally, check_table
from scraper.publish.text_checks import inserted_words, mask_code, telling_paragraphs
from scraper.record import CodeRecord, HistoryRow
from scraper.sites.profile import SiteProfile


class Inspection:
    """Checks the rows of one build against themselves and the release before."""

    def __init__(self, profiles: Iterable[SiteProfile], now: datetime) -> None:
        self._profiles: Mapping[str, SiteProfile] = {site.name: site for site in profiles}
        self._oldest = now - timedelta(days=OLDEST_DAYS)
        self._log = FindingLog()
        self._comparison = Comparison()
        self._order = KeyOrder("codes")
        self._fill = FillCount()
        self._facts = FactComparison()
        self._tally = Tally()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._comparison.close()

    def read_before(self, baseline: Baseline) -> None:
        """Read the release before."""
        left_out: Counter[str] = Counter()
        self._comparison.add_before(self._of_built_sites(baseline.rows(), left_out))
        self._comparison.add_pages_before(baseline.rowless_captures())
        self._comparison.add_events_before(baseline.events())
        self._tally.parent = baseline.version
        for site, rows in left_out.items():
            message = f"{site}: {rows} rows of {baseline.version} are of this site, not built now"
            self.note("left_out_site", site, message)

    def note(self, check: str, subject: str, message: str, *evidence: Evidence) -> None:
        """Add a finding of a check that is made elsewhere."""
        self._log.add([Finding(check, subject, message, evidence)])

    def watch(self, rows: Iterable[tuple[CodeRecord, datetime]]) -> Iterator[CodeRecord]:
        """Give the records on as they are checked; beside each is when its page was last seen.

        A record that has no place in the table is a finding, and is not given on.
        """
        for record, seen_at in rows:
            if fault := self._order.find_fault(record):
                self.note("key", record.code, fault, Evidence(record.code, record.source_url))
                continue
            self._log.add(check_row(record, self._profiles))
            self._note_passages(record)
            self._comparison.add_now(record)
            self._tally.add(record, is_old=seen_at < self._oldest)
            self._compare(record)
            yield record

    def watch_history(self, lines: Iterable[HistoryRow]) -> Iterator[HistoryRow]:
        """Give the lines of history on as they are noted."""
        for line in lines:
            event = describe_event(line.event_date, line.event_date_text, line.action)
            self._comparison.add_event(line.code, event)
            yield line

    def findings(self, coverage: Mapping[str, int]) -> tuple[Finding, ...]:
        """Return all findings, once every row was watched; `coverage` are the sums of the run."""
        if gap := find_coverage_gap(coverage, self._tally.rows):
            self.note("sums", "codes", gap)
        self._log.add(check_table(self._comparison, self._tally))
        if parent := self._tally.parent:
            self._log.add(self._facts.find_changes(parent))
            self._log.add(self._fill.find_falls(parent))
        return tuple(self._log.findings())

    def _of_built_sites(
        self, rows: Iterable[RowBefore], left_out: Counter[str]
    ) -> Iterator[RowBefore]:
        for row in rows:
            if row.site in self._profiles:
                yield row
            else:
                left_out[row.site] += 1

    def _note_passages(self, record: CodeRecord) -> None:
        for column in DESCRIPTIONS:
            text = getattr(record, column)
            is_official = column == DESCRIPTIONS[0]
            for part in telling_paragraphs(text or "", is_official=is_official, code=record.code):
                if part:
                    self._comparison.add_passage("paragraph", record.code, part)

    def _compare(self, record: CodeRecord) -> None:
        if self._tally.parent is None:
            return
        before = self._comparison.row_before(record.code)
        if before is None:
            if self._comparison.held_before(record.capture_sha256):
                self._tally.unexplained.add(evidence_of(record))
            return
        filled = describe_fill(record.__dict__.__getitem__)
        self._fill.add(before.layout, before.filled, filled)
        self._tally.add_compared(record, before)
        self._log.add(self._facts.compare(record, before.facts))
        self._compare_status(record, before)
        self._compare_texts(record, before)

    def _compare_status(self, record: CodeRecord, before: RowBefore) -> None:
        if record.status == before.status or "deleted" not in {record.status, before.status}:
            return
        if before.status == "deleted":
            self._tally.undeleted.add(evidence_of(record, before.status, record.status))
            return
        self._tally.deleted.add(evidence_of(record, before.status, record.status_notice))
        if record.status_notice and not record.replaced_by:
            notice = mask_code(record.status_notice, record.code)
            self._comparison.add_passage("notice", record.code, notice)

    def _compare_texts(self, record: CodeRecord, before: RowBefore) -> None:
        for change in find_changes(record, before):
            self._tally.add_change(record, change)
            self._log.add(check_change(record, change))
            if owner := self._comparison.owner_before(change.now):
                self._log.add([find_move(record, change, owner)])
            if words := inserted_words(change.before, change.now, record.code):
                self._comparison.add_passage("insertion", record.code, words)
