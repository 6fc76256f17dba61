"""What robots.txt allows this program: status and bytes in, rules and pause out (RFC 9309).

The only door to Protego.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from protego import Protego

from scraper.errors import SiteStopError

PRODUCT_TOKEN = "scraper"  # noqa: S105 - the name of a crawler in RFC 9309
MAX_ROBOTS_BYTES = 500 * 1024

_BOM = b"\xef\xbb\xbf"
_AGENT_LINE = re.compile(r"\s*user[ -]?agent\s*[:\s]\s*([A-Za-z_-]+|\*)?.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt for this program."""

    _rules: Protego = field(repr=False)

    @classmethod
    def parse(cls, status: int, body: bytes) -> Self:
        """Read an answer to a request for robots.txt.

        No such file allows everything (RFC 9309, 2.3.1.3). Raises SiteStopError for a refusal
        (401, 403, 429) and where the file is out of reach (2.3.1.4).
        """
        if status in {401, 403, 429} or not (200 <= status < 300 or 400 <= status < 500):
            raise SiteStopError(f"robots.txt cannot be read (status {status}); run again later")
        text = _first_lines(body) if status < 300 else ""
        return cls(Protego.parse("\n".join(map(_canonical_line, text.splitlines()))))

    def allows(self, url: str) -> bool:
        """Tell whether this program may ask for a URL of the site."""
        return self._rules.can_fetch(url, PRODUCT_TOKEN)

    @property
    def crawl_delay(self) -> float:
        """Seconds between two requests by Crawl-delay and Request-rate, whichever is more."""
        rate = self._rules.request_rate(PRODUCT_TOKEN)
        delay = self._rules.crawl_delay(PRODUCT_TOKEN) or 0.0
        return max(delay, rate.seconds / rate.requests if rate else 0.0)


def _first_lines(body: bytes) -> str:
    """Return what is read of the file: whole lines, for a cut Allow would allow more."""
    if len(body) > MAX_ROBOTS_BYTES:
        body = body[:MAX_ROBOTS_BYTES].rpartition(b"\n")[0]
    return body.removeprefix(_BOM).decode("utf-8", "replace")


def _canonical_line(line: str) -> str:
    """Reduce a User-agent line to its product token, which must be ours as a whole.

    Protego takes `User-agent: s` for us as well, and `User-agent: scraper/1.0` not.
    """
    match = _AGENT_LINE.fullmatch(line)
    if match is None:
        return line
    token = (match[1] or "").lower()
    return f"User-agent: {token if token in {'*', PRODUCT_TOKEN} else 'another-robot'}"
