"""Ask one site for its pages, one request at a time: a URL in, a Capture out.

The only door to httpx and the network. It refuses what leaves the site, what is too large or too
slow, and what did not arrive whole; it keeps no cookies and follows no proxy of the environment.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from scraper import clock
from scraper.capture import Capture, CaptureKind
from scraper.errors import FetchError, SiteStopError, UsageError
from scraper.fetch.agent import contact_for, request_headers
from scraper.fetch.answer import Answer, answer_of, check_content
from scraper.fetch.decode import decode_body
from scraper.fetch.pace import Pacer
from scraper.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

MAX_REDIRECTS = 5
STOP_STATUSES = frozenset({401, 403, 429})
EVIDENCE_STATUSES = STOP_STATUSES | {200, 404, 410}

_COOKIE_HEADERS = frozenset({"set-cookie", "set-cookie2"})

# The first line that fits an error, or one behind it, gives the reason. A read that fails on a TLS
# connection has an SSLWantReadError behind it, so the reads come first.
_REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "timeout", "no whole answer before the deadline"),
    (socket.gaierror, "dns", "the host name was not found"),
    (httpx.ReadError, "reset", "the connection broke off"),
    (httpx.WriteError, "reset", "the connection broke off"),
    (ssl.SSLError, "tls", "no trusted TLS connection"),
    (httpx.ConnectError, "connect", "no connection"),
    (httpx.InvalidURL, "bad_url", "is or leads to no address that can be asked"),
    (httpx.ProtocolError, "protocol", "the answer is no valid HTTP"),
    (UnicodeError, "bad_url", "is or leads to no address that can be asked"),
)


class PageClient:
    """An asynchronous context manager that asks one site, one request at a time.

    With `settings.origin` set only that origin is asked; else the hosts of the profile. Raises
    UsageError where a live site would be asked without a contact.
    """

    def __init__(self, profile: SiteProfile, settings: Settings) -> None:
        self._profile = profile
        self._settings = settings
        self._origin = settings.origin or profile.origin
        origin = _parse_origin(self._origin)
        self._hosts = {origin.host} if settings.origin else {origin.host, *profile.hosts}
        self._ports = {None, origin.port}
        self._turn = asyncio.Lock()
        self._robots: RobotsRules | None = None
        self._pacer: Pacer | None = None
        self._client = httpx.AsyncClient(
            headers=request_headers(contact_for(profile, settings)),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # noqa: S113 - the total deadline stands around each request
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.aclose()

    @property
    def request_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request, but for Host."""
        return tuple(self._client.headers.multi_items())

    def obey(self, robots: RobotsRules, pacer: Pacer) -> None:
        """Follow redirects as robots.txt allows and at the pace of the site."""
        self._robots, self._pacer = robots, pacer

    async def fetch(self, url: str, kind: CaptureKind = "page") -> Capture:
        """Fetch one URL; a status of EVIDENCE_STATUSES is a Capture, whatever its page says.

        A code's address that leads to another page is kept under that address, with the status of
        the redirect: evidence that the code has no page. Raises FetchError with a reason,
        SiteStopError for a refusal whose page cannot be read.
        """
        with _fetch_errors(url):
            answer = await self._ask(url, self._settings.max_page_bytes)
            if answer.status not in EVIDENCE_STATUSES:
                raise FetchError("http_status", f"status {answer.status}; the next run asks again")
            if answer.status == 200:
                check_content(answer, self._profile.complete_marks if kind == "page" else ())
            answer = answer_of(url, answer, self._profile)
        return Capture(
            site=self._profile.name,
            url=answer.url,
            retrieved_at=clock.utc_now(),
            body=answer.body,
            status=answer.status,
            headers=answer.headers,
            kind=kind,
        )

    async def fetch_robots(self) -> RobotsRules:
        """Fetch and read the site's robots.txt; raises SiteStopError where it forbids to go on."""
        url = f"{self._origin}/robots.txt"
        limit = max(MAX_ROBOTS_BYTES, self._settings.max_page_bytes)
        try:
            with _fetch_errors(url):
                answer = await self._ask(url, limit)
        except FetchError as error:
            raise SiteStopError(f"robots.txt cannot be read, run again later: {error}") from error
        return RobotsRules.parse(answer.status, answer.body)

    async def _ask(self, url: str, max_bytes: int) -> Answer:
        target, redirect_status = httpx.URL(url), 200
        seconds_left = self._settings.deadline_seconds
        if not self._is_on_site(target):
            raise FetchError("off_site", f"is no address of the site {self._profile.name}")
        async with self._turn:
            for _ in range(MAX_REDIRECTS + 1):
                start = time.monotonic()
                async with (
                    asyncio.timeout(seconds_left),
                    self._client.stream("GET", target) as response,
                ):
                    if response.next_request is None:
                        answer = await _read_answer(response, max_bytes)
                        return replace(answer, redirect_status=redirect_status)
                    target = self._redirect_target(target, response.next_request.url)
                    redirect_status = response.status_code
                seconds_left -= time.monotonic() - start
                if self._pacer:
                    await self._pacer.wait()
        raise FetchError("redirect_loop", f"more than {MAX_REDIRECTS} redirects")

    def _redirect_target(self, source: httpx.URL, target: httpx.URL) -> httpx.URL:
        is_downgrade = source.scheme == "https" and target.scheme != "https"
        if is_downgrade or not self._is_on_site(target):
            raise FetchError("redirect_off_site", f"redirects off the site, to {target}")
        if self._robots and not self._robots.allows(str(target)):
            raise FetchError(
                "robots_disallowed", f"redirects to {target}, which robots.txt forbids"
            )
        return target.copy_with(fragment=None)

    def _is_on_site(self, url: httpx.URL) -> bool:
        """Tell whether a URL may be asked; one with a user name would send a password along."""
        return (
            url.scheme in {"http", "https"}
            and url.host in self._hosts
            and url.port in self._ports
            and not url.userinfo
        )


