"""raw/<site>/robots.json: the last good answer to a request for robots.txt, kept for a day.

RFC 9309, 2.4 lets it be used for 24 hours. It is never used for longer: where robots.txt is out of
reach by then, the run stops. A file that is damaged, or of another address, counts as none.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

from scraper.disk import make_folder, replace_durably, storage_errors
from scraper.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules, is_answer
from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

MAX_AGE = timedelta(hours=24)

_NAME = "robots.json"
_MOST_BYTES = 4 * MAX_ROBOTS_BYTES  # what is longer was not written here


class RobotsAnswer(NamedTuple):
    """An answer that `RobotsRules.parse` takes, and when it came."""

    status: int
    body: bytes
    fetched_at: datetime

    @property
    def rules(self) -> RobotsRules:
        """What it allows; raises SiteStopError where it says nothing."""
        return RobotsRules.parse(self.status, self.body)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """Read the file; raises KeyError, TypeError or ValueError where it is damaged."""
        if kept["sha256"] != _digest_of(kept):
            raise ValueError("sha256")
        fetched_at = datetime.fromisoformat(kept["fetched_at"])
        return cls(int(kept["status"]), b64decode(kept["body"], validate=True), fetched_at)


def robots_url(profile: SiteProfile, settings: Settings) -> str:
    """Return the address of a site's robots.txt."""
    return f"{settings.origin or profile.origin}/robots.txt"


def read_cached(raw_dir: Path, site: str, now: datetime, *, url: str) -> RobotsAnswer | None:
    """Return the answer of `url` that is held, if it is no older than a day.

    One that claims to come from the future has an unknown age, and is none.
    """
    path = raw_dir / site / _NAME
    with storage_errors(path):
        try:
            with path.open("rb") as file:
                content = file.read(_MOST_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None
    try:
        kept = json.loads(content)
        cached = RobotsAnswer.of(kept)
        is_fresh = timedelta(0) <= now - cached.fetched_at <= MAX_AGE
        return cached if is_fresh and kept["url"] == url and is_answer(cached.status) else None
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def write_cached(raw_dir: Path, site: str, answer: RobotsAnswer, *, url: str) -> None:
    """Keep a good answer of `url`; another one changes nothing.

    Readers see the old answer or the new one, whole. Of a long body only what is parsed is kept.
    """
    if not is_answer(answer.status):
        return
    body = answer.body[: MAX_ROBOTS_BYTES + 1]
    kept: dict[str, Any] = {
        "url": url,
        "status": answer.status,
        "fetched_at": answer.fetched_at.isoformat(),
        "body": b64encode(body).decode("ascii"),
    }
    kept["sha256"] = _digest_of(kept)
    path = raw_dir / site / _NAME
    with storage_errors(path):
        make_folder(path.parent)
        replace_durably(path, json.dumps(kept).encode("ascii"))


def _digest_of(kept: dict[str, Any]) -> str:
    """Return the digest of all that is kept but for itself: a status counts as much as a rule."""
    content = {key: value for key, value in kept.items() if key != "sha256"}
    return sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()
