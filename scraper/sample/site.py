"""Which path gives which page: a path and a day in, a Reply out; no sockets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from scraper.codes import parse_code
from scraper.sample import doorways
from scraper.sample.book import CodeBook
from scraper.sample.chrome import Meter, View, path_of, render_page
from scraper.sample.layouts import render_code
from scraper.sample.meter import ViewMeter

ARTICLE_PATH = "/articles/how-lamplighters-count"
PRIVATE_PATH = "/private/almanac"
_CODE_PATH = re.compile(r"/(?:cpt|hcpcs)/codes/([0-9A-Za-z]{5})/?")
_HTML = "text/html; charset=utf-8"
_SUMMARY = "A page of the Moonbeam Code Book, a work of fiction."


@dataclass(frozen=True, slots=True)
class Reply:
    """What the site answers to one path."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = _HTML


class SampleSite:
    """The whole site without its sockets; `origin` is what its sitemap calls it."""

    def __init__(
        self, book: CodeBook, origin: str, *, views_per_day: int, crawl_delay: float
    ) -> None:
        self._book = book
        self._origin = origin
        self._views_per_day = views_per_day
        self._meter = ViewMeter(views_per_day)
        self._texts = {
            "/robots.txt": (self._render_robots(crawl_delay), "text/plain; charset=utf-8"),
            "/sitemap.xml": (self._render_sitemap(), "application/xml; charset=utf-8"),
        }
        self._rooms = {
            "/": ("Every code", doorways.render_index(book.pages)),
            "/register": ("Library cards", doorways.REGISTER),
            ARTICLE_PATH: ("How lamplighters count", doorways.render_article()),
            PRIVATE_PATH: ("Almanac", doorways.PRIVATE),
        }

    def answer(self, path: str, today: date) -> Reply:
        """Return what the site answers to a path (without its query) on a day."""
        if text := self._texts.get(path):
            return Reply(text[0].encode(), content_type=text[1])
        if room := self._rooms.get(path):
            return self._reply(View(path, room[0], _SUMMARY, room[1]))
        code = self._code_of(path)
        return self._answer_code(code, today) if code else self._not_found(path)

    def _code_of(self, path: str) -> str | None:
        match = _CODE_PATH.fullmatch(path)
        code = parse_code(match[1]) if match else None
        return code if code and path_of(code).split("/")[1] == path.split("/")[1] else None

    def _answer_code(self, code: str, today: date) -> Reply:
        doors = self._book.doors
        if code in doors.login:
            return self._reply(_view(code, doorways.LOGIN_WALL))
        if code in doors.challenge:
            return self._reply(_view(code, doorways.CHALLENGE))
        if code not in self._book.pages:
            return self._not_found(path_of(code))
        meter = self._meter.view(code, today)
        if meter is None:
            return self._reply(_view(code, doorways.QUOTA_WALL, Meter(0, self._views_per_day)))
        return self._reply(self._view_page(code, meter))

    def _view_page(self, code: str, meter: Meter) -> View:
        page = self._book.pages[code]
        return View(
            path_of(code),
            f"Code {code}",
            (page.official or page.common or _SUMMARY).partition("\n\n")[0],
            render_code(page),
            meter,
            self._book.neighbours(code),
        )

    def _not_found(self, path: str) -> Reply:
        view = View(path, "Empty shelf", _SUMMARY, doorways.NOT_FOUND)
        return self._reply(view, HTTPStatus.NOT_FOUND)

    def _reply(self, view: View, status: HTTPStatus = HTTPStatus.OK) -> Reply:
        return Reply(render_page(view, self._book.doors).encode(), status)

    def _render_robots(self, crawl_delay: float) -> str:
        return (
            f"User-agent: *\nCrawl-delay: {crawl_delay:g}\nDisallow: /private/\n\n"
            f"Sitemap: {self._origin}/sitemap.xml\n"
        )

    def _render_sitemap(self) -> str:
        paths = ("/", ARTICLE_PATH, *map(path_of, self._book.listed))
        locations = "\n".join(f"<url><loc>{self._origin}{path}</loc></url>" for path in paths)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
            f"{locations}\n</urlset>\n"
        )


def _view(code: str, main: str, meter: Meter | None = None) -> View:
    return View(path_of(code), f"Code {code}", _SUMMARY, main, meter)
