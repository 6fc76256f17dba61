"""What a build made of the archive: a release or why there is none, sums, findings, deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field

from scraper.errors import RefusedError
from scraper.pipeline.delivering import Delivery
from scraper.publish.findings import Finding
from scraper.publish.release import Release
from scraper.record import PageRow


@dataclass
class BuildReport:
    """What a build made of the archive; `release` is None where nothing is new.

    `refused` is why the checks let no release be published; `findings` are theirs.
    `removed` are the old releases that it did not keep, `delivery` where else releases went.
    """

    release: Release | None = None
    full: int = 0
    gated: int = 0
    coverage: dict[str, int] = field(default_factory=dict)
    quarantined: list[PageRow] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    refused: RefusedError | None = None
    removed: list[str] = field(default_factory=list)
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def rows(self) -> int:
        """How many codes have a row."""
        return self.full + self.gated
