"""From bytes to text, whatever the page says of itself."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scraper.errors import PageError
from scraper.parse.encoding import decode_page

TEXT = "Tea \u2014 “two” cups, 5 °C, naïve ©"


def declare(charset: str, text: str = TEXT) -> str:
    return f'<html><meta charset="{charset}"><p>{text}'


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "windows-1252", "shift_jis", "nonsense"]
)
def test_valid_utf8_is_utf8_whatever_is_declared(charset):
    page = declare(charset)
    assert decode_page(page.encode(), f"text/html; charset={charset}") == page


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "latin1", "us-ascii", "nonsense", "utf-16", "hex", "rot13"]
)
def test_windows_1252_in_disguise_is_read_as_what_it_is(charset):
    page = declare(charset)
    assert decode_page(page.encode("cp1252"), f"text/html; charset={charset}") == page


@pytest.mark.parametrize("charset", ["koi8-r", "shift_jis", "gb18030", "iso-8859-2", "big5"])
@pytest.mark.parametrize("where", ["header", "page"])
def test_another_encoding_is_believed_where_it_is_declared(charset, where):
    word = {"koi8-r": "чай", "iso-8859-2": "čaj", "big5": "茶水"}.get(charset, "お茶")
    page = declare(charset if where == "page" else "", word)
    header = f"text/html; charset={charset}" if where == "header" else None
    assert decode_page(page.encode(charset), header) == page


def test_the_header_is_believed_before_the_page():
    page = declare("big5", "чай")
    assert decode_page(page.encode("koi8-r"), "text/html; charset=koi8-r") == page


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_wins_over_every_declaration(mark, encoding):
    page = declare("koi8-r")
    assert decode_page(mark + page.encode(encoding), "text/html; charset=big5") == page


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_zeros(encoding):
    page = declare("utf-16", f"{TEXT} é")
    assert decode_page(page.encode(encoding)) == page


def test_c1_controls_are_read_as_browsers_do():
    assert decode_page("\x93tea\x94 \x80".encode()) == "“tea” €"


@pytest.mark.parametrize("body", [b"tea\x00cup", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_bytes_with_nul_are_no_text(body):
    with pytest.raises(PageError) as raised:
        decode_page(body)
    assert raised.value.reason == "binary"


@pytest.mark.parametrize(
    "charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "idna", "punycode", "undefined"]
)
def test_an_encoding_that_no_page_has_is_not_used(charset):
    body = rf"<p>\ud800 +2AA- caf{chr(0xE9)}".encode("cp1252")
    assert decode_page(body, f"text/html; charset={charset}") == body.decode("cp1252")


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=40)))
def test_all_bytes_without_nul_give_text_that_a_file_can_hold(body, header):
    assume(b"\x00" not in body)
    text = decode_page(body, header and f"text/html; charset={header}")
    assert text.encode().decode() == text