async def _read_answer(response: httpx.Response, max_bytes: int) -> Answer:
    """Read the body of an evidence status; of others only the status counts."""
    status = response.status_code
    codings = response.headers.get_list("content-encoding", split_commas=True)
    try:
        wire = await _read_wire(response, max_bytes) if status in EVIDENCE_STATUSES else b""
        body = decode_body(wire, codings, max_bytes)
    except FetchError as error:
        if status in STOP_STATUSES:
            raise SiteStopError(f"{response.url}: status {status}; run again later") from error
        raise
    headers = response.headers.multi_items()
    kept = tuple((name, value) for name, value in headers if name.lower() not in _COOKIE_HEADERS)
    return Answer(str(response.url), status, kept, body)


async def _read_wire(response: httpx.Response, max_bytes: int) -> bytes:
    wire = bytearray()
    try:
        async for chunk in response.aiter_raw():
            wire += chunk
            if len(wire) > max_bytes:
                raise FetchError("too_large", f"more than {max_bytes} bytes; see max_page_bytes")
    except httpx.RemoteProtocolError as error:
        raise FetchError("truncated", "the body ended early; the next run asks again") from error
    return bytes(wire)


@contextmanager
def _fetch_errors(url: str) -> Iterator[None]:
    """Turn every error of one request into a FetchError whose message starts with the URL."""
    try:
        yield
    except FetchError as error:
        raise FetchError(error.reason, f"{url}: {error}") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        reason, words = _reason_of(error)
        raise FetchError(reason, f"{url}: {words}; the next run asks again") from error


def _reason_of(error: BaseException) -> tuple[str, str]:
    chain: list[BaseException] = []
    behind: BaseException | None = error
    while behind is not None and behind not in chain:  # a chain may be a ring
        chain.append(behind)
        behind = behind.__cause__ or behind.__context__
    for kind, reason, words in _REASONS:
        if any(isinstance(link, kind) for link in chain):
            return reason, words
    return "network", f"{type(error).__name__}: {error}"


def _parse_origin(origin: str) -> httpx.URL:
    try:
        return httpx.URL(origin)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UsageError(f"origin {origin!r}: {error}; give scheme://host:port") from error


async def ask_once(url: str, headers: dict[str, str], max_bytes: int, seconds: float) -> Answer:
    """Ask one URL of no site, and follow no redirect; raises FetchError."""
    with _fetch_errors(url):
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(headers=headers, trust_env=False, timeout=None) as client,  # noqa: S113
            client.stream("GET", url) as response,
        ):
            codings = response.headers.get_list("content-encoding", split_commas=True)
            body = decode_body(await _read_wire(response, max_bytes), codings, max_bytes)
            return Answer(url, response.status_code, tuple(response.headers.multi_items()), body)
