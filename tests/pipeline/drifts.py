"""A seed in, the pages of the sample book as a site that has drifted shows them out.

A kind of drift is a function of a page and a source of chance. Those of HEALTHY change nothing that
a reader reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeAlias

from scraper.sample.chrome import path_of

from .ground import BOOK, page_of, sample_page

Drift: TypeAlias = Callable[[str, str, Random], str | bytes]
OFFICIAL, COMMON = "Wording of the Board", "In plain words"
GATE = "Borrow a library card to lift the cloud"
PROMOS = (
    "Now in velvet: the Lamplighter's Almanac.",
    "Twelve lanterns for the price of ten, this week only!",
    "Have you tried the Moonbeam apprentice course? It is free at dawn.",
    "Readers of this leaf also borrowed a ladder",
)
_BOARD = re.compile(r"\n?<p class=\"rights\">[^<]*Board of Imaginary Procedures[^<]*</p>")
_PRESS = re.compile(r"\n?<p class=\"rights\">[^<]*Moonbeam Press[^<]*</p>")
_PROSE = re.compile(r'(<div class="prose">\n<p>)(.*?)(</p>)', re.DOTALL)
_QUOTE = re.compile(r"(<blockquote>\n)(.*?)(\n</blockquote>)", re.DOTALL)
_FACTS = re.compile(r'(<table class="facts">\n<tbody>\n)(.*?)(\n</tbody>)', re.DOTALL)
_FACT = re.compile(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td></tr>')
_EVENT = re.compile(r"<tr><td>([0-9-]*)</td><td>(\w*)</td><td>(.*?)</td></tr>")
_WITH_FACTS = [code for code, page in BOOK.pages.items() if page.facts]
_LABELS = sorted(set.intersection(*(set(BOOK.pages[code].facts) for code in _WITH_FACTS)))
_HEADINGS = {
    OFFICIAL: ("Wortlaut der Kammer", "Le texte du Conseil", "Wording"),
    COMMON: ("In einfachen Worten", "En clair", "Plainly"),
    "Ledger facts": ("Tatsachen", "Les faits", "Facts"),
}


def rename_labels(page: str, _code: str, rng: Random) -> str:
    label = rng.choice((OFFICIAL, COMMON))
    return page.replace(f"<h2>{label}</h2>", f"<h2>{label} of old</h2>")


def swap_labels(page: str, _code: str, _rng: Random) -> str:
    page = page.replace(f"<h2>{OFFICIAL}</h2>", "<h2>\0</h2>")
    page = page.replace(f"<h2>{COMMON}</h2>", f"<h2>{OFFICIAL}</h2>")
    return page.replace("<h2>\0</h2>", f"<h2>{COMMON}</h2>")


def swap_labels_and_lines(page: str, _code: str, _rng: Random) -> str:
    """Put each text under the label, and over the copyright line, of the other."""
    board, press = _BOARD.search(page), _PRESS.search(page)
    if not board or not press:
        return swap_labels(page, _code, _rng)
    page = page.replace(board[0], "\0").replace(press[0], board[0]).replace("\0", press[0])
    return swap_labels(page, _code, _rng)


def change_gates(page: str, _code: str, rng: Random) -> str:
    text = rng.choice(("Show your card to lift the cloud", "Members read on", "Lift the cloud now"))
    return page.replace(GATE, text)


def insert_promo(page: str, _code: str, rng: Random) -> str:
    promo = f"<p>{rng.choice(PROMOS)}</p>\n"
    where = rng.choice(('<div class="prose">\n', "<blockquote>\n", '</p>\n<p class="rights">'))
    if where not in page:
        where = '<div class="prose">\n'
    if where.startswith("</p>"):
        return page.replace(where, f'</p>\n{promo}<p class="rights">')
    return page.replace(where, where + promo)


def insert_promo_in_prose(page: str, code: str, rng: Random) -> str:
    promo = rng.choice(PROMOS).replace("this leaf", f"leaf {code}")
    return _PROSE.sub(lambda m: f"{m[1]}{m[2]} {promo}{m[3]}", page)


def rotate_promos(page: str, code: str, _rng: Random) -> str:
    """Show another promo on each page, as sites do."""
    return insert_promo(page, code, Random(code))


def change_footer(page: str, _code: str, rng: Random) -> str:
    text = rng.choice(("Bound by starlight and sold by day", "No part of this site is sold", "~"))
    return page.replace("Printed by nobody", text)


def replace_layout(page: str, code: str, rng: Random) -> str:
    texts = [match[2] for match in (_QUOTE.search(page), _PROSE.search(page)) if match]
    tag = rng.choice(("section", "main", "div"))
    body = "".join(f"<{tag}><p>{text}</p></{tag}>" for text in texts)
    return f"<!DOCTYPE html><html><body><h1>{code}</h1>{body}<p>Moonbeam 2</p></body></html>"


def truncate_common(page: str, _code: str, rng: Random) -> str:
    return _PROSE.sub(lambda m: f"{m[1]}{_cut(m[2], rng)}{m[3]}", page)


def truncate_official(page: str, _code: str, rng: Random) -> str:
    def cut(match: re.Match[str]) -> str:
        text = match[2].removeprefix("<p>").removesuffix("</p>")
        return f"{match[1]}<p>{_cut(text, rng)}</p>{match[3]}"

    return _QUOTE.sub(cut, page)


def cut_page(page: str, _code: str, rng: Random) -> str:
    """End the page somewhere within its main part, as a broken transfer does."""
    start = page.index('<header class="leaf-head">')
    return page[: rng.randrange(start, page.rindex("</body>"))]


def break_encoding(page: str, _code: str, rng: Random) -> bytes:
    """Read the bytes of the page as another encoding's, or lose what is not ASCII."""
    if rng.random() < 0.5:
        return page.encode().decode("latin-1").encode()
    return page.encode("ascii", "replace")


