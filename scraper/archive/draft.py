"""An entry before it has a place in a segment: its records in bytes, and what the index is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scraper.archive.entry import (
    Revisit,
    encode_capture,
    encode_request,
    encode_revisit,
    hold,
)
from scraper.archive.message import Headers
from scraper.capture import Capture, HeldPage


@dataclass(frozen=True, slots=True)
class Draft:
    """A capture, or a revisit where its body is, or is said to be, that of `twin`."""

    capture: Capture
    twin: HeldPage | None
    records: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes in the segment."""
        return sum(map(len, self.records))

    @property
    def revisit(self) -> Revisit:
        """What the index is told where there is a twin."""
        capture = self.capture
        return Revisit(capture.site, capture.url, capture.sha256, capture.retrieved_at)

    def page(self, raw_file: str, raw_offset: int) -> HeldPage:
        """Return the line of the index for what is held once the draft is kept at this place."""
        if self.twin is None:
            return hold(self.capture, raw_file, raw_offset)
        checked_at = max(self.twin.checked_at, self.capture.retrieved_at)
        return replace(self.twin, checked_at=checked_at)


def draft_entry(capture: Capture, twin: HeldPage | None, request_headers: Headers) -> Draft:
    """Encode a capture with the request that led to it; with a `twin` only that it is the same."""
    if twin is not None:
        answer, record = "revisit", encode_revisit(capture, twin)
    else:
        answer = "resource" if capture.status is None else "response"
        record = encode_capture(capture)
    is_asked = capture.source == "fetch" and capture.url is not None
    request = (encode_request(capture, request_headers, answer),) if is_asked else ()
    return Draft(capture, twin, (*request, record))
