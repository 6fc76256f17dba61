"""Addresses as robots.txt compares them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetch.robots_path import AddressPath, path_of


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("", "/"),
        ("https://codes.example", "/"),
        ("https://codes.example/", "/"),
        ("https://codes.example:8080", "/"),
        ("https://codes.example/lamp", "/lamp"),
        ("https://codes.example/lamp/", "/lamp/"),
        ("https://codes.example//lamp", "//lamp"),
        ("https://codes.example?q=/a", "/?q=/a"),
        ("https://codes.example;v=1", "/;v=1"),
        ("https://codes.example#a/b", "/"),
        ("https://codes.example/lamp?q=1#wick", "/lamp?q=1"),
        ("https://codes.example/lamp#?q", "/lamp"),
        ("https://codes.example/lamp?u=https://torch.example/a", "/lamp?u=https://torch.example/a"),
        ("https://me@codes.example/lamp", "/lamp"),
        ("//codes.example/lamp", "/lamp"),
        ("codes.example/lamp", "/lamp"),
        ("codes.example", "/"),
        ("/lamp?q://x", "/lamp?q://x"),
        ("https://codes.example/a/../b", "/b"),
        ("https://codes.example/a/..", "/"),
        ("https://codes.example/a/b/.", "/a/b/"),
        ("https://codes.example/a/b/..", "/a/"),
        ("https://codes.example/../../a", "/a"),
        ("https://codes.example/a/%2E%2e/b", "/b"),
        ("https://codes.example/a/.%2e/b", "/b"),
        ("https://codes.example/a//../b", "/a/b"),
        ("https://codes.example/a/...", "/a/..."),
        ("https://codes.example/.a/..b", "/.a/..b"),
        ("https://codes.example/a?b/../c", "/a?b/../c"),
        ("https://codes.example/lamp\n/wick", "/lamp\n/wick"),
    ],
)
def test_the_path_of_an_address_is_what_is_asked_for(url: str, path: str) -> None:
    assert path_of(url) == path


def test_an_address_has_three_spellings() -> None:
    path = AddressPath.of("https://codes.example/%7e\u00fc?u=%2f*%24")
    assert path.written == "/%7E\u00fc?u=%2F*$".encode()
    assert path.plain == "/~\u00fc?u=/*$".encode()
    assert path.sent == b"/~%C3%BC?u=/*$"


@given(st.text(st.characters(), max_size=60))
def test_every_text_has_a_path_that_says_the_same_again(text: str) -> None:
    path = path_of(text)
    assert path.startswith("/")
    assert path_of(f"https://codes.example{path}") == path
    assert AddressPath.of(text).sent.isascii()
