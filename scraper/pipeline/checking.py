"""What only the pipeline knows, told to the checks: the release before, and pages without a row."""

from __future__ import annotations

from scraper.capture import HeldPage
from scraper.publish.findings import Cases, Evidence
from scraper.publish.inspection import Inspection
from scraper.publish.release import Staging
from scraper.spool import Spool


def read_before(staging: Staging, inspection: Inspection) -> list[str]:
    """Read the release before into the inspection; return the marks of what stands accepted."""
    if staging.why_not_compared:
        inspection.note("not_compared", "latest", staging.why_not_compared)
    if staging.baseline:
        inspection.read_before(staging.baseline)
    return staging.accepted_marks()


def note_unread(spool: Spool, inspection: Inspection) -> None:
    """Tell of quarantined pages that are newer than the row of their code."""
    cases = Cases()
    for code, url, reason, file, offset in spool.unread_pages():
        cases.add(Evidence(code, url, f"{file}:{offset}", now=reason))
    if cases.count:
        message = f"{cases.count} pages that are newer than the row of their code were quarantined"
        inspection.note("unread_pages", "pages", message, *cases.evidence)


def note_broken(code: str, held: HeldPage, error: ValueError, inspection: Inspection) -> None:
    """Tell of a code whose readings make no row that record.py allows."""
    evidence = Evidence(code, held.url, f"{held.raw_file}:{held.raw_offset}")
    words = " ".join(str(error).split())
    inspection.note("contract", code, f"{code}: breaks the contract: {words}", evidence)
