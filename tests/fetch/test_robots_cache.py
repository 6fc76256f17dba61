"""The answer to robots.txt that is kept for a day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scraper.errors import StorageError
from scraper.fetch.robots import MAX_ROBOTS_BYTES, RobotsRules
from scraper.fetch.robots_cache import RobotsAnswer, _digest_of, read_cached, write_cached

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
URL = "https://codes.example/robots.txt"
BODY = b"User-agent: *\nDisallow: /lamp\n\xff\0"
DAY = timedelta(hours=24)
SECOND = timedelta(seconds=1)


def keep(raw: Path, status: int = 200, body: bytes = BODY, at: datetime = NOW) -> Path:
    write_cached(raw, "lantern", RobotsAnswer(status, body, at), url=URL)
    return raw / "lantern" / "robots.json"


def held(raw: Path, now: datetime = NOW, url: str = URL) -> RobotsAnswer | None:
    return read_cached(raw, "lantern", now, url=url)


def test_an_answer_comes_back_as_it_was(tmp_path: Path) -> None:
    keep(tmp_path)
    assert held(tmp_path) == (200, BODY, NOW)
    status, body, _ = held(tmp_path)
    assert not RobotsRules.parse(status, body).allows("https://codes.example/lamp")


@pytest.mark.parametrize(
    ("age", "is_held"),
    [
        (timedelta(0), True),
        (DAY - SECOND, True),
        (DAY, True),
        (DAY + SECOND, False),
        (30 * DAY, False),
        (-SECOND, False),
        (-DAY, False),
    ],
)
def test_it_lives_for_24_hours(tmp_path: Path, age: timedelta, is_held: bool) -> None:
    keep(tmp_path)
    assert (held(tmp_path, NOW + age) is not None) is is_held


def test_there_is_none_before_the_first_answer_and_none_of_another_site(tmp_path: Path) -> None:
    assert held(tmp_path) is None
    keep(tmp_path)
    assert read_cached(tmp_path, "torch", NOW, url=URL) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://codes.example/robots.txt",
        "https://codes.example:8443/robots.txt",
        "http://127.0.0.1:8642/robots.txt",
    ],
)
def test_the_rules_of_a_mirror_are_not_those_of_the_site(tmp_path: Path, url: str) -> None:
    keep(tmp_path)
    assert held(tmp_path, url=url) is None


@pytest.mark.parametrize("status", [204, 404, 410, 451])
def test_that_a_site_has_no_file_is_an_answer_too(tmp_path: Path, status: int) -> None:
    keep(tmp_path, status, b"")
    assert held(tmp_path) == (status, b"", NOW)


@pytest.mark.parametrize("status", [301, 401, 403, 429, 500, 503, 0])
def test_a_refusal_or_failure_is_not_kept_and_drops_nothing(tmp_path: Path, status: int) -> None:
    file = keep(tmp_path, status)
    assert not file.exists()
    keep(tmp_path)
    keep(tmp_path, status, b"no")
    assert held(tmp_path) == (200, BODY, NOW)


def test_a_newer_answer_takes_the_place_of_the_older(tmp_path: Path) -> None:
    keep(tmp_path)
    file = keep(tmp_path, 404, b"", NOW + SECOND)
    assert held(tmp_path, NOW + SECOND) == (404, b"", NOW + SECOND)
    assert [path.name for path in file.parent.iterdir()] == ["robots.json"]


def test_a_long_body_gives_the_same_rules_when_it_is_kept(tmp_path: Path) -> None:
    line = b"Disallow: /lamp%d\n"
    body = b"User-agent: *\n" + b"".join(line % number for number in range(60_000))
    keep(tmp_path, body=body)
    kept = held(tmp_path)
    assert len(kept.body) == MAX_ROBOTS_BYTES + 1
    assert RobotsRules.parse(200, kept.body) == RobotsRules.parse(200, body)


def test_every_flipped_byte_makes_it_absent_or_changes_nothing(tmp_path: Path) -> None:
    file = keep(tmp_path)
    content = file.read_bytes()
    for place in range(len(content)):
        for bit in (1, 32):
            damaged = bytearray(content)
            damaged[place] ^= bit
            file.write_bytes(damaged)
            assert held(tmp_path) in {None, (200, BODY, NOW)}


def test_every_cut_makes_it_absent(tmp_path: Path) -> None:
    file = keep(tmp_path)
    content = file.read_bytes()
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert held(tmp_path) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"robots"',
        b"7",
        b"\xff\xfe",
        b"\0" * 99,
        b"[" * 100_000,
        b'{"sha256": null}',
        b'{"sha256": "00", "status": 404}',
        b"9" * 3_000_000,
    ],
    ids=lambda content: str(content[:20]),
)
def test_what_is_no_answer_is_absent(tmp_path: Path, content: bytes) -> None:
    keep(tmp_path).write_bytes(content)
    assert held(tmp_path) is None


def test_a_changed_status_is_not_believed(tmp_path: Path) -> None:
    file = keep(tmp_path)
    kept = json.loads(file.read_bytes())
    file.write_text(json.dumps(kept | {"status": 404}))
    assert held(tmp_path) is None


def test_a_refusal_that_was_put_there_is_not_believed(tmp_path: Path) -> None:
    file = keep(tmp_path)
    kept = json.loads(file.read_bytes()) | {"status": 403}
    file.write_text(json.dumps(kept | {"sha256": _digest_of(kept)}))
    assert held(tmp_path) is None


def test_a_site_folder_that_is_a_file_holds_none_and_is_named_when_written(tmp_path: Path) -> None:
    (tmp_path / "lantern").write_text("no folder")
    assert held(tmp_path) is None
    with pytest.raises(StorageError, match="lantern"):
        keep(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = keep(tmp_path)
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageError, match=r"robots\.json"):
        held(tmp_path)


def test_a_run_that_was_killed_while_writing_leaves_the_old_answer(tmp_path: Path) -> None:
    file = keep(tmp_path)
    file.with_suffix(".new").write_text('{"url": "http')
    assert held(tmp_path) == (200, BODY, NOW)
    keep(tmp_path, 404, b"", NOW + SECOND)
    assert held(tmp_path, NOW + SECOND) == (404, b"", NOW + SECOND)
