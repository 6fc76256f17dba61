"""What the site answers to a path, without sockets."""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus
from xml.etree import ElementTree as ET

import pytest

from scraper.sample.book import CodePage, Section, read_book
from scraper.sample.chrome import path_of
from scraper.sample.layouts import render_code
from scraper.sample.site import ARTICLE_PATH, PRIVATE_PATH, SampleSite

BOOK = read_book()
TODAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 21)
METER = re.compile(r">Moon meter: ([0-9]+) of ([0-9]+) page views left today\.")
FICTION = "Everything on this site is fiction"
USED_UP = "Your page views for tonight are all used up"


def new_site(views_per_day: int = 200, origin: str = "http://127.0.0.1:1") -> SampleSite:
    return SampleSite(BOOK, origin, views_per_day=views_per_day, crawl_delay=0.05)


def read(site: SampleSite, path: str, today: date = TODAY) -> str:
    return site.answer(path, today).body.decode()


def views_left(page: str) -> int | None:
    match = METER.search(page)
    return int(match[1]) if match else None


def test_every_code_of_the_sitemap_answers_but_the_stale_one():
    site = new_site()
    statuses = {code: site.answer(path_of(code), TODAY).status for code in BOOK.listed}
    assert [c for c, s in statuses.items() if s != HTTPStatus.OK] == [BOOK.doors.stale]
    assert statuses[BOOK.doors.stale] == HTTPStatus.NOT_FOUND


def test_two_sites_on_different_ports_give_the_same_bytes():
    one, other = new_site(), new_site(origin="http://127.0.0.1:2")
    for code in BOOK.listed:
        assert one.answer(path_of(code), TODAY) == other.answer(path_of(code), TODAY)


def test_the_meter_counts_different_pages_and_shows_the_same_number_again():
    site = new_site(views_per_day=3)
    first, second = path_of("99216"), path_of("A9998")
    assert views_left(read(site, first)) == 2
    assert views_left(read(site, second)) == 1
    assert read(site, first) == read(new_site(views_per_day=3), first)


def test_an_empty_meter_gives_a_wall_for_new_pages_and_not_for_seen_ones():
    site = new_site(views_per_day=1)
    seen, new = read(site, path_of("99216")), read(site, path_of("99229"))
    assert views_left(new) == 0
    assert USED_UP in new
    assert "Wording of the Board</h2>" not in new
    assert read(site, path_of("99216")) == seen
    assert USED_UP not in seen


def test_the_meter_is_full_again_on_the_next_day():
    site = new_site(views_per_day=1)
    read(site, path_of("99216"))
    assert views_left(read(site, path_of("99229"), TOMORROW)) == 0
    assert USED_UP not in read(site, path_of("99229"), TOMORROW)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (path_of(BOOK.doors.login[0]), "Please show your library card to read this leaf"),
        (path_of(BOOK.doors.challenge[0]), "Prove that you are a reader and no raccoon"),
        ("/register", "Write your name in the guest book to borrow a card"),
        (ARTICLE_PATH, "How lamplighters count the dark"),
        (PRIVATE_PATH, "Robots are asked to stay out of this room."),
        ("/", "Every code under the moon"),
    ],
)
def test_a_page_that_is_no_code_page_costs_no_view(path, line):
    site = new_site()
    reply = site.answer(path, TODAY)
    assert reply.status == HTTPStatus.OK
    assert line in reply.body.decode()
    assert views_left(reply.body.decode()) is None
    assert views_left(read(site, path_of("99216"))) == 199


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/cpt/codes/12",
        "/cpt/codes/99216x",
        "/cpt/codes/99216/more",
        "/cpt/codes/A9998",
        "/cpt/codes/ZZZZZ",
        "/cpt/codes/11111",
        "/hcpcs/codes/99216",
    ],
)
def test_an_unknown_address_is_not_found_in_the_sites_own_dress(path):
    reply = new_site().answer(path, TODAY)
    assert reply.status == HTTPStatus.NOT_FOUND
    assert "No leaf of the book is kept at this address" in reply.body.decode()
    assert FICTION in reply.body.decode()


@pytest.mark.parametrize("path", ["/cpt/codes/8998T", "/cpt/codes/8998t", "/cpt/codes/8998T/"])
def test_a_code_may_be_in_lower_case_and_end_with_a_slash(path):
    assert read(new_site(), path) == read(new_site(), path_of("8998T"))


def test_the_index_links_every_page():
    index = read(new_site(), "/")
    for code in BOOK.pages:
        assert f'href="{path_of(code)}">{code}<' in index


def test_the_sitemap_lists_every_code_at_the_sites_own_address():
    tree = ET.fromstring(read(new_site(), "/sitemap.xml"))
    urls = [element.text for element in tree.iter() if element.tag.endswith("loc")]
    assert urls[2:] == [f"http://127.0.0.1:1{path_of(code)}" for code in BOOK.listed]
    assert urls[:2] == ["http://127.0.0.1:1/", f"http://127.0.0.1:1{ARTICLE_PATH}"]


def test_robots_txt_tells_pace_private_rooms_and_sitemap():
    assert read(new_site(), "/robots.txt").splitlines() == [
        "User-agent: *",
        "Crawl-delay: 0.05",
        "Disallow: /private/",
        "",
        "Sitemap: http://127.0.0.1:1/sitemap.xml",
    ]


@pytest.mark.parametrize("code", BOOK.listed)
def test_every_page_says_that_it_is_fiction_and_ends_whole(code):
    page = read(new_site(), path_of(code))
    assert FICTION in page
    assert page.endswith("</html>\n")


@pytest.mark.parametrize("mark", ["$", "{}", "None", "\t"])
def test_no_template_place_is_left_open(mark):
    assert mark not in read(new_site(), path_of("27998"))


def test_text_of_the_data_is_escaped_everywhere():
    page = CodePage(
        code="99998",
        layout="open",
        official="<b>&bold",
        common="- <i>one\n- two",
        notice="<u>gone",
        sections=(Section(title="1. <s>", text="a & b"),),
        facts={"<k>": "<v>"},
        modifiers={"<m>": "&"},
        history=[{"date": "2001-01-01", "action": "Added", "notes": "<n>"}],
    )
    html = render_code(page)
    for tag in ("<b>", "<i>", "<u>", "<s>", "<k>", "<v>", "<m>", "<n>"):
        assert tag not in html
        assert tag.replace("<", "&lt;").replace(">", "&gt;") in html
