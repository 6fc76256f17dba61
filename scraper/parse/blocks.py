"""HTML or saved text in, the lines that a reader sees out. The only door to the HTML library."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from scraper.errors import PageError
from scraper.parse.document import Document, HistoryCells, Selected, add_text_lines
from scraper.parse.encoding import decode_page
from scraper.parse.lines import Kind, LineBuilder
from scraper.parse.tags import BLOCK_TAGS, CELL_TAGS, HIDING, UNSEEN_TAGS, hides
from scraper.sites.profile import HistorySelector, RowSelector, Selectors

_LOOKS_LIKE_HTML = re.compile(
    r"\A\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*[\s/>])|<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE,
)
_SNIFF_CHARACTERS = 4_096
_NO_FOLLOW = frozenset(("nofollow", "none"))
_KIND_BY_TAG = {
    **dict.fromkeys(UNSEEN_TAGS, Kind.UNSEEN),
    **dict.fromkeys(BLOCK_TAGS, Kind.BLOCK),
    **dict.fromkeys(CELL_TAGS, Kind.CELL),
    "pre": Kind.PREFORMATTED,
    "br": Kind.BREAK,
    "-text": Kind.TEXT,
}


def _number_kinds() -> dict[int, Kind]:
    """Key the kinds by the library's number of a tag: to ask for its name takes twice as long."""
    tree = LexborHTMLParser("text<!-- a comment -->")
    numbers = {tag: tree.create_node(tag).tag_id for tag in _KIND_BY_TAG if tag[0] != "-"}
    nodes = (tree.body or tree.create_node("body")).traverse(include_text=True)
    numbers |= {node.tag or "": node.tag_id for node in nodes}
    return {numbers[tag]: kind for tag, kind in _KIND_BY_TAG.items()}


_KINDS = _number_kinds()


class Links(NamedTuple):
    """The addresses that a page links to, as it writes them, and what they are relative to."""

    base: str | None = None
    addresses: tuple[str, ...] = ()


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


def read_links(
    body: bytes | str,
    content_type: str | None = None,
    *,
    like: re.Pattern[str],
    remove: Iterable[str] = (),
) -> Links:
    """Return the links of a page that a reader sees, but for those marked `nofollow`.

    `like` is found in each address; `remove` names by CSS what is left out, too. Raises PageError
    where the bytes are no text.
    """
    text = decode_page(body, content_type) if isinstance(body, bytes) else body
    if not _LOOKS_LIKE_HTML.search(text, 0, _SNIFF_CHARACTERS):
        return Links()
    tree = _parse_html(text)
    root, base = tree.body, tree.css_first("base[href]")
    if root is None or _forbids_to_follow(tree):
        return Links()
    hidden = _hidden_ids(root)
    hidden.update(node.mem_id for css in remove for node in root.css(css))
    picker = _Picker(hidden)
    pairs = ((link, _address_of(link)) for link in root.css("a[href]"))
    seen = (address for link, address in pairs if like.search(address) and picker.shows(link))
    return Links(base.attributes.get("href") if base is not None else None, tuple(seen))


def check_selector(selector: str) -> None:
    """Raise ValueError if `selector` is no CSS selector."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except SelectolaxError as error:
        raise ValueError(f"{selector!r} is no CSS selector") from error


def _parse_html(text: str) -> LexborHTMLParser:
    try:
        return LexborHTMLParser(text, scripting=True)  # as a browser reads what is in noscript
    except (SelectolaxError, ValueError) as error:
        raise PageError("unparsable", f"the HTML cannot be parsed: {error}") from error


def _read_html(text: str, select: Selectors | None) -> Document:
    tree = _parse_html(text)
    document = Document(canonical_url=_canonical_url(tree), html=text)
    body = tree.body
    if body is None:
        return document
    hidden = _hidden_ids(body)
    if select is not None:
        document.selected = _select(body, select, hidden)
    LineBuilder(document, _KINDS, hidden).add(body)
    return document


def _canonical_url(tree: LexborHTMLParser) -> str | None:
    link = tree.css_first("link[rel~='canonical' i][href]")
    return link.attributes.get("href") if link is not None else None


def _hidden_ids(body: LexborNode) -> set[int]:
    return {
        node.mem_id for node in body.css(HIDING) if node.tag == "dialog" or hides(node.attributes)
    }


def _address_of(link: LexborNode) -> str:
    attributes = link.attributes
    rel = (attributes.get("rel") or "").lower().split()
    return "" if "nofollow" in rel else attributes.get("href") or ""


def _forbids_to_follow(tree: LexborHTMLParser) -> bool:
    words = (meta.attributes.get("content") or "" for meta in tree.css("meta[name='robots' i]"))
    return any(word.strip().lower() in _NO_FOLLOW for text in words for word in text.split(","))


class _Picker:
    """Looks up the texts of CSS selectors, as a reader sees them."""

    def __init__(self, hidden: Container[int]) -> None:
        self._hidden = hidden

    def lines(self, root: LexborNode, selector: str | None) -> Document:
        document = Document()
        for node in root.css(selector) if selector else []:
            if self._is_seen(node):
                LineBuilder(document, _KINDS, self._hidden).add(node)
        return document

    def paragraphs(self, root: LexborNode, selector: str | None) -> tuple[str, ...]:
        document = self.lines(root, selector)
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

    def shows(self, node: LexborNode) -> bool:
        """Tell whether a reader sees a text in an element."""
        document = Document()
        if self._is_seen(node):
            LineBuilder(document, _KINDS, self._hidden).add(node)
        return bool(document.lines)

    def _is_seen(self, node: LexborNode) -> bool:
        at: LexborNode | None = node
        while at is not None:
            if at.tag in UNSEEN_TAGS or at.mem_id in self._hidden:
                return False
            at = at.parent
        return True


def _select(body: LexborNode, select: Selectors, hidden: set[int]) -> Selected:
    """Look up all that `select` names; what it removes from the text may still hold the code."""
    code = _Picker(hidden.copy()).text(body, select.code)
    hidden.update(node.mem_id for css in select.remove for node in body.css(css))
    pick = _Picker(hidden)
    return Selected(
        code=code,
        official_description=pick.lines(body, select.official_description),
        common_language_description=pick.lines(body, select.common_language_description),
        status_notice=pick.text(body, select.status_notice),
        breadcrumb=pick.paragraphs(body, select.breadcrumb),
        facts=pick.facts(body, select.facts) if select.facts else (),
        history=pick.history(body, select.history) if select.history else (),
    )
