"""The corpus of the bench gives what it was made from, and the figures are figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.corpus import MOST_PAGES, make_page, make_pages
from bench.memory import measure_build
from bench.network import FetchCost, measure_fetching, times_as_fast
from bench.speed import Speed, Spread, check_pages, measure_speed
from scraper.parse.blocks import read_document
from scraper.parse.lexicon import Lexicon
from scraper.sites.profile import load_profiles

PAGES = tuple(make_pages(20))


def test_every_page_gives_what_it_was_made_from():
    pages = tuple(make_pages(60))
    check_pages(pages)
    assert {page.gates > 0 for page in pages} == {True, False}


@pytest.mark.parametrize(
    "change", [{"official": "Another"}, {"common": "Another"}, {"code": "00001"}, {"gates": 9}]
)
def test_a_page_that_gives_something_else_is_refused(change):
    with pytest.raises(AssertionError, match=PAGES[3].url):
        check_pages([*PAGES[:3], replace(PAGES[3], **change)])


def test_the_same_number_gives_the_same_page():
    assert make_page(63020) == make_page(63020)
    assert make_page(63020).body != make_page(63021).body


def test_pages_come_in_the_order_of_their_codes_each_once():
    codes = [page.code for page in make_pages(500)]
    assert codes == sorted(set(codes))
    assert len(codes) == 500


def test_more_pages_than_codes_are_refused():
    with pytest.raises(ValueError, match="100,000 codes"):
        make_pages(MOST_PAGES + 1)


def test_a_gated_page_shows_its_descriptions_and_nothing_that_the_profile_does_not_know():
    lexicon = Lexicon(load_profiles()["codingahead"])
    page = next(page for page in PAGES if page.gates)
    lines = read_document(page.body).lines
    known = {mark.line for mark in lexicon.marks(lines)}
    content = [line for index, line in enumerate(lines) if index not in known]
    assert "\n\n".join(content) == f"{page.official}\n\n{page.common}"


def test_a_crowded_page_gives_the_same_with_more_around_it():
    plain, crowded = make_page(63020), make_page(63020, is_crowded=True)
    assert len(plain.body) + 10_000 < len(crowded.body)
    check_pages([plain, crowded])


def test_the_pipeline_takes_longer_than_the_bare_parse_in_it():
    speed = measure_speed(PAGES, rounds=3)
    every = (speed.bare, speed.floor, speed.parse, speed.pipeline)
    assert [len(figures) for figures in every] == [3, 3, 3, 3]
    assert speed.to_bare.high > speed.floor_to_bare.low > 1


def test_an_extractor_that_finds_nothing_is_no_measure():
    with pytest.raises(AssertionError, match="found no text"):
        measure_speed(PAGES, rounds=1, extract=lambda body: None)


def test_an_extractor_gets_an_even_sample_of_the_pages():
    seen: list[bytes] = []

    def extract(body: bytes) -> bool:
        seen.append(body)
        return True

    measure_speed(PAGES, rounds=1, extract=extract, sample=5)
    assert seen == 2 * [page.body for page in PAGES[::4]]


def test_ratios_are_taken_round_by_round():
    speed = Speed(bare=[1, 2], floor=[2, 3], parse=[2, 2], pipeline=[3, 4], extract=[30, 80])
    assert speed.floor_to_bare == Spread(1.5, 1.75, 2)
    assert speed.to_bare == Spread(2, 2.5, 3)
    assert speed.parse_to_bare == Spread(1, 1.5, 2)
    assert speed.extract_to_pipeline == Spread(10, 15, 20)
    assert str(speed.to_bare) == "2.50 (2.00 to 3.00)"


def test_a_build_of_a_generated_archive_is_measured():
    cost = measure_build(50)
    assert cost.pages_per_second == 50 / cost.seconds > 0
    assert 20 < cost.parent_mb <= cost.all_mb


@pytest.mark.parametrize("connections", [1, 4])
def test_fetching_is_measured_beside_other_clients(connections):
    """Those of the bench's own environment are not installed here."""
    names = ("bare", "ours", "ours_over_httpx")
    rounds = measure_fetching(8, connections, rounds=2, names=names)
    assert tuple(rounds) == names
    for cost in (cost for costs in rounds.values() for cost in costs):
        assert cost.pages == 8
        assert cost.pages_per_second == 8 / cost.seconds > 0
        assert cost.cpu_milliseconds > 0


def test_other_clients_are_compared_round_by_round():
    rounds = {
        "ours": [FetchCost(10, 1, 1), FetchCost(10, 2, 1)],
        "bare": [FetchCost(10, 3, 1), FetchCost(10, 8, 1)],
    }
    assert times_as_fast(rounds, "bare") == Spread(3, 3.5, 4)
