"""The site's meter of page views: whose it is, what it granted, and one view of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Tier = Literal["guest", "registered"]


@dataclass(frozen=True, slots=True)
class MeterKey:
    """Whose meter it is; its window opens with the first view, and the count begins anew after."""

    site: str
    tier: Tier
    window: timedelta


@dataclass(frozen=True, slots=True)
class Reservation:
    """One view that a request may use."""

    key: MeterKey
    number: int


@dataclass(frozen=True, slots=True)
class MeterState:
    """What is known of a meter.

    `remaining` and `granted` are views of this window, None where the site has not said; `said_at`
    is when it did. No request is granted before `resumes_at`, None where there is one now.
    """

    remaining: int | None = None
    granted: int | None = None
    used: int = 0
    said_at: datetime | None = None
    resumes_at: datetime | None = None