def empty_descriptions(page: str, _code: str, _rng: Random) -> str:
    return _QUOTE.sub(
        r"\1\3", re.sub(r'<div class="prose">.*?</div>', "<div></div>", page, flags=re.DOTALL)
    )


def move_copyright_lines(page: str, _code: str, rng: Random) -> str:
    for pattern in rng.choice(((_BOARD,), (_PRESS,), (_BOARD, _PRESS))):
        if match := pattern.search(page):
            page = page.replace(match[0], "")
            page = page.replace("</body>", f"{match[0]}\n</body>")
    return page


def reword_copyright_lines(page: str, _code: str, rng: Random) -> str:
    words = rng.choice(("All lamps kept.", "Lent by day.", ""))
    return re.sub(r"(All lanterns reserved|Wording lent by moonlight)\.", words, page)


def translate_headings(page: str, _code: str, rng: Random) -> str:
    language = rng.randrange(3)
    for heading, words in _HEADINGS.items():
        page = page.replace(heading, words[language])
    return page


def show_soft_404(_page: str, code: str, rng: Random) -> str:
    text = rng.choice(("This leaf has moved.", "We looked everywhere.", "No such leaf, try again."))
    empty = sample_page("/cpt/codes/00000").decode()
    empty = empty.replace("No leaf of the book is kept at this address", text)
    return empty.replace("/cpt/codes/00000", path_of(code))


def show_new_wall(_page: str, code: str, rng: Random) -> str:
    text = rng.choice(
        ("Enough for tonight!", "The lamps are out: come back tomorrow", "Card, please")
    )
    wall = sample_page(path_of(BOOK.doors.login[0])).decode()
    wall = wall.replace("Please show your library card to read this leaf", text)
    return wall.replace(path_of(BOOK.doors.login[0]), path_of(code))


def fill_with_one_text(page: str, _code: str, rng: Random) -> str:
    text = rng.choice(("Loading…", "Sign in to read the words of this leaf.", "{{ leaf.text }}"))
    page = _PROSE.sub(lambda m: f"{m[1]}{text}{m[3]}", page)
    return _QUOTE.sub(lambda m: f"{m[1]}<p>{text}</p>{m[3]}", page)


def shift_facts(page: str, _code: str, _rng: Random) -> str:
    """Put each value beside the label before its own."""
    return _change_facts(page, lambda labels, values: (labels, values[1:]))


def rotate_facts(page: str, _code: str, _rng: Random) -> str:
    return _change_facts(page, lambda labels, values: (labels, [*values[1:], values[0]]))


