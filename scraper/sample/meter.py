"""The site's meter: how many different pages a reader may still see today."""

from __future__ import annotations

from datetime import date
from threading import Lock

from scraper.sample.chrome import Meter


class ViewMeter:
    """Counts each page once a day; a page that was seen shows the same number again."""

    def __init__(self, per_day: int) -> None:
        self._per_day = per_day
        self._lock = Lock()
        self._today: date | None = None
        self._views: dict[str, int] = {}

    def view(self, page: str, today: date) -> Meter | None:
        """Count the view of a page; return what is left after it, or None if it is not allowed."""
        with self._lock:
            if today != self._today:
                self._today, self._views = today, {}
            if page not in self._views:
                if len(self._views) >= self._per_day:
                    return None
                self._views[page] = self._per_day - len(self._views) - 1
            return Meter(self._views[page], self._per_day)
