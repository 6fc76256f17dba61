"""The record of a code whose page is gone: it stays, and says so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scraper.record import CodeRecord

_FLAG = "page_gone"


def mark_gone(record: CodeRecord, since: datetime) -> CodeRecord:
    """Return the record of a code whose page was captured before it was gone at `since`.

    A page that is not there any more is no notice of deletion: what was active is unknown now,
    what was deleted stays deleted.
    """
    flags = tuple(sorted({*record.quality_flags, _FLAG}))
    changes: dict[str, Any] = {"quality_flags": flags}
    if record.status == "active":
        changes |= {"status": "unknown", "last_changed": since}
    return record.model_copy(update=changes)
