"""One question to a site and its answer: redirects on the site, caps, one deadline for it all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, cast

import httpx

from scraper.errors import FetchError, SiteStopError, UsageError
from scraper.fetch.answer import EVIDENCE_STATUSES, STOP_STATUSES, Answer
from scraper.fetch.decode import BodyDecoder
from scraper.fetch.reasons import fetch_errors
from scraper.fetch.transport import DirectTransport
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

MAX_REDIRECTS = 5
MAX_URL_LENGTH = 8_192

_READ_STATUSES = frozenset({200, 206, 404})
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_COOKIE_HEADERS = frozenset({"set-cookie", "set-cookie2"})

RequestHeaders = tuple[tuple[str, str], ...]


class HeadersFor(Protocol):
    """Gives the headers of a request for an address, of the first one or of a redirect."""

    def __call__(self, target: str, *, is_first: bool) -> RequestHeaders:
        """Return names and values."""


class SiteExchange:
    """Asks the addresses of one site, and no others, wherever a redirect leads.

    With `settings.origin` set only that origin is asked; else the hosts of the profile.
    """

    def __init__(
        self,
        profile: SiteProfile,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.origin = settings.origin or profile.origin
        origin = _parse_origin(self.origin)
        self._site = profile.name
        self._hosts = {origin.host} if settings.origin else {origin.host, *profile.hosts}
        self._ports = {None, origin.port}
        self._deadline_seconds = settings.deadline_seconds
        self._transport = transport or DirectTransport(origin.host)

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._transport.aclose()

    async def ask(
        self,
        url: str,
        headers_for: HeadersFor,
        max_bytes: int,
        *,
        before_redirect: Callable[[str], Awaitable[None]],
    ) -> Answer:
        """Ask for a URL, follow its redirects and return the last answer, read and decoded.

        `headers_for` gives what goes with the request for an address. `before_redirect` is given
        the next address, and may refuse it or wait; its time does not count. Raises FetchError,
        SiteStopError for a refusal whose page cannot be read.
        """
        target, redirect_status, seconds_left = _parse_url(url), 200, self._deadline_seconds
        if not self._is_on_site(target):
            raise FetchError("off_site", f"is no address of the site {self._site}")
        for step in range(MAX_REDIRECTS + 1):
            start = time.monotonic()
            named = headers_for(str(target), is_first=step == 0)
            headers = [(n.encode(), v.encode("latin-1")) for n, v in named]
            request = httpx.Request("GET", target, headers=headers)
            answer = await self._ask_once(request, max_bytes, seconds_left)
            location = _location_of(answer)
            if location is None:
                return replace(answer, redirect_status=redirect_status)
            target, redirect_status = self._redirect_target(target, location), answer.status
            seconds_left -= time.monotonic() - start
            await before_redirect(str(target))
        raise FetchError("redirect_loop", f"more than {MAX_REDIRECTS} redirects")

    async def _ask_once(self, request: httpx.Request, max_bytes: int, seconds: float) -> Answer:
        status = None
        try:
            async with asyncio.timeout(seconds):
                response = await self._transport.handle_async_request(request)
                status = response.status_code
                return await _read_answer(str(request.url), response, max_bytes)
        except (FetchError, TimeoutError) as error:
            if status in STOP_STATUSES:  # a refusal is one, whatever became of its page
                raise SiteStopError(f"{request.url}: status {status}; run again later") from error
            raise

    def _redirect_target(self, source: httpx.URL, location: str) -> httpx.URL:
        target = _parse_url(location, source)
        is_downgrade = source.scheme == "https" and target.scheme != "https"
        if is_downgrade or not self._is_on_site(target):
            raise FetchError("redirect_off_site", f"redirects off the site, to {target!s:.200}")
        return target.copy_with(fragment=None)

    def _is_on_site(self, url: httpx.URL) -> bool:
        """Tell whether a URL may be asked; one with a user name would send a password along."""
        return (
            url.scheme in {"http", "https"}
            and url.host in self._hosts
            and url.port in self._ports
            and not url.userinfo
        )


async def ask_once(
    url: str, headers: dict[str, str], max_bytes: int, seconds: float, *, user_gave: str
) -> Answer:
    """Ask one URL of no site and follow no redirect; a refusal has no body. Raises FetchError.

    Only the host of `user_gave`, an address of the user's own, may lie in a private network.
    """
    with fetch_errors(url):
        target = _parse_url(url)
        transport = DirectTransport(_parse_url(user_gave).host)
        try:
            async with asyncio.timeout(seconds):
                request = httpx.Request("GET", target, headers=headers)
                response = await transport.handle_async_request(request)
                is_read = response.status_code in _READ_STATUSES
                try:
                    body = await _read_body(response, max_bytes) if is_read else b""
                finally:
                    await response.aclose()
        finally:
            await transport.aclose()
        return Answer(url, response.status_code, _headers_of(response), body)


async def _read_answer(url: str, response: httpx.Response, max_bytes: int) -> Answer:
    """Read the body of an evidence status; of others only the head counts."""
    status = response.status_code
    try:
        body = await _read_body(response, max_bytes) if status in EVIDENCE_STATUSES else b""
    finally:
        await response.aclose()
    return Answer(url, status, _headers_of(response), body)


def _headers_of(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """Return the headers without cookies, in Latin-1: a validator can be sent back as it came."""
    headers = ((n.decode("latin-1"), v.decode("latin-1")) for n, v in response.headers.raw)
    return tuple((name, value) for name, value in headers if name.lower() not in _COOKIE_HEADERS)


async def _read_body(response: httpx.Response, max_bytes: int) -> bytes:
    codings = response.headers.get_list("content-encoding", split_commas=True)
    decoder = BodyDecoder(codings, max_bytes)
    async for piece in cast("httpx.AsyncByteStream", response.stream):
        decoder.feed(piece)
    return decoder.finish()


def _location_of(answer: Answer) -> str | None:
    if answer.status not in _REDIRECT_STATUSES:
        return None
    locations = {value for name, value in answer.headers if name.lower() == "location"}
    if len(locations) > 1:
        raise FetchError("protocol", "redirects to more than one address")
    return next(map(_as_text, locations), None)


def _as_text(value: str) -> str:
    """Return a header's value as the UTF-8 that it is, where it is."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def _parse_url(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        if len(url) > MAX_URL_LENGTH:
            raise FetchError("bad_url", f"an address of {len(url)} characters is not asked")
        return base.join(url) if base else httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise FetchError("bad_url", "is or leads to no address that can be asked") from error


def _parse_origin(origin: str) -> httpx.URL:
    try:
        return httpx.URL(origin)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UsageError(f"origin {origin!r}: {error}; give scheme://host:port") from error
