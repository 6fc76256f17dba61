"""The readings of one code in, its CodeRecord out, merged field by field.

The newest copyright year wins, then the newest capture; a null never replaces a value. Whatever
the order in which captures came, the same captures give the same record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from scraper.codes import CODE_PATTERN, category_of, is_cdt, place_of, system_of
from scraper.normalize.attributes import Attributes, read_attributes
from scraper.normalize.contradictions import find_contradictions
from scraper.normalize.descriptor import split_descriptor
from scraper.normalize.events import find_history, parse_date
from scraper.normalize.primary import find_primary_codes
from scraper.normalize.reading import Reading
from scraper.normalize.text import normalize_text
from scraper.parsed import ParsedPage, Section
from scraper.record import PAGE_FACT_COLUMNS, WORDING_COLUMNS, CodeRecord, Status
from scraper.sites.profile import SiteProfile

Value = TypeVar("Value")
_CODES = re.compile(rf"(?<!\w){CODE_PATTERN}(?!\w)")
_REPLACEMENT_CHARACTER = "\ufffd"


class Wording(NamedTuple):
    """What a code is said to be, and the readings that say so."""

    official: str | None
    common: str | None
    notice: str | None
    official_from: Reading | None
    common_from: Reading | None
    notice_from: Reading | None

    @property
    def texts(self) -> tuple[str | None, str | None, str | None]:
        """The texts alone."""
        return self[:3]


def merge_readings(
    code: str,
    readings: Sequence[Reading],
    profiles: Mapping[str, SiteProfile],
    parser_version: str,
) -> CodeRecord:
    """Merge one or more readings of one code; `profiles` tells the columns of each site's facts.

    `parser_version` names the rules that made the readings; it is part of the evidence. The parent
    is left open: only the build knows the family.
    """
    by_rank = sorted(readings, key=attrgetter("rank"), reverse=True)
    by_time = sorted(readings, key=attrgetter("age"))
    newest, wording = by_rank[0], _word(code, readings)
    attributes = read_attributes(wording.official)
    columns, other_facts = _read_facts(by_rank, profiles)
    if is_cdt(code):
        columns, other_facts = {k: v for k, v in columns.items() if k not in WORDING_COLUMNS}, ()
    return CodeRecord(
        code=code,
        code_system=system_of(code),
        category=category_of(code),
        **place_of(code)._asdict(),
        status=_status(wording.notice, columns.get("status_code"), readings),
        **_wording_columns(code, wording),
        **_attribute_columns(code, attributes, wording, by_rank),
        **_fact_columns(columns, other_facts),
        **_evidence_columns(newest),
        ama_copyright_year=_first(by_rank, attrgetter("parsed.ama_copyright_year")),
        publisher_copyright_year=_first(by_rank, attrgetter("parsed.publisher_copyright_year")),
        parser_version=parser_version,
        first_seen=by_time[0].held.retrieved_at,
        last_changed=_last_changed(code, by_time, wording),
        quality_flags=tuple(sorted({*_flags(code, wording, attributes, newest.parsed)})),
    )


def _wording_columns(code: str, wording: Wording) -> dict[str, Any]:
    stem, variant = split_descriptor(wording.official) if wording.official else (None, None)
    return {
        "status_notice": wording.notice,
        "replaced_by": _other_codes(code, _CODES.findall(wording.notice or "")),
        "official_description": wording.official,
        "official_stem": stem,
        "official_variant": variant,
        "common_language_description": wording.common,
        "mentioned_codes": _mentions(code, wording),
        "official_capture": wording.official_from and wording.official_from.held.sha256,
        "common_language_capture": wording.common_from and wording.common_from.held.sha256,
    }


def _fact_columns(columns: Mapping[str, str], others: tuple[str, ...]) -> dict[str, Any]:
    return {name: columns.get(name) for name in PAGE_FACT_COLUMNS} | {"page_facts": others}


def _evidence_columns(newest: Reading) -> dict[str, Any]:
    held, parsed = newest
    return {
        "site": held.site,
        "source_url": held.url or parsed.url,
        "retrieved_at": held.retrieved_at,
        "capture_sha256": held.sha256,
        "raw_file": held.raw_file,
        "raw_offset": held.raw_offset,
        "layout": parsed.layout,
        "access": "gated" if parsed.gated_sections else "full",
        "gated_sections": parsed.gated_sections,
    }


def _word(code: str, readings: Sequence[Reading]) -> Wording:
    """Choose each text by the copyright year of its own line."""

    def newest(field: str, year: str) -> tuple[str | None, Reading | None]:
        with_text = [reading for reading in readings if getattr(reading.parsed, field)]
        best = max(with_text, key=lambda r: (getattr(r.parsed, year) or 0, *r.age), default=None)
        return (normalize_text(getattr(best.parsed, field)), best) if best else (None, None)

    notice, notice_from = newest("status_notice", "publisher_copyright_year")
    if is_cdt(code):
        return Wording(None, None, notice, None, None, notice_from)
    official, official_from = newest("official_description", "ama_copyright_year")
    common, common_from = newest("common_language_description", "publisher_copyright_year")
    return Wording(official, common, notice, official_from, common_from, notice_from)


def _last_changed(code: str, by_time: Sequence[Reading], wording: Wording) -> datetime:
    """Return when the present wording was first captured and has stood since."""
    changed = by_time[-1]
    for count in range(len(by_time) - 1, 0, -1):
        if _word(code, by_time[:count]).texts != wording.texts:
            break
        changed = by_time[count - 1]
    return changed.held.retrieved_at


def _status(notice: str | None, status_code: str | None, readings: Sequence[Reading]) -> Status:
    told = find_history(readings)
    events = told.parsed.history if told else ()
    latest = max(events, key=lambda event: parse_date(event.date) or date.min, default=None)
    if notice or (latest and latest.action.casefold() == "deleted"):
        return "deleted"
    return "active" if status_code and status_code.casefold().startswith("active") else "unknown"


def _read_facts(
    by_rank: Sequence[Reading], profiles: Mapping[str, SiteProfile]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the facts that have a column, and the others of the newest page that shows facts."""
    columns: dict[str, str] = {}
    others: tuple[str, ...] = ()
    for held, parsed in by_rank:
        column_of = profiles[held.site].facts
        for fact in parsed.facts:
            column, value = column_of.get(fact.label), normalize_text(fact.value)
            if column and value:
                columns.setdefault(column, value)
        others = others or tuple(
            f"{normalize_text(fact.label)}: {normalize_text(fact.value)}"
            for fact in parsed.facts
            if not column_of.get(fact.label)
        )
    return columns, others


