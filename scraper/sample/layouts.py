"""The main part of a code's page: gated, open or guide; every text of the data is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from scraper.sample.book import CodePage, is_list, split_blocks
from scraper.sample.chrome import read_template

GATE = """<section class="cloud">
<h3>This part is under a cloud</h3>
<p><a class="button" href="/register">Borrow a library card to lift the cloud</a></p>
</section>"""


def render_code(page: CodePage) -> str:
    """Return the main part of a code's page."""
    parts = _render_guide(page) if page.layout == "guide" else _render_leaf(page)
    return "\n".join(part for part in parts if part)


def render_prose(text: str) -> str:
    """Return the paragraphs and lists of a text as HTML."""
    return "\n".join(_render_block(block) for block in text.split("\n\n"))


def _render_block(block: str) -> str:
    [lines] = split_blocks(block)
    if is_list(block):
        return "<ul>\n" + "\n".join(f"<li>{escape(line)}</li>" for line in lines) + "\n</ul>"
    return f"<p>{escape(lines[0])}</p>"


def _render_leaf(page: CodePage) -> Iterable[str]:
    yield f'<header class="leaf-head"><h1>Code {page.code}</h1></header>'
    if page.notice:
        yield f'<p class="notice">{escape(page.notice)}</p>'
    if page.official:
        yield _render_official(page.official, page.board_year)
    if page.common:
        yield _render_common(page.common, page.press_year)
    yield _render_clerk(page.code)
    yield from (GATE for _ in range(page.gates))
    yield _render_sections(page)
    yield _render_rows("Ledger facts", page.facts, "facts")
    yield _render_rows("Marks that may ride along", page.modifiers, "marks")
    yield _render_history(page)


def _render_official(text: str, year: int) -> str:
    return f"""<article class="wording">
<h2>Wording of the Board</h2>
<blockquote>
{render_prose(text)}
</blockquote>
<p class="rights">© {year} Board of Imaginary Procedures. Wording lent by moonlight.</p>
</article>"""


def _render_common(text: str, year: int) -> str:
    """Put what a reader does not see right into the description: it must not leak."""
    first, _, rest = text.partition("\n\n")
    return f"""<article class="plain">
<h2>In plain words</h2>
<div class="prose">
{render_prose(first)}
{read_template("unseen.html").template}
{render_prose(rest) if rest else ""}
</div>
<p class="rights">© {year} Moonbeam Press. All lanterns reserved.</p>
</article>"""


def _render_clerk(code: str) -> str:
    return f"""<aside class="clerk">
<strong>The night clerk</strong>
<p>Ask the night clerk about code {code}</p>
<p>Answers come by lantern, mostly before dawn.</p>
</aside>"""


def _render_sections(page: CodePage) -> str:
    return "\n".join(
        f"<section>\n<h3>{escape(section.title)}</h3>\n{render_prose(section.text)}\n</section>"
        for section in page.sections
    )


def _render_rows(heading: str, rows: dict[str, str], css: str) -> str:
    if not rows:
        return ""
    lines = "\n".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'
        for label, value in rows.items()
    )
    return f'<h3>{heading}</h3>\n<table class="{css}">\n<tbody>\n{lines}\n</tbody>\n</table>'


def _render_history(page: CodePage) -> str:
    if not page.history:
        return ""
    lines = "\n".join(
        f"<tr><td>{e.date}</td><td>{e.action}</td><td>{escape(e.notes)}</td></tr>"
        for e in page.history
    )
    head = "<thead><tr><th>Date</th><th>Action</th><th>Notes</th></tr></thead>"
    return f"""<h3>Life of this leaf</h3>
<table class="life">
{head}
<tbody>
{lines}
</tbody>
</table>"""


def _render_guide(page: CodePage) -> Iterable[str]:
    yield f"<h1>A walk through code {page.code}</h1>"
    polished = f"Last polished: March {page.press_year}"
    checked = f"Checked for {page.press_year} by two lamplighters"
    yield f'<p class="byline">{polished} | {checked}</p>'
    yield f"<h2>At a glance: code {page.code}</h2>"
    yield "<ul>\n" + "\n".join(f"<li>{escape(line)}</li>" for line in page.glance) + "\n</ul>"
    yield _render_sections(page)
