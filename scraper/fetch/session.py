"""A registered user's own session: cookies of a file or the environment, for one site alone.

Nothing that a site answers is ever added to it, and it is written nowhere.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from http.cookiejar import (
    Cookie,
    CookieJar,
    DefaultCookiePolicy,
    LoadError,
    MozillaCookieJar,
)
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request

from scraper.errors import UsageError
from scraper.fetch.meter import Tier
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

_OTHERS_MAY = 0o077


class Session:
    """The cookies that belong to the hosts of one site."""

    def __init__(self, jar: CookieJar) -> None:
        self._jar = jar

    def header_for(self, url: str) -> str | None:
        """Return the Cookie header for a URL by the rules of RFC 6265, None for none."""
        request = Request(url)  # noqa: S310 - it is never opened
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie")


def tier_of(settings: Settings) -> Tier:
    """Tell as whom the site is asked: its meter counts registered users apart."""
    return "registered" if settings.cookies or settings.cookies_file else "guest"


def open_session(profile: SiteProfile, settings: Settings) -> Session | None:
    """Return the session that the settings give, None where they give none.

    Raises UsageError where the file can be read by others, is no cookies.txt, or holds no cookie
    of the site; a message never holds what is in it.
    """
    exact = DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain)
    jar = CookieJar(exact)
    if settings.cookies:
        origin = settings.origin or profile.origin
        for cookie in _cookies_of_text(settings.cookies.get_secret_value(), origin):
            jar.set_cookie(cookie)
    elif settings.cookies_file:
        for cookie in _read_file(settings.cookies_file):
            if _is_of_site(cookie, profile):
                jar.set_cookie(cookie)
    else:
        return None
    if not len(jar):
        where = "SCRAPER_COOKIES" if settings.cookies else settings.cookies_file
        raise UsageError(
            f"{where}: holds no cookie for {profile.name} that is still good; log in with a browser"
            " and give its cookies anew"
        )
    return Session(jar)


def _read_file(path: Path) -> Iterator[Cookie]:
    try:
        if path.stat().st_mode & _OTHERS_MAY:
            raise UsageError(f"{path}: others may read it; run `chmod 600` on it")
        jar = MozillaCookieJar(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the line that it cannot read
            jar.load(ignore_discard=True, ignore_expires=True)
    except (OSError, LoadError, UnicodeDecodeError, ValueError):
        # What stands behind the error may quote the file.
        raise UsageError(
            f"{path}: cannot be read as a Netscape cookies.txt; export it anew"
        ) from None
    return filter(_is_good, jar)


def _is_good(cookie: Cookie) -> bool:
    """Tell whether a cookie has not expired; 0 is how a file writes one of the session."""
    if cookie.expires == 0:
        cookie.expires, cookie.discard = None, True
    return not cookie.is_expired()


def _is_of_site(cookie: Cookie, profile: SiteProfile) -> bool:
    domain = cookie.domain.lstrip(".").lower()
    hosts = profile.hosts
    return domain in hosts or ("." in domain and any(h.endswith(f".{domain}") for h in hosts))


def _cookies_of_text(text: str, origin: str) -> Iterator[Cookie]:
    split = urlsplit(origin)
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        is_sendable = part.isprintable() and all(ord(letter) < 256 for letter in part)
        if not (name and equals and is_sendable):
            raise UsageError("SCRAPER_COOKIES: is no `name=value; name=value`; copy it anew")
        yield Cookie(
            version=0,
            name=name,
            value=value,
            port=None,
            port_specified=False,
            domain=split.hostname or "",
            domain_specified=False,
            domain_initial_dot=False,
            path="/",
            path_specified=True,
            secure=split.scheme == "https",
            expires=None,
            discard=True,
            comment=None,
            comment_url=None,
            rest={},
        )
