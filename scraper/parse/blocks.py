"""HTML or saved text in, the lines that a reader sees out. The only door to the HTML library."""

from __future__ import annotations

import re
from collections.abc import Container

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.errors import PageError
from scraper.parse.document import Document, HistoryCells, Selected, add_text_lines
from scraper.parse.encoding import decode_page
from scraper.sites.profile import HistorySelector, RowSelector, Selectors

_BLOCK_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd"),
        *("details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html"),
        *("legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre", "search", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_CELL_TAGS = frozenset(("td", "th"))
# What a browser does not draw as text, by its own style sheet or by nature.
_UNSEEN_TAGS = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "head", "title", "iframe", "object"),
        *("select", "datalist", "textarea", "audio", "video", "canvas", "noembed", "noframes"),
        *("rp", "-comment"),
    )
)
_HIDING_WORDS = ("hidden", "display", "opacity", "font-size", "<dialog")
_HIDING = "[hidden], dialog:not([open]), [style]"
_HIDING_STYLE = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?:opacity|font-size)\s*:\s*0(?:\.0*)?(?:px|em|rem|pt|%)?\s*(?:!important\s*)?(?:;|$))",
    re.IGNORECASE,
)
_LOOKS_LIKE_HTML = re.compile(
    r"\A\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*[\s/>])|<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_SNIFF_CHARACTERS = 4_096
_BREAK = "\x00"  # stands for <br>; HTML text holds no NUL


def read_document(
    body: bytes | str, content_type: str | None = None, select: Selectors | None = None
) -> Document:
    """Return the lines of a page; `select` names what to look up by CSS in an HTML page.

    Raises PageError where the bytes are no text.
    """
    text = decode_page(body, content_type) if isinstance(body, bytes) else body
    if _LOOKS_LIKE_HTML.search(text, 0, _SNIFF_CHARACTERS):
        return _read_html(text, select)
    document = Document()
    add_text_lines(document, text)
    return document


def check_selector(selector: str) -> None:
    """Raise ValueError if `selector` is no CSS selector."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except SelectolaxError as error:
        raise ValueError(f"{selector!r} is no CSS selector") from error


def _read_html(text: str, select: Selectors | None) -> Document:
    try:
        tree = LexborHTMLParser(text)
    except (SelectolaxError, ValueError) as error:
        raise PageError("unparsable", f"the HTML cannot be parsed: {error}") from error
    document = Document(canonical_url=_canonical_url(tree))
    body = tree.body
    if body is None:
        return document
    lowered = text.lower()
    hidden = _hidden_ids(body) if any(word in lowered for word in _HIDING_WORDS) else set()
    if select is not None:
        hidden.update(node.mem_id for css in select.remove for node in body.css(css))
        document.selected = _select(body, select, hidden)
    _LineBuilder(document, hidden).add(body)
    return document


def _canonical_url(tree: LexborHTMLParser) -> str | None:
    link = tree.css_first("link[rel~='canonical' i][href]")
    return link.attributes.get("href") if link is not None else None


def _hidden_ids(body: LexborNode) -> set[int]:
    return {
        node.mem_id
        for node in body.css(_HIDING)
        if "hidden" in (attributes := node.attributes)
        or node.tag == "dialog"
        or _HIDING_STYLE.search(attributes.get("style") or "")
    }


def _id_after(node: LexborNode) -> int:
    """Return the id of the node that follows a subtree, 0 where none does."""
    at: LexborNode | None = node
    while at is not None:
        if at.next is not None:
            return at.next.mem_id
        at = at.parent
    return 0


class _LineBuilder:
    """Turns the text nodes below a root into lines, one block or table row at a time."""

    def __init__(self, document: Document, hidden: Container[int]) -> None:
        self._document = document
        self._hidden = hidden
        self._texts: list[str] = []
        self._cells: list[str] = []
        self._block: LexborNode | None = None
        self._block_id = self._row_id = 0

    def add(self, root: LexborNode) -> None:
        texts, hidden = self._texts, self._hidden
        skip_to = -1
        for node in root.traverse(include_text=True):
            if skip_to >= 0:
                if node.mem_id != skip_to:
                    continue
                skip_to = -1
            tag = node.tag
            if tag == "-text":
                text = node.text_content or ""
                if not text.isspace():
                    self._enter_block_of(node)
                texts.append(text)
            elif tag in _UNSEEN_TAGS or (hidden and node.mem_id in hidden):
                skip_to = _id_after(node)
            elif tag == "br":
                texts.append(_BREAK)
            elif texts and tag in _BLOCK_TAGS:
                self._close_block()
        self._close_block()
        self._close_row()

    def _enter_block_of(self, text: LexborNode) -> None:
        block = text.parent
        while block is not None and block.tag not in _BLOCK_TAGS:
            block = block.parent
        block_id = block.mem_id if block is not None else 0
        if block_id != self._block_id:
            self._close_block()
            self._block, self._block_id = block, block_id

    def _close_block(self) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        if not text or text.isspace():
            return
        cell = _cell_of(self._block)
        if cell is None:
            self._close_row()
            self._add_block(text)
        else:
            self._add_cell(cell, text)

    def _add_block(self, text: str) -> None:
        if self._block is not None and self._block.tag == "pre":
            add_text_lines(self._document, text.replace(_BREAK, "\n"))
        elif _BREAK in text:
            _add_broken_lines(self._document, text)
        else:
            self._document.add_line(text)

    def _add_cell(self, cell: LexborNode, text: str) -> None:
        row = cell.parent
        row_id = row.mem_id if row is not None else 0
        if row_id != self._row_id:
            self._close_row()
            self._row_id = row_id
        self._cells.append(text.replace(_BREAK, " "))

    def _close_row(self) -> None:
        self._document.add_row(self._cells)
        self._cells.clear()
        self._row_id = 0


def _add_broken_lines(document: Document, text: str) -> None:
    continues = False
    for line in text.split(_BREAK):
        if seen := not line.isspace() and line != "":
            document.add_line(line, continues=continues)
        continues = seen


def _cell_of(block: LexborNode | None) -> LexborNode | None:
    """Return the table cell that a block is, or is the only content of."""
    if block is None or block.tag in _CELL_TAGS:
        return block
    parent = block.parent
    if parent is None or parent.tag not in _CELL_TAGS:
        return None
    return parent if len(list(parent.iter())) == 1 else None


class _Picker:
    """Looks up the texts of CSS selectors, as a reader sees them."""

    def __init__(self, hidden: Container[int]) -> None:
        self._hidden = hidden

    def paragraphs(self, root: LexborNode, selector: str | None) -> tuple[str, ...]:
        document = Document()
        for node in root.css(selector) if selector else []:
            _LineBuilder(document, self._hidden).add(node)
        return document.paragraphs(range(len(document.lines)))

    def text(self, root: LexborNode, selector: str | None) -> str:
        return " ".join(self.paragraphs(root, selector))

    def facts(self, body: LexborNode, select: RowSelector) -> tuple[tuple[str, str], ...]:
        rows = body.css(select.row)
        pairs = ((self.text(row, select.label), self.text(row, select.value)) for row in rows)
        return tuple(pair for pair in pairs if all(pair))

    def history(self, body: LexborNode, select: HistorySelector) -> tuple[HistoryCells, ...]:
        columns = (select.date, select.action, select.notes)
        rows = (tuple(self.text(row, css) for css in columns) for row in body.css(select.row))
        return tuple((date, action, notes) for date, action, notes in rows if date and action)


def _select(body: LexborNode, select: Selectors, hidden: Container[int]) -> Selected:
    pick = _Picker(hidden)
    return Selected(
        code=pick.text(body, select.code),
        official_description=pick.paragraphs(body, select.official_description),
        common_language_description=pick.paragraphs(body, select.common_language_description),
        status_notice=pick.text(body, select.status_notice),
        breadcrumb=pick.paragraphs(body, select.breadcrumb),
        facts=pick.facts(body, select.facts) if select.facts else (),
        history=pick.history(body, select.history) if select.history else (),
    )
