"""What each command tells: one object for scripts, one text for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scraper.clock import format_time
from scraper.errors import MeterEmptyError, PageError, SiteStopError

if TYPE_CHECKING:  # the command line starts without what a command does not need
    from scraper.capture import HeldPage
    from scraper.parsed import ParsedPage
    from scraper.pipeline.built import BuildReport
    from scraper.pipeline.fetching import FetchReport
    from scraper.pipeline.importing import ImportReport
    from scraper.project import Project
    from scraper.publish.findings import Finding
    from scraper.publish.schema import Column

_MOST_LISTED = 20
_MOST_ROWS = 3


class Report(NamedTuple):
    """`data` is the JSON of a command, `text` the same for a person."""

    data: Mapping[str, Any] | Sequence[Any]
    text: str


def of_scrape(fetched: FetchReport, built: BuildReport, project: Project) -> Report:
    """Tell of a whole run."""
    fetch, build = of_fetch(fetched), of_build(built, project)
    data = {"fetch": fetch.data, "build": build.data}
    return Report(data, f"{fetch.text}\n{build.text}")


def of_fetch(fetched: FetchReport) -> Report:
    """Tell of a run of requests."""
    refused = fetched.disallowed
    data = {
        "pages_planned": fetched.planned,
        "pages_fetched": fetched.fetched,
        "pages_waiting": fetched.waiting,
        "pages_disallowed": refused,
        "codes_held": fetched.held,
        "failures": [
            {"code": code, "reason": error.reason, "message": str(error)}
            for code, error in fetched.failures
        ],
        "stopped": str(fetched.stopped) if fetched.stopped else None,
        "resumes_at": _resumes_at(fetched.stopped),
    }
    rows = [
        ("pages fetched", f"{fetched.fetched} of {fetched.planned} planned"),
        ("pages waiting", fetched.waiting),
        *([("not asked", f"{refused}: robots.txt asks not to")] if refused else []),
        *(("failed", f"{error.reason}: {error}") for _, error in fetched.failures[:_MOST_LISTED]),
        *([("stopped", fetched.stopped)] if fetched.stopped else []),
    ]
    return Report(data, _grid(rows))


def _resumes_at(stopped: SiteStopError | None) -> str | None:
    return format_time(stopped.resumes_at) if isinstance(stopped, MeterEmptyError) else None


def of_build(built: BuildReport, project: Project) -> Report:
    """Tell of a build."""
    from scraper.publish.latest import LATEST  # noqa: PLC0415 - loaded by whoever has built

    latest = project.settings.output_dir / LATEST
    data = {
        "rows": built.rows,
        "full": built.full,
        "gated": built.gated,
        "coverage": built.coverage,
        "release": built.release.version if built.release else None,
        "folder": str(built.release.folder) if built.release else None,
        "quarantined": [page.model_dump() for page in built.quarantined],
        "refused": built.refused is not None,
        "findings": [finding.describe() for finding in built.findings],
        "removed": built.removed,
        "delivered": built.delivery.sent,
        "undelivered": built.delivery.troubles,
    }
    rows = [
        ("rows", f"{built.rows}: {built.full} full, {built.gated} gated"),
        ("codes wanted", _sums(built.coverage)),
        *(("quarantined", _where(page.model_dump())) for page in built.quarantined),
        *_told_findings(built.findings),
        ("release", _told_release(built, latest)),
        *([("removed", ", ".join(built.removed))] if built.removed else []),
        *(("delivered", sent) for sent in built.delivery.sent),
    ]
    loading = "" if built.refused else f"\n\n{_snippet(latest)}"
    return Report(data, f"{_grid(rows)}{loading}")


def _told_release(built: BuildReport, latest: Path) -> object:
    if built.refused:
        return f"refused, {'latest stays' if latest.is_dir() else 'nothing is published'}"
    return built.release.folder if built.release else "nothing new, latest stays"


def _told_findings(findings: Sequence[Finding]) -> Iterator[tuple[str, object]]:
    """Yield a line for each finding, those that block first, and the first of its rows."""
    for finding in sorted(findings, key=lambda one: one.level)[:_MOST_LISTED]:
        accepted = ", accepted" if finding.is_accepted else ""
        yield finding.level, f"{finding.check} {finding.id}{accepted}: {finding.message}"
        for row in finding.evidence[:_MOST_ROWS]:
            if row.code:
                yield "", "  ".join(filter(None, (row.code, row.url, row.place)))
    if len(findings) > _MOST_LISTED:
        yield "", f"and {len(findings) - _MOST_LISTED} more findings; --json has them all"


def of_import(imported: ImportReport) -> Report:
    """Tell what became of the pages that a user brought."""
    data = {
        "kept": imported.kept,
        "held_already": imported.held_already,
        "by_kind": imported.by_kind,
        "refused": [
            {"name": name, "reason": error.reason, "message": str(error)}
            for name, error in imported.refused
        ],
        "stopped": imported.stopped,
    }
    rows = [
        ("pages kept", imported.kept),
        ("held already", imported.held_already),
        *((f"  {kind}", count) for kind, count in sorted(imported.by_kind.items())),
        ("not taken", len(imported.refused)),
    ]
    return Report(data, _grid(rows))


def of_page(page: ParsedPage) -> Report:
    """Tell what the parser read on one page."""
    data = asdict(page)
    rows = [(key, _shown(value)) for key, value in data.items() if value not in (None, ())]
    return Report(data, _grid(rows) + "\n")


def of_captures(code: str, captures: Iterable[HeldPage]) -> Report:
    """Tell what the archive holds of a code."""
    data = [_capture_data(page) for page in captures]
    lines = [
        f"{page['retrieved_at']}  {page['page_kind'] or 'not parsed':<11} {page['source']:<6} "
        f"{_where(page)}"
        for page in data
    ]
    return Report(data, "\n".join(lines) or f"raw/ holds nothing of {code}")


def of_sites(project: Project) -> Report:
    """Tell which sites are known."""
    data = [
        {
            "name": profile.name,
            "title": profile.title,
            "origin": profile.origin,
            "hosts": profile.hosts,
            "fictional": profile.fictional,
            "pace_seconds": profile.pace_seconds,
        }
        for profile in project.profiles.values()
    ]
    rows = [
        (profile.name, f"{profile.title}{', fictional' * profile.fictional}, {profile.origin}")
        for profile in project.profiles.values()
    ]
    return Report(data, _grid(rows))


def of_columns(columns: Iterable[Column]) -> Report:
    """Tell the columns of a table."""
    data = [asdict(column) for column in columns]
    rows = [(f"{c['name']}{'?' * c['nullable']}", f"{c['type']}: {c['description']}") for c in data]
    return Report(data, _grid(rows))


def of_index(captures: Mapping[str, int]) -> Report:
    """Tell how many captures the archive holds of each site."""
    return Report(captures, _grid(captures.items()) or "raw/ holds no pages")


def of_verification(folder: Path, findings: Sequence[str]) -> Report:
    """Tell whether a release is proven."""
    data = {"release": str(folder), "proven": not findings, "findings": list(findings)}
    return Report(data, "\n".join(findings) or f"{folder}: proven, every byte and every sum")


def of_refusal(name: str, error: PageError) -> str:
    """Tell in one line that names it why a file was not taken."""
    return str(error) if name in str(error) else f"{name}: {error}"


def _capture_data(page: HeldPage) -> dict[str, Any]:
    data = asdict(page)
    for key in ("retrieved_at", "checked_at"):
        data[key] = format_time(data[key])
    return data


def _where(page: Mapping[str, Any]) -> str:
    name = page["url"] or page["source_name"]
    reason = f" ({page['reason']})" if page.get("reason") else ""
    return f"{name}{reason}, {page['raw_file']}:{page['raw_offset']}"


def _sums(coverage: Mapping[str, int]) -> str:
    parts = (f"{count} {name}" for name, count in coverage.items() if name != "wanted")
    return f"{coverage['wanted']} = {' + '.join(parts)}"


def _shown(value: object) -> object:
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return ", ".join(value)
    return value


def _grid(rows: Iterable[tuple[str, object]]) -> str:
    return "\n".join(_grid_lines(list(rows)))


def _grid_lines(rows: Sequence[tuple[str, object]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return (f"{name:<{width}}  {value}" for name, value in rows)


def _snippet(latest: Path) -> str:
    return (
        "load it:\n"
        "    import pandas as pd\n"
        f"    codes = pd.read_parquet({str(latest / 'codes.parquet')!r})\n"
        "    print(codes[['code', 'official_description']].head())"
    )
