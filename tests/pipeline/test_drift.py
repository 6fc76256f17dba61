"""A site drifts: what is published is exact or refused, and an honest refresh goes through."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from scraper.pipeline import building
from scraper.pipeline.building import build_release
from scraper.publish.checks import CHECKS
from scraper.sample.book import CodeBook, CodePage
from scraper.sample.chrome import path_of
from scraper.sample.site import SampleSite

from .drifted import (
    OpenParser,
    archive_pages,
    build_drift,
    drift_site,
    edit_page,
    first_release,
    joined,
    later,
    truth_of,
)
from .drifts import DRIFTS, HEALTHY, swap_texts
from .ground import BOOK, ROWS, START, Clock, page_of, project_in, rows_of

FIRST = sorted(Random("first").sample(ROWS, 26))
NEW = [code for code in ROWS if code not in FIRST]
WHOLE = [code for code in FIRST if BOOK.pages[code].official and BOOK.pages[code].common]
LONG_SWAPS = pytest.param(1_000, id="long", marks=pytest.mark.torture)
SEEDS = [pytest.param(2, id="short"), pytest.param(100, id="long", marks=pytest.mark.torture)]


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
    assert told["refused"] + told["exact"] == seeds


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("kind", HEALTHY)
def test_a_change_that_no_reader_sees_is_published_as_it_was(kind, seeds, tmp_path, base, truth):
    told = drift_seeds(kind, HEALTHY[kind], seeds, tmp_path, base, truth)
    assert told == {"exact": seeds}


SWAPS = {
    "whole": lambda code, other: page_of(other),
    "no_canonical": lambda code, other: page_of(other).replace(b'rel="canonical"', b'rel="x"'),
    "no_question": lambda code, other: page_of(other).replace(b"Ask the night clerk", b"Ask us"),
    "texts_alone": swap_texts,
}


@pytest.mark.parametrize("swaps", [pytest.param(24, id="short"), LONG_SWAPS])
@pytest.mark.parametrize("kind", SWAPS)
def test_every_swapped_page_is_caught(kind, swaps, tmp_path, base, truth):
    for seed, start in enumerate(range(0, swaps, len(WHOLE))):
        rng = Random(f"{kind} {seed}")
        others = dict(zip(WHOLE, _deranged(WHOLE, rng), strict=True))
        chosen = dict(list(others.items())[: swaps - start])
        pages = {code: SWAPS[kind](code, other) for code, other in chosen.items()}
        folder = later(base, tmp_path / str(seed))
        archive_pages(folder, pages, 1)
        outcome = build_drift(folder, truth)
        assert outcome.wrong == {}
        assert _caught(outcome.report.findings) == set(pages)


def _deranged(codes: list[str], rng: Random) -> list[str]:
    step = rng.randrange(1, len(codes))
    return [*codes[step:], *codes[:step]]


def _caught(findings) -> set[str]:
    """The codes whose newest page was quarantined, or whose description is another's."""
    named = [f for f in findings if f.check in {"unread_pages", "moved_description"}]
    return {row.code for finding in named for row in finding.evidence if row.code}


@pytest.mark.parametrize("kind", [kind for kind in SWAPS if kind != "texts_alone"])
def test_a_swapped_page_makes_no_row_where_nothing_is_there_to_compare_with(kind, tmp_path):
    others = dict(zip(WHOLE, _deranged(WHOLE, Random(kind)), strict=True))
    pages = {code: SWAPS[kind](code, other) for code, other in others.items()}
    archive_pages(tmp_path, pages, 0)
    built = build_release(project_in(tmp_path))
    assert built.rows == 0
    assert built.coverage["quarantined"] == len(WHOLE)


@pytest.mark.parametrize(
    ("chains", "refreshes"),
    [pytest.param(1, 8, id="short"), pytest.param(10, 20, id="long", marks=pytest.mark.torture)],
)
def test_of_honest_refreshes_at_most_one_in_a_hundred_is_refused(
    chains, refreshes, tmp_path, base, monkeypatch
):
    refused = []
    for chain in range(chains):
        rng = Random(f"healthy {chain}")
        pages = {code: BOOK.pages[code] for code in FIRST}
        folder = later(base, tmp_path / str(chain))
        clock = Clock(monkeypatch)
        for refresh in range(1, refreshes + 1):
            clock.pass_days(366)
            changed = refresh_pages(pages, rng)
            archive_pages(folder, {code: render(pages[code]) for code in changed}, refresh)
            built = build_release(project_in(folder))
            if built.refused:
                refused.append(str(built.refused))
                continue
            assert built.release is not None
            told = {row["code"]: row for row in rows_of("codes", folder / "output")}
            assert told.keys() == pages.keys()
            assert all(texts_of(pages[code]) == texts_of_row(told[code]) for code in pages)
    assert len(refused) <= chains * refreshes // 100


def refresh_pages(pages: dict[str, CodePage], rng: Random) -> set[str]:
    """Edit up to two pages, add a code, strike one out with a notice; return those changed."""
    edited = rng.sample([code for code in pages if texts_of(pages[code])[1]], rng.randrange(1, 3))
    pages.update({code: edit_page(pages[code], rng) for code in edited})
    added = rng.sample([code for code in NEW if code not in pages], rng.randrange(2))
    pages.update({code: BOOK.pages[code] for code in added})
    struck = rng.sample([code for code in pages if not pages[code].notice], rng.randrange(2))
    notice = {"notice": "Struck from the book. See the leaf beside it."}
    pages.update({code: pages[code].model_copy(update=notice) for code in struck})
    return {*edited, *added, *struck}


def render(page: CodePage) -> bytes:
    """Return the page as the sample site would show it."""
    book = CodeBook({page.code: page}, BOOK.doors)
    site = SampleSite(book, "http://127.0.0.1", views_per_day=10_000, crawl_delay=0)
    return site.answer(path_of(page.code), START.date()).body


def texts_of(page: CodePage) -> tuple[str | None, str | None]:
    return joined(page.official), joined(page.common)


def texts_of_row(row) -> tuple[str | None, str | None]:
    return row["official_description"], row["common_language_description"]


def test_a_night_of_a_meter_and_a_thousand_more_codes_are_published(tmp_path, monkeypatch):
    base = first_release(tmp_path / "nights", FIRST[:3])
    clock = Clock(monkeypatch)
    for night, start in enumerate((0, 5, 10, 15), 1):
        clock.pass_days(1)
        pages = {code: page_of(code) for code in NEW[start : start + 5]}
        archive_pages(base, pages, 0)
        built = build_release(project_in(base))
        assert built.refused is None
        assert built.rows == 3 + 5 * night
    archive_pages(base, {code: page_of(code) for code in NEW[20:]}, 0)
    built = build_release(project_in(base))
    assert built.refused is None
    assert [f.check for f in built.findings if f.check != "same_description"] == ["more_rows"]
    assert all(CHECKS[f.check].level == "warn" for f in built.findings)
