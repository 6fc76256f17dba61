from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from fastwarc.stream_io import BrotliWriter, ZstdWriter
from hypothesis import given
from hypothesis import strategies as st

from scraper.archive.coding import decode_body
from scraper.errors import PageError

PAGE = b"<p>" + b"An invented page. " * 200 + b"</p>"


def brotli(body):
    out = io.BytesIO()
    with BrotliWriter(out) as writer:
        writer.write(body)
    return out.getvalue()


def zstd(body):
    out = io.BytesIO()
    with ZstdWriter(out) as writer:
        writer.write(body)
    return out.getvalue()


def bare_deflate(body):
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(body) + deflate.flush()


def chunked(body, size=1_000):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def coded(name):
    return (("Content-Encoding", name),)


CODERS = {
    "gzip": gzip.compress,
    "X-GZIP": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "br": brotli,
    "zstd": zstd,
}


@pytest.mark.parametrize("name", CODERS)
def test_every_coding_is_undone(name):
    assert decode_body(coded(name), CODERS[name](PAGE), len(PAGE)) == PAGE


@pytest.mark.parametrize("name", CODERS)
def test_a_coded_body_over_the_size_is_too_large(name):
    with pytest.raises(PageError) as caught:
        decode_body(coded(name), CODERS[name](PAGE), len(PAGE) - 1)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("name", CODERS)
def test_a_coded_body_that_is_cut_is_damaged(name):
    body = CODERS[name](PAGE)
    with pytest.raises(PageError) as caught:
        decode_body(coded(name), body[: len(body) // 2], 10_000)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("name", CODERS)
def test_a_body_that_a_tool_has_decoded_already_is_taken_as_it_is(name):
    assert decode_body(coded(name), PAGE, 10_000) == PAGE
    assert decode_body(coded(name), b"", 10_000) == b""


def test_two_codings_and_chunks_are_undone_in_order():
    body = chunked(brotli(gzip.compress(PAGE)))
    headers = (("Transfer-Encoding", "chunked"), *coded("gzip, br"), *coded("identity"))
    assert decode_body(headers, body, 10_000) == PAGE


def test_two_gzip_members_are_one_body():
    body = gzip.compress(PAGE) + gzip.compress(b"more")
    assert decode_body(coded("gzip"), body, 10_000) == PAGE + b"more"


def test_codings_unknown_or_stacked_high_are_refused():
    for name in ("compress", "gzip, gzip, gzip"):
        with pytest.raises(PageError) as caught:
            decode_body(coded(name), PAGE, 10_000)
        assert caught.value.reason == "unknown_coding"


@given(st.binary(min_size=1, max_size=5_000), st.integers(1, 700))
def test_chunks_of_any_size_are_joined(body, size):
    headers = (("transfer-encoding", "Chunked"),)
    assert decode_body(headers, chunked(body, size), 10_000) == body


def test_chunks_with_bare_line_ends_are_joined():
    headers = (("Transfer-Encoding", "chunked"),)
    assert decode_body(headers, b"3\nabc\n2\nde\n0\n\n", 100) == b"abcde"


@pytest.mark.parametrize("cut", [-1, -3, -5, -20])
def test_chunks_that_stop_early_are_damaged(cut):
    body = chunked(PAGE)[: -len(b"\r\n\r\n")][:cut]
    with pytest.raises(PageError) as caught:
        decode_body((("Transfer-Encoding", "chunked"),), body, 10_000)
    assert caught.value.reason == "damaged"


def test_a_body_whose_chunks_a_tool_has_joined_is_taken_as_it_is():
    assert decode_body((("Transfer-Encoding", "chunked"),), PAGE, 10_000) == PAGE


BOMB = r"""
import re, sys
from pathlib import Path
from scraper.archive.coding import decode_body
from scraper.errors import PageError
for name in ("gzip", "deflate", "br", "zstd"):
    body = Path(sys.argv[1], name).read_bytes()
    try:
        decode_body((("Content-Encoding", name),), body, 1_000_000)
    except PageError as error:
        print(error.reason)
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_a_bomb_of_any_coding_is_refused_in_little_memory(tmp_path):
    zeros = b"0" * 200_000_000
    for name, coder in CODERS.items():
        if name.islower():
            (tmp_path / name).write_bytes(coder(zeros))
    command = [sys.executable, "-c", BOMB, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    *reasons, megabytes = run.stdout.split()
    assert reasons == ["too_large"] * 4
    assert int(megabytes) < 100
