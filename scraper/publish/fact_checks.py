"""The facts of a row, and those of the release before, in; what is wrong with them out."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping

from scraper.publish.checks import FEW, MOST_CHANGED_FACTS_PERCENT, MOVED_FROM, UNIFORM_FROM
from scraper.publish.findings import Cases, Finding
from scraper.publish.row_checks import evidence_of, finding_of
from scraper.record import FACT_COLUMNS, PAGE_FACT_COLUMNS, WORDING_COLUMNS, CodeRecord

_OTHERS = FACT_COLUMNS[-1]
# Two wordings of a code may honestly be the same.
_MARKS = tuple(name for name in PAGE_FACT_COLUMNS if name not in WORDING_COLUMNS)
# A number that begins as another does is another, not a piece of it.
_NUMBER = re.compile(r"[$]?[0-9][0-9.,]*%?")
# An indicator such as `0` or `9` says little: many facts have it.
_INDICATOR = re.compile("[0-9A-Za-z]{1,2}")


def describe_facts(get: Callable[[str], object]) -> str:
    """Return the facts of a row as JSON; `get` gives a column, None where there is none."""
    values = {name: get(name) for name in FACT_COLUMNS}
    lists = {name: "\n".join(v) if isinstance(v, list | tuple) else v for name, v in values.items()}
    return json.dumps({name: value for name, value in lists.items() if value})


class FactComparison:
    """Compares the facts of the rows that both releases have, and counts what has changed."""

    def __init__(self) -> None:
        self._compared: Counter[str] = Counter()
        self._changed: defaultdict[str, Cases] = defaultdict(Cases)

    def compare(self, record: CodeRecord, told_before: str) -> Iterator[Finding]:
        """Check the facts of a row against what they were, in the words of describe_facts."""
        before, told = _read(told_before), describe_facts(record.__dict__.get)
        now = before if told == told_before else _read(told)
        self._compared.update(before.keys() & now.keys())
        if now is before:
            return
        for name in sorted(before.keys() & now.keys()):
            yield from self._compare_fact(record, name, before[name], now[name])
        if _is_uniform(now) and not _is_uniform(before):
            message = "all facts say the same, and did not before"
            yield finding_of("uniform_facts", record, message, values=(told_before, told))
        moved = sorted(_find_moved(before, now))
        if len({now[name] for name in moved}) >= MOVED_FROM:
            message = f"facts say what others said before: {', '.join(moved)}"
            values = (before[moved[0]], now[moved[0]])
            yield finding_of("moved_facts", record, message, values=values)

    def _compare_fact(self, record: CodeRecord, name: str, *values: str) -> Iterator[Finding]:
        before, now = values
        if before == now:
            return
        self._changed[name].add(evidence_of(record, *values))
        if before.startswith(now) and not _NUMBER.fullmatch(before):
            message = f"{name} is only the beginning of what it was"
            yield finding_of("shortened_fact", record, message, values=values, column=name)

    def find_changes(self, parent: str) -> Iterator[Finding]:
        """Give a finding for each column of facts that has changed in too many rows."""
        for name, cases in sorted(self._changed.items()):
            rows = self._compared[name]
            if cases.count <= FEW or 100 * cases.count <= MOST_CHANGED_FACTS_PERCENT * rows:
                continue
            message = f"{name}: {cases.count} of {rows} rows say something else than in {parent}"
            yield Finding("changed_facts", name, message, cases.evidence)


def _read(told: str) -> dict[str, str]:
    """Read the facts, those that have no column of their own by their labels."""
    facts: dict[str, str] = json.loads(told)
    others: defaultdict[str, list[str]] = defaultdict(list)
    for line in facts.pop(_OTHERS, "").split("\n"):
        label, _, value = line.partition(": ")
        others[label].append(value)
    return facts | {label: "\n".join(sorted(values)) for label, values in others.items() if label}


def _is_uniform(facts: Mapping[str, str]) -> bool:
    """Tell whether all facts say the same, as those of a page that hides them."""
    values = [facts[name] for name in _MARKS if name in facts]
    is_one = len(values) >= UNIFORM_FROM and len(set(values)) == 1
    return is_one and not _INDICATOR.fullmatch(values[0])


def _find_moved(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Yield the facts that say now what another one said before, and says no more."""
    given_up = {
        name
        for name, value in before.items()
        if now.get(name) != value and not _INDICATOR.fullmatch(value)
    }
    for name in given_up & now.keys():
        if any(before[other] == now[name] for other in given_up - {name}):
            yield name
