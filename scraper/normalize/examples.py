"""The examples of a descriptor, `(eg, ...)`, and the descriptor without them.

Brackets nest, round and square alike; a bracket that never closes ends with the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"[()\[\],;]|\be\.?g\b\.?[,:]?", re.IGNORECASE)
_EMPTY = re.compile(r"\s*[(\[][\s,]*[)\]]")
_CONJUNCTION = re.compile(r"^(?:and/or|and|or)\s+")


class Exemplified(NamedTuple):
    """A text without its examples, and the examples."""

    text: str
    examples: tuple[str, ...]


def take_examples(text: str) -> Exemplified:
    """Take the examples out of a text: what follows `eg`, up to the end of its bracket.

    Commas and semicolons part them, except in brackets of their own. Outside a bracket a single
    example follows.

    >>> take_examples("Hole[s] for a birdhouse [eg, wren (small), or owl]; lined")
    Exemplified(text='Hole[s] for a birdhouse; lined', examples=('wren (small)', 'owl'))
    """
    lowered = text.lower()
    if "eg" not in lowered and "e.g" not in lowered:
        return Exemplified(text, ())
    reader = _Reader(text)
    for mark in _MARK.finditer(text):
        reader.read(mark[0], mark.start(), mark.end())
    reader.finish()
    items = (_CONJUNCTION.sub("", item.strip(), count=1) for item in reader.items)
    kept = _EMPTY.sub("", "".join(reader.kept)).strip()
    return Exemplified(kept, tuple(dict.fromkeys(filter(None, items))))


class _Reader:
    """Walks over the marks of a text once."""

    def __init__(self, text: str) -> None:
        self.items: list[str] = []
        self.kept: list[str] = []
        self._text = text
        self._depth = 0
        self._floor = 0  # the depth at which the present examples stand
        self._at = 0  # where the text that is kept goes on
        self._item_at: int | None = None  # where the present example began

    def read(self, mark: str, start: int, end: int) -> None:
        if mark in "([":
            self._depth += 1
        elif mark in ")]":
            self._close(start)
        elif mark in ",;":
            self._part(mark, start, end)
        elif self._item_at is None:
            self.kept.append(self._text[self._at : start])
            self._floor, self._item_at = self._depth, end

    def finish(self) -> None:
        self._end_examples(len(self._text))
        self.kept.append(self._text[self._at :])

    def _close(self, start: int) -> None:
        if self._floor and self._depth == self._floor:
            self._end_examples(start)
        self._depth = max(0, self._depth - 1)

    def _part(self, mark: str, start: int, end: int) -> None:
        if self._item_at is None or self._depth != self._floor:
            return
        if not self._floor:
            self._end_examples(start)
        else:
            self.items.append(self._text[self._item_at : start])
            self._item_at = end

    def _end_examples(self, start: int) -> None:
        if self._item_at is not None:
            self.items.append(self._text[self._item_at : start])
            self._item_at, self._at, self._floor = None, start, 0
