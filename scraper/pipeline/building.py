"""Archive in, release out: parse, normalize, check, publish. Makes no request."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from scraper import clock
from scraper.archive.store import Archive
from scraper.archive.wanted import read_wanted
from scraper.capture import HeldCapture, HeldPage
from scraper.errors import PageError, RefusedError, UsageError
from scraper.normalize.events import find_history, history_rows
from scraper.normalize.gone import mark_gone
from scraper.normalize.merge import merge_readings
from scraper.normalize.reading import Judgement, Reading, judge_page
from scraper.parse.page import PARSER_VERSION
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import ParsedPage
from scraper.pipeline.built import BuildReport
from scraper.pipeline.checking import note_broken, note_unread, read_before
from scraper.pipeline.delivering import deliver_releases
from scraper.pipeline.sitemaps import codes_of_sitemap
from scraper.progress import Progress
from scraper.project import Project
from scraper.publish.findings import settle_findings, write_findings
from scraper.publish.inspection import Inspection
from scraper.publish.latest import LATEST
from scraper.publish.release import Staging, stage_release
from scraper.publish.retention import remove_old
from scraper.record import CodeRecord, PageRow
from scraper.sites.profile import SiteProfile
from scraper.spool import Spool

_log = logging.getLogger(__name__)
_MOST_NAMED = 20


def build_release(
    project: Project,
    site: str | None = None,
    progress: Progress | None = None,
    *,
    accept: Sequence[str] = (),
) -> BuildReport:
    """Publish what raw/ holds, of one site or of all.

    A fictional site is left out where pages of a real one are held, unless it is named. `accept`
    are ids of findings that may not refuse this release; whether others did is in the report.
    Raises UsageError where nothing is held, and for an id that no finding has.
    """
    settings = project.settings
    with (
        Archive.open(settings.raw_dir) as archive,
        stage_release(settings.output_dir) as staging,
        Spool() as spool,
    ):
        profiles = _sites_to_build(project, archive, site)
        with ParsePool(project.profiles, settings) as pool:
            _read_pages(archive, profiles, pool, spool=spool, progress=progress)
        for profile in profiles:
            _add_wanted(archive, profile, project, spool)
        report = _publish(profiles, spool, staging, _Terms(project, accept, clock.utc_now()))
        if report.refused and not (settings.output_dir / LATEST).is_dir():
            return report
        # Also where this one is refused: an earlier run may have left something unsent.
        report.delivery = deliver_releases(settings)
        # What is to be sent yet must stay.
        if not (report.refused or report.delivery.troubles):
            report.removed = remove_old(settings.output_dir, settings.keep_releases)
        return report


def _sites_to_build(project: Project, archive: Archive, site: str | None) -> list[SiteProfile]:
    held = [project.profile(name) for name in archive.count_pages()]
    if site is not None:
        chosen = [profile for profile in held if profile.name == project.profile(site).name]
    else:
        chosen = [profile for profile in held if not profile.fictional] or held
    if not chosen:
        raw = project.settings.raw_dir
        raise UsageError(f"{raw}: holds no pages yet; run `scraper scrape` or `scraper import`")
    for profile in held:
        if profile not in chosen:
            _log.info("%s is left out; --site %s builds it", profile.title, profile.name)
    return chosen


def _read_pages(
    archive: Archive,
    profiles: Iterable[SiteProfile],
    pool: ParsePool,
    *,
    spool: Spool,
    progress: Progress | None,
) -> None:
    by_name = {profile.name: profile for profile in profiles}
    counts = archive.count_pages()
    total = sum(counts[name] for name in by_name)
    inputs = (pair for profile in by_name.values() for pair in _inputs(archive, profile, spool))
    for done, (held, parsed) in enumerate(pool.parse_all(inputs), 1):
        if isinstance(parsed, PageError):
            _quarantine(spool, held, parsed, by_name[held.site])
        else:
            _spool_reading(spool, Reading(held, parsed))
        if progress:
            progress(done, total)


def _inputs(
    archive: Archive, profile: SiteProfile, spool: Spool
) -> Iterator[tuple[HeldPage, PageInput]]:
    for found in archive.captures(profile.name):
        if isinstance(found, HeldCapture):
            yield found.page, page_input(found, profile)
        else:
            _quarantine(spool, *found, profile)


def page_input(held: HeldCapture, profile: SiteProfile) -> PageInput:
    """Return what the parser needs of a capture.

    What was fetched is of its site, whatever mirror was asked: the parser gets the site's address.
    """
    capture = held.capture
    url = capture.url
    if url and capture.source == "fetch" and not profile.is_home_of(url):
        url = f"{profile.origin}{urlsplit(url)._replace(scheme='', netloc='').geturl()}"
    return PageInput(
        body=capture.body,
        url=url,
        site=capture.site,
        status=capture.status,
        content_type=capture.content_type,
        file=capture.source_name,
    )


def _quarantine(spool: Spool, held: HeldPage, error: PageError, profile: SiteProfile) -> None:
    """Account for a page that cannot be read, under the code that its address proves."""
    fields = {"url": held.url, "outcome": "quarantined", "reason": error.reason}
    _log.info("%s: %s", held.url or held.source_name, error, extra=fields)
    row = _page_row(held, None, Judgement("quarantined", error.reason))
    code = profile.code_of_url(held.url) if held.url else None
    spool.add_page(row.model_copy(update={"code": code}), held)


def _spool_reading(spool: Spool, reading: Reading) -> None:
    held, parsed = reading
    judgement = judge_page(parsed)
    if judgement.outcome == "row" and parsed.code:
        spool.add_reading(parsed.code, reading)
    spool.add_page(_page_row(held, parsed, judgement), held)


def _page_row(held: HeldPage, parsed: ParsedPage | None, judgement: Judgement) -> PageRow:
    return PageRow(
        site=held.site,
        url=held.url or (parsed.url if parsed else None),
        code=parsed.code if parsed else None,
        page_kind=parsed.page_kind if parsed else None,
        outcome=judgement.outcome,
        reason=judgement.reason,
        capture=held.sha256,
        raw_file=held.raw_file,
        raw_offset=held.raw_offset,
        source_name=held.source_name,
    )


def _add_wanted(archive: Archive, profile: SiteProfile, project: Project, spool: Spool) -> None:
    asked = read_wanted(project.settings.raw_dir, profile.name)
    listed = codes_of_sitemap(archive, profile)
    codes = ((code, profile.url_of_code(code)) for code in (*asked, *listed))
    spool.add_wanted(profile.name, codes)


class _Terms(NamedTuple):
    project: Project
    accept: Sequence[str]
    now: datetime


def _publish(
    profiles: list[SiteProfile], spool: Spool, staging: Staging, terms: _Terms
) -> BuildReport:
    report = BuildReport()
    with Inspection(profiles, terms.now) as inspection:
        standing = read_before(staging, inspection)
        rows = _records(spool, terms.project, staging, inspection)
        staging.codes.write(staging.keep_times(_counting(inspection.watch(rows), report)))
        staging.pages.write(_noting_quarantined(spool.pages(), report))
        report.coverage = spool.coverage()
        note_unread(spool, inspection)
        found = inspection.findings(report.coverage)
    report.findings = settle_findings(found, terms.accept, standing)
    try:
        report.release = staging.publish(
            coverage=report.coverage,
            sites=profiles,
            parser_version=PARSER_VERSION,
            now=terms.now,
            findings=report.findings,
        )
    except RefusedError as error:
        report.refused = error
        write_findings(terms.project.settings.output_dir, report.findings, terms.now)
    return report


def _records(
    spool: Spool, project: Project, staging: Staging, inspection: Inspection
) -> Iterator[tuple[CodeRecord, datetime]]:
    """Yield each record, and when the site last showed a page of it."""
    gone = spool.gone_codes()
    for code, readings in spool.readings_by_code():
        try:
            record = merge_readings(code, readings, project.profiles, PARSER_VERSION)
            record = mark_gone(record, gone[code]) if code in gone else record
        except ValueError as error:
            note_broken(code, readings[0].held, error, inspection)
            continue
        if told := find_history(readings):
            staging.history.write(inspection.watch_history(history_rows(code, told)))
        whole = record.model_copy(update={"parent_code": spool.parent_of(code)})
        yield whole, max(reading.held.checked_at for reading in readings)


def _counting(records: Iterable[CodeRecord], report: BuildReport) -> Iterator[CodeRecord]:
    for record in records:
        report.gated += record.access == "gated"
        report.full += record.access == "full"
        yield record


def _noting_quarantined(rows: Iterable[PageRow], report: BuildReport) -> Iterator[PageRow]:
    for row in rows:
        if row.outcome == "quarantined" and len(report.quarantined) < _MOST_NAMED:
            report.quarantined.append(row)
        yield row
