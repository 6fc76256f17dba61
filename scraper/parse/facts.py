"""What an open page shows below its descriptions: numbered sections, facts, modifiers, history.

All of it is kept in the page's own words. A fact is a table row, a line that begins with a known
label, or a line that is one with its value on the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scraper.parse.document import Document, Selected
from scraper.parse.lexicon import FactLabels, Mark, Role
from scraper.parsed import Fact, HistoryLine, Section

BREADCRUMB = "Breadcrumb"
_OPENING = (Role.SECTION, Role.HISTORY)


@dataclass
class PageMatter:
    """The sections, facts and history found so far."""

    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    history: list[HistoryLine] = field(default_factory=list)

    def add_selected(self, selected: Selected) -> None:
        """Add what CSS selectors found, in the place of what lines that look alike gave."""
        if selected.facts:
            self.facts = [Fact(label, value) for label, value in selected.facts]
        if selected.history:
            self.history = [HistoryLine(d, a, n or None) for d, a, n in selected.history]
        if selected.breadcrumb:
            self.facts.insert(0, Fact(BREADCRUMB, " > ".join(selected.breadcrumb)))

    def frozen_sections(self) -> tuple[Section, ...]:
        """Return the sections that have a body."""
        return tuple(Section(title, tuple(blocks)) for title, blocks in self.sections if blocks)


def read_matter(
    document: Document, marks: Sequence[Mark], start: int, labels: FactLabels
) -> PageMatter:
    """Return sections, facts and history of the lines from `start` on."""
    roles = {mark.line: mark.role for mark in marks if mark.line >= start}
    is_open = any(role in _OPENING for role in roles.values())
    if not is_open and not any(map(labels.find_fact, document.lines[start:])):
        return PageMatter()
    reader = _MatterReader(document, labels)
    for index in range(start, len(document.lines)):
        reader.read_line(index, roles.get(index))
    return reader.matter


class _MatterReader:
    """Reads line by line; `_in` is the kind of part that the line before belongs to."""

    def __init__(self, document: Document, labels: FactLabels) -> None:
        self.matter = PageMatter()
        self._document = document
        self._labels = labels
        self._in: Role | str | None = None
        self._open_label: str | None = None
        self._open_term: str | None = None
        self._last_fact = -1

    def read_line(self, index: int, role: Role | None) -> None:
        line, cells = self._document.lines[index], self._document.rows.get(index)
        label, self._open_label = self._open_label, None
        if role is Role.SECTION:
            self._in = role
            self.matter.sections.append((line, []))
        elif role is not None:
            self._in = role
        elif self._read_fact(line, cells):
            self._in, self._last_fact = "facts", index
        elif label and not cells:
            self.matter.facts.append(Fact(label, line))
        elif self._in is Role.HISTORY:
            self._read_history(line, cells)
        elif self._in == "facts":
            self._read_other_fact(index, line, cells)
        elif self._in is Role.SECTION:
            self._read_section_line(index)

    def _read_section_line(self, index: int) -> None:
        blocks = self.matter.sections[-1][1]
        if index in self._document.continued and blocks:
            blocks[-1] += f" {self._document.lines[index]}"
        else:
            blocks.append(self._document.block(index))

    def _read_history(self, line: str, cells: tuple[str, ...] | None) -> None:
        if cells:
            date, action, *notes = cells
        elif match := self._labels.history.fullmatch(line):
            date, action, notes = match["date"], match["action"], [match["notes"] or ""]
        else:
            self._in = None
            return
        if date and action:
            self.matter.history.append(HistoryLine(date, action, " ".join(notes).strip() or None))

    def _read_fact(self, line: str, cells: tuple[str, ...] | None) -> bool:
        if cells and (label := cells[0].rstrip(" :")) in self._labels.known:
            if value := " ".join(filter(None, cells[1:])):
                self.matter.facts.append(Fact(label, value))
            return True
        found = self._labels.find_fact(line)
        if found is None:
            return False
        label, value = found
        if not value:
            self._open_label = label
            return True
        # In the prose of a section only the first label of the table opens it.
        if self._in is Role.SECTION and label != self._labels.first:
            return False
        self.matter.facts.append(Fact(label, value))
        return True

    def _read_other_fact(self, index: int, line: str, cells: tuple[str, ...] | None) -> None:
        """Read a row that goes on the table of facts, of a label nobody foresaw, or a modifier."""
        label, *values = cells or ("",)
        value = " ".join(filter(None, values))
        if label and value and self._last_fact == index - 1:
            self.matter.facts.append(Fact(label.rstrip(" :"), value))
            self._last_fact = index
        else:
            self._read_modifier(line)

    def _read_modifier(self, line: str) -> None:
        """Read `LT Left side`, on one line or on two."""
        term, self._open_term = self._open_term, line
        modifier = self._labels.modifier
        if match := modifier.fullmatch(line) or (term and modifier.fullmatch(f"{term} {line}")):
            self.matter.facts.append(Fact(match["label"], match["value"]))
            self._open_term = None
