"""A loopback server that answers each path with raw bytes or a behaviour, whatever HTTP says.

`python -m tests.fetch.faults` serves the soak in a process of its own and prints its origin.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import socket
import ssl
import struct
import sys
import zlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Self

from scraper.settings import Settings
from scraper.sites.profile import SiteProfile

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
PAGE = b"<html><body><p>A made-up page.</p></body></html>"
CODE_PATH = "/cpt/codes/10001"


class Kept(bytes):
    """An answer after which the server goes on reading: the connection stays open."""


def answer(body: bytes = PAGE, status: int = 200, **headers: str) -> bytes:
    """Return a whole HTTP answer; a header given here replaces the default one."""
    named = {"content_type": "text/html", "content_length": str(len(body))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status} Made up", *lines, "", ""]).encode() + body


def redirect(location: str, status: int = 302) -> bytes:
    return answer(b"", status, location=location)


def drip(start: bytes, drop: bytes = b"x", seconds: float = 0.02) -> Behaviour:
    """Answer with `start`, then with one `drop` after the other until the client is gone."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(seconds)

    return behave


def pour(start: bytes, piece: bytes, times: int) -> Behaviour:
    """Answer with `start` and `times` pieces, as fast as they are taken."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for _ in range(times):
            writer.write(piece)
            await writer.drain()

    return behave


async def stall(writer: asyncio.StreamWriter) -> None:
    """Say nothing for as long as the client waits."""
    await writer.wait_closed()


def reset_after(start: bytes) -> Behaviour:
    """Answer with `start`, then break the connection with a TCP reset."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        await writer.drain()
        linger_not = struct.pack("ii", 1, 0)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)

    return behave


Reply = bytes | Behaviour
Answers = Mapping[str, Reply] | Callable[[str], Reply]
MISSING = answer(b"no such page", 404)


class FaultServer:
    """Serves `answers` by path (404 for others) and keeps the head of each request.

    A `greeting` is sent before any request was read; a `shock` is done in place of reading any.
    """

    def __init__(
        self,
        answers: Answers,
        *,
        greeting: bytes = b"",
        shock: Behaviour | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answers = answers
        self.greeting = greeting
        self.shock = shock
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests: list[str] = []
        self.open = 0
        self.opened = 0
        self.most_open = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.origin = f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)

    @property
    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.open += 1
        self.opened += 1
        self.most_open = max(self.most_open, self.open)
        try:
            while await self._answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away or the test is over
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; tell whether the connection stays open."""
        if self.shock:
            await self.shock(writer)
            return False
        writer.write(self.greeting)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.requests.append(head)
        path = head.split(" ")[1]
        reply = self.answers(path) if callable(self.answers) else self.answers.get(path, MISSING)
        if not isinstance(reply, bytes):
            await reply(writer)
            return False
        writer.write(reply)
        await writer.drain()
        return isinstance(reply, Kept)


def make_profile(**changes: object) -> SiteProfile:
    """Return a small fictional site on 127.0.0.1; `changes` replace its keys."""
    values: dict[str, object] = {
        "name": "made-up",
        "title": "Made-up codes",
        "publisher": "Nobody",
        "fictional": True,
        "origin": "http://127.0.0.1",
        "hosts": ("127.0.0.1",),
        "code_paths": {"CPT": "/cpt/codes/{code}"},
        "pace_seconds": 0,
    }
    return SiteProfile.model_validate(values | changes)


def make_settings(**changes: object) -> Settings:
    return Settings(**({"deadline_seconds": 10.0, "max_page_bytes": 100_000} | changes))


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """Return a whole answer in these chunks."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end
    return answer(body, content_length="", transfer_encoding="chunked")


def raw_head(*lines: bytes, body: bytes = PAGE) -> bytes:
    """Return an answer with these lines in its head, as they are."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 200 Made up", length, *lines, b"", body])


def zipped(wire: bytes | None = None, coding: str = "gzip") -> bytes:
    return answer(gzip.compress(PAGE, mtime=0) if wire is None else wire, content_encoding=coding)


@cache
def _ten_megabytes_zipped() -> bytes:
    """Return whole deflate blocks of nothing, about 10 KB, that may follow one another."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(bytes(10_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)


