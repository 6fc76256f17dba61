"""The lines of robots.txt: what each file says of addresses, whatever its octets are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.robots import RobotsRules
from scraper.fetch.robots_file import MAX_LINE_BYTES, MAX_PAUSE, read_group

from .robots_cases import CASES

SITE = "https://codes.example"
PATHS = ("/", "/lamp", "/lamp/wick", "/oil?a=b", "/%7Emoth", "/a*b$")


def allows(body: bytes, path: str) -> bool:
    return RobotsRules.parse(200, body).allows(f"{SITE}{path}")


def verdicts(body: bytes) -> list[bool]:
    return [allows(body, path) for path in PATHS]


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0].encode("unicode_escape").decode() for case in CASES],
)
def test_the_verdict_of_rfc_9309(text: str, path: str, *, expected: bool) -> None:
    assert allows(text.encode(), path) is expected


def test_there_are_at_least_250_cases_of_both_kinds() -> None:
    assert len(CASES) >= 250
    assert 0.2 < sum(expected for *_, expected in CASES) / len(CASES) < 0.8


# Encodings

FILE = "User-agent: *\nDisallow: /lamp\nDisallow: /m\u00f6\u6708\n"


@pytest.mark.parametrize(
    "body",
    [
        FILE.encode(),
        FILE.encode("utf-8-sig"),
        b"\xef\xbb" + FILE.encode(),
        b"\xef" + FILE.encode(),
        FILE.encode("utf-16"),
        b"\xff\xfe" + FILE.encode("utf-16-le"),
        b"\xfe\xff" + FILE.encode("utf-16-be"),
        b"\xff\xfe" + FILE.replace("\n", "\r\n").encode("utf-16-le") + b"\n",
    ],
    ids=["plain", "mark", "mark-2", "mark-1", "utf-16", "utf-16-le", "utf-16-be", "odd"],
)
def test_a_byte_order_mark_tells_the_encoding(body: bytes) -> None:
    assert not allows(body, "/lamp")
    assert not allows(body, "/m%C3%B6%E6%9C%88")
    assert allows(body, "/m%C3%B6")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_nuls_hide_no_rule_of_an_encoding_without_its_mark(encoding: str) -> None:
    assert not allows("User-agent: *\nDisallow: /lamp\n".encode(encoding), "/lamp")


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\x11\xbfUser-agent: *\nDisallow: /lamp\n",
        b"User-agent: torch\n\xef\xbb\xbfUser-agent: *\nDisallow: /lamp\n",
        b"\xef\xbb\xbf\xef\xbb\xbfUser-agent: *\nDisallow: /lamp\n",
    ],
    ids=["broken", "inside", "twice"],
)
def test_a_mark_that_is_none_spoils_its_line_alone(body: bytes) -> None:
    assert allows(body, "/lamp")
    assert not allows(body + b"User-agent: *\nDisallow: /lamp\n", "/lamp")


@pytest.mark.parametrize("octets", [b"\xff", b"\x80\x81", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88"])
def test_octets_that_are_no_text_count_as_they_are(octets: bytes) -> None:
    body = b"User-agent: *\nDisallow: /lamp\nDisallow: /" + octets + b"x\n"
    path = "/" + "".join(f"%{octet:02X}" for octet in octets) + "x"
    assert [allows(body, p) for p in ("/lamp", path, "/x")] == [False, False, True]


def test_marks_of_utf_16_before_plain_octets_are_passed_over() -> None:
    assert not allows(b"\xff\xfeUser-agent: *\nDisallow: /lamp\n", "/lamp")


# Limits


def test_a_line_counts_up_to_its_limit() -> None:
    assert MAX_LINE_BYTES == 16_663
    start = b"Disallow: /"
    kept = b"a" * (MAX_LINE_BYTES - len(start))
    body = b"User-agent: *\n" + start + kept + b"wick\nDisallow: /lamp\n"
    assert not allows(body, f"/{kept.decode()}")
    assert not allows(body, "/lamp")
    assert allows(body, f"/{kept.decode()[1:]}")


HOSTILE = {
    "stars": b"Disallow: /" + b"*a" * 1_000 + b"b$\n",
    "stars alone": b"Disallow: /" + b"*" * 16_000 + b"b\n",
    "pieces": b"Disallow: /" + b"*aaaaaaab" * 1_800 + b"\n",
    "one long piece": b"Disallow: /*" + b"a" * 7_000 + b"b\n",
    "names": b"User-agent: *\n" * 15_000 + b"Disallow: /b\n" * 15_000,
    "rules": b"".join(b"Disallow: /*%db\n" % number for number in range(20_000)),
    "blanks": b"Request-rate: 1/" + b" " * 16_000 + b"x\nCrawl-delay: 1" + b" " * 16_000 + b"x\n",
    "hex": b"Disallow: /" + b"%61%7e" * 2_700 + b"b\n",
}


@pytest.mark.parametrize("lines", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_read_and_matched_in_no_time(lines: bytes) -> None:
    start = time.process_time()
    assert allows(b"User-agent: *\n" + lines, "/" + "a" * 2_000)
    assert time.process_time() - start < 3


# Pauses


def pause(lines: str) -> float:
    return read_group(f"User-agent: *\n{lines}\n".encode(), "scraper").pause


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("Crawl-delay: 1", 1),
        ("crawl-delay: 0.25", 0.25),
        ("CRAWL-DELAY:7", 7),
        ("Crawl-delay 4", 4),
        ("Crawldelay: 4", 4),
        ("Crawl delay: 4", 4),
        ("Crawl-delay: .5", 0.5),
        ("Crawl-delay: 5.", 5),
        ("Crawl-delay: 2,5", 2.5),
        ("Crawl-delay: 10s", 10),
        ("Crawl-delay: 10 seconds", 10),
        ("Crawl-delay: 007", 7),
        ("Crawl-delay: 3 # be kind", 3),
        ("Crawl-delay: 86400", MAX_PAUSE),
        ("Crawl-delay: 86401", MAX_PAUSE),
        ("Crawl-delay: 999999999999", MAX_PAUSE),
        ("Request-rate: 1/10", 10),
        ("Request-rate: 1/10s", 10),
        ("Request-rate: 1 / 10 s", 10),
        ("Request-rate: 30/1m", 2),
        ("Request-rate: 1/2M", 120),
        ("Request-rate: 60/1h", 60),
        ("Request-rate: 1000/1d", 86.4),
        ("Request-rate: 1/9d", MAX_PAUSE),
        ("Request-rate: 4/2", 0.5),
        ("Request-rate: 1/5 0600-0845", 5),
        ("Request-rate: 1/5s 22:00-06:00 UTC", 5),
        ("Request-rate: 1/999999999999d", MAX_PAUSE),
    ],
)
def test_a_pause_is_read_in_seconds(line: str, seconds: float) -> None:
    assert pause(line) == pytest.approx(seconds)
    assert pause(f"Disallow: /lamp\n{line}") == pytest.approx(seconds)


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"Crawl-delay: {value}"
            for value in (
                *("", "0", "-1", "-0.5", "+1", "nan", "inf", "-inf", "Infinity", "1e9", "1e99"),
                *(
                    "soon",
                    "1/2",
                    "0x10",
                    "1_000",
                    "1.2.3",
                    "\u0663",
                    "\u00bd",
                    "5 minutes",
                    "1" * 5_000,
                ),
            )
        ),
        *(
            f"Request-rate: {value}"
            for value in (
                *("", "1", "/", "1/", "/5", "0/5", "5/0", "-1/5", "1/-5", "1.5/5", "1/5x", "a/b"),
                *("1/5/9", "nan/1", "1/inf", "1e1/5", f"{'1' * 5_000}/5", f"1/{'1' * 5_000}"),
            )
        ),
    ],
)
def test_what_is_no_pause_is_none_and_spoils_no_other(line: str) -> None:
    assert pause(line) == 0
    assert pause(f"{line}\nCrawl-delay: 2") == 2
    assert pause(f"Crawl-delay: 2\n{line}") == 2


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 5\n\nUser-agent: scraper\nCrawl-delay: 2\n", 2),
        ("User-agent: scraper\nCrawl-delay: 2\n\nUser-agent: *\nCrawl-delay: 5\n", 2),
        ("User-agent: *\nCrawl-delay: 5\nDisallow:\n\nUser-agent: scraper\nDisallow: /a\n", 0),
        ("User-agent: scraper\nCrawl-delay: 2\n\nUser-agent: scraper\nCrawl-delay: 3\n", 3),
        ("User-agent: scraper\nCrawl-delay: 3\nCrawl-delay: 2\n", 3),
        ("User-agent: torch\nCrawl-delay: 60\nUser-agent: *\nDisallow: /a\n", 0),
        ("User-agent: torch\nUser-agent: scraper\nCrawl-delay: 60\n", 60),
        ("Crawl-delay: 60\nUser-agent: *\nDisallow: /a\n", 0),
        ("User-agent: torch\nDisallow: /a\nCrawl-delay: 60\n", 0),
    ],
)
def test_a_pause_belongs_to_the_names_before_it(text: str, seconds: float) -> None:
    assert read_group(text.encode(), "scraper").pause == seconds


# Properties

PIECES = st.sampled_from(
    ["/", "lamp", "wick", "*", "$", "%7E", "%7e", "~", "?", "=", "a", "\u00fc"]
)
VALUES = st.lists(PIECES, max_size=6).map("".join)
RULES = st.tuples(st.sampled_from(["Allow", "Disallow"]), VALUES).map(": ".join)
LISTS = st.lists(RULES, max_size=8)
ADDRESSES = st.lists(PIECES, max_size=6).map(lambda pieces: f"{SITE}/{''.join(pieces)}")


def group(name: str, rules: list[str]) -> str:
    return "\n".join([f"User-agent: {name}", *rules, ""])


def verdict_of(text: str, url: str) -> object:
    return RobotsRules.parse(200, text.encode()).verdict(url)


@given(st.binary(max_size=400), st.text(max_size=40))
def test_no_octets_and_no_address_make_an_error(body: bytes, url: str) -> None:
    for prefix in (b"", b"User-agent: *\nDisallow: ", b"\xff\xfe", b"\xfe\xff\0"):
        rules = RobotsRules.parse(200, prefix + body)
        assert rules.verdict(url).allowed in {True, False}
        assert 0 <= rules.crawl_delay <= MAX_PAUSE


@given(LISTS, LISTS, ADDRESSES)
def test_a_group_of_another_robot_changes_nothing(
    ours: list[str], theirs: list[str], url: str
) -> None:
    alone = group("scraper", ours)
    for text in (
        group("torch", theirs) + "Disallow:\n" + alone,
        alone + "Disallow:\n" + group("torch", theirs),
    ):
        assert verdict_of(text, url) == verdict_of(alone, url)


@given(LISTS, st.randoms(use_true_random=False), ADDRESSES)
def test_the_order_of_the_lines_changes_no_verdict(rules: list[str], random, url: str) -> None:
    mixed = list(rules)
    random.shuffle(mixed)
    assert verdict_of(group("*", mixed), url) == verdict_of(group("*", rules), url)


@given(LISTS, LISTS, ADDRESSES)
def test_two_groups_of_one_name_are_one(first: list[str], second: list[str], url: str) -> None:
    other = group("torch", ["Disallow: /"])
    parted = group("scraper", [*first, "Allow:"]) + other + group("SCRAPER", second)
    assert verdict_of(parted, url) == verdict_of(group("scraper", first + second), url)


@given(LISTS, VALUES, ADDRESSES)
def test_one_more_line_moves_a_verdict_in_its_own_direction_alone(
    rules: list[str], value: str, url: str
) -> None:
    before = RobotsRules.parse(200, group("*", rules).encode()).allows(url)
    for word, is_allow in (("Allow", True), ("Disallow", False)):
        text = group("*", [*rules, f"{word}: {value}"])
        assert RobotsRules.parse(200, text.encode()).allows(url) in {before, is_allow}


@given(LISTS, ADDRESSES, st.sampled_from(["\n", "\r", "\r\n", "\n\n", " \t\n", "# lamp\n"]))
def test_the_kind_of_line_end_changes_no_verdict(rules: list[str], url: str, end: str) -> None:
    text = group("*", rules)
    assert verdict_of(text.replace("\n", end), url) == verdict_of(text, url)
