"""A secret cookie, sent through all kinds of trouble with everything logged, is found nowhere."""

from __future__ import annotations

import gzip
import logging
import sqlite3
import zlib
from pathlib import Path

import pytest
from fetch.faults import PAGE, Behaviour, answer, drip, redirect, reset_after
from pipeline.ground import CODES, mirror, run

from scraper.sample.chrome import path_of

CANARY = "canary-4711-do-not-keep"
PATH = path_of(CODES[0])
FAULTS: dict[str, bytes | Behaviour] = {
    "whole page": mirror(CODES[:1])[PATH],
    "page that names the cookie's header": answer(PAGE, set_cookie="moon=1; Path=/"),
    "status 400": answer(b"no", 400),
    "status 401": answer(b"<html>no</html>", 401),
    "status 403": answer(b"<html>no</html>", 403),
    "status 404": answer(b"<html>no</html>", 404),
    "status 429": answer(b"<html>no</html>", 429, retry_after="9"),
    "status 500": answer(b"no", 500),
    "status 503 for long": answer(b"no", 503, retry_after="9999"),
    "304 out of the blue": answer(b"", 304),
    "no HTTP": b"moonshine\r\n\r\n",
    "nothing": b"",
    "reset in the head": reset_after(b"HTTP/1.1 200 OK\r\n"),
    "reset in the body": reset_after(answer(content_length="5000")),
    "cut": answer(PAGE[:-3]),
    "short": answer(PAGE, content_length="5000"),
    "broken gzip": answer(PAGE, content_encoding="gzip"),
    "unasked coding": answer(PAGE, content_encoding="br"),
    "bomb": answer(gzip.compress(b"0" * 20_000_000), content_encoding="gzip"),
    "too slow": drip(answer(b"", content_length="")),
    "image": answer(b"\x89PNG", content_type="image/png"),
    "binary": answer(b"<html>\x00\x01</html>"),
    "off the site": redirect("http://harbour.test/"),
    "loop": redirect(PATH),
    "no address": redirect("http://[moon/"),
    "wall": answer(b"<html><p>Please show your library card to read this leaf</p></html>"),
}


@pytest.fixture
def heard(monkeypatch):
    """Everything that anyone logs, down to the last detail."""
    records: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record))

    ear, root = Ear(), logging.getLogger()
    before = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    yield records
    root.removeHandler(ear)
    root.setLevel(before)


def kept_bytes(folder: Path) -> bytes:
    """Return all that is in files, unpacked where it is packed."""
    found = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        found += [path.name.encode(), content]
        if path.suffix == ".gz":
            found.append(gzip.decompress(content))
        elif path.suffix == ".sqlite":
            with sqlite3.connect(path) as database:
                found += [line.encode() for line in database.iterdump()]
    return b"\n".join(found)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_secret_is_sent_and_is_found_nowhere(old_site, home, monkeypatch, heard, fault):
    monkeypatch.setenv("SCRAPER_COOKIES", f"card={CANARY}")
    monkeypatch.setenv("SCRAPER_DEADLINE_SECONDS", "1")
    old_site.serve(mirror(CODES[:1]) | {PATH: FAULTS[fault]})
    ended = run("scrape", "--json")
    assert any(f"Cookie: card={CANARY}" in head for head in old_site.heads)
    assert ended.code in {0, 1, 3}
    told = "\n".join((*heard, ended.out, ended.err))
    assert told.strip()
    assert CANARY not in told
    assert CANARY.encode() not in kept_bytes(home)


def test_what_is_searched_would_be_found(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(CANARY.encode()))
    assert CANARY.encode() not in zlib.compress(CANARY.encode())
    assert CANARY.encode() in kept_bytes(tmp_path)
    assert len(FAULTS) >= 25
