"""A page that is gone takes neither the row nor a notice of deletion with it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from publish.rows import SEEN, make_record

from scraper.normalize.gone import mark_gone

SINCE = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "then", "changed"),
    [("active", "unknown", SINCE), ("deleted", "deleted", SEEN), ("unknown", "unknown", SEEN)],
)
def test_what_was_active_is_unknown_and_the_rest_stays(status, then, changed):
    gone = mark_gone(make_record(status=status, quality_flags=("a_flag", "z_flag")), SINCE)
    assert (gone.status, gone.last_changed) == (then, changed)
    assert gone.quality_flags == ("a_flag", "page_gone", "z_flag")
    assert mark_gone(gone, SINCE) == gone
