"""Why a page could not be fetched: one word per kind of trouble, and which of them may pass."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from scraper.errors import FetchError

# Trouble of the moment: the same request may well succeed a little later.
RETRYABLE = frozenset(
    {
        "connect",
        "dns",
        "incomplete",
        "network",
        "not_modified",
        "reset",
        "server_error",
        "timeout",
        "truncated",
    }
)
# The site or its answer is as it is: to ask again at once would give the same.
FINAL = frozenset(
    {
        "bad_encoding",
        "bad_index",
        "bad_url",
        "http_status",
        "not_text",
        "off_site",
        "private_address",
        "protocol",
        "redirect_disallowed",
        "redirect_loop",
        "redirect_off_site",
        "robots_disallowed",
        "tls",
        "too_large",
        "wrong_range",
    }
)

# Errors of the operating system and the standard library; the first line that fits counts.
ERROR_REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (TimeoutError, "timeout", "no whole answer before the deadline"),
    (socket.gaierror, "dns", "the host name was not found"),
    (ssl.SSLError, "tls", "no trusted TLS connection"),
    (UnicodeError, "bad_url", "is or leads to no address that can be asked"),
)

_PASSING_STATUSES = frozenset({408, 425})


def reason_of_status(status: int) -> str:
    """Return the reason for a status that says nothing of the page (RFC 9110, 15).

    >>> reason_of_status(503), reason_of_status(418)
    ('server_error', 'http_status')
    """
    is_passing = status >= 500 or status in _PASSING_STATUSES
    return "server_error" if is_passing else "http_status"


@contextmanager
def fetch_errors(url: str) -> Iterator[None]:
    """Turn every error of one request into a FetchError whose message starts with the URL."""
    try:
        yield
    except FetchError as error:
        raise FetchError(error.reason, f"{url}: {error}", error.retry_after) from error
    except (OSError, UnicodeError) as error:
        reason, words = _reason_of(error)
        raise FetchError(reason, f"{url}: {words}; the next run asks again") from error


def _reason_of(error: BaseException) -> tuple[str, str]:
    for kind, reason, words in ERROR_REASONS:
        if isinstance(error, kind):
            detail = getattr(error, "verify_message", "")
            return reason, f"{words}: {detail}" if detail else words
    return "network", f"{type(error).__name__}: {error}"
