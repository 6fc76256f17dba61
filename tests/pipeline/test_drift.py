"""A site drifts: what is published is exact or refused, and an honest refresh goes through."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from scraper.pipeline import building
from scraper.publish.checks import CHECKS
from scraper.sample.book import CodeBook
from scraper.sample.chrome import path_of
from scraper.sample.site import SampleSite

from .drifted import (
    OpenParser,
    archive_pages,
    build_drift,
    drift_site,
    edit_page,
    first_release,
    later,
    truth_of,
)
from .drifts import DRIFTS, HEALTHY, swap_texts
from .ground import BOOK, ROWS, Clock, page_of, rows_of

FIRST = sorted(Random("first").sample(ROWS, 26))
NEW = [code for code in ROWS if code not in FIRST]
SEEDS = [pytest.param(3, id="short"), pytest.param(100, id="long", marks=pytest.mark.torture)]


@pytest.fixture(scope="module", autouse=True)
def _one_process():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "ParsePool", OpenParser)
        yield


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return truth_of(tmp_path_factory.mktemp("truth") / "all")


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return first_release(tmp_path_factory.mktemp("base") / "first", FIRST)


@pytest.fixture(autouse=True)
def _a_year_later(monkeypatch):
    Clock(monkeypatch).pass_days(366)


def drift_seeds(kind, drift, seeds, tmp_path, base, truth):
    told: Counter[str] = Counter()
    for seed in range(seeds):
        rng = Random(f"{kind} {seed}")
        folder = drift_site(base, tmp_path / str(seed), drift, rng, first=FIRST, new=NEW)
        outcome = build_drift(folder, truth)
        assert outcome.wrong == {}, f"{kind} {seed}"
        told["refused" if outcome.is_refused else "exact"] += 1
        told.update({f.check for f in outcome.report.findings if f.level == "block"})
    return told


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("kind", DRIFTS)
def test_a_drift_publishes_no_wrong_row(kind, seeds, tmp_path, base, truth):
    told = drift_seeds(kind, DRIFTS[kind], seeds, tmp_path, base, truth)
    print(kind, dict(told))
    assert told["refused"] + told["exact"] == seeds


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("kind", HEALTHY)
def test_a_change_that_no_reader_sees_is_published_as_it_was(kind, seeds, tmp_path, base, truth):
    told = drift_seeds(kind, HEALTHY[kind], seeds, tmp_path, base, truth)
    assert told == {"exact": seeds}
