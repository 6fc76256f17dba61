"""What a site answered, read whole and decoded: whether it is a page, and of which address."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from scraper import clock
from scraper.capture import Capture, content_type_of
from scraper.errors import FetchError
from scraper.fetch.reasons import reason_of_status
from scraper.fetch.retry import retry_after
from scraper.sites.profile import SiteProfile

STOP_STATUSES = frozenset({401, 403, 429})
EVIDENCE_STATUSES = STOP_STATUSES | {200, 404, 410}
REDIRECTED_TO = "X-Archive-Redirected-To"
_TEXT_TYPE = re.compile(r"(?:text/.*|application/(?:xml|.*\+xml))?")


@dataclass(frozen=True, slots=True)
class Answer:
    """The last answer to a request, after redirects; `redirect_status` is that of the last one."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    redirect_status: int = 200


def answer_of(url: str, answer: Answer, profile: SiteProfile) -> Answer:
    """Return what the site answers about `url`, whose code may have no page of its own.

    A code's address that leads to another page keeps its address and the redirect's status: what
    stands there is not its page.
    """
    code = profile.code_of_url(url)
    if code is None or profile.code_of_url(answer.url) == code:
        return answer
    status = answer.redirect_status if answer.status == 200 else answer.status
    return replace(
        answer, url=url, status=status, headers=(*answer.headers, (REDIRECTED_TO, answer.url))
    )


def validators_of(held: Capture) -> tuple[tuple[str, str], ...]:
    """Return the headers that ask whether a capture is still the same (RFC 9110, 13.1).

    What the site gave is sent back byte for byte; a validator that came twice is none.
    """
    found = []
    for name, condition in (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since")):
        values = [value for key, value in held.headers if key.lower() == name]
        if len(values) == 1 and values[0]:
            found.append((condition, values[0]))
    return tuple(found)


def check_status(answer: Answer) -> None:
    """Raise FetchError for a status that says nothing of the page."""
    status, words = answer.status, f"status {answer.status}; the next run asks again"
    if status in EVIDENCE_STATUSES:
        return
    if status == 304:
        raise FetchError("not_modified", "says 304 though nothing was asked that it answers")
    pause = retry_after(answer.headers, clock.utc_now())
    raise FetchError(reason_of_status(status), words, pause)


def check_content(answer: Answer, complete_marks: Collection[str]) -> None:
    """Raise FetchError for what is no text, and for a page without one of the marks of its end."""
    media_type = (content_type_of(answer.headers) or "").partition(";")[0].strip().lower()
    if not _TEXT_TYPE.fullmatch(media_type):
        raise FetchError("not_text", f"is {media_type!r:.80}, not a page of text")
    body = answer.body.lower()
    if complete_marks and not any(mark.lower().encode() in body for mark in complete_marks):
        wanted = " or ".join(complete_marks)
        raise FetchError("incomplete", f"the page was cut: it holds no {wanted}")
