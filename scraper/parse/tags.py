"""What a browser draws as a block of its own, and what it does not draw at all."""

from __future__ import annotations

import re
from collections.abc import Mapping

BLOCK_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd"),
        *("details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure"),
        *("footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html"),
        *("legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre", "search", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
CELL_TAGS = frozenset(("td", "th"))
# What a browser does not draw as text, by its own style sheet or by nature.
UNSEEN_TAGS = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "head", "title", "iframe", "object"),
        *("select", "datalist", "textarea", "audio", "video", "canvas", "noembed", "noframes"),
        *("rp", "-comment"),
    )
)
HIDING = "[hidden], [popover], dialog:not([open]), [style]"
_HIDING_ATTRIBUTES = frozenset(("hidden", "popover"))
_HIDING_STYLE = re.compile(
    r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?:opacity|font-size)\s*:\s*0(?:\.0*)?(?:px|em|rem|pt|%)?\s*(?:!important\s*)?(?:;|$))",
    re.IGNORECASE,
)


def hides(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether the attributes of an element hide it.

    >>> hides({"style": "color: red; DISPLAY: none"}), hides({"style": "display: block"})
    (True, False)
    """
    if not _HIDING_ATTRIBUTES.isdisjoint(attributes):
        return True
    return _HIDING_STYLE.search(attributes.get("style") or "") is not None
