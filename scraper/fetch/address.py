"""Which network addresses may be reached, checked on what a host name resolves to.

A name that leads into a private network, to this machine or to the metadata service of a cloud is
refused, so a hostile DNS answer reaches nothing inside. Only an origin that itself names this
machine, or one such address literally, is reached there: a mirror or a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from scraper.errors import FetchError

MAX_ADDRESSES = 4

_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
# Teredo and 6to4 carry an IPv4 address that only a relay would check.
_TUNNELS = (ip_network("2001::/32"), ip_network("2002::/16"))
# The standard library takes these for global: protocol assignments (one cloud's metadata service
# is in them), the relays of 6to4, and the metadata address of another cloud.
_MORE_RESERVED = (
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("168.63.129.16/32"),
)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is of the open internet, whatever form hides it (RFC 6890, 6052).

    >>> is_public(ip_address("::ffff:127.0.0.1")), is_public(ip_address("9.9.9.9"))
    (False, True)
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is None:
            return (
                address in _GLOBAL_UNICAST
                and address.is_global
                and not any(address in tunnel for tunnel in _TUNNELS)
            )
        address = inner
    is_special = address.is_multicast or any(address in net for net in _MORE_RESERVED)
    return address.is_global and not is_special


async def find_addresses(host: str, port: int, origin_host: str) -> list[str]:
    """Resolve `host` and return the addresses to try, at most MAX_ADDRESSES.

    Raises FetchError("private_address") if any of them may not be reached, and gaierror.
    """
    literal = _literal(host)
    found = [str(literal)] if literal else await _look_up(host, port)
    for address in found:
        if not _may_reach(host, address, origin_host):
            raise FetchError(
                "private_address", f"{host} leads to {address}, which is no address of the internet"
            )
    return found[:MAX_ADDRESSES]


def _may_reach(host: str, text: str, origin_host: str) -> bool:
    address = _literal(text)
    if address is None:
        return False
    if is_public(address):
        return True
    if host != origin_host:
        return False
    return address.is_loopback if host == "localhost" else address == _literal(host)


@lru_cache(maxsize=256)
def _literal(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


async def _look_up(host: str, port: int) -> list[str]:
    """Ask the resolver in a thread that nobody waits for: a deadline ends a look-up that hangs."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: OSError | UnicodeError | None) -> None:
        if answer.done():  # the deadline came first
            return
        if error:
            answer.set_exception(error)
        else:
            answer.set_result(found)

    def ask() -> None:
        found: list[str] = []
        error: OSError | UnicodeError | None = None
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError) as failure:
            error = failure
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found, error)

    threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    return await answer