def bomb(megabytes: int) -> Behaviour:
    """Answer with a gzip stream of that many megabytes of nothing, which does not end."""
    start = answer(b"", content_length="", content_encoding="gzip") + gzip.compress(b"")[:10]
    return pour(start, _ten_megabytes_zipped(), megabytes // 10)


_ZIPPED = gzip.compress(PAGE, mtime=0)
_GZIP_TWICE = gzip.compress(_ZIPPED)
_ONE_BYTE = b"1\r\nx\r\n" * 500
_CHUNKED_HEAD = answer(b"", content_length="", transfer_encoding="chunked")

# What becomes of each path: the reason of the failure, or None where the page is whole and kept.
FAULTS: dict[str, tuple[Reply, str | None]] = {
    "/slow/nothing": (stall, "timeout"),
    "/slow/status-line": (drip(b""), "timeout"),
    "/slow/fields": (drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), "timeout"),
    "/slow/body": (drip(answer(b"", content_length="5000")), "timeout"),
    "/slow/body-without-length": (drip(answer(b"", content_length="")), "timeout"),
    "/slow/chunks": (drip(_CHUNKED_HEAD, b"1\r\nx\r\n"), "timeout"),
    "/slow/chunks-of-one-byte": (pour(_CHUNKED_HEAD, _ONE_BYTE, 40_000), "timeout"),
    "/slow/chunk-size": (drip(_CHUNKED_HEAD, b"0"), "timeout"),
    "/slow/trailers": (drip(chunked(PAGE, end=b"0\r\nX-Slow: ")), "timeout"),
    "/length/too-short": (answer(content_length=str(len(PAGE) - 1)), "incomplete"),
    "/length/too-long": (answer(content_length=str(len(PAGE) + 1)), "truncated"),
    "/length/none": (answer(content_length=""), None),
    "/length/twice": (raw_head(b"Content-Length: 4"), "protocol"),
    "/length/twice-the-same": (raw_head(b"Content-Length: %d" % len(PAGE)), "protocol"),
    "/length/as-a-list": (answer(content_length=f"{len(PAGE)}, {len(PAGE)}"), "protocol"),
    "/length/below-zero": (answer(content_length="-1"), "protocol"),
    "/length/with-a-sign": (answer(content_length=f"+{len(PAGE)}"), "protocol"),
    "/length/in-hex": (answer(content_length=hex(len(PAGE))), "protocol"),
    "/length/of-another-script": (answer(content_length="\u0664\u0668"), "protocol"),
    "/length/beyond-all-bounds": (answer(content_length="9" * 30), "protocol"),
    "/length/of-an-exabyte": (answer(content_length="1" + "0" * 17), "truncated"),
    "/length/and-chunks": (answer(transfer_encoding="chunked"), "protocol"),
    "/chunks/whole": (chunked(PAGE[:9], PAGE[9:]), None),
    "/chunks/with-extension-and-trailer": (
        answer(
            b"%x ;a=b\r\n%s\r\n0\r\nX-Late: 1\r\n\r\n" % (len(PAGE), PAGE),
            content_length="",
            transfer_encoding="chunked",
        ),
        None,
    ),
    "/chunks/without-size": (chunked(PAGE, end=b"\r\n"), "protocol"),
    "/chunks/with-a-signed-size": (chunked(PAGE, end=b"+0\r\n\r\n"), "protocol"),
    "/chunks/with-0x": (chunked(PAGE, end=b"0x0\r\n\r\n"), "protocol"),
    "/chunks/with-a-bare-line-end": (chunked(PAGE, end=b"0\n\n"), "truncated"),
    "/chunks/of-another-length": (
        answer(b"5\r\nabcdefgh\r\n0\r\n\r\n", content_length="", transfer_encoding="chunked"),
        "protocol",
    ),
    "/chunks/beyond-all-bounds": (chunked(end=b"F" * 16 + b"\r\n"), "protocol"),
    "/chunks/of-a-petabyte": (chunked(end=b"F" * 13 + b"\r\nabc"), "truncated"),
    "/chunks/without-end": (chunked(PAGE, end=b""), "truncated"),
    "/chunks/without-the-last-line": (chunked(PAGE, end=b"0\r\n"), "truncated"),
    "/chunks/with-an-endless-extension": (
        pour(_CHUNKED_HEAD + b"5;", b"x" * 9_000, 99),
        "protocol",
    ),
    "/chunks/with-endless-trailers": (
        pour(chunked(PAGE, end=b"0\r\n"), b"X: y\r\n" * 999, 999),
        "protocol",
    ),
    "/chunks/in-http-1.0": (chunked(PAGE).replace(b"HTTP/1.1", b"HTTP/1.0"), "protocol"),
    "/chunks/said-twice": (
        answer(content_length="", transfer_encoding="chunked, chunked"),
        "protocol",
    ),
    "/chunks/zipped": (answer(content_length="", transfer_encoding="gzip, chunked"), "protocol"),
    "/head/in-http-1.0": (answer().replace(b"HTTP/1.1", b"HTTP/1.0"), None),
    "/head/without-a-phrase": (answer().replace(b" Made up", b""), None),
    "/head/not-http": (b"it is not HTTP\r\n\r\n", "protocol"),
    "/head/only-a-body": (PAGE + b"\r\n\r\n", "protocol"),
    "/head/of-http-2": (b"HTTP/2 200\r\n\r\n", "protocol"),
    "/head/with-a-status-of-letters": (b"HTTP/1.1 2OO OK\r\n\r\n", "protocol"),
    "/head/with-a-status-of-four": (b"HTTP/1.1 2000 OK\r\n\r\n", "protocol"),
    "/head/with-a-status-of-zero": (b"HTTP/1.1 000 OK\r\n\r\n", "protocol"),
    "/head/after-an-empty-line": (b"\r\n" + answer(), "protocol"),
    "/head/with-bare-lf": (answer().replace(b"\r\n", b"\n"), "reset"),
    "/head/with-one-bare-lf": (raw_head(b"X-A: 1\nX-B: 2"), "protocol"),
    "/head/with-one-bare-cr": (raw_head(b"X-A: 1\rX-B: 2"), "protocol"),
    "/head/with-nul": (raw_head(b"X-A: 1\0"), "protocol"),
    "/head/folded": (raw_head(b"X-A: 1", b" folded"), "protocol"),
    "/head/with-a-blank-before-the-colon": (raw_head(b"X-A : 1"), "protocol"),
    "/head/without-a-colon": (raw_head(b"X-A"), "protocol"),
    "/head/without-a-name": (raw_head(b": 1"), "protocol"),
    "/head/with-other-letters": (raw_head(b"X-A: \xe4\xff"), None),
    "/head/of-blanks": (raw_head(b"X-A:" + b" " * 50_000 + b"1"), None),
    "/head/of-1-megabyte": (raw_head(b"X-A: " + b"a" * 1_000_000), "protocol"),
    "/head/without-end": (pour(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n" * 999, 9_999), "protocol"),
    "/head/of-1000-fields": (raw_head(*[b"X-A: 1"] * 1_000), "protocol"),
    "/head/with-200-cookies": (raw_head(*[b"Set-Cookie: a=" + b"b" * 200] * 200), None),
    "/head/with-1000-cookies": (raw_head(*[b"Set-Cookie: a=b"] * 1_000), "protocol"),
    "/head/of-another-protocol": (b"HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n", "protocol"),
    "/head/after-ten-interim": (b"HTTP/1.1 103 Wait\r\n\r\n" * 10 + answer(), None),
    "/head/endless-interim": (drip(b"", b"HTTP/1.1 100 Go on\r\n\r\n", 0), "protocol"),
    "/coding/gzip": (zipped(), None),
    "/coding/gzip-in-chunks": (
        chunked(_ZIPPED).replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1),
        None,
    ),
    "/coding/cut-with-its-length": (zipped(_ZIPPED[:-1]), "truncated"),
    "/coding/cut-in-the-middle": (zipped(_ZIPPED[:25]), "truncated"),
    "/coding/wrong-checksum": (zipped(_ZIPPED[:-8] + bytes(8)), "bad_encoding"),
    "/coding/damaged": (zipped(_ZIPPED[:15] + b"\xff\xff" + _ZIPPED[17:]), "bad_encoding"),
    "/coding/not-gzip": (zipped(PAGE), "bad_encoding"),
    "/coding/two-streams": (zipped(_ZIPPED * 2), "bad_encoding"),
    "/coding/bytes-behind": (zipped(_ZIPPED + b"more"), "bad_encoding"),
    "/coding/gzip-in-gzip": (zipped(_GZIP_TWICE, "gzip, gzip"), "bad_encoding"),
    "/coding/gzip-in-gzip-unsaid": (zipped(_GZIP_TWICE), "incomplete"),
    "/coding/br": (zipped(coding="br"), "bad_encoding"),
    "/coding/stacked": (zipped(coding="br, gzip"), "bad_encoding"),
    "/coding/stacked-in-two-fields": (raw_head(*[b"Content-Encoding: gzip"] * 2), "bad_encoding"),
    "/coding/unknown": (zipped(coding="x" * 40_000), "bad_encoding"),
    "/coding/bomb-10-megabytes": (bomb(10), "truncated"),
    "/coding/bomb-100-megabytes": (bomb(100), "too_large"),
    "/coding/bomb-1-gigabyte": (bomb(1_000), "too_large"),
    "/coding/bomb-10-gigabytes": (bomb(10_000), "too_large"),
    "/body/of-100-megabytes": (
        pour(answer(b"", content_length="100000000"), bytes(1_000_000), 100),
        "too_large",
    ),
    "/body/without-end": (pour(answer(b"", content_length=""), b"x" * 99_999, 9_999), "too_large"),
    "/body/empty": (answer(b""), "incomplete"),
    "/body/cut": (answer(PAGE[:-3]), "incomplete"),
    "/body/no-text": (answer(content_type="image/png"), "not_text"),
    "/body/wall": (answer(b"<html><body><p>Please log in.</p></body></html>"), None),
    "/body/soft-404": (answer(b"<html><body><p>Nothing is here.</p></body></html>"), None),
    "/status/204": (b"HTTP/1.1 204 Nothing\r\n\r\n", "http_status"),
    "/status/206": (answer(status=206), "http_status"),
    "/status/500": (answer(b"out of order", 500), "server_error"),
    "/status/503-without-end": (
        pour(answer(b"", 503, content_length=""), PAGE, 99),
        "server_error",
    ),
    "/status/999": (answer(status=999), "server_error"),
    "/reset/at-once": (reset_after(b""), "reset"),
    "/reset/in-the-head": (reset_after(b"HTTP/1.1 200 OK\r\nX-"), "reset"),
    "/reset/in-the-body": (reset_after(answer(content_length="5000")), "reset"),
    "/end/at-once": (b"", "reset"),
    "/end/in-the-head": (b"HTTP/1.1 200 OK\r\nX-", "reset"),
    "/redirect/nowhere": (answer(b"", 302), "http_status"),
    "/redirect/to-itself": (redirect("/redirect/to-itself"), "redirect_loop"),
    "/redirect/in-a-ring": (redirect("/redirect/of-the-ring"), "redirect_loop"),
    "/redirect/of-the-ring": (redirect("/redirect/in-a-ring"), "redirect_loop"),
    "/redirect/to-a-fragment": (redirect("/body/wall#part"), None),
    "/redirect/to-a-query": (redirect("?again"), None),
    "/redirect/up": (redirect("../../../../body/wall"), None),
    "/redirect/off-the-site": (redirect("http://other.example/"), "redirect_off_site"),
    "/redirect/without-scheme": (redirect("//other.example/"), "redirect_off_site"),
    "/redirect/of-backslashes": (redirect("\\\\other.example\\"), None),
    "/redirect/to-another-port": (redirect("http://127.0.0.1:22/"), "redirect_off_site"),
    "/redirect/with-a-user": (redirect("http://a:b@127.0.0.1/"), "redirect_off_site"),
    "/redirect/to-a-private-network": (redirect("http://10.0.0.1/"), "redirect_off_site"),
    "/redirect/to-metadata": (redirect("http://169.254.169.254/"), "redirect_off_site"),
    "/redirect/to-this-machine": (redirect("http://[::1]/"), "redirect_off_site"),
    "/redirect/to-a-file": (redirect("file:///etc/hostname"), "redirect_off_site"),
    "/redirect/to-data": (redirect("data:text/html,x"), "redirect_off_site"),
    "/redirect/to-a-script": (redirect("javascript:1"), "redirect_off_site"),
    "/redirect/with-bare-cr": (redirect("/a\rX-B: 1"), "protocol"),
    "/redirect/with-a-line-end": (redirect("/a\r\nX-B: 1"), None),
    "/redirect/with-an-escaped-line-end": (redirect("/a%0d%0aX-B:1"), None),
    "/redirect/to-two-places": (
        redirect("/a").replace(b"\r\n", b"\r\nLocation: /b\r\n", 1),
        "protocol",
    ),
    "/redirect/far-too-long": (redirect("/" + "a" * 9_000), "bad_url"),
    "/redirect/with-other-letters": (redirect("/körper"), None),
    "/redirect/to-no-host": (redirect("http://"), "redirect_loop"),
    "/redirect/to-a-broken-host": (redirect("http://[::1"), "bad_url"),
    "/redirect/to-a-broken-name": (redirect("http://xn--/"), "bad_url"),
    "/redirect/to-a-port-of-letters": (redirect("http://127.0.0.1:port/"), "bad_url"),
}


def soak_page(number: int) -> bytes:
    """Return the one true page of a path of the soak."""
    rows = b"".join(b"<p>Row %d of page %d.</p>" % (row, number) for row in range(number % 50))
    return b"<html><body><h1>%d</h1>%s</body></html>" % (number, rows)


def soak_reply(path: str) -> Reply:
    """Answer `/soak/SEED/N`: 30 of 100 with a fault, the others with their page, plain or not."""
    if not path.startswith("/soak/"):
        return FAULTS[path][0] if path in FAULTS else MISSING
    _, _, seed, number = path.split("/")
    chance = random.Random(f"{seed}/{number}")
    page = soak_page(int(number))
    if chance.random() < 0.3:
        return _cut(page, chance) if chance.random() < 0.3 else _any_fault(chance)
    forms = (
        answer(page),
        zipped(gzip.compress(page)),
        chunked(page[:7], page[7:]),
        answer(page) + b"more than it says",
        answer(page) + answer(b"<html>a page that nobody asked for</html>"),
    )
    return Kept(chance.choice(forms))


def _cut(page: bytes, chance: random.Random) -> Reply:
    whole = chance.choice((answer(page), chunked(page), zipped(gzip.compress(page))))
    start = whole[: chance.randrange(len(whole))]
    return reset_after(start) if chance.random() < 0.5 else start


def _any_fault(chance: random.Random) -> Reply:
    quick = [
        reply
        for path, (reply, reason) in FAULTS.items()
        if reason and not path.startswith(("/slow", "/coding/bomb-1", "/body/of-100"))
    ]
    return chance.choice(quick)


async def serve_soak() -> None:
    async with FaultServer(soak_reply) as server:
        print(server.origin, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve_soak())
