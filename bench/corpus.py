"""A number in, one realistic code page out, with what a parser must find on it.

Four of five pages are gated, as Coding Ahead shows them to a guest; one is open, with numbered
sections, a table of facts, modifiers and a history. What a reader sees is what the site's stored
texts show, line by line; a crowded page has menus, a side column and a footer of links beside it.
The same number gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from bench.chrome import ORIGIN, bottom, head, icon, side_column, top
from bench.prose import descriptor, paragraph, sentence, short_name

MOST_PAGES = 100_000
_SECTIONS = ("Indications", "Procedure", "Documentation", "Billing Tips", "Related Codes")
_FACTS = (
    *("Status Code", "Global Days", "PC/TC Indicator (26, TC)", "Multiple Procedures (51)"),
    *("Bilateral Surgery (50)", "Physician Supervisions", "Assistant Surgeon (80, 82)"),
    *("Co-Surgeons (62)", "Team Surgery (66)", "Diagnostic Imaging Family"),
    *("APC Status Indicator", "ASC Payment Indicator", "Type of Service (TOS)"),
    *("Berenson-Eggers TOS (BETOS)", "MUE", "CCS Clinical Classification"),
)
_MODIFIERS = ("LT", "RT", "22", "51", "59", "76")


@dataclass(frozen=True, slots=True)
class Page:
    """One generated page; the fields beside `body` are what must be read from it."""

    code: str
    url: str
    body: bytes
    official: str
    common: str
    gates: int
    sections: int
    facts: int
    history: int


def make_pages(count: int, *, is_crowded: bool = False) -> Iterator[Page]:
    """Yield the first `count` pages, in the order of their codes."""
    if count > MOST_PAGES:
        raise ValueError(f"there are {MOST_PAGES:,} codes of five digits, {count:,} are asked for")
    step = MOST_PAGES // count
    return (make_page(number * step, is_crowded=is_crowded) for number in range(count))


def make_page(number: int, *, is_crowded: bool = False) -> Page:
    """Make the page of the code that `number` is, written with five digits."""
    rng = Random(f"page {number}")
    code = f"{number:05d}"
    official = descriptor(rng)
    common = [paragraph(rng, 3, 7) for _ in range(rng.choice((1, 1, 1, 2)))]
    is_gated = rng.random() < 0.8
    gates = rng.choice((5, 6, 7, 7)) if is_gated else 0
    below = _gate_card() * gates if is_gated else _open_part(rng)
    title = f"CPT® Code {code} - lookup"
    body = "".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n',
            head(code, title, sentence(rng)),
            '<body class="page page--code">\n',
            top(code, is_crowded=is_crowded),
            '<div class="container layout">\n<main class="content" id="content">\n',
            _card("Official Description", [official], "American Medical Association"),
            _card("Common Language Description", common, "Coding Ahead"),
            _ask_box(code),
            below,
            f"</main>\n{side_column(rng) if is_crowded else ''}</div>\n",
            bottom(code, (official, *common), rng, is_crowded=is_crowded),
        )
    )
    return Page(
        code=code,
        url=f"{ORIGIN}/cpt/codes/{code}",
        body=body.encode(),
        official=official,
        common="\n\n".join(common),
        gates=gates,
        sections=0 if is_gated else len(_SECTIONS),
        facts=0 if is_gated else 3 + len(_FACTS) + len(_MODIFIERS),
        history=0 if is_gated else 3,
    )


def _card(label: str, paragraphs: list[str], owner: str) -> str:
    prose = "".join(f'<p class="card__text">{text}</p>\n' for text in paragraphs)
    return (
        f'<section class="card">\n<div class="card__head"><h2 class="card__title">{label}</h2>'
        f'</div>\n<div class="card__body">\n{prose}</div>\n<div class="card__foot">'
        f'<p class="copyright">© Copyright 2026 {owner}. All rights reserved.</p></div>\n'
        "</section>\n"
    )


def _ask_box(code: str) -> str:
    return (
        f'<section class="pilot">\n<div class="pilot__head">{icon("bolt")}<span>CasePilot</span>'
        f'</div>\n<p class="pilot__question">Have a question about CPT® Code {code}?</p>\n'
        '<p class="pilot__lead">Get instant expert-level answers from CasePilot, our coding '
        'assistant.</p>\n<form class="pilot__form" action="/ask"><input type="hidden" name="code" '
        f'value="{code}"><textarea name="q" rows="2"></textarea></form>\n</section>\n'
    )


def _gate_card() -> str:
    bars = '<div class="bar"></div>' * 4
    return (
        '<section class="card card--gate">\n<div class="skeleton" aria-hidden="true">'
        f'{bars}</div>\n<div class="gate">\n{icon("lock", "icon gate__icon")}\n'
        '<h3 class="gate__title">Register to view content</h3>\n<p class="gate__text"><a '
        'class="gate__link" href="/register">Create a free account to unlock this content</a></p>\n'
        "</div>\n</section>\n"
    )


def _open_part(rng: Random) -> str:
    sections = "".join(_section(n, title, rng) for n, title in enumerate(_SECTIONS, 1))
    return f"{sections}{_fact_table(rng)}{_modifier_table(rng)}{_history_table(rng)}"


def _section(number: int, title: str, rng: Random) -> str:
    prose = "".join(f"<p>{paragraph(rng, 2, 4)}</p>\n" for _ in range(rng.randint(1, 3)))
    items = "".join(f"<li>{sentence(rng)}</li>\n" for _ in range(rng.randint(3, 6)))
    return (
        f'<section class="card">\n<h2 class="card__title">{number}. {title}</h2>\n'
        f'<div class="card__body">\n{prose}<ul class="bullets">\n{items}</ul>\n</div>\n</section>\n'
    )


def _fact_table(rng: Random) -> str:
    short = short_name(rng)
    names = (("Short Descr", short), ("Medium Descr", short.upper()), ("Long Descr", sentence(rng)))
    values = ((label, f"{rng.randint(0, 9)} - {short_name(rng)}") for label in _FACTS)
    return _table("facts", "", (*names, *values))


def _modifier_table(rng: Random) -> str:
    return _table("modifiers", "", ((m, short_name(rng)) for m in _MODIFIERS))


def _history_table(rng: Random) -> str:
    header = "<thead><tr><th>Date</th><th>Action</th><th>Notes</th></tr></thead>\n"
    years = sorted(rng.sample(range(1990, 2026), 3), reverse=True)
    lines = zip(years, ("Changed", "Changed", "Added"), strict=True)
    return _table("history", header, ((f"{y}-01-01", act, short_name(rng)) for y, act in lines))


def _table(name: str, header: str, rows: Iterable[tuple[str, ...]]) -> str:
    body = "".join(
        f'<tr class="row">{"".join(f"<td>{cell}</td>" for cell in row)}</tr>\n' for row in rows
    )
    return (
        f'<div class="scroll"><table class="table table--{name}">\n{header}<tbody>\n{body}'
        "</tbody>\n</table></div>\n"
    )
