"""The dress of every page: head, menu, promo lines, meter, pager and footer around a main part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from string import Template

from scraper.codes import system_of
from scraper.sample.book import Doors

CANONICAL_ORIGIN = "http://127.0.0.1:8642"
"""The site's one name for itself, whatever port serves it: pages stay the same, byte for byte."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What a reader may still see today."""

    left: int
    per_day: int


@dataclass(frozen=True, slots=True)
class View:
    """One page before it is dressed; `main` is HTML, everything else is plain text."""

    path: str
    title: str
    summary: str
    main: str
    meter: Meter | None = None
    neighbours: tuple[str | None, str | None] = (None, None)


def path_of(code: str) -> str:
    """Return the path of a code's page.

    >>> path_of("0042T"), path_of("J9991")
    ('/cpt/codes/0042T', '/hcpcs/codes/J9991')
    """
    return f"/{system_of(code).lower()}/codes/{code}"


def render_page(view: View, doors: Doors) -> str:
    """Return the whole HTML page of a view."""
    return read_template("page.html").substitute(
        title=escape(view.title),
        summary=escape(view.summary),
        canonical=escape(CANONICAL_ORIGIN + view.path),
        style=read_template("style.css").template,
        script=read_template("script.js").template,
        linked_data=_render_linked_data(view),
        meter=_render_meter(view.meter),
        popular=_render_popular(doors.popular),
        main=view.main,
        pager=_render_pager(view.neighbours),
        example=escape(doors.example),
    )


@cache
def read_template(name: str) -> Template:
    """Read one of the site's templates from the package."""
    file = resources.files("scraper.sample").joinpath("templates", name)
    return Template(file.read_text("utf-8"))


def _render_linked_data(view: View) -> str:
    """Give what search engines read; `<` is escaped, so that no text ends the script."""
    data = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "name": view.title,
        "url": CANONICAL_ORIGIN + view.path,
        "description": view.summary,
        "isPartOf": {"@type": "Book", "name": "Moonbeam Code Book", "genre": "Fiction"},
        "potentialAction": {"@type": "JoinAction", "description": "Borrow a library card"},
    }
    return json.dumps(data, indent=1).replace("<", "\\u003c")


def _render_meter(meter: Meter | None) -> str:
    if meter is None:
        return ""
    line = f"Moon meter: {meter.left} of {meter.per_day} page views left today."
    return f'<p class="meter" role="status">{line} Card holders may read all night.</p>'


def _render_popular(codes: Sequence[str]) -> str:
    items = (f'<li><a href="{path_of(code)}">Often opened: code {code}</a></li>' for code in codes)
    return "\n".join(items)


def _render_pager(neighbours: tuple[str | None, str | None]) -> str:
    names = zip(("Previous", "Next"), ("prev", "next"), neighbours, strict=True)
    return "\n".join(
        f'<p><a rel="{rel}" href="{path_of(code)}">{name} leaf: {code}</a></p>'
        for name, rel, code in names
        if code
    )
