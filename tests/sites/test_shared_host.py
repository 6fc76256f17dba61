"""Two sites on one host, as when both are tried out on this machine."""

from __future__ import annotations

from scraper.parse.page import PageParser
from scraper.sites.profile import load_profiles

SAMPLE = load_profiles()["sample"]
TWIN = SAMPLE.model_copy(update={"name": "twin", "origin": "http://127.0.0.1:9000"})
PARSER = PageParser({"sample": SAMPLE, "twin": TWIN})


def test_the_origin_tells_two_sites_on_one_host_apart():
    urls = ("http://127.0.0.1:8642/cpt/codes/99216", "http://127.0.0.1:9000/cpt/codes/99216")
    assert [PARSER.parse("A moth", url=url).site for url in urls] == ["sample", "twin"]


def test_the_site_of_a_host_that_two_claim_is_not_guessed_from_its_address():
    page = PARSER.parse("A moth", url="http://localhost/cpt/codes/99216")
    assert (page.site, page.code) == (None, None)
