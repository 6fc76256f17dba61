"""How a run went and what is held, as gauges; docs/cron.md lists them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from scraper.exposition import Gauge, Labels

if TYPE_CHECKING:  # a run that ends before it has fetched or built needs none of them
    from scraper.pipeline.built import BuildReport
    from scraper.pipeline.fetching import FetchReport
    from scraper.pipeline.importing import ImportReport
    from scraper.pipeline.measuring import Holdings


@dataclass
class RunRecord:
    """One run of a command, filled as it goes."""

    command: str
    site: str
    started: datetime
    fetched: FetchReport | None = None
    built: BuildReport | None = None
    imported: ImportReport | None = None


def gauges_of(
    run: RunRecord, ended: datetime, exit_code: int, holdings: Holdings | None
) -> list[Gauge]:
    """Return every gauge of a run that is known.

    Each sample carries command and site, so that the files of several cron lines never collide.
    """
    base = {"command": run.command, "site": run.site}
    gauges = _of_run(run, ended, exit_code)
    of_stages = (_of_fetch(run), _of_import(run), _of_checks(run))
    groups = (gauges, *of_stages, _of_holdings(run, holdings))
    return [
        Gauge(f"scraper_{name}", meaning, [(base | dict(labels), n) for labels, n in samples])
        for group in groups
        for name, meaning, samples in group
    ]


_Row = tuple[str, str, list[tuple[Labels, int]]]


def _of_run(run: RunRecord, ended: datetime, exit_code: int) -> Iterator[_Row]:
    yield _one("run_start_timestamp_seconds", "When the run began.", _unix(run.started))
    yield _one("run_end_timestamp_seconds", "When the run ended.", _unix(ended))
    yield _one("run_exit_code", "Exit code of the run; 0 and 3 are normal.", exit_code)


def _of_fetch(run: RunRecord) -> Iterator[_Row]:
    fetched = run.fetched
    if fetched is None:
        return
    failed = Counter(error.reason for _, error in fetched.failures)
    yield _one("pages_planned", "Pages that the run was to ask for.", fetched.planned)
    yield _one("pages_fetched", "Pages that the run fetched.", fetched.fetched)
    yield _one("pages_waiting", "Planned pages that wait for the next run.", fetched.waiting)
    yield _one("pages_disallowed", "Pages that robots.txt asks not to fetch.", fetched.disallowed)
    yield _one("pages_failed", "Pages that could not be fetched.", len(fetched.failures))
    yield _many("pages_failed_by_reason", "The same by reason.", "reason", failed)
    if fetched.views_remaining is not None:
        text = "Page views that the site said remain, when it last said so in the run."
        yield _one("views_remaining", text, fetched.views_remaining)


def _of_import(run: RunRecord) -> Iterator[_Row]:
    imported = run.imported
    if imported is None:
        return
    results = {
        "kept": imported.kept,
        "held_already": imported.held_already,
        "refused": len(imported.refused),
    }
    yield _many("pages_imported", "Pages that the run was brought.", "result", results)


def _of_checks(run: RunRecord) -> Iterator[_Row]:
    if run.built is None:
        return
    levels = Counter({"block": 0, "warn": 0})
    levels.update(finding.level for finding in run.built.findings)
    yield _many("findings", "What the checks of the run found, by level.", "level", levels)


def _of_holdings(run: RunRecord, holdings: Holdings | None) -> Iterator[_Row]:
    if holdings is None:
        return
    samples: list[tuple[Labels, int]] = [
        ({"site": site, "kind": kind}, count)
        for (site, kind), count in sorted(holdings.captures.items())
    ]
    yield "captures_held", "Captures of pages in raw/, by what they show.", samples
    text = "When the page that was checked longest ago was last fetched or found unchanged."
    yield (
        "oldest_page_timestamp_seconds",
        text,
        [({"site": site}, _unix(checked)) for site, checked in holdings.oldest.items()],
    )
    coverage = run.built.coverage if run.built else holdings.coverage
    text = "Wanted codes by outcome in the last build; `wanted` is their sum."
    yield _many("codes", text, "outcome", coverage)
    if holdings.released is not None:
        yield _one("release_timestamp_seconds", "When latest was made.", _unix(holdings.released))
        yield _one("release_rows", "Rows of codes in the latest release.", holdings.release_rows)


def _one(name: str, meaning: str, value: int) -> _Row:
    return name, meaning, [({}, value)]


def _many(name: str, meaning: str, label: str, values: Mapping[str, int]) -> _Row:
    return name, meaning, [({label: key}, count) for key, count in sorted(values.items())]


def _unix(time: datetime) -> int:
    return int(time.timestamp())
