"""Fictional rows for the tests of publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
from pyarrow import parquet

from scraper.publish.findings import Finding
from scraper.publish.manifest import describe_file, read_manifest, write_manifest
from scraper.publish.release import Release, stage_release
from scraper.record import CodeRecord, HistoryRow, PageRow
from scraper.sites.profile import SiteProfile

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SEEN = datetime(2026, 11, 3, 8, 15, 42, tzinfo=UTC)
_SHA = "ab" * 32


def _empty_value(annotation: Any) -> object:
    return None if type(None) in get_args(annotation) else ()


def make_record(code: str = "10010", **values: object) -> CodeRecord:
    empty = {name: _empty_value(info.annotation) for name, info in CodeRecord.model_fields.items()}
    known = {
        "code": code,
        "code_system": "HCPCS" if code[0].isalpha() else "CPT",
        "category": "Level II" if code[0].isalpha() else "Category I",
        "status": "unknown",
        "site": "sample",
        "retrieved_at": SEEN,
        "capture_sha256": _SHA,
        "raw_file": "sample/00001.warc.gz",
        "raw_offset": 0,
        "access": "full",
        "gated_sections": 0,
        "parser_version": "1",
        "first_seen": SEEN,
        "last_changed": SEEN,
    }
    return CodeRecord.model_validate(empty | known | values)


def make_records(count: int) -> list[CodeRecord]:
    return [
        make_record(
            f"{number:05d}",
            official_description=f"Folding of paper boat number {number}; with {number % 7} sails",
            common_language_description='Said "gently":\n\nthe boat is folded.',
            is_add_on=number % 2 == 0,
            mentioned_codes=("00100", "J1885")[: number % 3],
            ama_copyright_year=2026 if number % 5 else None,
        )
        for number in range(100, 100 + count)
    ]


def make_page(code: str | None = "10010", **values: object) -> PageRow:
    known = {
        "site": "sample",
        "url": f"http://sample.test/codes/{code}",
        "code": code,
        "page_kind": "code",
        "outcome": "row",
        "reason": None,
        "capture": _SHA,
        "raw_file": "sample/00001.warc.gz",
        "raw_offset": 0,
        "source_name": None,
    }
    return PageRow.model_validate(known | values)


def make_history(code: str = "10010", line: int = 1, **values: object) -> HistoryRow:
    known = {
        "code": code,
        "code_system": "CPT",
        "line": line,
        "event_date": date(2025, 1, 1),
        "event_date_text": "2025-01-01",
        "action": "Added",
        "notes": None,
        "capture": _SHA,
    }
    return HistoryRow.model_validate(known | values)


SITE = SiteProfile(
    name="sample",
    title="Sample site",
    publisher="Nobody at all",
    fictional=True,
    origin="http://sample.test",
    hosts=("sample.test",),
    code_paths={"CPT": "/codes/{code}"},
)


def coverage_of(count: int) -> dict[str, int]:
    return {"wanted": count, "row": count, "absent": 0, "waiting": 0, "quarantined": 0}


def publish_rows(
    output_dir: Path,
    records: list[CodeRecord],
    now: datetime = NOW,
    *,
    history: list[HistoryRow] | None = None,
    findings: Sequence[Finding] = (),
) -> Release | None:
    with stage_release(output_dir) as staging:
        staging.codes.write(records)
        staging.pages.write(make_page(record.code) for record in records)
        lines = (make_history(record.code) for record in records)
        staging.history.write(lines if history is None else history)
        return staging.publish(
            coverage=coverage_of(len(records)),
            sites=[SITE],
            parser_version="1",
            now=now,
            findings=findings,
        )


def rewrite(
    folder: Path,
    name: str,
    change: Callable[[pa.Table], pa.Table],
    *,
    without: Sequence[str] = (),
) -> None:
    """Change a table of a release and seal it anew, as no publisher of ours would."""
    path = folder / name
    parquet.write_table(change(parquet.read_table(path)), path)
    old = read_manifest(folder)
    kept = {known: file for known, file in old.files.items() if known not in without}
    files = {known: describe_file(folder / known, file.rows) for known, file in kept.items()}
    write_manifest(folder, old.model_copy(update={"files": files}))


def with_values(
    table: pa.Table, column: str, values: Iterable[object], kind: pa.DataType | None = None
) -> pa.Table:
    place = table.schema.get_field_index(column)
    kind = kind or table.schema.field(column).type
    field = table.schema.field(column).with_type(kind).with_nullable(True)
    return table.set_column(place, field, pa.array(values, kind))
