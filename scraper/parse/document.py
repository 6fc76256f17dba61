"""The lines of a page as a reader sees them, whether it came as HTML or as saved text.

A block is a paragraph, heading, list item or table row. A line break inside a paragraph starts a
new line of the same block, so that both forms of a page give the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

CELL_SEPARATOR = " | "
HistoryCells = tuple[str, str, str]

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_END_CHARACTERS = 1_024  # where a mark of the end mostly is: to fold the case of a page takes long
_GLYPHS = frozenset("•◦▪▫‣⁃∙·●○■□➤►✓✔*-–")  # noqa: RUF001 - glyphs are the point


@dataclass(slots=True)
class Document:
    """The lines of one page, as a reader sees them from top to bottom.

    `rows` gives the cells of the lines that are table rows; `continued` holds the lines that go on
    the paragraph of the line before. `selected` gives the texts of the profile's CSS selectors,
    `html` the page itself, None for saved text.
    """

    lines: list[str] = field(default_factory=list)
    rows: dict[int, tuple[str, ...]] = field(default_factory=dict)
    continued: set[int] = field(default_factory=set)
    canonical_url: str | None = None
    selected: Selected | None = None
    html: str | None = None

    def paragraphs(self, indexes: Iterable[int]) -> tuple[str, ...]:
        """Return the paragraphs that the given lines make up."""
        paragraphs: list[str] = []
        for index in indexes:
            if index in self.continued and paragraphs:
                paragraphs[-1] += f" {self.lines[index]}"
            else:
                paragraphs.append(self.lines[index])
        return tuple(paragraphs)

    def block(self, index: int) -> str:
        """Return a line, with the cells of a table row kept apart."""
        cells = self.rows.get(index) or (self.lines[index],)
        return CELL_SEPARATOR.join(filter(None, cells))

    def is_cut(self, complete_marks: Collection[str]) -> bool:
        """Tell whether an HTML page begins, and has none of the marks of its site's whole pages."""
        if self.html is None or not complete_marks:
            return False
        marks, end = [mark.lower() for mark in complete_marks], self.html[-_END_CHARACTERS:].lower()
        if any(mark in end for mark in marks):
            return False
        whole = self.html.lower()
        return "<html" in whole and not any(mark in whole for mark in marks)

    def add_line(self, text: str, *, continues: bool = False) -> None:
        """Fold white space and add a line, unless nothing of it is seen."""
        line = fold(text)
        if not line:
            return
        if line[0] in _GLYPHS and line[1:2] == " ":
            line, continues = line[2:], False
        if continues:
            self.continued.add(len(self.lines))
        self.lines.append(line)

    def add_row(self, cells: Iterable[str]) -> None:
        """Add a table row; a row with one cell is a line like any other."""
        row = tuple(map(fold, cells))
        seen = " ".join(filter(None, row))
        if seen and len(row) > 1:
            self.rows[len(self.lines)] = row
        if seen:
            self.lines.append(seen)


@dataclass(frozen=True, slots=True)
class Selected:
    """What the CSS selectors of a profile found; descriptions are lines like a page's."""

    code: str
    official_description: Document
    common_language_description: Document
    status_notice: str
    breadcrumb: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    history: tuple[HistoryCells, ...]

    @property
    def has_description(self) -> bool:
        """Tell whether a description of the page comes from selectors."""
        return bool(self.official_description.lines or self.common_language_description.lines)


def fold(text: str) -> str:
    r"""Make every run of white space one space and drop what has no shape.

    >>> fold(" a\u00a0\n b\u200b ")
    'a b'
    """
    if text.isprintable() and "  " not in text:  # no white space but single spaces
        return text.strip()
    return " ".join(_INVISIBLE.sub("", " ".join(text.split())).split())


def add_text_lines(document: Document, text: str) -> None:
    """Add the lines of saved text; a blank line parts paragraphs."""
    opens = True
    for line in text.splitlines():
        seen = line.strip()
        if opens and (cells := _split_cells(seen)):
            document.add_row(cells)
        elif seen:
            document.add_line(seen, continues=not opens)
        opens = not fold(seen) or bool(opens and cells)


def _split_cells(line: str) -> list[str]:
    """Return the cells of a line parted by tabs or by pipes, none where it is no table row."""
    if "\t" in line:
        return line.split("\t")
    if not (len(line) > 1 and line[0] == line[-1] == "|"):
        return []
    cells = line[1:-1].split("|")
    is_rule = all(set(cell.strip()) <= {"-", ":"} for cell in cells)
    return [""] if is_rule else cells
