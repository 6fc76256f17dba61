"""robots.txt as RFC 9309 reads it."""

from __future__ import annotations

import pytest

from scraper.errors import SiteStopError
from scraper.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules, Verdict

SITE = "https://codes.example"


def allowed(text: str | bytes, path: str = "/cpt/codes/10001") -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return RobotsRules.parse(200, body).allows(f"{SITE}{path}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("USER-AGENT: *\nDISALLOW: /", False),
        ("Disallow: /", True),
        ("User-agent: *\r\nDisallow: /cpt\r\n", False),
        ("User-agent: *\rDisallow: /cpt\r", False),
        ("User-agent: * # everyone\nDisallow: /cpt # pages", False),
        ("User-agent: *\nDisallow: /CPT", True),
        ("User-agent: *\nDisallow: /cpt/codes/1000$", True),
        ("User-agent: *\nDisallow: /*/10001$", False),
        ("User-agent: *\nDisallow: /cpt\nAllow: /cpt/codes", True),
        ("User-agent: *\nAllow: /cpt\nDisallow: /cpt/codes", False),
        ("User-agent: *\nDisallow: /cpt/codes\nAllow: /cpt/codes", True),
        ("User-agent: *\nDisallow: /%63pt/codes", False),
    ],
)
def test_the_longest_rule_that_matches_decides(text: str, *, expected: bool) -> None:
    assert allowed(text) is expected


@pytest.mark.parametrize(
    ("agent", "is_ours"),
    [
        ("scraper", True),
        ("SCRAPER", True),
        ("scraper/1.0", True),
        ("scraper (codes)", True),
        ("scrap", False),
        ("s", False),
        ("scraper-plus", False),
        ("web scraper", False),
        ("", False),
        ("1", False),
    ],
)
def test_a_group_is_ours_when_it_names_our_whole_token(agent: str, *, is_ours: bool) -> None:
    assert allowed(f"User-agent: {agent}\nDisallow: /") is not is_ours


def test_a_group_of_our_own_replaces_that_for_everyone() -> None:
    assert allowed("User-agent: *\nDisallow: /\n\nUser-agent: scraper\nDisallow: /private")
    assert not allowed(
        "User-agent: *\nAllow: /\n\nUser-agent: other\nUser-agent: scraper\nDisallow: /"
    )


def test_a_group_of_another_robot_gives_us_no_leave() -> None:
    assert not allowed("User-agent: s\nAllow: /\n\nUser-agent: *\nDisallow: /")


def test_two_groups_for_us_are_read_as_one() -> None:
    text = "User-agent: scraper\nDisallow: /a\n\nUser-agent: scraper\nDisallow: /cpt"
    assert not allowed(text)
    assert not allowed(text, "/a")


def test_robots_txt_itself_may_always_be_asked_for() -> None:
    assert allowed("User-agent: *\nDisallow: /", "/robots.txt")


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not allowed(b"\xef\xbb\xbfUser-agent: *\nDisallow: /")


def test_bytes_that_are_no_text_hide_no_rule() -> None:
    assert not allowed(b"\xff\xfe\0\nUser-agent: *\nDisallow: /cpt\n\x80\x81")


def test_a_page_in_place_of_robots_txt_forbids_nothing() -> None:
    assert allowed("<html><body><p>Nothing: here</p></body></html>")


def test_a_rule_within_the_first_500_kib_counts() -> None:
    rule = b"\nUser-agent: *\nDisallow: /\n"
    assert not allowed(b"#" * (MAX_ROBOTS_BYTES - len(rule)) + rule)


def test_a_line_that_the_limit_cuts_is_not_read() -> None:
    start = b"User-agent: *\nDisallow: /\n"
    allow = b"\nAllow: /cpt/codes"
    padding = b"#" * (MAX_ROBOTS_BYTES - len(start) - len(b"\nAllow: /"))
    assert not allowed(start + padding + allow)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_the_limit_leaves_the_lines_before_it_whatever_ends_them(end: bytes) -> None:
    start = end.join([b"User-agent: *", b"Disallow: /cpt", b""])
    body = start + (b"#" + end) * MAX_ROBOTS_BYTES + b"Disallow: /a"
    assert not allowed(body)
    assert allowed(body, "/a")


