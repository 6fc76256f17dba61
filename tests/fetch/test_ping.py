"""The ping: one GET under our own name, a deadline that holds, and a secret that is never told."""

from __future__ import annotations

import time

import pytest
from pipeline.ground import Mirror

from scraper.fetch.ping import DEADLINE_SECONDS, ping_target, send_ping

from .faults import answer, drip, redirect

SECRET = "/bell/0f4c-made-up-secret"


@pytest.fixture
def switch():
    with Mirror() as server:
        yield server


def trouble_of(url, seconds=5.0):
    trouble = send_ping(url, None, seconds)
    assert trouble is not None
    assert "secret" not in trouble
    assert "\n" not in trouble
    return trouble


def test_one_get_under_our_own_name(switch):
    switch.serve({f"{SECRET}?rid=1": answer(b"OK")})
    assert send_ping(f"{switch.origin}{SECRET}?rid=1", "me@example.org") is None
    [head] = switch.heads
    assert head.startswith(f"GET {SECRET}?rid=1 HTTP/1.1\r\n")
    assert "User-Agent: scraper/" in head
    assert "(+me@example.org)" in head


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://ping.example.org/bell", "https://ping.example.org/bell/fail"),
        ("https://ping.example.org/bell/", "https://ping.example.org/bell/fail"),
        ("https://ping.example.org/bell?a=1#x", "https://ping.example.org/bell/fail?a=1"),
        ("https://ping.example.org", "https://ping.example.org/fail"),
    ],
)
def test_a_failure_is_told_to_the_address_below(url, asked):
    assert ping_target(url, failed=True) == asked
    assert ping_target(url, failed=False) == url.partition("#")[0]


def test_a_status_that_is_no_success_is_trouble_and_no_redirect_is_followed(switch):
    switch.serve({SECRET: redirect("/elsewhere"), "/elsewhere": answer(b"OK")})
    assert "127.0.0.1: status 302" in trouble_of(f"{switch.origin}{SECRET}")
    assert switch.paths == [SECRET]
    assert "status 404" in trouble_of(f"{switch.origin}/secret")


def test_an_answer_that_drips_ends_at_the_deadline(switch):
    switch.serve({SECRET: drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", seconds=0.05)})
    start = time.monotonic()
    assert "no answer in 0.3 s" in trouble_of(f"{switch.origin}{SECRET}", seconds=0.3)
    assert time.monotonic() - start < 5
    assert DEADLINE_SECONDS == 10


def test_a_switch_that_is_not_there_or_speaks_no_http(switch):
    switch.serve({SECRET: b"220 a mail server\r\n"})
    assert "BadStatusLine" in trouble_of(f"{switch.origin}{SECRET}")
    assert "ConnectionRefusedError" in trouble_of(f"http://127.0.0.1:1{SECRET}")


def test_what_cannot_be_asked_is_trouble_too():
    assert "InvalidURL" in trouble_of("http://127.0.0.1:1/a secret")
