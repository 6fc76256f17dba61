"""The parts of a page by its labels: the two descriptions, then sections, facts and history.

A description ends at its copyright line or at the next label. One that ends with the page is not
whole, and is not given. A line that the profile knows is never part of a description.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scraper.codes import CODE_PATTERN, parse_code
from scraper.parse.document import Document, Selected
from scraper.parse.identity import code_in_heading
from scraper.parse.lexicon import CHROME, LABELS, Lexicon, Mark, Role
from scraper.parsed import Layout

_END_OF_OFFICIAL = frozenset({Role.AMA_COPYRIGHT, Role.COMMON_LABEL, Role.SECTION, Role.HISTORY})
_NOT_IN_OFFICIAL = frozenset({Role.PUBLISHER_COPYRIGHT, Role.ASK_LINE, Role.GATE, Role.GUIDE})
_END_OF_COMMON = frozenset({Role.ASK_LINE, Role.OFFICIAL_LABEL, Role.COMMON_LABEL, Role.HISTORY})
_END_OF_UNSIGNED = _END_OF_COMMON | CHROME | {Role.SECTION, Role.AMA_COPYRIGHT}
_OWN_CODE = re.compile(
    rf"(?:(?:CPT|HCPCS)\s*(?:®|\(R\))?\s*)?(?:Code\s+)?(?P<code>{CODE_PATTERN})"
    r"(?:\s*[:|.\u2013\u2014](?=\s|$)\s*|\s+-\s+|\s+|$)",
    re.IGNORECASE,
)
_SENTENCE_WORDS = 6


@dataclass(frozen=True, slots=True)
class Description:
    """The paragraphs of a description and the lines it stands on; empty where there is none."""

    paragraphs: tuple[str, ...] = ()
    end: int = 0
    warning: str | None = None

    @property
    def text(self) -> str | None:
        """The paragraphs joined by one blank line, None if there are none."""
        return "\n\n".join(self.paragraphs) or None


class Descriptions(NamedTuple):
    """Both descriptions of a page, and the layout that they stand in."""

    official: Description
    common: Description
    layout: Layout | None


def find_descriptions(document: Document, marks: Sequence[Mark], lexicon: Lexicon) -> Descriptions:
    """Return the descriptions by CSS selector, else by label, else by the copyright lines."""
    if (selected := document.selected) and selected.has_description:
        return _find_selected(document, marks, lexicon, selected)
    if any(mark.role in LABELS for mark in marks):
        return Descriptions(
            find_official(document, marks, lexicon), find_common(document, marks, lexicon), "A"
        )
    common = find_bare(document, marks)
    return Descriptions(Description(), common, "B" if common.paragraphs else None)


def find_official(document: Document, marks: Sequence[Mark], lexicon: Lexicon) -> Description:
    """Return the lines between the official label and the AMA's line or the next label."""
    label = _first(marks, Role.OFFICIAL_LABEL)
    if label is None:
        return Description()
    for mark in _after(marks, label.line):
        if mark.role in _END_OF_OFFICIAL:
            return _describe(document, marks, lexicon, range(label.line + 1, mark.line))
        if mark.role in _NOT_IN_OFFICIAL:
            break
    return Description(warning="official_description_not_closed")


def find_common(document: Document, marks: Sequence[Mark], lexicon: Lexicon) -> Description:
    """Return the lines between the common-language label and the publisher's copyright line."""
    label = _first(marks, Role.COMMON_LABEL)
    if label is None:
        return Description()
    after = _after(marks, label.line)
    hard_stop = next((m.line for m in after if m.role in _END_OF_COMMON), len(document.lines))
    for mark in after:
        if mark.role is Role.PUBLISHER_COPYRIGHT and mark.line < hard_stop:
            return _describe(document, marks, lexicon, range(label.line + 1, mark.line))
    end = next((m.line for m in after if m.role in _END_OF_UNSIGNED), None)
    if end is None:
        return Description(warning="common_language_description_not_closed")
    return _describe(document, marks, lexicon, range(label.line + 1, end))


def find_bare(document: Document, marks: Sequence[Mark]) -> Description:
    """Return the prose of a page without labels: between its two copyright lines.

    Nothing but known lines may stand before the first of them, and the prose must be prose.
    """
    opening = _first(marks, Role.AMA_COPYRIGHT)
    if opening is None or len([m for m in marks if m.line < opening.line]) < opening.line:
        return Description()
    following = _after(marks, opening.line)
    if not following or following[0].role is not Role.PUBLISHER_COPYRIGHT:
        return Description(warning="common_language_description_not_closed")
    lines = tuple(document.lines[opening.line + 1 : following[0].line])
    if not any(len(line.split()) >= _SENTENCE_WORDS for line in lines):
        return Description()
    return Description(lines, following[0].line)


def _find_selected(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, selected: Selected
) -> Descriptions:
    """Read the selected lines; a description that no selector found may still have its label."""
    code = code_in_heading(selected.code)
    official, common = (
        _read_selected(lines, lexicon, code) if lines.lines else None
        for lines in (selected.official_description, selected.common_language_description)
    )
    return Descriptions(
        official or find_official(document, marks, lexicon),
        common or find_common(document, marks, lexicon),
        None,
    )


def _read_selected(document: Document, lexicon: Lexicon, code: str | None) -> Description:
    """Return the lines that a selector found, without the page's own code at their head.

    The heading of a page may hold its code and its descriptor in one element.
    """
    marks = lexicon.marks(document.lines)
    found = _describe(document, marks, lexicon, range(len(document.lines)))
    first, *others = found.paragraphs or ("",)
    if (head := _OWN_CODE.match(first)) and parse_code(head["code"]) == code is not None:
        first = first[head.end() :]
    is_labelled = {mark.role for mark in marks} <= LABELS
    paragraphs = tuple(filter(None, (first, *others)))
    return Description(paragraphs, 0, None if is_labelled else found.warning)


def _describe(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, lines: range
) -> Description:
    known = {mark.line for mark in marks}.intersection(lines)
    paragraphs = document.paragraphs(index for index in lines if index not in known)
    # A known line that was broken over two lines is whole again only here.
    broken = {mark.line for mark in lexicon.marks(paragraphs)}
    kept = tuple(text for index, text in enumerate(paragraphs) if index not in broken)
    return Description(kept, lines.stop, "boilerplate_in_description" if known or broken else None)


def _first(marks: Sequence[Mark], role: Role) -> Mark | None:
    return next((mark for mark in marks if mark.role is role), None)


def _after(marks: Sequence[Mark], index: int) -> list[Mark]:
    return [mark for mark in marks if mark.line > index]
