"""The main part of every page that is no code's page: index, article, walls, not found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from scraper.codes import place_of
from scraper.sample.chrome import path_of, read_template
from scraper.sample.layouts import GATE

QUOTA_WALL = f"""<h1>The shutters are down</h1>
<p>Your page views for tonight are all used up</p>
<p>Come back after midnight, when the moon meter is wound again.</p>
{GATE}"""

LOGIN_WALL = """<h1>Reading room</h1>
<p>Please show your library card to read this leaf</p>
<form method="post" action="/register">
<label>Card number <input name="card"></label> <button>Open the door</button>
</form>"""

CHALLENGE = """<h1>A small riddle first</h1>
<p>Prove that you are a reader and no raccoon</p>
<form method="post" action="/riddle">
<label>How many moons are in the window? <input name="moons"></label> <button>Answer</button>
</form>"""

NOT_FOUND = """<h1>Empty shelf</h1>
<p>No leaf of the book is kept at this address</p>
<p><a href="/">Back to the list of codes</a></p>"""

REGISTER = """<h1>Library cards</h1>
<p>Write your name in the guest book to borrow a card</p>
<form method="post" action="/register"><label>Name <input name="name"></label></form>"""

PRIVATE = """<h1>Almanac of the staff</h1>
<p>Robots are asked to stay out of this room.</p>"""


def render_article() -> str:
    """Return the site's one article."""
    return read_template("article.html").template


def render_index(codes: Iterable[str]) -> str:
    """Return the list of every code, by section of the code book."""
    shelves = groupby(sorted(codes, key=_section_of), key=_section_of)
    lists = (f"<h2>{section}</h2>\n{_render_shelf(shelf)}" for section, shelf in shelves)
    return "<h1>Every code under the moon</h1>\n" + "\n".join(lists)


def _section_of(code: str) -> str:
    return place_of(code).section or "Elsewhere"


def _render_shelf(codes: Iterable[str]) -> str:
    items = (f'<li><a href="{path_of(code)}">{code}</a></li>' for code in codes)
    return '<ul class="shelf">\n' + "\n".join(items) + "\n</ul>"
