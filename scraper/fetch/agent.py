"""Who asks: the contact that a live site is owed, and the headers of every request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import urlsplit

from scraper.errors import UsageError
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

_MAIL = re.compile(r"[\w.+%-]+@[\w.-]+", re.ASCII)
# Without a user name: a contact is sent to the site and kept with each request.
_WEB_ADDRESS = re.compile(r"https?://[^/?#@\\\s]+(?:[/?#][!-~]*)?", re.ASCII)


def contact_for(profile: SiteProfile, settings: Settings) -> str | None:
    """Return the contact of the settings.

    Raises UsageError where it is neither a mail address nor a URL, or a live site is asked without.
    A fictional site, and an origin on this machine, are not live.
    """
    is_live = not profile.fictional and not is_this_machine(settings.origin or profile.origin)
    return _checked_contact(f"site {profile.name}", settings, is_live=is_live)


def contact_for_hosts(name: str, urls: Iterable[str], settings: Settings) -> str | None:
    """Return the contact of the settings for hosts that are no site; raises as `contact_for`."""
    is_live = not all(map(is_this_machine, urls))
    return _checked_contact(name, settings, is_live=is_live)


def _checked_contact(name: str, settings: Settings, *, is_live: bool) -> str | None:
    contact = settings.contact
    if contact is None and is_live:
        raise UsageError(
            f"{name} is live and is not asked without a contact: set `contact` in"
            " scraper.toml or SCRAPER_CONTACT to your mail address or web page"
        )
    if contact is not None and not (_MAIL.fullmatch(contact) or _WEB_ADDRESS.fullmatch(contact)):
        shown = "" if "://" in contact and "@" in contact else f" {contact!r}"  # a password?
        raise UsageError(
            f"contact{shown} is no mail address and no http(s):// URL without a user name; set one"
        )
    return contact


def is_this_machine(url: str) -> bool:
    """Tell whether a URL is of the loopback of this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def request_headers(contact: str | None) -> dict[str, str]:
    """Return what is sent with every request: our own name, and no encoding but gzip.

    >>> request_headers("me@example.org")["From"]
    'me@example.org'
    """
    agent = f"scraper/{version('scraper')}"
    headers = {
        "User-Agent": f"{agent} (+{contact})" if contact else agent,
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    return headers | ({"From": contact} if contact and _MAIL.fullmatch(contact) else {})
