"""The codes that a page names: those whose pages it links to, and those in its text."""

from __future__ import annotations

import pytest

from scraper.parse.naming import MOST_MENTIONED, name_codes
from scraper.parse.page import PageParser
from scraper.parse.worker import PageInput, ParsePool
from scraper.parsed import NamedCodes
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile, load_profiles

PROFILES = load_profiles()
HOME = "http://127.0.0.1"
URL = f"{HOME}/cpt/codes/99042"
LINK = '<a href="/cpt/codes/99217">a leaf</a>'


def page(body: str, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def guide(text: str) -> str:
    return f"<p>At a glance: code 99042</p><p>{text}</p>"


def named(body: bytes, url: str | None = URL, status: int = 200, **profile: object) -> NamedCodes:
    keys = PROFILES["sample"].model_dump() | profile
    profiles = {"sample": SiteProfile.model_validate(keys)}
    parsed = PageParser(profiles).parse(body, url=url, site="sample", status=status)
    return name_codes(parsed, body, "text/html", profiles)


@pytest.mark.parametrize(
    "href",
    [
        "/cpt/codes/99217",
        "99217",
        "./99217/",
        "../codes/99217?from=moon#top",
        " /cpt/codes/99217\n",
        "//127.0.0.1/cpt/codes/99217",
        f"{HOME}/cpt/codes/99217",
        f"{HOME}:8642/cpt/codes/99217",
    ],
)
def test_a_link_to_a_code_s_own_page_names_it(href):
    assert named(page(f'<a href="{href}">a leaf</a>')).linked == ("99217",)


@pytest.mark.parametrize(
    "href",
    [
        "/articles/99217",
        "/cpt/codes/99217/history",
        "/cpt/codes/992170",
        "http://elsewhere.test/cpt/codes/99217",
        "http://127.0.0.1.elsewhere.test/cpt/codes/99217",
        "//elsewhere.test/cpt/codes/99217",
        "http://[99217/cpt/codes/99217",
        "http://127.0.0.1:moon99217/cpt/codes/x",
        "javascript:open('/cpt/codes/99217')",
        "mailto:99217@moon.example",
        "data:text/html,/cpt/codes/99217",
        "#99217",
        "",
    ],
)
def test_any_other_link_names_nothing(href):
    body = f'<a href="{href}">code 99217</a><a name="99217">x</a>'
    assert named(page(body), url=f"{HOME}/articles/moon") == NamedCodes()


@pytest.mark.parametrize(
    "body",
    [
        f"<div hidden>{LINK}</div>",
        f"<p style='display: none'><span>{LINK}</span></p>",
        "<a style='opacity:0' href='/cpt/codes/99217'>a leaf</a>",
        "<a href='/cpt/codes/99217'><b hidden>a leaf</b></a>",
        "<a href='/cpt/codes/99217'> &nbsp;</a>",
        "<a href='/cpt/codes/99217'><img src='dot.png' alt='a leaf'></a>",
        "<a href='/cpt/codes/99217' rel='Noopener NOFOLLOW'>a leaf</a>",
        f"<template>{LINK}</template>",
        f"<noscript>{LINK}</noscript>",
        f"<!-- {LINK} -->",
        f"<script>'{LINK}'</script>",
        f"<dialog>{LINK}</dialog>",
        f"<svg>{LINK}</svg>",
    ],
)
def test_a_link_that_a_reader_does_not_see_or_shall_not_follow_names_nothing(body):
    assert named(page(f"{body}<a href='99229'>seen</a>")).linked == ("99229",)


@pytest.mark.parametrize("words", ["nofollow", "noindex, NoFollow", "none"])
def test_a_page_that_asks_not_to_follow_its_links_names_nothing(words):
    assert named(page(LINK, f'<meta name="Robots" content="{words}">')).linked == ()
    assert named(page(LINK, '<meta name="robots" content="noindex">')).linked == ("99217",)


def test_what_the_site_file_removes_names_nothing():
    body = page(f"<aside class='trap'>{LINK}</aside><a href='99229'>seen</a>")
    assert named(body, select={"remove": [".trap"]}).linked == ("99229",)


def test_links_are_relative_to_the_base_of_the_page_and_else_to_the_site():
    body = '<a href="codes/99217">a leaf</a>'
    assert named(page(body, '<base href="/cpt/">')).linked == ("99217",)
    assert named(page(body, '<base href="http://elsewhere.test/cpt/">')).linked == ()
    assert named(page(body, '<base href="http://[">')).linked == ()
    assert named(page(LINK), url=None).linked == ("99217",)


def test_codes_come_once_in_the_order_of_the_page():
    links = "".join(f"<li><a href='{code}'>leaf</a></li>" for code in ("99229", "99217", "99229"))
    assert named(page(f"<nav><ul>{links}</ul></nav>")).linked == ("99229", "99217")


def test_a_text_mentions_codes_and_what_is_linked_is_not_mentioned_too():
    told = named(page(guide(f"Compare 99217 and 99229 {LINK}")))
    assert told == NamedCodes(("99217",), ("99229",))


def test_a_page_full_of_numbers_is_heard_for_the_first_of_them():
    numbers = [f"{number:05}" for number in range(20_001, 25_001)]
    told = named(page(guide(", ".join(numbers))))
    assert told.mentioned == tuple(numbers[:MOST_MENTIONED])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f"<p>Please show your library card to read this leaf</p>{LINK}", 200),
        (f"<p>No leaf of the book is kept at this address</p>{LINK}", 200),
        (LINK, 404),
        (LINK, 429),
    ],
)
def test_a_wall_and_a_page_that_is_none_name_nothing(body, status):
    assert named(page(body), status=status) == NamedCodes()


def test_saved_text_has_no_links():
    assert named(b"At a glance: code 99042\n\nCompare 99217.") == NamedCodes((), ("99217",))


def test_a_page_of_no_known_site_names_nothing():
    body = page(LINK)
    parsed = PageParser({}).parse(body)
    assert name_codes(parsed, body, None, {}) == NamedCodes()


def test_workers_name_codes_and_a_hostile_page_costs_itself_alone():
    good = PageInput(page(LINK), url=URL, site="sample")
    bad = PageInput(b"\x00", site="sample")
    slow = PageInput(b"<html>" + b"<div>" * 150_000 + LINK.encode(), url=URL, site="sample")
    with ParsePool(PROFILES, Settings(parse_seconds=1), workers=1) as pool:
        told = dict(pool.name_codes(enumerate([good, bad, slow, good])))
    assert [told[0], told[3]] == [NamedCodes(("99217",))] * 2
    assert [getattr(told[n], "reason", None) for n in (1, 2)] == ["binary", "parse_timeout"]