@pytest.mark.parametrize("status", [400, 404, 410, 451])
def test_a_site_without_robots_txt_allows_everything(status: int) -> None:
    rules = RobotsRules.parse(status, b"User-agent: *\nDisallow: /\nCrawl-delay: 9")
    assert rules.allows(f"{SITE}/cpt/codes/10001")
    assert rules.crawl_delay == 0


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 304])
def test_a_refusal_or_a_failure_stops_the_run(status: int) -> None:
    with pytest.raises(SiteStopError, match=str(status)):
        RobotsRules.parse(status, b"")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("", 0),
        ("Crawl-delay: 2.5", 2.5),
        ("Crawl-delay: soon", 0),
        ("Crawl-delay: -1", 0),
        ("Crawl-delay: inf", 0),
        ("Request-rate: 1/10", 10),
        ("Request-rate: 4/1m", 15),
        ("Crawl-delay: 3\nRequest-rate: 1/10", 10),
        ("Crawl-delay: 30\nRequest-rate: 1/10", 30),
    ],
)
def test_the_longer_of_both_pauses_counts(lines: str, seconds: float) -> None:
    rules = RobotsRules.parse(200, f"User-agent: *\nDisallow: /x\n{lines}".encode())
    assert rules.crawl_delay == seconds


def test_the_pause_of_another_robot_is_not_ours() -> None:
    rules = RobotsRules.parse(200, b"User-agent: other\nCrawl-delay: 60")
    assert rules.crawl_delay == 0


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/cpt/codes/10001", Verdict(allowed=True)),
        ("/private/a", Verdict(allowed=True)),
        ("/private/a.pdf", Verdict(allowed=False, rule="Disallow: /private/*.pdf$")),
        ("/private/open/a.pdf", Verdict(allowed=True, rule="Allow: /private/open/*.pdf")),
        ("/caf%c3%a9", Verdict(allowed=False, rule="Disallow: /caf%C3%A9")),
        ("/robots.txt", Verdict(allowed=True)),
    ],
)
def test_a_verdict_names_the_line_that_won(path: str, verdict: Verdict) -> None:
    text = (
        "user-agent:scraper\nDISALLOW:/private/*.pdf$ # papers\nallow /private/open/*.pdf\n"
        "Disallow: /caf\u00e9\n"
    )
    rules = RobotsRules.parse(200, text.encode())
    assert rules.verdict(f"{SITE}{path}") == verdict
    assert rules.allows(f"{SITE}{path}") is verdict.allowed


def test_a_verdict_is_two_header_lines() -> None:
    assert Verdict(allowed=True).as_headers() == (
        ("Scraper-Robots-Verdict", "allowed"),
        ("Scraper-Robots-Rule", "none"),
    )
    assert Verdict(allowed=False, rule="Disallow: /a").as_headers() == (
        ("Scraper-Robots-Verdict", "disallowed"),
        ("Scraper-Robots-Rule", "Disallow: /a"),
    )


def test_no_rule_can_break_out_of_its_header_line() -> None:
    text = b"User-agent: *\nDisallow: /\x0b\x00\x1f\x7f\xff\x85" + b"a" * 9_000
    verdict = RobotsRules.parse(200, text).verdict(f"{SITE}/%0B%1F%7F%FF%85{'a' * 9_000}")
    (_, word), (_, rule) = verdict.as_headers()
    assert (word, len(rule)) == ("disallowed", 1_000)
    assert rule.isascii()
    assert rule.isprintable()


def test_the_rules_of_another_robot_can_be_read() -> None:
    body = b"User-agent: Torch\nDisallow: /\n"
    assert not RobotsRules.parse(200, body, token="torch").allows(SITE)
    assert RobotsRules.parse(200, body).allows(SITE)
