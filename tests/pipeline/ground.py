"""Common ground of the tests of pipeline and command line: a clean home, a clock, a mirror site."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any, Self

import pyarrow.parquet as pq
import pytest
from fetch.faults import Behaviour, FaultServer, answer

from scraper import cli, clock
from scraper.archive.store import Archive
from scraper.capture import Capture
from scraper.pipeline.fetching import FetchReport, fetch_pages
from scraper.project import Project
from scraper.sample.book import read_book
from scraper.sample.chrome import path_of
from scraper.sample.site import SampleSite
from scraper.settings import Settings
from scraper.sites.profile import load_profiles

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BOOK = read_book()
CODES = tuple(BOOK.pages)
DOORS = BOOK.doors
GUIDES = [code for code, page in BOOK.pages.items() if page.layout == "guide"]
ROWS = [code for code in CODES if code not in GUIDES]
_VIEWS = 10_000


class Terminal(io.TextIOWrapper):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def complaints(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("scraper: ")]


class Clock:
    """The program's clock, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        monkeypatch.setattr(clock, "utc_now", lambda: self.now)

    def pass_days(self, days: int) -> None:
        self.now += timedelta(days=days)


def clean_home(monkeypatch: pytest.MonkeyPatch, folder: Path, **settings: str) -> Path:
    """Make `folder` the current one, with its own raw/ and output/, whatever is set outside."""
    for name in [name for name in os.environ if name.startswith("SCRAPER_")]:
        monkeypatch.delenv(name)
    folder.mkdir(exist_ok=True)
    folder.joinpath("scraper.toml").write_text(
        'raw_dir = "raw"\noutput_dir = "output"\nworkers = 1\nsample_port = 0\n'
    )
    monkeypatch.chdir(folder)
    for name, value in settings.items():
        monkeypatch.setenv(f"SCRAPER_{name.upper()}", value)
    return folder


def run(*words: object, terminal: bool = False, encoding: str = "utf-8") -> Ended:
    """Run the command line in this process, as the shell would."""
    kind = Terminal if terminal else io.TextIOWrapper
    out, err = (kind(io.BytesIO(), encoding=encoding) for _ in range(2))
    argv = sys.argv
    sys.argv = ["scraper", *map(str, words)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = _exit_code()
    finally:
        sys.argv = argv
    bodies = []
    for stream in (out, err):
        stream.flush()
        bodies.append(stream.buffer.getvalue())  # type: ignore[attr-defined]
    return Ended(code, *(body.decode("utf-8", "replace") for body in bodies), body=bodies[0])


def _exit_code() -> int:
    try:
        cli.main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def rows_of(table: str, output_dir: Path = Path("output")) -> list[dict[str, Any]]:
    """Return the rows of a table of the latest release."""
    path = output_dir / "latest" / f"{table}.parquet"
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def releases(output_dir: Path = Path("output")) -> list[str]:
    folder = output_dir / "releases"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def data_files(output_dir: Path = Path("output")) -> dict[str, bytes]:
    """Return what a release holds but for its manifest, which alone tells version and time."""
    latest = output_dir / "latest"
    return {
        path.relative_to(latest).as_posix(): path.read_bytes()
        for path in latest.rglob("*")
        if path.is_file() and not path.name.startswith("_")
    }


def project_in(folder: Path, site: str = "sample", **settings: Any) -> Project:
    known = {"workers": 1, "raw_dir": folder / "raw", "output_dir": folder / "output", "site": site}
    return Project.open(Settings(**(known | settings)))


def sample_page(path: str) -> bytes:
    """Return a page of the sample site, with views left for everyone."""
    site = SampleSite(BOOK, "http://127.0.0.1", views_per_day=_VIEWS, crawl_delay=0)
    return site.answer(path, START.date()).body


def page_of(code: str) -> bytes:
    return sample_page(path_of(code))


def mirror(codes: Sequence[str]) -> dict[str, bytes | Behaviour]:
    """Return the answers of a small copy of the sample site: robots.txt, sitemap, and `codes`."""
    locations = "".join(f"<url><loc>http://127.0.0.1{path_of(c)}</loc></url>" for c in codes)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    sitemap = f'<urlset xmlns="{space}">{locations}</urlset>'.encode()
    return {
        "/robots.txt": answer(b"User-agent: *\nDisallow: /private/\n", content_type="text/plain"),
        "/sitemap.xml": answer(sitemap, content_type="application/xml"),
        **{path_of(code): answer(page_of(code)) for code in codes},
    }


class Mirror:
    """A server whose answers change from day to day, and whose address stays; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._server = FaultServer({})

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait_for(self._server.__aenter__())
        return self

    def __exit__(self, *error: object) -> None:
        self._wait_for(self._server.__aexit__(*error))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def origin(self) -> str:
        return self._server.origin

    def serve(self, answers: Mapping[str, bytes | Behaviour]) -> None:
        """Answer so from now on, and forget what was asked."""
        self._server.answers = dict(answers)
        self._server.requests.clear()

    @property
    def paths(self) -> list[str]:
        return self._server.paths

    @property
    def heads(self) -> list[str]:
        return list(self._server.requests)

    def fetch_from(
        self,
        answers: Mapping[str, bytes | Behaviour],
        folder: Path,
        codes: Sequence[str] = (),
        **settings: Any,
    ) -> tuple[FetchReport, list[str]]:
        """Fetch from this server with these answers; return the report and the paths asked for."""
        self.serve(answers)
        project = project_in(folder, origin=self.origin, **settings)
        return asyncio.run(fetch_pages(project, codes)), self.paths

    def _wait_for(self, step: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(step, self._loop).result(timeout=30)


def keep(raw_dir: Path, *captures: Capture) -> None:
    """Put captures into an archive."""
    with Archive.open(raw_dir, write=True) as archive:
        for capture in captures:
            archive.append(capture)


def capture_of(code: str, body: bytes | None = None, **changes: Any) -> Capture:
    """Return a capture of a page of the sample site."""
    values: dict[str, Any] = {
        "site": "sample",
        "url": f"http://127.0.0.1{path_of(code)}",
        "retrieved_at": START,
        "body": page_of(code) if body is None else body,
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"),),
    }
    return Capture(**(values | changes))


SAMPLE = load_profiles()["sample"]
