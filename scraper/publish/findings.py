"""What the checks found: each finding with its evidence, an id that a person may accept, a report.

The id is made of the check, its subject and the whole evidence: the same finding has the same id,
and one whose evidence has changed has another.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scraper.clock import format_time
from scraper.disk import replace_durably, storage_errors
from scraper.errors import RefusedError, UsageError
from scraper.publish.checks import CHECKS, Level

FINDINGS = "findings.json"
_ID_LENGTH = 12
_MOST_SHOWN = 160
_MOST_WHOLE = 200
_REST = "rest"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row that a finding is about: the values before and now, and the place in raw/."""

    code: str | None = None
    url: str | None = None
    place: str | None = None
    before: str | None = None
    now: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says of one subject: a code, a column, a text by its hash, or the table."""

    check: str
    subject: str
    message: str
    evidence: tuple[Evidence, ...] = ()
    is_accepted: bool = False

    @property
    def id(self) -> str:
        """The id by which `--accept` names it."""
        values = [(e.code, e.before, e.now) for e in self.evidence]
        text = json.dumps([self.check, self.subject, values])
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_LENGTH]

    @property
    def mark(self) -> str:
        """What it stays accepted by in the releases that follow: its id, or a lasting subject."""
        is_lasting = CHECKS[self.check].is_standing and self.subject != _REST
        return f"{self.check}:{self.subject}" if is_lasting else self.id

    @property
    def level(self) -> Level:
        """The level of its check, `warn` once it was accepted."""
        return "warn" if self.is_accepted else CHECKS[self.check].level

    def describe(self) -> dict[str, Any]:
        """Return the finding as findings.json has it; long values are cut."""
        return {
            "id": self.id,
            "check": self.check,
            "level": self.level,
            "accepted": self.is_accepted,
            "subject": self.subject,
            "message": self.message,
            "rows": [_describe_evidence(one) for one in self.evidence],
        }


class Cases:
    """Rows of one finding, however many: the first are kept, the others are counted and hashed."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: list[Evidence] = []
        self._rest = hashlib.sha256()

    def add(self, evidence: Evidence) -> None:
        """Add a row."""
        self.count += 1
        if len(self._kept) < _MOST_WHOLE:
            self._kept.append(evidence)
        else:
            self._rest.update(repr((evidence.code, evidence.before, evidence.now)).encode())

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The rows that were kept, and one that stands for the rest."""
        rest = self.count - len(self._kept)
        digest = f"{rest} more rows, by their hash {self._rest.hexdigest()[:_ID_LENGTH]}"
        return (*self._kept, Evidence(now=digest)) if rest else tuple(self._kept)


class FindingLog:
    """Findings as they come; of one check the first are kept whole, the rest by their ids."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Finding]] = {}
        self._rest: dict[str, Cases] = {}

    def add(self, findings: Iterable[Finding]) -> None:
        """Keep findings."""
        for finding in findings:
            kept = self._kept.setdefault(finding.check, [])
            if len(kept) < _MOST_WHOLE:
                kept.append(finding)
            else:
                code = finding.evidence[0].code if finding.evidence else None
                rest = self._rest.setdefault(finding.check, Cases())
                rest.add(Evidence(code, now=f"{finding.subject}: {finding.id}"))

    def findings(self) -> Iterator[Finding]:
        """Give all findings in the order of the declarations."""
        for check in CHECKS:
            yield from self._kept.get(check, ())
            if rest := self._rest.get(check):
                message = f"{rest.count} more cases as those before"
                yield Finding(check, _REST, message, rest.evidence)


def settle_findings(
    findings: Iterable[Finding], accept: Sequence[str], standing: Iterable[str]
) -> tuple[Finding, ...]:
    """Mark what a person accepts in this run, or what the release before already stands with.

    `accept` are ids, `standing` the marks of the release before. Raises UsageError for an id that
    no finding has, or one that nobody may accept.
    """
    found, known = tuple(findings), frozenset(standing)
    for name in accept:
        _check_accepted(name, found)
    return tuple(
        replace(one, is_accepted=one.id in accept or one.mark in known)
        if CHECKS[one.check].level == "block" and CHECKS[one.check].is_acceptable
        else one
        for one in found
    )


def refuse_if_blocked(findings: Iterable[Finding], *, is_first: bool = False) -> None:
    """Raise RefusedError that counts and names the findings that block, if there are any.

    `is_first`: there is no latest that could stay.
    """
    blocking = [finding for finding in findings if finding.level == "block"]
    if not blocking:
        return
    first = blocking[0]
    more = f", and {len(blocking) - 1} more" if len(blocking) > 1 else ""
    what = "nothing is published" if is_first else "latest stays"
    raise RefusedError(
        f"the checks refuse the release, {what}: {first.check} {first.id}:"
        f" {first.message}{more}; {FINDINGS} in the output folder has them all"
    )


def write_findings(output_dir: Path, findings: Iterable[Finding], now: datetime) -> Path:
    """Write the report of a refused run, in the place of an older one."""
    path = output_dir / FINDINGS
    told = {
        "made_at": format_time(now),
        "findings": [finding.describe() for finding in findings],
    }
    content = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    with storage_errors(path):
        replace_durably(path, content.encode("utf-8", "replace"))
    return path


def remove_findings(output_dir: Path) -> None:
    """Remove the report of an older run, for this one was not refused."""
    path = output_dir / FINDINGS
    with storage_errors(path):
        path.unlink(missing_ok=True)


def _check_accepted(name: str, findings: Sequence[Finding]) -> None:
    named = next((finding for finding in findings if finding.id == name), None)
    if named is None:
        raise UsageError(
            f"--accept {name}: no finding of this run has that id; "
            f"a run without it writes them to {FINDINGS}"
        )
    if not CHECKS[named.check].is_acceptable:
        raise UsageError(f"--accept {name}: a finding of {named.check} cannot be accepted; mend it")


def _describe_evidence(one: Evidence) -> dict[str, str | None]:
    return {
        "code": one.code,
        "url": one.url,
        "place": one.place,
        "before": _shorten(one.before),
        "now": _shorten(one.now),
    }


def _shorten(text: str | None) -> str | None:
    if text is None or len(text) <= _MOST_SHOWN:
        return text
    return f"{text[:_MOST_SHOWN]}…"
