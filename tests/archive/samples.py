"""Captures and folders that the tests of the archive share; all texts are fictional."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.archive.store import Archive
from scraper.capture import Capture, HeldCapture, HeldPage
from scraper.errors import PageError

START = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SITE = "sample"
SEGMENT = f"{SITE}/{SITE}-00001.warc.gz"
HTML = (("Content-Type", "text/html; charset=utf-8"),)
REQUEST = (("User-Agent", "tester/1"), ("Accept", "text/html"))


def page_url(number: int) -> str:
    return f"https://codes.example/cpt/codes/{number:05}"


def page_body(number: int, words: int = 30) -> bytes:
    chance = random.Random(number)
    text = " ".join(chance.choice(["lantern", "harbor", "violet", "copper"]) for _ in range(words))
    return f"<html><h1>Invented code {number:05}</h1><p>{text}</p></html>".encode()


def fetched(number: int, *, minutes: int = 0, body: bytes | None = None, **changes) -> Capture:
    values = {
        "site": SITE,
        "url": page_url(number),
        "retrieved_at": START + timedelta(minutes=minutes),
        "body": page_body(number) if body is None else body,
        "status": 200,
        "headers": HTML,
    }
    return Capture(**(values | changes))


def imported(name: str, body: bytes, **changes) -> Capture:
    values = {"site": SITE, "url": None, "retrieved_at": START, "body": body}
    return Capture(**(values | {"source": "import", "source_name": name} | changes))


def fill(raw_dir: Path, captures: Iterable[Capture], **options) -> list[HeldPage]:
    with Archive.open(raw_dir, write=True, **options) as archive:
        return [archive.append(capture, REQUEST) for capture in captures]


def held(raw_dir: Path) -> list[HeldPage]:
    with Archive.open(raw_dir) as archive:
        return list(archive.pages())


def read_all(raw_dir: Path) -> list[HeldCapture | tuple[HeldPage, PageError]]:
    with Archive.open(raw_dir) as archive:
        return list(archive.captures())


def file_bytes(raw_dir: Path) -> dict[str, bytes]:
    """The data files of raw/ by name; the index and the lock are none."""
    files = (path for path in sorted(raw_dir.rglob("*")) if path.is_file())
    names = {".lock", "index.sqlite"}
    return {str(f.relative_to(raw_dir)): f.read_bytes() for f in files if f.name not in names}


def copies(raw_dir: Path, to: Path) -> Iterator[Path]:
    """Give the same folder again and again, each time as it was."""
    while True:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(raw_dir, to)
        yield to
