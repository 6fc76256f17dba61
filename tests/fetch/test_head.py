"""Heads of answers: what is read, and that nothing is taken which a known reader refuses."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import FetchError
from scraper.fetch.head import Framing, Head, parse_head

HEAD = b"HTTP/1.1 200 OK\r\nServer: made-up\r\nContent-Length: 5\r\nX-A: b, c\r\n\r\n"


def read_by_h11(block: bytes) -> tuple[int, list[tuple[bytes, bytes]]]:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "codes.example")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(block)
    event = connection.next_event()
    assert isinstance(event, h11.Response | h11.InformationalResponse), event
    return event.status_code, list(event.headers)


def outcome_of(block: bytes) -> Head | str:
    """Return the head that is read, or the reason why none is."""
    try:
        return parse_head(block)
    except FetchError as error:
        return error.reason


def test_a_head_is_read() -> None:
    fields = ((b"Server", b"made-up"), (b"Content-Length", b"5"), (b"X-A", b"b, c"))
    assert parse_head(HEAD) == Head(200, fields, length=5)


@pytest.mark.parametrize(
    ("lines", "length"),
    [
        ([], Framing.CLOSE),
        ([b"Transfer-Encoding: Chunked"], Framing.CHUNKED),
        ([b"content-length:\t007 "], 7),
    ],
)
def test_a_body_ends_as_its_head_says(lines: list[bytes], length: int | Framing) -> None:
    block = b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""])
    assert parse_head(block).length == length


@pytest.mark.parametrize("status", [b"204", b"304", b"103"])
def test_some_answers_have_no_body_whatever_they_say(status: bytes) -> None:
    block = b"HTTP/1.1 " + status + b" -\r\nContent-Length: 5\r\n\r\n"
    assert parse_head(block).length == 0


@given(
    st.integers(0, len(HEAD) - 5),
    st.sampled_from([b"", b"\r\n", b"\n", b"\r", b" ", b":", b"\0", b"\x7f", b"1", b"\xff", b"-"]),
    st.integers(0, 2),
)
def test_what_is_taken_after_a_change_is_what_another_reader_takes(
    place: int, put: bytes, cut: int
) -> None:
    block = HEAD[:place] + put + HEAD[min(place + cut, len(HEAD) - 4) :]
    ours = outcome_of(block)
    if isinstance(ours, Head):
        fields = [(name.lower(), value) for name, value in ours.fields]
        assert (ours.status, fields) == read_by_h11(block)
    else:
        assert ours == "protocol"


@given(st.binary(max_size=200))
def test_no_bytes_are_read_as_a_head_with_an_error_of_another_kind(junk: bytes) -> None:
    for block in (junk + b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + junk + b"\r\n\r\n"):
        outcome = outcome_of(block)
        assert outcome == "protocol" or isinstance(outcome, Head)
