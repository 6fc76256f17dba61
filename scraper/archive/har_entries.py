"""Where each entry of a HAR file lies: bytes in, a slice for each out, and nothing built of them.

A file of tiny values costs twenty times its size once it is read as JSON. So only its brackets,
commas and strings are looked at here, and what is refused is refused before it is built.
"""

from __future__ import annotations

import json
import re

from scraper.errors import PageError

MAX_ENTRIES = 100_000
MAX_MARKS = 6_000_000  # a matter of time
MAX_MARKS_OF_ENTRY = 500_000  # a matter of memory
MAX_DEPTH = 200
AGAIN = "export the HAR again, with content"

STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # DOTALL
_MARK = re.compile(STRING + rb'|[{}\[\],"]', re.DOTALL)
_BLANK = re.compile(rb"[ \t\r\n]*")
_COLON = re.compile(rb"[ \t\r\n]*:")
_MAX_KEY = 100
_PATH = ["log", "entries"]
_OF_LIST = b"{{["
_CLOSES = {ord("{"): ord("}"), ord("["): ord("]")}
_QUOTE, _COMMA = ord('"'), ord(",")


def find_entries(content: bytes) -> list[slice]:
    """Return where the entries of `log.entries` lie; each is yet to be read as JSON.

    Of two lists of that name the last one counts. Raises PageError, unnamed, where the file is no
    HAR or has too much in it.
    """
    outline = _Outline(content)
    for number, mark in enumerate(_MARK.finditer(content)):
        if number == MAX_MARKS:
            raise _too_many(f"{MAX_MARKS} values")
        outline.read(mark.start(), mark.end())
    return outline.finish()


class _Outline:
    """What the marks up to here say: the open brackets, the names on the way, the entries."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._open = bytearray()
        self._names = ["", ""]
        self._entries: list[slice] | None = None
        self._is_list = False
        self._start = 0
        self._marks = 0

    def read(self, start: int, end: int) -> None:
        """Take the next mark."""
        letter = self._content[start]
        self._marks += 1
        if self._marks > MAX_MARKS_OF_ENTRY and self._is_list:
            raise _too_many(f"{MAX_MARKS_OF_ENTRY} values in one entry")
        if letter == _QUOTE:
            self._read_string(start, end)
        elif letter == _COMMA:
            if self._is_list and len(self._open) == len(_OF_LIST):
                self._end_entry(start)
        elif letter in _CLOSES:
            self._open_bracket(letter, end)
        else:
            self._close_bracket(letter, start)

    def finish(self) -> list[slice]:
        """Return the entries of a file that is whole."""
        if self._open or self._entries is None:
            raise _damaged()
        return self._entries

    def _read_string(self, start: int, end: int) -> None:
        if end - start == 1:  # a quote that nothing closes
            raise _damaged()
        depth = len(self._open)
        if depth in {1, 2} and _COLON.match(self._content, end):
            self._names[depth - 1] = self._name(start, end)

    def _name(self, start: int, end: int) -> str:
        try:
            return str(json.loads(self._content[start:end])) if end - start < _MAX_KEY else ""
        except ValueError as error:
            raise _damaged() from error

    def _open_bracket(self, letter: int, end: int) -> None:
        is_second = not self._open and self._names[0]
        self._open.append(letter)
        if is_second or len(self._open) > MAX_DEPTH:
            raise _damaged()
        if self._open == _OF_LIST and self._names == _PATH:
            self._entries, self._is_list = [], True
            self._start, self._marks = end, 0

    def _close_bracket(self, letter: int, start: int) -> None:
        if not self._open or _CLOSES[self._open[-1]] != letter:
            raise _damaged()
        if self._is_list and len(self._open) == len(_OF_LIST):
            self._end_entry(start)
            self._is_list = False
        self._open.pop()

    def _end_entry(self, end: int) -> None:
        start, self._start, self._marks = self._start, end + 1, 0
        blank = _BLANK.match(self._content, start)
        if self._entries is None or blank is None or blank.end() >= end:
            return
        self._entries.append(slice(start, end))
        if len(self._entries) > MAX_ENTRIES:
            raise _too_many(f"{MAX_ENTRIES} entries")


def _damaged() -> PageError:
    return PageError("damaged", f"it is no HAR; {AGAIN}")


def _too_many(what: str) -> PageError:
    return PageError("too_large", f"it has over {what}; export fewer pages")
