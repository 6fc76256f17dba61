"""What `diff`, `history` and `pin` tell: changes with their words, for scripts and for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, Any

from scraper.clock import format_time
from scraper.report import Report

if TYPE_CHECKING:
    from scraper.publish.life import Life, LifeChange
    from scraper.record import ChangeRow

_CONTEXT = 3  # words that stand beside a change
_MOST_WORDS = 2_000
_SIGNS = {"added": "+", "removed": "-", "changed": "~"}
# They change with the descriptor, and say nothing more to a person.
_PARTS = {"official_stem", "official_variant"}


def of_diff(old: str, new: str, changes: Sequence[ChangeRow]) -> Report:
    """Tell what differs between two releases."""
    codes = {(row.change, row.code_system, row.code) for row in changes}
    counts = {kind: sum(code[0] == kind for code in codes) for kind in _SIGNS}
    data = {"old": old, "new": new, **counts, "changes": [row.model_dump() for row in changes]}
    sums = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    lines = [f"{old} -> {new}: {sums}"]
    for _, rows in groupby(changes, lambda row: (row.code_system, row.code)):
        lines.extend(_diff_lines(list(rows)))
    return Report(data, "\n".join(lines))


def of_life(life: Life) -> Report:
    """Tell the life of a code over the releases."""
    data = asdict(life) | {
        "first_seen": format_time(life.first_seen),
        "last_changed": format_time(life.last_changed),
        "changes": [_change_data(change) for change in life.changes],
        "page_history": [_event_data(event) for event in life.page_history],
    }
    lines = [
        f"{life.code}  {life.code_system}, {life.status}",
        f"first seen    {data['first_seen']}",
        f"last changed  {data['last_changed']}",
        f"in releases   {_releases(life)}",
        *_life_lines(life.changes),
        *_event_lines(data["page_history"], life.last_release),
    ]
    return Report(data, "\n".join(lines))


def of_pins(versions: Sequence[str]) -> Report:
    """Tell which releases are pinned."""
    return Report(list(versions), "\n".join(versions) or "no release is pinned")


def mark_words(old: str, new: str) -> str:
    """Show what changed between two texts, word by word, with a few words beside it.

    >>> mark_words("Mending of a red kite, by day", "Mending of a green kite, by day")
    'Mending of a [-red-] {+green+} kite, by day'
    """
    left, right = old.split(), new.split()
    if left == right:
        return "(only its paragraphs)"
    if max(len(left), len(right)) > _MOST_WORDS:
        return f"({len(left)} words) -> ({len(right)} words)"
    matcher = SequenceMatcher(None, left, right)
    return " ".join(_marked(matcher.get_opcodes(), left, right))


def _marked(
    steps: Sequence[tuple[str, int, int, int, int]], left: list[str], right: list[str]
) -> Iterator[str]:
    for number, (kind, start, end, from_, to) in enumerate(steps):
        if kind == "equal":
            yield from _shortened(left[start:end], number == 0, number == len(steps) - 1)
            continue
        if start < end:
            yield f"[-{' '.join(left[start:end])}-]"
        if from_ < to:
            yield f"{{+{' '.join(right[from_:to])}+}}"


def _shortened(words: list[str], is_first: bool, is_last: bool) -> list[str]:  # noqa: FBT001
    before = [] if is_first else words[:_CONTEXT]
    after = [] if is_last else words[-_CONTEXT:]
    return words if len(before) + len(after) + 1 >= len(words) else [*before, "...", *after]


def _diff_lines(rows: list[ChangeRow]) -> Iterator[str]:
    fields = {row.field for row in rows}
    shown = [r for r in rows if "official_description" not in fields or r.field not in _PARTS]
    for number, row in enumerate(shown):
        head = f"{_SIGNS[row.change]} {row.code}" if number == 0 else " " * (2 + len(row.code))
        yield f"{head}  {_field_words(row)}".rstrip()


def _field_words(row: ChangeRow) -> str:
    if row.field is None:
        return ""
    old, new = (_visible(value) for value in (row.old_value, row.new_value))
    if old and new and len(old.split()) > _CONTEXT:
        return f"{row.field}: {mark_words(old, new)}"
    return f"{row.field}: {_brief(old)} -> {_brief(new)}"


def _brief(value: str | None) -> str:
    words = (value or "none").split()
    most = 4 * _CONTEXT
    return " ".join(words if len(words) <= most else [*words[:most], "..."])


def _visible(value: str | None) -> str | None:
    """Take from a text what could move the cursor of a terminal."""
    return value and "".join(
        c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in value
    )


def _releases(life: Life) -> str:
    kept = " (the oldest that is kept)" if life.first_release == life.known_from else ""
    end = "" if life.in_latest else f" to {life.last_release}, not in the latest"
    return f"since {life.first_release}{kept}{end}"


def _life_lines(changes: Sequence[LifeChange]) -> Iterator[str]:
    for version, group in groupby(changes, lambda change: change.version):
        rows = [change.change for change in group]
        for number, line in enumerate(_diff_lines(rows)):
            shown = version if number == 0 else " " * len(version)
            words = line[2 + len(rows[0].code) :].strip()
            yield f"{shown}  {words or rows[0].change}"


def _event_lines(events: Sequence[dict[str, Any]], version: str) -> Iterator[str]:
    if events:
        yield f"history on its page, in {version}:"
    for event in events:
        words = (event["event_date_text"], event["action"], event["notes"])
        yield "  ".join(_visible(word) or "" for word in words if word)


def _change_data(change: LifeChange) -> dict[str, Any]:
    row = change.change
    return {
        "version": change.version,
        "since": change.since,
        "change": row.change,
        "field": row.field,
        "old_value": row.old_value,
        "new_value": row.new_value,
        "capture": row.capture,
        "raw_file": row.raw_file,
        "raw_offset": row.raw_offset,
    }


def _event_data(event: dict[str, Any]) -> dict[str, Any]:
    date = event["event_date"]
    names = ("line", "event_date_text", "action", "notes", "capture")
    return {"event_date": date and date.isoformat(), **{name: event[name] for name in names}}
