"""A capture: the bytes of one page as they were received, and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

CaptureKind = Literal["page", "sitemap"]
CaptureSource = Literal["fetch", "import"]


def content_type_of(headers: Iterable[tuple[str, str]]) -> str | None:
    """Return the value of the first Content-Type header, None where there is none."""
    return next((value for name, value in headers if name.lower() == "content-type"), None)


@dataclass(frozen=True)
class Capture:
    """What fetch and import give to the archive.

    `url` is None for a saved file whose address is not known. `status` is the HTTP status, None for
    a saved file. `body` is the page after any content coding was undone; `retrieved_at` is UTC in
    whole seconds: the time of the response, or of the import for a saved file. `source_name` is the
    name of the file an import came from. `headers` hold no cookies and no credentials.
    """

    site: str
    url: str | None
    retrieved_at: datetime
    body: bytes = field(repr=False)
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    source: CaptureSource = "fetch"
    source_name: str | None = None
    kind: CaptureKind = "page"

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of `body`: the identity of what the page said."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str | None:
        """The value of the Content-Type header, if there is one."""
        return content_type_of(self.headers)


@dataclass(frozen=True, slots=True)
class HeldPage:
    """One line of the archive's index: a capture that is held, without its body.

    `raw_file` is relative to raw/, `raw_offset` in bytes, the start of the record's gzip member.
    `checked_at` is the newest time at which the site still gave the same body (a revisit).
    `page_kind` and `code` are what the parser last said of it, None if it was not parsed yet.
    """

    site: str
    url: str | None
    kind: CaptureKind
    status: int | None
    retrieved_at: datetime
    checked_at: datetime
    sha256: str
    source: CaptureSource
    source_name: str | None
    raw_file: str
    raw_offset: int
    page_kind: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class HeldCapture:
    """A capture read back from the archive, with its digest checked."""

    page: HeldPage
    capture: Capture
