"""Every fault of the fault server: a named outcome, within its time and memory, nothing kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from scraper.errors import FetchError
from scraper.fetch.client import PageClient

from .asking import Outcome
from .faults import (
    FAULTS,
    PAGE,
    Behaviour,
    FaultServer,
    Kept,
    Reply,
    answer,
    chunked,
    make_profile,
    make_settings,
    redirect,
    reset_after,
    soak_page,
    soak_reply,
    stall,
    zipped,
)

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
SECONDS_OF_A_BOMB = 2.0
MEMORY_KIB = 64 * 1024
FIRST = "/body/wall"


def deadline_of(path: str) -> float:
    return 0.5 if path.startswith("/slow/") else PATIENCE


async def ask_in_a_process(origin: str, wanted: list[tuple[str, float]]) -> list[Outcome]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fetch.asking", origin),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    lines = "".join(f"{path} {deadline}\n" for path, deadline in wanted)
    out, err = await child.communicate(lines.encode())
    assert (child.returncode, err.decode()) == (0, "")
    return [Outcome(**json.loads(line)) for line in out.splitlines()]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Ask for every path once, in one other process and one after the other."""

    async def main() -> list[Outcome]:
        answers = {path: reply for path, (reply, _) in FAULTS.items()}
        async with FaultServer(answers) as server:
            paths = [FIRST, *FAULTS]
            return await ask_in_a_process(server.origin, [(p, deadline_of(p)) for p in paths])

    return {outcome.path: outcome for outcome in reversed(asyncio.run(main()))}


@pytest.mark.parametrize("path", FAULTS)
def test_each_fault_has_a_named_outcome_and_nothing_of_it_is_kept(
    path: str, outcomes: dict[str, Outcome]
) -> None:
    outcome, reason = outcomes[path], FAULTS[path][1]
    assert outcome.reason == reason, outcome.message
    assert (outcome.sha256 is None) == (reason is not None)
    assert "\n" not in outcome.message
    assert len(outcome.message) < 500 or reason == "bad_url"
    assert outcome.seconds < deadline_of(path) + 1


def test_what_is_whole_is_kept_byte_for_byte(outcomes: dict[str, Outcome]) -> None:
    for kind in ("/length/", "/chunks/", "/head/", "/coding/"):
        whole = [o for o in outcomes.values() if o.path.startswith(kind) and o.reason is None]
        assert whole
        assert {o.sha256 for o in whole} == {hashlib.sha256(PAGE).hexdigest()}


def test_all_faults_together_cost_little_memory_and_leave_no_file_open(
    outcomes: dict[str, Outcome],
) -> None:
    first, last = outcomes[FIRST], outcomes[next(reversed(FAULTS))]
    assert max(o.peak or o.now for o in outcomes.values()) - first.now < MEMORY_KIB
    assert last.files <= first.files + 1  # one client for each of the two deadlines


@pytest.mark.parametrize("path", [path for path in FAULTS if "bomb" in path])
def test_a_bomb_is_out_in_two_seconds(path: str, outcomes: dict[str, Outcome]) -> None:
    assert outcomes[path].seconds < SECONDS_OF_A_BOMB


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_a_redirect_off_the_site_reaches_nobody(host: str) -> None:
    """Whatever is sent to the site (a name, a contact, what others add) goes to no other server."""

    async def main() -> list[str]:
        async with FaultServer({}) as other:
            away = redirect(f"http://{host}:{other.port}/")
            async with FaultServer({"/a": away}) as server:
                settings = make_settings(origin=server.origin, contact="me@codes.example")
                async with PageClient(make_profile(), settings) as client:
                    assert await reason_of(client, f"{server.origin}/a") == "redirect_off_site"
            return other.requests

    assert asyncio.run(main()) == []


# Breaking off at every byte


def reasons_of(replies: Sequence[Reply]) -> list[str | None]:
    """Return the reason that each of these answers leads to; what is kept must be PAGE."""

    async def main() -> list[str | None]:
        async with FaultServer(lambda path: replies[int(path[1:])]) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                urls = [f"{server.origin}/{number}" for number in range(len(replies))]
                return [await reason_of(client, url) for url in urls]

    return asyncio.run(main())


def beginnings(whole: bytes) -> list[bytes]:
    return [whole[:count] for count in range(len(whole) + 1)]


async def reason_of(client: PageClient, url: str) -> str | None:
    try:
        capture = await client.fetch(url)
    except FetchError as error:
        return error.reason
    assert capture.body == PAGE
    return None


FORMS = {"plain": answer(), "chunked": chunked(PAGE[:9], PAGE[9:]), "gzip": zipped()}
each_form = pytest.mark.parametrize("form", FORMS)


