"""Which addresses may be reached, and that the check stands between a name and the network."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from ipaddress import ip_address

import pytest

from scraper.errors import FetchError
from scraper.fetch.address import MAX_ADDRESSES, find_addresses, is_public
from scraper.fetch.answer import Answer
from scraper.fetch.client import PageClient
from scraper.fetch.exchange import ask_once

from .faults import CODE_PATH, PAGE, FaultServer, answer, make_profile, make_settings

INSIDE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "100::1",
    "2001::7f00:1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
OUTSIDE = ["9.9.9.9", "2606:4700::1", "::ffff:9.9.9.9", "64:ff9b::909:909"]


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public_in_whatever_form(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Let every name resolve to these; return the list of names that are asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def found(host: str, origin_host: str = "codes.example") -> list[str]:
    return asyncio.run(find_addresses(host, 443, origin_host))


def reason(host: str, origin_host: str = "codes.example") -> str:
    with pytest.raises(FetchError) as raised:
        found(host, origin_host)
    assert host in str(raised.value)
    return raised.value.reason


@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_leads_inside_is_refused_even_if_it_is_the_origin(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, address)
    assert reason("codes.example") == "private_address"


def test_a_name_that_leads_inside_among_others_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, *OUTSIDE, "10.0.0.1")
    assert reason("codes.example") == "private_address"


def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, "no address")
    assert reason("codes.example") == "private_address"


def test_only_some_of_many_addresses_are_tried_and_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, *["9.9.9.9"] * 3, *[f"9.9.8.{n}" for n in range(50)])
    assert found("codes.example") == ["9.9.9.9", *[f"9.9.8.{n}" for n in range(MAX_ADDRESSES - 1)]]


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "::1", "9.9.9.9"])
def test_an_origin_given_as_an_address_is_reached_without_a_look_up(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolve_to(monkeypatch, "9.9.9.9")
    assert found(host, host) == [host]
    assert asked == []


def test_another_private_address_than_the_origin_is_refused() -> None:
    assert reason("10.0.0.2", "10.0.0.1") == "private_address"
    assert reason("127.0.0.1", "localhost") == "private_address"


def test_localhost_leads_to_this_machine_and_not_into_a_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    assert found("localhost", "localhost") == ["127.0.0.1"]
    resolve_to(monkeypatch, "10.0.0.1")
    assert reason("localhost", "localhost") == "private_address"


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_an_address_in_disguise_is_seen_through(host: str) -> None:
    assert reason(host, host) == "private_address"


# Through the client


def fetch_by_name(deadline: float = 10) -> tuple[str, list[str]]:
    """Ask for a page of codes.example, on the port of a server of this machine."""

    async def main() -> tuple[str, list[str]]:
        async with FaultServer({CODE_PATH: answer()}) as server:
            origin = f"http://codes.example:{server.port}"
            settings = make_settings(origin=origin, deadline_seconds=deadline)
            async with PageClient(make_profile(), settings) as client:
                with pytest.raises(FetchError) as raised:
                    await client.fetch(f"{origin}{CODE_PATH}")
            return raised.value.reason, server.requests

    return asyncio.run(main())


def test_a_name_that_is_pointed_at_this_machine_reaches_no_server_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = resolve_to(monkeypatch, "127.0.0.1")
    assert fetch_by_name() == ("private_address", [])
    assert asked == ["codes.example"]


def test_the_address_that_was_checked_is_the_one_that_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name may lead elsewhere at each look-up, so there is one look-up and no second."""
    asked = resolve_to(monkeypatch, "127.0.0.1")

    async def main() -> bytes:
        async with FaultServer({CODE_PATH: answer()}) as server:
            origin = f"http://localhost:{server.port}"
            async with PageClient(make_profile(), make_settings(origin=origin)) as client:
                return (await client.fetch(f"{origin}{CODE_PATH}")).body

    assert asyncio.run(main()) == PAGE
    assert asked == ["localhost"]


def test_an_address_that_takes_no_connection_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, "127.0.0.2", "127.0.0.1")

    async def main() -> bytes:
        async with FaultServer({CODE_PATH: answer()}) as server:
            origin = f"http://localhost:{server.port}"
            async with PageClient(make_profile(), make_settings(origin=origin)) as client:
                return (await client.fetch(f"{origin}{CODE_PATH}")).body

    assert asyncio.run(main()) == PAGE


def test_a_look_up_that_hangs_ends_at_the_deadline_and_holds_up_no_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()

    def hang(*_args: object, **_options: object) -> None:
        release.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "made up")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    start = time.monotonic()
    assert fetch_by_name(deadline=0.2) == ("timeout", [])
    assert time.monotonic() - start < 10
    release.set()


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (socket.gaierror(socket.EAI_NONAME, "made up"), "dns"),
        (socket.gaierror(socket.EAI_AGAIN, "made up"), "dns"),
        (UnicodeError("label too long"), "bad_url"),
    ],
)
def test_a_look_up_that_fails_has_a_name(
    error: Exception, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert fetch_by_name() == (named, [])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_an_address_that_is_no_sites_reaches_inside_only_where_the_user_named_it(host: str) -> None:
    async def main() -> tuple[str, list[str], Answer]:
        async with FaultServer({"/a": answer()}) as server:
            url = f"http://{host}:{server.port}/a"
            with pytest.raises(FetchError) as raised:
                await ask_once(url, {}, 1_000, 5, user_gave="https://codes.example/i")
            refused = list(server.requests)
            url = f"{server.origin}/a"
            whole = await ask_once(url, {}, 1_000, 5, user_gave=server.origin)
            return raised.value.reason, refused, whole

    why, requests, whole = asyncio.run(main())
    assert (why, requests, whole.body) == ("private_address", [], PAGE)
