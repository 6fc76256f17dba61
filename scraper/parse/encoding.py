"""The bytes of a page in, its text out, whatever the page says of its own encoding.

A byte order mark wins; then UTF-8 if the bytes are valid UTF-8 (nothing else looks like it by
chance); then what the header or the page declares; then windows-1252, which every byte fits.
"""

from __future__ import annotations

import codecs
import re

from scraper.errors import PageError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_LATIN = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
# Python's own, which no page is written in; some of them give text that no file can hold.
_NOT_OF_THE_WEB = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
_PROLOGUE_BYTES = 2_048

# HTML reads the C1 controls as the windows-1252 characters of the same number (WHATWG Encoding).
_C1_IN_UTF8 = re.compile(rb"\xc2[\x80-\x9f]")
_C1_AS_WINDOWS_1252 = {
    byte: bytes([byte]).decode("cp1252", errors="ignore") or None for byte in range(0x80, 0xA0)
}


def decode_page(body: bytes, content_type: str | None = None) -> str:
    """Return the text of a page; raises PageError where the bytes are no text."""
    text = _decode(body, content_type)
    if "\x00" in text:
        raise PageError("binary", "the page holds NUL bytes: it is no text")
    return text


def _decode(body: bytes, content_type: str | None) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return text.translate(_C1_AS_WINDOWS_1252) if _C1_IN_UTF8.search(body) else text
    for encoding in (*_declared_encodings(body, content_type), *_utf16_by_zeros(body)):
        try:
            return body.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return body.decode("latin-1").translate(_C1_AS_WINDOWS_1252)


def _declared_encodings(body: bytes, content_type: str | None) -> list[str]:
    header = (content_type or "").encode("ascii", errors="ignore")
    labels = [
        m[1].decode("ascii") for m in map(_DECLARED.search, (header, body[:_PROLOGUE_BYTES])) if m
    ]
    return [name for name in map(_codec_name, labels) if name and name not in _LATIN]


def _codec_name(label: str) -> str | None:
    """Return Python's name of a text encoding, or None for an unknown label or a codec of bytes."""
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    is_text = getattr(codec, "_is_text_encoding", True)
    is_of_web = codec.name.replace("_", "-") not in _NOT_OF_THE_WEB
    is_wide = codec.name.startswith(("utf-16", "utf-32"))
    return codec.name if is_text and is_of_web and not is_wide else None


def _utf16_by_zeros(body: bytes) -> list[str]:
    """Tell UTF-16 without a mark by the zero bytes that Latin letters leave in it."""
    even, odd = body[:_PROLOGUE_BYTES:2].count(0), body[1:_PROLOGUE_BYTES:2].count(0)
    half = min(len(body), _PROLOGUE_BYTES) // 4
    return ["utf-16-be"] * (even > half) + ["utf-16-le"] * (odd > half)
