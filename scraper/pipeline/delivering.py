"""A published release in, the same release where the settings want it, too.

What was not delivered is told and does not undo the release: the next run delivers it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scraper.errors import DeliveryError, ReleaseError
from scraper.publish.lakehouse import Lakehouse
from scraper.publish.latest import find_release
from scraper.publish.store import Store
from scraper.publish.verify import verify_release
from scraper.publish.version import list_versions, version_order
from scraper.settings import Settings

_log = logging.getLogger(__name__)


@dataclass
class Delivery:
    """Where releases were sent, and what went wrong, a line each."""

    sent: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def deliver_releases(settings: Settings) -> Delivery:
    """Send the latest release, and those that earlier runs could not send, where settings say."""
    delivery = Delivery()
    latest = find_release(settings.output_dir)
    for deliver, place in (
        (_append_to_table, settings.delta_table),
        (_put_into_store, settings.publish_url),
    ):
        if place:
            try:
                delivery.sent.extend(f"{name} to {where}" for name, where in deliver(place, latest))
            except (DeliveryError, ReleaseError) as error:
                delivery.troubles.append(str(error))
    return delivery


def find_undelivered(latest: Path, last: str | None) -> list[Path]:
    """Return the releases that a place lacks whose newest is `last`, the oldest first.

    To a place that has none goes the latest alone.
    """
    after = version_order(last) if last else version_order(latest.name)
    newer = [
        latest.with_name(version)
        for version in list_versions(latest.parent)
        if after < version_order(version) < version_order(latest.name)
    ]
    return [*(folder for folder in newer if _is_whole(folder)), latest]


def _append_to_table(place: str, latest: Path) -> Iterator[tuple[str, str]]:
    table = Lakehouse(place)
    for folder in find_undelivered(latest, table.releases[-1] if table.releases else None):
        if table.append(folder):
            yield folder.name, place


def _put_into_store(url: str, latest: Path) -> Iterator[tuple[str, str]]:
    store = Store(url)
    last = store.latest
    for folder in find_undelivered(latest, last):
        if store.put(folder):
            yield folder.name, store.place
    if last != latest.name:
        store.point_to(latest.name)


def _is_whole(folder: Path) -> bool:
    findings = verify_release(folder)
    for finding in findings[:1]:
        _log.warning("%s is not sent: %s", folder.name, finding)
    return not findings
