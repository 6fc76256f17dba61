"""The nodes below a root in, the lines that a reader sees out, one block or table row at a time.

What is asked of a node costs more than all else here, so little is asked: a text that stands alone
in its block is a line, and only two texts that meet ask for what stands between them.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from enum import IntEnum, auto
from itertools import islice
from typing import Protocol

from scraper.parse.document import Document, add_text_lines

_BREAK = "\x00"  # stands for <br>; HTML text holds no NUL


class Kind(IntEnum):
    """What a node is to a reader; one of no kind is part of the line around it."""

    TEXT = auto()
    BREAK = auto()
    UNSEEN = auto()
    BLOCK = auto()
    CELL = auto()
    PREFORMATTED = auto()


_SHAPING = frozenset((Kind.CELL, Kind.PREFORMATTED))
_BLOCKS = _SHAPING | {Kind.BLOCK}


class Node(Protocol):
    """A node of the HTML library; `mem_id` tells it from the others, `tag_id` names its tag."""

    @property
    def mem_id(self) -> int:
        """A number that no other node has."""

    @property
    def tag_id(self) -> int:
        """The number of its tag."""

    @property
    def text_content(self) -> str | None:
        """The text of a text node."""

    @property
    def is_empty_text_node(self) -> bool:
        """Whether it is a text of nothing but white space."""

    @property
    def parent(self) -> Node | None:
        """The node it is in."""

    @property
    def next(self) -> Node | None:
        """The node after it in its parent."""

    @property
    def prev(self) -> Node | None:
        """The node before it in its parent."""

    @property
    def first_child(self) -> Node | None:
        """The first node in it."""

    @property
    def last_child(self) -> Node | None:
        """The last node in it."""

    def iter(self) -> Iterator[Node]:
        """Yield the elements in it."""

    def traverse(self, include_text: bool, skip_empty: bool) -> Iterator[Node]:  # noqa: FBT001
        """Yield it and all below it, in the order of the page."""


class LineBuilder:
    """Adds lines to a document; `kinds` is keyed by `tag_id`, `hidden` holds a `mem_id`."""

    def __init__(
        self, document: Document, kinds: Mapping[int, Kind], hidden: Container[int] = ()
    ) -> None:
        self._document = document
        self._kind_of = kinds.get
        self._hidden = hidden
        self._texts: list[str] = []
        self._last_text: Node | None = None
        self._has_shape = False  # whether a cell or preformatted text may hold the line
        self._cells: dict[int, str] = {}  # the texts of a table row, by the cell's id
        self._row: Node | None = None

    def add(self, root: Node) -> None:
        """Add the lines below a root."""
        kind_of, hidden, texts = self._kind_of, self._hidden, self._texts
        text, unseen, line_break, block = Kind.TEXT, Kind.UNSEEN, Kind.BREAK, Kind.BLOCK
        self._has_shape = self._is_within_shape(root)
        walk = root.traverse(include_text=True, skip_empty=True)
        for node in walk:
            kind = kind_of(node.tag_id)
            if kind is text:
                if texts:
                    self._meet_text(node)
                self._last_text = node
                texts.append(node.text_content or "")
            elif kind is unseen or (hidden and node.mem_id in hidden):
                _pass_over(node, walk)
            elif kind is line_break:
                texts.append(_BREAK)
            elif kind is not None:
                if texts:
                    self._close_line()
                if kind is not block:
                    self._has_shape = True
        self._close_line()
        self._close_row()

    def _is_within_shape(self, root: Node) -> bool:
        at = root.parent
        while at is not None and self._kind_of(at.tag_id) not in _SHAPING:
            at = at.parent
        return at is not None

    def _meet_text(self, text: Node) -> None:
        """Part a text from the one before it: by a new line, by a space or by nothing."""
        space, text_id, node = "", text.mem_id, self._last_text
        while node is not None:
            child = node.first_child if self._is_seen(node) else None
            node = child if child is not None else self._next_in_block(node)
            if node is None:
                self._close_line()
            elif node.mem_id == text_id:
                self._texts.append(space)
                return
            elif node.is_empty_text_node:
                space += node.text_content or ""

    def _is_seen(self, node: Node) -> bool:
        return self._kind_of(node.tag_id) is not Kind.UNSEEN and node.mem_id not in self._hidden

    def _next_in_block(self, node: Node) -> Node | None:
        """Return the node after a subtree, None where the block ends with it."""
        while (following := node.next) is None:
            parent = node.parent
            if parent is None or self._kind_of(parent.tag_id) in _BLOCKS:
                return None
            node = parent
        return following

    def _close_line(self) -> None:
        last = self._last_text
        if last is not None:  # else it is nothing but breaks
            line = "".join(self._texts)
            if self._has_shape:
                self._add_shaped(line, self._block_of(last))
            elif _BREAK in line:
                _add_broken_lines(self._document, line)
            else:
                self._document.add_line(line)
        self._last_text = None
        self._texts.clear()

    def _block_of(self, text: Node) -> Node | None:
        block = text.parent
        while block is not None and self._kind_of(block.tag_id) not in _BLOCKS:
            block = block.parent
        return block

    def _add_shaped(self, line: str, block: Node | None) -> None:
        if line.isspace():
            return
        if (cell := self._cell_of(block)) is not None:
            self._add_cell(cell, line)
            return
        self._close_row()
        if block is not None and self._kind_of(block.tag_id) is Kind.PREFORMATTED:
            add_text_lines(self._document, line.replace(_BREAK, "\n"))
            return
        _add_broken_lines(self._document, line)
        self._has_shape = block is not None and self._is_within_shape(block)

    def _cell_of(self, block: Node | None) -> Node | None:
        """Return the table cell that a block is, or is the only content of."""
        if block is None or self._kind_of(block.tag_id) is Kind.CELL:
            return block
        parent = block.parent
        if parent is None or self._kind_of(parent.tag_id) is not Kind.CELL:
            return None
        return parent if len(list(islice(parent.iter(), 2))) == 1 else None

    def _add_cell(self, cell: Node, text: str) -> None:
        row = cell.parent
        if self._row is None or row is None or row.mem_id != self._row.mem_id:
            self._close_row()
            self._row = row
        before = self._cells.get(cell.mem_id, "")
        self._cells[cell.mem_id] = f"{before} {text.replace(_BREAK, ' ')}"

    def _close_row(self) -> None:
        """Add the row with its empty cells: what stands beside one tells what the others are."""
        cells = self._row.iter() if self._row is not None and self._cells else ()
        self._document.add_row(
            self._cells.get(cell.mem_id, "")
            for cell in cells
            if self._kind_of(cell.tag_id) is Kind.CELL and cell.mem_id not in self._hidden
        )
        self._cells.clear()
        self._row = None


def _pass_over(node: Node, walk: Iterator[Node]) -> None:
    """Move a walk that stands at `node` behind all that is below it."""
    last = node
    child = last.last_child
    while child is not None:
        if child.is_empty_text_node:  # the walk leaves it out
            child = child.prev
        else:
            last, child = child, child.last_child
    while node.mem_id != last.mem_id:
        node = next(walk)


def _add_broken_lines(document: Document, text: str) -> None:
    continues = False
    for line in text.split(_BREAK):
        if seen := not line.isspace() and line != "":
            document.add_line(line, continues=continues)
        continues = seen
