"""The rows of a whole table, side by side, in; what no row shows by itself out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter, itemgetter

from scraper.publish.checks import (
    FEW,
    MOST_CHANGED_PERCENT,
    MOST_DELETED_PERCENT,
    MOST_GROWN_PERCENT,
    MOST_LOST_PERCENT,
    OLDEST_DAYS,
    REPEATED_ON,
)
from scraper.publish.comparison import Comparison, Holder, hash_text
from scraper.publish.findings import Cases, Evidence, Finding
from scraper.publish.row_checks import (
    DESCRIPTIONS,
    Change,
    RowBefore,
    evidence_of,
    has_lost_gates,
    is_cut,
)
from scraper.record import CodeRecord

_NAMED = 3
_PASSAGES = {
    "paragraph": "the same paragraph",
    "insertion": "the same words, new,",
    "notice": "the same notice of deletion, new,",
}


@dataclass
class Tally:
    """What is counted while the rows go by; `parent` is None where nothing is compared."""

    parent: str | None = None
    rows: int = 0
    compared_texts: int = 0
    changed: Cases = field(default_factory=Cases)
    old: Cases = field(default_factory=Cases)
    unexplained: Cases = field(default_factory=Cases)
    ungated: Cases = field(default_factory=Cases)
    deleted: Cases = field(default_factory=Cases)
    undeleted: Cases = field(default_factory=Cases)
    cut: Cases = field(default_factory=Cases)

    def add(self, record: CodeRecord, *, is_old: bool) -> None:
        """Count a row."""
        self.rows += 1
        if is_old:
            self.old.add(evidence_of(record))

    def add_compared(self, record: CodeRecord, before: RowBefore) -> None:
        """Count the descriptions that both releases have, and the pages that have lost gates."""
        if has_lost_gates(record, before):
            gates = (str(row.gated_sections) for row in (before, record))
            self.ungated.add(evidence_of(record, *gates))
        is_new = record.capture_sha256 != before.capture
        if is_new and is_cut(record.quality_flags) and not before.is_cut:
            self.cut.add(evidence_of(record, now=record.capture_sha256))
        pairs = ((getattr(before, name), getattr(record, name)) for name in DESCRIPTIONS)
        self.compared_texts += sum(bool(old and new) for old, new in pairs)

    def add_change(self, record: CodeRecord, change: Change) -> None:
        """Count a changed description; of its texts the hashes are enough here."""
        hashes = (f"{change.column} {hash_text(text):+x}" for text in (change.before, change.now))
        self.changed.add(evidence_of(record, *hashes))


def check_table(comparison: Comparison, tally: Tally) -> Iterator[Finding]:
    """Check a table as a whole, and against the one before if there is one."""
    yield from _find_passages(comparison, "paragraph", "repeated_paragraph")
    yield from _find_shared(comparison)
    if tally.old.count:
        message = f"{tally.old.count} rows are of pages not seen for {OLDEST_DAYS} days"
        yield Finding("page_age", "codes", message, tally.old.evidence)
    if tally.parent:
        yield from _find_passages(comparison, "insertion", "same_insertion")
        yield from _find_passages(comparison, "notice", "same_notice")
        yield from _find_vanished(comparison, tally.parent)
        yield from _find_lost_events(comparison, tally.parent)
        yield from _find_counted(tally, tally.parent)
        yield from _find_counts(comparison.count_before(), tally, tally.parent)


def _find_passages(comparison: Comparison, kind: str, check: str) -> Iterator[Finding]:
    what = _PASSAGES[kind]
    passages = comparison.passages_on(kind, REPEATED_ON)
    for key, holders in groupby(passages, key=attrgetter("hash")):
        cases = Cases()
        for holder in holders:
            cases.add(_evidence_of(holder))
        message = f"{what} on {cases.count} codes: {_codes(cases.evidence, cases.count)}"
        yield Finding(check, f"{key:+x}", message, cases.evidence)


def _find_shared(comparison: Comparison) -> Iterator[Finding]:
    for key, holders in _groups(comparison.sharing("body")):
        message = f"the same page, byte for byte: {_codes(holders)}"
        yield Finding("same_body", f"{key:+x}", message, tuple(map(_evidence_of, holders)))
    for key, holders in _groups(comparison.sharing("common")):
        yield _judge_common(comparison, key, holders)
    for key, holders in _groups(comparison.sharing("official")):
        message = f"the same official description: {_codes(holders)}"
        evidence = tuple(map(_evidence_of, holders))
        yield Finding("same_description", f"official {key:+x}", message, evidence)


def _judge_common(comparison: Comparison, key: int, holders: list[Holder]) -> Finding:
    officials = [comparison.official_hash(holder.code) for holder in holders]
    is_whole = len(set(officials)) < len(officials)
    check = "same_texts" if is_whole else "same_description"
    message = f"the same common-language description: {_codes(holders)}"
    return Finding(check, f"common {key:+x}", message, tuple(map(_evidence_of, holders)))


def _find_vanished(comparison: Comparison, parent: str) -> Iterator[Finding]:
    gone = {"vanished_codes": Cases(), "deleted_gone": Cases()}
    for code, status in comparison.vanished():
        check = "deleted_gone" if status == "deleted" else "vanished_codes"
        gone[check].add(Evidence(code, before=f"{parent}: {status}"))
    for check, cases in gone.items():
        if cases.count:
            named = _codes(cases.evidence, cases.count)
            message = f"{cases.count} of the codes of {parent} have no row any more: {named}"
            yield Finding(check, "codes", message, cases.evidence)


def _find_counted(tally: Tally, parent: str) -> Iterator[Finding]:
    """Give a finding for all rows of which one alone is a case."""
    for check, cases, words in (
        ("lost_gates", tally.ungated, f"pages that hide less than in {parent}, and show no more"),
        ("cut_page", tally.cut, f"pages that were cut, and were whole in {parent}"),
        ("undeleted", tally.undeleted, f"codes that were deleted in {parent}, and are not now"),
    ):
        if cases.count:
            message = f"{words}: {_codes(cases.evidence, cases.count)}"
            yield Finding(check, "codes", message, cases.evidence)


def _find_lost_events(comparison: Comparison, parent: str) -> Iterator[Finding]:
    cases = Cases()
    for code, lines in groupby(comparison.lost_events(), key=itemgetter(0)):
        cases.add(Evidence(code, before="; ".join(event for _, event in lines)))
    if cases.count >= REPEATED_ON:
        named = _codes(cases.evidence, cases.count)
        message = f"{cases.count} codes have lost lines of history since {parent}: {named}"
        yield Finding("lost_history", "codes", message, cases.evidence)


def _find_counts(before: int, tally: Tally, parent: str) -> Iterator[Finding]:
    counts = Evidence(before=f"{parent}: {before}", now=str(tally.rows))
    lost, found = before - tally.rows, tally.unexplained.count
    deleted, changed = tally.deleted.count, tally.changed.count
    if lost > FEW and 100 * lost > MOST_LOST_PERCENT * before:
        message = f"{tally.rows} rows, {before} in {parent}"
        yield Finding("fewer_rows", "codes", message, (counts,))
    if found > FEW and 100 * found > MOST_GROWN_PERCENT * before:
        message = f"{found} codes have a row now by pages that {parent} made none of"
        yield Finding("unexplained_rows", "codes", message, (counts, *tally.unexplained.evidence))
    if before and -100 * lost > MOST_GROWN_PERCENT * before:
        message = f"{tally.rows} rows, {before} in {parent}"
        yield Finding("more_rows", "codes", message, (counts,))
    if deleted > FEW and 100 * deleted > MOST_DELETED_PERCENT * before:
        message = f"{deleted} codes are deleted that were not in {parent}"
        yield Finding("deleted_codes", "codes", message, (counts, *tally.deleted.evidence))
    if changed > FEW and 100 * changed > MOST_CHANGED_PERCENT * tally.compared_texts:
        message = f"{changed} of {tally.compared_texts} descriptions differ from {parent}"
        yield Finding("changed_descriptions", "codes", message, (counts, *tally.changed.evidence))


def _groups(holders: Iterable[Holder]) -> Iterator[tuple[int, list[Holder]]]:
    for key, group in groupby(holders, key=attrgetter("hash")):
        yield key, list(group)


def _evidence_of(holder: Holder) -> Evidence:
    return Evidence(holder.code, holder.url, holder.place, now=holder.opening)


def _codes(rows: Iterable[Holder | Evidence], count: int | None = None) -> str:
    """Name the first codes of so many; of all that are given where nothing else is said."""
    named = [row.code for row in rows if row.code]
    rest = (count or len(named)) - _NAMED
    return ", ".join(named[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