@each_form
def test_an_answer_that_ends_at_any_byte_is_no_page(form: str) -> None:
    whole = FORMS[form]
    *cuts, last = reasons_of(beginnings(whole))
    head = whole.index(b"\r\n\r\n") + 4
    assert set(cuts[:head]) == {"reset"}
    assert set(cuts[head:]) == {"truncated"}
    assert last is None


@each_form
def test_an_answer_that_is_reset_at_any_byte_is_no_page(form: str) -> None:
    *cuts, last = reasons_of([reset_after(start) for start in beginnings(FORMS[form])])
    assert set(cuts) == {"reset"}
    assert last in {None, "reset"}


def test_a_page_without_any_length_is_known_by_its_end_mark_alone() -> None:
    whole = answer(content_length="")
    *cuts, last = reasons_of(beginnings(whole))
    assert set(cuts[whole.index(b"\r\n\r\n") + 4 :]) == {"incomplete"}
    assert last is None


@pytest.mark.parametrize("bit", [0, 3, 5, 7])
def test_a_bit_that_flips_anywhere_in_a_zipped_answer_gives_no_wrong_page(bit: int) -> None:
    whole = zipped()
    flipped = [
        whole[:place] + bytes([whole[place] ^ 1 << bit]) + whole[place + 1 :]
        for place in range(len(whole))
    ]
    reasons = reasons_of(flipped)
    stream = reasons[whole.index(b"\r\n\r\n") + 14 :]  # behind the head of gzip
    assert set(stream) <= {"bad_encoding", "truncated", None}
    assert stream.count(None) <= 1  # in the padding of the last byte, where it changes nothing


def test_a_request_that_is_given_up_leaves_a_client_that_works() -> None:
    async def main() -> tuple[bytes, int]:
        asked = asyncio.Event()

        async def keep_waiting(writer: asyncio.StreamWriter) -> None:
            asked.set()
            await stall(writer)

        async with FaultServer({"/slow": keep_waiting, "/a": answer()}) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                waiting = asyncio.create_task(client.fetch(f"{server.origin}/slow"))
                await asked.wait()
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
                return (await client.fetch(f"{server.origin}/a")).body, server.opened

    assert asyncio.run(main()) == (PAGE, 2)


# Each request has a connection of its own


def late(first: bytes, surplus: bytes) -> Behaviour:
    """Answer, and a little later send an answer that nobody asked for."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.write(surplus)
        await writer.drain()

    return behave


def test_an_answer_that_comes_too_late_answers_no_other_request() -> None:
    stray = answer(b"<html>a page that nobody asked for</html>")

    async def main() -> tuple[list[bytes], int]:
        answers: dict[str, Reply] = {"/0": late(answer(), stray), "/1": late(answer(), stray)}
        async with FaultServer(answers | {"/2": Kept(answer())}) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                urls = [f"{server.origin}/{number}" for number in range(3)]
                bodies = [(await client.fetch(url)).body for url in urls]
            assert all("connection: close" in head.lower() for head in server.requests)
            return bodies, server.opened

    assert asyncio.run(main()) == ([PAGE] * 3, 3)


def test_a_connection_that_ends_without_an_answer_is_not_asked_again_at_once() -> None:
    async def main() -> tuple[str | None, list[str]]:
        async with FaultServer({"/a": b""}) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                return await reason_of(client, f"{server.origin}/a"), server.paths

    assert asyncio.run(main()) == ("reset", ["/a"])


# Soak


async def soak(seed: int, count: int) -> list[Outcome]:
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fetch.faults"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        origin = (await server.stdout.readline()).decode().strip()
        wanted = [(f"/soak/{seed}/{number}", PATIENCE) for number in range(count)]
        return await ask_in_a_process(origin, wanted)
    finally:
        server.stdin.close()
        await server.wait()


def check_soak(outcomes: list[Outcome], count: int) -> None:
    assert len(outcomes) == count
    for number, outcome in enumerate(outcomes):
        is_whole = isinstance(soak_reply(outcome.path), Kept)
        expected = hashlib.sha256(soak_page(number)).hexdigest() if is_whole else None
        assert outcome.sha256 == expected, outcome
    failed = sum(outcome.reason is not None for outcome in outcomes)
    assert 0.2 < failed / count < 0.4
    assert max(o.files for o in outcomes) - outcomes[0].files <= 1
    settled = outcomes[count // 5 :]
    assert settled[-1].now - settled[0].now < 8 * 1024


def test_a_short_soak_gives_no_wrong_page() -> None:
    check_soak(asyncio.run(soak(seed=1, count=300)), 300)


@pytest.mark.torture
def test_20000_requests_with_random_faults_give_no_wrong_page_and_keep_nothing_open() -> None:
    check_soak(asyncio.run(soak(seed=2, count=20_000)), 20_000)