def _mentions(code: str, wording: Wording) -> tuple[str, ...]:
    readings = (wording.notice_from, wording.official_from, wording.common_from)
    mentioned = (c for r in readings if r is not None for c in r.parsed.mentioned_codes)
    # A reading may have given one text and have named codes in another that was not chosen.
    chosen = " ".join(filter(None, wording.texts))
    return _other_codes(code, (c for c in mentioned if c in chosen))


def _attribute_columns(
    code: str, attributes: Attributes, wording: Wording, by_rank: Sequence[Reading]
) -> dict[str, Any]:
    primary = _primary_codes(code, wording, by_rank) if attributes.is_add_on else ()
    return {**attributes._asdict(), "parent_code": None, "primary_codes": primary}


def _primary_codes(code: str, wording: Wording, by_rank: Sequence[Reading]) -> tuple[str, ...]:
    """Look in the chosen texts, then in the sections of the newest page that shows any."""
    sections: Sequence[Section] = _first(by_rank, attrgetter("parsed.sections")) or ()
    blocks = (block for section in sections for block in section.blocks)
    return find_primary_codes(code, (*filter(None, wording.texts), *blocks))


def _other_codes(code: str, codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(other for other in dict.fromkeys(codes) if other != code)


def _first(by_rank: Sequence[Reading], get: Callable[[Reading], Value]) -> Value | None:
    return next((value for value in map(get, by_rank) if value), None)


def _flags(
    code: str, wording: Wording, attributes: Attributes, parsed: ParsedPage
) -> Iterator[str]:
    yield from parsed.warnings
    if is_cdt(code):
        yield "cdt_text_withheld"
        return
    if wording.official is None:
        yield "no_official_description"
    if wording.common is None:
        yield "no_common_language_description"
    if any(_REPLACEMENT_CHARACTER in text for text in wording.texts if text):
        yield "replacement_character"
    if wording.official and wording.common:
        yield from find_contradictions(wording.official, wording.common, attributes)
