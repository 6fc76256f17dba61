"""Tell a dead-man's switch that a run has ended: one GET, of whose answer the status alone counts.

The address may hold a secret: nothing but its host is ever told.
"""

from __future__ import annotations

import http.client
import threading
from urllib.parse import urlsplit

from scraper.fetch.agent import request_headers

DEADLINE_SECONDS = 10.0


def ping_target(url: str, *, failed: bool) -> str:
    """Return the address to ask: the URL itself, or with /fail at the end of its path.

    >>> ping_target("https://ping.example.org/bell?rid=1", failed=True)
    'https://ping.example.org/bell/fail?rid=1'
    """
    parts = urlsplit(url)
    path = f"{parts.path.rstrip('/')}/fail" if failed else parts.path
    return parts._replace(path=path, fragment="").geturl()


def send_ping(url: str, contact: str | None, seconds: float = DEADLINE_SECONDS) -> str | None:
    """Ask a URL under our own name; follow no redirect and no proxy.

    Returns what went wrong, in words without the URL; None for an answer of 2xx within `seconds`.
    """
    outcome: list[str | None] = []
    # A thread, for the deadline is one for all: look-up, handshake and an answer that drips.
    ping = threading.Thread(
        target=lambda: outcome.append(_ask(url, contact, seconds)), daemon=True, name="ping"
    )
    ping.start()
    ping.join(seconds)
    trouble = outcome[0] if outcome else f"no answer in {seconds:g} s"
    return trouble and f"ping to {urlsplit(url).hostname}: {trouble}; see ping_url"


def _ask(url: str, contact: str | None, seconds: float) -> str | None:
    """Return what went wrong, None if nothing did."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    agent = {"User-Agent": request_headers(contact)["User-Agent"], "Connection": "close"}
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(
            "GET", parts._replace(scheme="", netloc="").geturl() or "/", headers=agent
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{type(error).__name__}"  # its words may hold the path
    finally:
        connection.close()
    return None if 200 <= status < 300 else f"status {status}"
