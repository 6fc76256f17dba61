"""The parts of a page by its labels: the two descriptions, then sections, facts and history.

A description ends at its copyright line or at the next label. One that ends with the page is not
whole, and is not given. A line that the profile knows is never part of a description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scraper.codes import CODE_PATTERN, parse_code
from scraper.parse.document import Document, Selected
from scraper.parse.identity import code_in_heading
from scraper.parse.lexicon import CHROME, LABELS, Lexicon, Mark, Role
from scraper.parsed import Layout

_END_OF_OFFICIAL = LABELS | {Role.AMA_COPYRIGHT, Role.SECTION, Role.HISTORY}
_NOT_IN_OFFICIAL = frozenset({Role.PUBLISHER_COPYRIGHT, Role.ASK_LINE, Role.GATE, Role.GUIDE})
_END_OF_COMMON = frozenset({Role.ASK_LINE, Role.OFFICIAL_LABEL, Role.COMMON_LABEL, Role.HISTORY})
_END_OF_UNSIGNED = _END_OF_COMMON | CHROME | {Role.SECTION, Role.AMA_COPYRIGHT}
_OWN_CODE = re.compile(
    rf"(?:(?:CPT|HCPCS)\s*(?:®|\(R\))?\s*)?(?:Code\s+)?(?P<code>{CODE_PATTERN})"
    r"(?:\s*[:|.\u2013\u2014](?=\s|$)\s*|\s+-\s+|\s+|$)",
    re.IGNORECASE,
)
_SENTENCE_WORDS = 6
_NUMBERED = re.compile(r"[0-9]{1,2}[.)] ?\S")


@dataclass(frozen=True, slots=True)
class Description:
    """The paragraphs of a description and the lines it stands on; empty where there is none.

    It is signed where its own copyright line closes it.
    """

    paragraphs: tuple[str, ...] = ()
    end: int = 0
    warning: str | None = None
    is_signed: bool = False

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
    labels = (mark for mark in marks if mark.role is Role.OFFICIAL_LABEL)
    return _choose(_read_official(document, marks, lexicon, label.line + 1) for label in labels)


def find_common(document: Document, marks: Sequence[Mark], lexicon: Lexicon) -> Description:
    """Return the lines between the common-language label and the publisher's copyright line."""
    labels = (mark for mark in marks if mark.role is Role.COMMON_LABEL)
    return _choose(_read_common(document, marks, lexicon, label.line + 1) for label in labels)


def find_bare(document: Document, marks: Sequence[Mark]) -> Description:
    """Return the prose of a page without labels: between its two copyright lines.

    Nothing but known lines may stand before the first of them, and the prose must be prose.
    """
    opening = _first(marks, Role.AMA_COPYRIGHT)
    if opening is None or len([m for m in marks if m.line < opening.line]) < opening.line:
        return Description()
    following = _after(marks, opening.line)
    while following and following[0][:2] == (opening.line + 1, Role.AMA_COPYRIGHT):
        opening, *following = following
    if not following or following[0].role is not Role.PUBLISHER_COPYRIGHT:
        return Description(warning="common_language_description_not_closed")
    lines = tuple(document.lines[opening.line + 1 : following[0].line])
    if not _is_prose(lines):
        return Description()
    return Description(lines, following[0].line)


def _choose(found: Iterable[Description]) -> Description:
    """Return the first that is signed or prose, else the first with a text.

    A label may stand in a menu of the page too, with other words of the menu below it.
    """
    every = list(found)
    sure = (one for one in every if one.is_signed or _is_prose(one.paragraphs))
    with_text = (one for one in every if one.paragraphs)
    return next(sure, None) or next(with_text, None) or next(iter(every), Description())


def _is_prose(lines: Iterable[str]) -> bool:
    return any(len(line.split()) >= _SENTENCE_WORDS for line in lines)


def _read_official(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, start: int
) -> Description:
    after = _after(marks, start - 1)
    ends = [mark for mark in after if mark.role in _END_OF_OFFICIAL]
    signature = next((m for m in ends if not _is_item(document.lines, m)), None)
    is_signed = signature is not None and signature.role is Role.AMA_COPYRIGHT
    end = signature if is_signed else next(iter(ends), None)
    stop = end.line if end else len(document.lines)
    stop = _find_facts(document, lexicon, range(start, stop), is_signed=is_signed)
    is_cut = any(mark.role in _NOT_IN_OFFICIAL for mark in after if mark.line < stop)
    if is_cut or stop == len(document.lines):
        return Description(warning="official_description_not_closed")
    is_signed = is_signed and end is not None and end.line == stop
    return _describe(document, marks, lexicon, range(start, stop), is_signed=is_signed)


def _read_common(
    document: Document, marks: Sequence[Mark], lexicon: Lexicon, start: int
) -> Description:
    after, last = _after(marks, start - 1), len(document.lines)
    hard_stop = next((m.line for m in after if m.role in _END_OF_COMMON), last)
    signatures = (mark.line for mark in after if mark.role is Role.PUBLISHER_COPYRIGHT)
    signed = next(signatures, last)
    if signed < hard_stop:
        stop = _find_facts(document, lexicon, range(start, signed), is_signed=True)
        return _describe(document, marks, lexicon, range(start, stop), is_signed=stop == signed)
    end = next((m.line for m in after if m.role in _END_OF_UNSIGNED), last)
    stop = _find_facts(document, lexicon, range(start, end), is_signed=False)
    if stop == last:
        return Description(warning="common_language_description_not_closed")
    return _describe(document, marks, lexicon, range(start, stop))


def _find_facts(document: Document, lexicon: Lexicon, lines: range, *, is_signed: bool) -> int:
    """Return where a table of facts begins within lines, else their end.

    Where a copyright line closes the lines, prose may begin as a fact does: only a row is one.
    """
    labels = lexicon.fact_labels
    for index in lines:
        if cells := document.rows.get(index):
            if cells[0].rstrip(" :") in labels.known:
                return index
        elif not is_signed and (fact := labels.find_fact(document.lines[index])):
            label, value = fact
            if label == labels.first or not value:
                return index
    return lines.stop


def _is_item(lines: Sequence[str], mark: Mark) -> bool:
    """Tell whether what looks like the heading of a section is an item of a numbered list."""
    if mark.role is not Role.SECTION:
        return False
    beside = (*lines[max(0, mark.line - 1) : mark.line], *lines[mark.line + 1 : mark.line + 2])
    return any(map(_NUMBERED.match, beside))


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
    document: Document,
    marks: Sequence[Mark],
    lexicon: Lexicon,
    lines: range,
    *,
    is_signed: bool = False,
) -> Description:
    def known_lines(texts: Sequence[str], known: Iterable[Mark]) -> set[int]:
        return {mark.line for mark in known if not (is_signed and _is_item(texts, mark))}

    known = known_lines(document.lines, [mark for mark in marks if mark.line in lines])
    paragraphs = document.paragraphs(index for index in lines if index not in known)
    # A known line that was broken over two lines is whole again only here.
    whole = tuple(map(lexicon.cut_copyright, paragraphs))
    broken = known_lines(whole, lexicon.marks(whole))
    kept = tuple(text for index, text in enumerate(whole) if index not in broken)
    is_cut = known or broken or whole != paragraphs
    return Description(
        kept,
        lines.stop,
        is_signed=is_signed,
        warning="boilerplate_in_description" if is_cut else None,
    )


def _first(marks: Sequence[Mark], role: Role) -> Mark | None:
    return next((mark for mark in marks if mark.role is role), None)


def _after(marks: Sequence[Mark], index: int) -> list[Mark]:
    return [mark for mark in marks if mark.line > index]
