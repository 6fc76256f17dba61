"""Which failures are worth another try, and that each is one or the other."""

from __future__ import annotations

import ast
import socket
import ssl
from pathlib import Path

import pytest

import scraper.fetch
from scraper.errors import FetchError
from scraper.fetch.reasons import (
    ERROR_REASONS,
    FINAL,
    RETRYABLE,
    fetch_errors,
    reason_of_status,
)

FOLDER = Path(scraper.fetch.__file__).parent


def raised_words() -> set[str]:
    """Every reason that the modules of fetch/ give to a FetchError."""
    words = {word for _, word, _ in ERROR_REASONS}
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("FetchError"), args=[ast.Constant(str(word)), *_]):
                    words.add(word)
    return words


def test_each_reason_is_either_worth_another_try_or_final() -> None:
    assert not RETRYABLE & FINAL
    of_functions = {"network", "server_error", "http_status"}
    assert raised_words() | of_functions == RETRYABLE | FINAL


@pytest.mark.parametrize(
    ("status", "is_retryable"), [(500, True), (503, True), (599, True), (408, True), (418, False)]
)
def test_trouble_of_the_server_may_pass(status: int, is_retryable: bool) -> None:
    assert (reason_of_status(status) in RETRYABLE) == is_retryable


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (TimeoutError(), "timeout"),
        (socket.gaierror(socket.EAI_AGAIN, "made up"), "dns"),
        (ssl.SSLError(1, "made up"), "tls"),
        (UnicodeError("made up"), "bad_url"),
        (OSError("made up"), "network"),
        (FetchError("reset", "made up"), "reset"),
    ],
)
def test_an_error_becomes_a_failure_of_its_page_in_one_line(error: Exception, reason: str) -> None:
    with pytest.raises(FetchError) as raised, fetch_errors("http://codes.example/a"):
        raise error
    assert raised.value.reason == reason
    assert str(raised.value).startswith("http://codes.example/a: ")
    assert "\n" not in str(raised.value)
