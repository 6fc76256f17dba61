"""Undoing content codings."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import FetchError
from scraper.fetch.decode import BodyDecoder


def decode_body(wire: bytes, codings: list[str], max_bytes: int, piece_bytes: int = 7) -> bytes:
    """Decode as it is done while reading: piece by piece."""
    decoder = BodyDecoder(codings, max_bytes)
    for start in range(0, len(wire), piece_bytes):
        decoder.feed(wire[start : start + piece_bytes])
    return decoder.finish()


def reason_of(wire: bytes, codings: list[str], max_bytes: int = 1_000) -> str:
    with pytest.raises(FetchError) as raised:
        decode_body(wire, codings, max_bytes)
    return raised.value.reason


@pytest.mark.parametrize("codings", [["gzip"], ["X-GZip"], [" gzip "], ["identity", "gzip"]])
def test_gzip_is_undone_however_it_is_written(codings: list[str]) -> None:
    assert decode_body(gzip.compress(b"a page"), codings, 6) == b"a page"


@pytest.mark.parametrize("codings", [[], ["identity"], [""]])
def test_a_body_without_a_coding_is_left_as_it_is(codings: list[str]) -> None:
    assert decode_body(b"a page", codings, 6) == b"a page"


def test_an_empty_body_has_no_coding_to_undo() -> None:
    assert decode_body(b"", ["gzip"], 10) == b""


@pytest.mark.parametrize("codings", [["br"], ["deflate"], ["gzip", "gzip"], ["gzip", "br"]])
def test_a_coding_that_was_not_asked_for_is_refused(codings: list[str]) -> None:
    assert reason_of(gzip.compress(b"a page"), codings) == "bad_encoding"


@given(st.binary(max_size=300), st.data())
def test_every_cut_of_a_gzip_stream_is_noticed(body: bytes, data: st.DataObject) -> None:
    wire = gzip.compress(body, mtime=0)
    cut = data.draw(st.integers(1, len(wire) - 1))
    assert reason_of(wire[:cut], ["gzip"]) == "truncated"


@pytest.mark.parametrize(
    "wire",
    [
        gzip.compress(b"a page") + b"\0",
        gzip.compress(b"a page") + gzip.compress(b"another"),
        gzip.compress(b"a page")[:-8] + bytes(8),
        zlib.compress(b"a page"),
        b"a page",
    ],
    ids=["trailing byte", "second member", "wrong checksum", "zlib stream", "no stream"],
)
def test_what_is_not_one_sound_gzip_stream_is_refused(wire: bytes) -> None:
    assert reason_of(wire, ["gzip"]) == "bad_encoding"


def test_a_body_of_just_the_limit_is_kept_and_one_byte_more_is_not() -> None:
    assert len(decode_body(gzip.compress(bytes(1_000)), ["gzip"], 1_000)) == 1_000
    assert reason_of(gzip.compress(bytes(1_001)), ["gzip"], 1_000) == "too_large"


def test_a_gzip_bomb_costs_no_more_than_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(FetchError) as raised:
            decode_body(bomb, ["gzip"], 1_000_000, piece_bytes=65_536)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert raised.value.reason == "too_large"
    assert peak < 5_000_000
