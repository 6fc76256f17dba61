"""What robots.txt allows this program: status and bytes in, verdicts and a pause out (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from scraper.errors import SiteStopError
from scraper.fetch.robots_file import Group, read_group
from scraper.fetch.robots_path import AddressPath

PRODUCT_TOKEN = "scraper"  # noqa: S105 - the name of a crawler in RFC 9309
MAX_ROBOTS_BYTES = 500 * 1024

_ITSELF = b"/robots.txt"
_REFUSALS = frozenset({401, 403, 429})
_MOST_OF_A_HEADER = 1_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an address may be asked for; `rule` is the line that decided, None if none did."""

    allowed: bool
    rule: str | None = None

    def as_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the verdict as two header lines, to be kept with a capture."""
        return (
            ("Scraper-Robots-Verdict", "allowed" if self.allowed else "disallowed"),
            ("Scraper-Robots-Rule", (self.rule or "none")[:_MOST_OF_A_HEADER]),
        )


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules of one robots.txt for this program."""

    group: Group

    @classmethod
    def parse(cls, status: int, body: bytes, *, token: str | None = None) -> Self:
        """Read an answer to a request for robots.txt; `token` names another robot than us.

        No such file allows everything (RFC 9309, 2.3.1.3). Raises SiteStopError for a refusal
        (401, 403, 429) and where the file is out of reach (2.3.1.4).
        """
        if not is_answer(status):
            raise SiteStopError(f"robots.txt cannot be read (status {status}); run again later")
        if status >= 300:
            return cls(Group())
        return cls(read_group(_whole_lines(body), PRODUCT_TOKEN if token is None else token))

    def verdict(self, url: str) -> Verdict:
        """Tell whether this program may ask for a URL of the site, and which line says so."""
        path = AddressPath.of(url)
        if path.written == _ITSELF:
            return Verdict(allowed=True)
        for rule in self.group.rules:
            if rule.matches(path):
                return Verdict(rule.is_allow, rule.text)
        return Verdict(allowed=True)

    def allows(self, url: str) -> bool:
        """Tell whether this program may ask for a URL of the site."""
        return self.verdict(url).allowed

    @property
    def crawl_delay(self) -> float:
        """Seconds between two requests by Crawl-delay and Request-rate, whichever is more."""
        return self.group.pause


def is_answer(status: int) -> bool:
    """Tell whether a status says what is allowed: the file itself, or that there is none."""
    return 200 <= status < 300 or (400 <= status < 500 and status not in _REFUSALS)


def _whole_lines(body: bytes) -> bytes:
    """Return what is read of the file: whole lines, for a cut Allow would allow more."""
    if len(body) <= MAX_ROBOTS_BYTES:
        return body
    body = body[:MAX_ROBOTS_BYTES]
    return body[: max(body.rfind(b"\n"), body.rfind(b"\r"), 0)]


NOTHING_ALLOWED = RobotsRules.parse(200, b"User-agent: *\nDisallow: /")