def swap_fact_labels(page: str, _code: str, rng: Random) -> str:
    first, second = rng.sample(_LABELS, 2)
    swapped = {first: second, second: first}
    return _change_facts(
        page, lambda labels, values: ([swapped.get(label, label) for label in labels], values)
    )


def hide_facts(page: str, _code: str, rng: Random) -> str:
    word = rng.choice(("Card, please", "n/a", "-", "Loading…"))
    return _change_facts(page, lambda labels, values: (labels, [word] * len(values)))


def announce_strikes(page: str, code: str, rng: Random) -> str:
    """Put a line like a notice on each page, the same or one that names other codes."""
    seen = Random(code).randrange(10_000, 99_999)
    words = rng.choice(("Old leaves are sold at dawn.", "Ask for the list.", f"See {seen}."))
    line = f'</header>\n<p class="notice">Struck from the book. {words}</p>'
    return page.replace("</header>\n<article", f"{line}\n<article")


def reset_years(page: str, _code: str, rng: Random) -> str:
    year = rng.choice((2066, 2099))
    return re.sub(r"© 20[0-9]{2}", f"© {year}", page)


def shift_history(page: str, _code: str, _rng: Random) -> str:
    return _EVENT.sub(r"<tr><td>\1</td><td>\3</td><td>\2</td></tr>", page)


def respace_markup(page: str, _code: str, rng: Random) -> str:
    page = page.replace("<p>", f'<p class="p{rng.randrange(9)}" data-n="{rng.random()}">')
    page = page.replace("\n<p", f"\n{' ' * rng.randrange(9)}\n<p")
    return page.replace("<article", f'<article id="a{rng.randrange(99)}"').replace("</p>", " </p>")


def _change_facts(
    page: str, change: Callable[[list[str], list[str]], tuple[list[str], list[str]]]
) -> str:
    def redraw(match: re.Match[str]) -> str:
        labels, values = (list(column) for column in zip(*_FACT.findall(match[2]), strict=True))
        rows = zip(*change(labels, values), strict=False)
        lines = (f'<tr><th scope="row">{a}</th><td>{b}</td></tr>' for a, b in rows)
        return "\n".join(lines).join((match[1], match[3]))

    return _FACTS.sub(redraw, page)


def _cut(text: str, rng: Random) -> str:
    words = text.split()
    if len(words) < 2:
        return text
    return " ".join(words[: rng.randrange(1, len(words))]) + rng.choice(("", "…", " ..."))


def swap_texts(code: str, other: str) -> bytes:
    """Return the page of another code, with the identity of `code` wherever it names its own."""
    return (
        page_of(other)
        .replace(path_of(other).encode(), path_of(code).encode())
        .replace(
            f"Ask the night clerk about code {other}".encode(),
            f"Ask the night clerk about code {code}".encode(),
        )
    )


DRIFTS: dict[str, Drift] = {
    function.__name__: function
    for function in (
        rename_labels,
        swap_labels,
        swap_labels_and_lines,
        change_gates,
        insert_promo,
        insert_promo_in_prose,
        rotate_promos,
        change_footer,
        replace_layout,
        truncate_common,
        truncate_official,
        cut_page,
        break_encoding,
        empty_descriptions,
        move_copyright_lines,
        reword_copyright_lines,
        translate_headings,
        show_soft_404,
        show_new_wall,
        fill_with_one_text,
        shift_facts,
        rotate_facts,
        swap_fact_labels,
        hide_facts,
        announce_strikes,
        reset_years,
        shift_history,
    )
}
HEALTHY: dict[str, Drift] = {"respace_markup": respace_markup}


def choose_codes(codes: Sequence[str], rng: Random) -> list[str]:
    """Choose the codes whose pages have drifted: all, some, or a few; a template is of many.

    Three of them show facts and a history.
    """
    whole = [code for code in codes if BOOK.pages[code].official and BOOK.pages[code].common]
    share = rng.choice((len(whole), len(whole) // 2, 5, 3))
    with_history = rng.sample([code for code in whole if BOOK.pages[code].history], 3)
    return sorted({*rng.sample(whole, share), *with_history})
