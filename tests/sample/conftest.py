"""One sample server for the tests that only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scraper.sample.server import SampleServer


@pytest.fixture(scope="session")
def server() -> Iterator[SampleServer]:
    with SampleServer() as running:
        yield running
