"""PageClient against a server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
import pytest
import respx

from scraper import clock
from scraper.capture import Capture, CaptureKind
from scraper.errors import FetchError, SiteStopError, UsageError
from scraper.fetch.answer import REDIRECTED_TO
from scraper.fetch.client import PageClient
from scraper.fetch.conduct import Conduct
from scraper.fetch.pace import Pacer
from scraper.fetch.robots import NOTHING_ALLOWED, RobotsRules

from .faults import (
    CODE_PATH,
    PAGE,
    Behaviour,
    FaultServer,
    answer,
    drip,
    make_profile,
    make_settings,
    redirect,
    reset_after,
)

Answers = Mapping[str, bytes | Behaviour]


def fetch(answers: Answers, kind: CaptureKind = "page", **settings: object) -> Capture:
    """Fetch CODE_PATH from a server with these answers."""
    return fetch_and_watch(answers, kind, **settings)[0]


def fetch_and_watch(
    answers: Answers, kind: CaptureKind = "page", **settings: object
) -> tuple[Capture, FaultServer]:
    async def main() -> tuple[Capture, FaultServer]:
        async with FaultServer(answers) as server:
            chosen = make_settings(**({"origin": server.origin} | settings))
            async with PageClient(make_profile(), chosen) as client:
                return await client.fetch(f"{server.origin}{CODE_PATH}", kind), server

    return asyncio.run(main())


def failure(reply: bytes | Behaviour, **settings: object) -> FetchError:
    """Return the error that this reply to CODE_PATH must lead to."""
    with pytest.raises(FetchError) as raised:
        fetch({CODE_PATH: reply}, **settings)
    return raised.value


def ask_live(
    url: str, profile: dict[str, object], network: respx.MockRouter | None = None
) -> Capture:
    """Fetch `url` of a site that is not on loopback; `network` stands in for it."""

    async def main() -> Capture:
        transport = httpx.MockTransport(network.async_handler) if network else None
        async with PageClient(make_profile(**profile), make_settings(), transport) as client:
            return await client.fetch(url)

    return asyncio.run(main())


HTTPS_SITE = {"origin": "https://codes.example", "hosts": ("codes.example", "www.codes.example")}


# What arrives whole becomes a capture


def test_a_whole_page_is_captured_as_it_was_received(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    monkeypatch.setattr(clock, "utc_now", lambda: moment)
    capture, server = fetch_and_watch({CODE_PATH: answer(x_mark="kept")})
    assert capture.url == f"{server.origin}{CODE_PATH}"
    assert (capture.site, capture.kind, capture.source) == ("made-up", "page", "fetch")
    assert (capture.status, capture.body, capture.retrieved_at) == (200, PAGE, moment)
    assert ("x-mark", "kept") in capture.headers


def test_a_gzipped_page_is_decoded() -> None:
    capture = fetch({CODE_PATH: answer(gzip.compress(PAGE), content_encoding="gzip")})
    assert capture.body == PAGE


def test_a_chunked_page_without_a_length_is_read_to_its_end() -> None:
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    reply = answer(chunks, content_length="", transfer_encoding="chunked")
    assert fetch({CODE_PATH: reply}).body == PAGE


@pytest.mark.parametrize("status", [404, 410, 401, 403, 429])
def test_a_refusal_or_an_absence_is_evidence_whatever_its_body(status: int) -> None:
    capture = fetch({CODE_PATH: answer(b"{}", status, content_type="application/json")})
    assert (capture.status, capture.body) == (status, b"{}")


def test_a_sitemap_needs_no_end_mark_of_a_page() -> None:
    reply = answer(b"<urlset/>", content_type="application/xml")
    capture = fetch({CODE_PATH: reply}, kind="sitemap")
    assert (capture.kind, capture.body) == ("sitemap", b"<urlset/>")


def test_an_end_mark_counts_in_capitals_too() -> None:
    assert fetch({CODE_PATH: answer(PAGE.upper())}).body == PAGE.upper()


# What does not arrive whole is refused


@pytest.mark.parametrize(
    ("reason", "reply"),
    [
        ("truncated", answer(content_length=str(len(PAGE) + 1))),
        ("truncated", answer(b"40\r\nabc", content_length="", transfer_encoding="chunked")),
        ("truncated", answer(gzip.compress(PAGE)[:-4], content_encoding="gzip")),
        ("incomplete", answer(content_length=str(len(PAGE) - 1))),
        ("incomplete", answer(PAGE[:-3])),
        ("incomplete", answer(b"")),
        ("incomplete", answer(gzip.compress(PAGE[:-3]), content_encoding="gzip")),
        ("bad_encoding", answer(gzip.compress(PAGE), content_encoding="gzip, gzip")),
        ("bad_encoding", answer(content_encoding="br")),
        ("bad_encoding", answer(content_encoding="gzip")),
        ("too_large", answer(PAGE + b" " * 100_000)),
        ("too_large", answer(gzip.compress(b" " * 10_000_000), content_encoding="gzip")),
        ("too_large", drip(answer(b"", content_length=""), b"x" * 50_000, 0)),
        ("not_text", answer(content_type="application/pdf")),
        ("not_text", answer(content_type="image/svg; charset=utf-8")),
        ("server_error", answer(b"out of order", 500)),
        ("server_error", answer(b"too early", 425)),
        ("not_modified", answer(b"", 304)),
        ("server_error", answer(b"too slow", 408)),
        ("http_status", answer(b"a teapot", 418)),
        ("http_status", answer(PAGE, 206)),
        ("http_status", answer(b"", 302)),
        ("protocol", b"it is not HTTP\r\n\r\n"),
        ("reset", b""),
        ("reset", b"HTTP/1.1 200 OK\r\nX-Cut: "),
        ("reset", reset_after(b"HTTP/1.1 200 OK\r\n")),
        ("reset", reset_after(answer(content_length="5000"))),
    ],
)
def test_a_bad_answer_is_refused_by_name(reason: str, reply: bytes | Behaviour) -> None:
    error = failure(reply)
    assert error.reason == reason
    assert str(error).startswith("http://127.0.0.1:")
    assert CODE_PATH in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        drip(b""),
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drip(answer(b"", content_length="5000")),
        drip(answer(b"", content_length="")),
    ],
    ids=["status line", "headers", "body", "body without a length"],
)
def test_a_slow_answer_ends_at_the_total_deadline(reply: Behaviour) -> None:
    error = failure(reply, deadline_seconds=0.3)
    assert error.reason == "timeout"


def test_redirects_and_pages_share_one_deadline() -> None:
    async def pause(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(redirect(CODE_PATH))

    assert failure(pause, deadline_seconds=0.25).reason == "timeout"


@pytest.mark.parametrize(
    "reply",
    [drip(b""), drip(answer(b"", content_length="")), answer(b"x" * 200_000), reset_after(b"HT")],
    ids=["no answer", "endless", "too large", "reset"],
)
def test_a_failure_does_not_hinder_the_next_request(reply: bytes | Behaviour) -> None:
    async def main() -> Capture:
        async with FaultServer({"/bad": reply, CODE_PATH: answer()}) as server:
            settings = make_settings(origin=server.origin, deadline_seconds=0.6)
            async with PageClient(make_profile(), settings) as client:
                with pytest.raises(FetchError):
                    await client.fetch(f"{server.origin}/bad")
                return await client.fetch(f"{server.origin}{CODE_PATH}")

    assert asyncio.run(main()).body == PAGE


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"slow down", 429, content_length="500"),
        answer(b"slow down", 429, content_encoding="br"),
        drip(answer(b"", 429, content_length="500")),
        reset_after(answer(b"", 429, content_length="500")),
    ],
    ids=["cut", "in an unknown coding", "slow", "reset"],
)
def test_a_refusal_whose_page_cannot_be_read_still_stops_the_run(
    reply: bytes | Behaviour,
) -> None:
    with pytest.raises(SiteStopError, match="status 429"):
        fetch({CODE_PATH: reply}, deadline_seconds=0.6)


def test_a_closed_port_is_no_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{unused.getsockname()[1]}"

        async def main() -> None:
            async with PageClient(make_profile(), make_settings(origin=origin)) as client:
                await client.fetch(f"{origin}{CODE_PATH}")

        with pytest.raises(FetchError) as raised:
            asyncio.run(main())
    assert raised.value.reason == "connect"


def test_a_host_without_an_address_is_a_dns_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(*_args: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "made-up failure")

    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)
    with pytest.raises(FetchError) as raised:
        ask_live("https://codes.example/", HTTPS_SITE)
    assert raised.value.reason == "dns"


def test_a_server_that_speaks_no_tls_is_a_tls_failure() -> None:
    async def main() -> None:
        async with FaultServer({}, greeting=b"this is no TLS\r\n") as server:
            origin = server.origin.replace("http:", "https:")
            async with PageClient(make_profile(), make_settings(origin=origin)) as client:
                await client.fetch(f"{origin}{CODE_PATH}")

    with pytest.raises(FetchError) as raised:
        asyncio.run(main())
    assert raised.value.reason == "tls"


def test_a_failure_of_no_known_kind_is_named_as_it_is() -> None:
    fail = respx.MockRouter()
    fail.get("https://codes.example/").mock(side_effect=OSError("made-up failure"))
    with pytest.raises(FetchError, match="OSError: made-up failure") as raised:
        ask_live("https://codes.example/", HTTPS_SITE, fail)
    assert raised.value.reason == "network"


# Redirects stay on the site


def test_a_redirect_to_the_page_of_the_same_code_gives_the_last_url() -> None:
    last = f"{CODE_PATH}/?q=1"
    answers = {CODE_PATH: redirect("/a"), "/a": redirect(f"{last}#part", 308), last: answer()}
    capture, server = fetch_and_watch(answers)
    assert (capture.url, capture.status) == (f"{server.origin}{last}", 200)
    assert server.paths == [CODE_PATH, "/a", last]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_redirect_is_read_in_the_encoding_that_it_is_in(encoding: str) -> None:
    hop = redirect("/LEAD").replace(b"/LEAD", "/k\xf6rper".encode(encoding))
    capture, server = fetch_and_watch({CODE_PATH: hop, "/k%C3%B6rper": answer()})
    assert server.paths == [CODE_PATH, "/k%C3%B6rper"]
    assert (capture.status, capture.body) == (302, PAGE)


def test_a_redirect_to_another_page_is_kept_as_what_the_site_says_of_the_code() -> None:
    answers = {CODE_PATH: redirect("/a", 301), "/a": answer()}
    capture, server = fetch_and_watch(answers)
    assert (capture.url, capture.status) == (f"{server.origin}{CODE_PATH}", 301)
    assert capture.body == PAGE
    assert (REDIRECTED_TO, f"{server.origin}/a") in capture.headers


def test_a_redirect_to_an_error_keeps_the_error_under_the_address_that_was_asked() -> None:
    capture, server = fetch_and_watch({CODE_PATH: redirect("/a"), "/a": answer(b"gone", 404)})
    assert (capture.url, capture.status) == (f"{server.origin}{CODE_PATH}", 404)


def test_a_redirect_is_followed_at_the_pace_of_the_site_and_not_where_robots_txt_forbids() -> None:
    pauses: list[float] = []

    async def note(seconds: float) -> None:
        pauses.append(seconds)

    async def main() -> str:
        answers = {CODE_PATH: redirect("/a"), "/a": redirect("/private/b")}
        async with FaultServer(answers) as server:
            client = PageClient(make_profile(), make_settings(origin=server.origin))
            robots = RobotsRules.parse(200, b"User-agent: *\nDisallow: /private/")
            pacer = Pacer(5, since=0, sleep=note)
            client.obey(Conduct(robots, pacer))
            async with client:
                with pytest.raises(FetchError, match=r"which robots\.txt forbids") as raised:
                    await client.fetch(f"{server.origin}{CODE_PATH}")
            assert server.paths == [CODE_PATH, "/a"]
            return raised.value.reason

    assert asyncio.run(main()) == "redirect_disallowed"
    assert len(pauses) == 1


def test_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    hops: dict[str, bytes | Behaviour] = {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}
    last = {CODE_PATH: redirect("/1"), "/5": answer()}
    assert fetch(hops | last).body == PAGE
    with pytest.raises(FetchError) as raised:
        fetch(hops | last | {"/5": redirect("/6"), "/6": answer()})
    assert raised.value.reason == "redirect_loop"


def test_a_redirect_to_itself_ends() -> None:
    assert failure(redirect(CODE_PATH)).reason == "redirect_loop"


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2/",
        "//127.0.0.1.example/",
        "http://localhost/",
        "http://127.0.0.1:1/",
        "http://name:word@127.0.0.1/",
        "http://127.0.0.1\\@codes.example/",
        "ftp://127.0.0.1/",
        "file:///etc/hostname",
        "javascript:1",
        "data:text/html,x",
    ],
)
def test_a_redirect_off_the_site_is_not_followed(location: str) -> None:
    assert failure(redirect(location)).reason == "redirect_off_site"


@pytest.mark.parametrize("location", ["http://[::1", "http://xn--/", "http://127.0.0.1:port/"])
def test_a_redirect_to_no_address_is_a_failure_of_the_page(location: str) -> None:
    assert failure(redirect(location)).reason == "bad_url"


def test_with_an_origin_set_the_hosts_of_the_live_site_are_not_asked() -> None:
    async def main() -> None:
        async with FaultServer({CODE_PATH: redirect("http://codes.example/")}) as server:
            profile = make_profile(fictional=False, hosts=("codes.example",))
            async with PageClient(profile, make_settings(origin=server.origin)) as client:
                await client.fetch(f"{server.origin}{CODE_PATH}")

    with pytest.raises(FetchError) as raised:
        asyncio.run(main())
    assert raised.value.reason == "redirect_off_site"


def test_a_redirect_to_another_host_of_the_profile_is_followed() -> None:
    www = "https://www.codes.example/"
    network = respx.MockRouter()
    network.get("https://codes.example/").respond(301, headers={"Location": www})
    network.get(www).respond(200, html=PAGE.decode())
    assert ask_live("https://codes.example/", HTTPS_SITE, network).url == www


def test_https_is_never_given_up_for_http() -> None:
    network = respx.MockRouter()
    here = network.get("https://codes.example/")
    here.respond(302, headers={"Location": "http://codes.example/"})
    with pytest.raises(FetchError) as raised:
        ask_live("https://codes.example/", HTTPS_SITE, network)
    assert raised.value.reason == "redirect_off_site"
    assert here.call_count == len(network.calls) == 1


@pytest.mark.parametrize("url", ["http://other.example/", "https://codes.example:99/", "/cpt/1"])
def test_an_address_of_another_site_is_not_asked(url: str) -> None:
    with pytest.raises(FetchError) as raised:
        ask_live(url, HTTPS_SITE)
    assert raised.value.reason == "off_site"


# What the client says and keeps


def test_a_cookie_is_neither_kept_nor_sent_back() -> None:
    hop = redirect("/next").replace(b"\r\n", b"\r\nSet-Cookie: meter=1; Path=/\r\n", 1)
    capture, server = fetch_and_watch({CODE_PATH: hop, "/next": answer(set_cookie="meter=2")})
    assert [name for name, _ in capture.headers if "cookie" in name.lower()] == []
    assert len(server.requests) == 2
    assert "cookie:" not in "".join(server.requests).lower()


def test_a_request_names_the_program_and_its_contact() -> None:
    _, server = fetch_and_watch({CODE_PATH: answer()}, contact="me@codes.example")
    head = server.requests[0].lower().split("\r\n")
    assert any(line.startswith("user-agent: scraper") for line in head)
    assert any(line.endswith("(+me@codes.example)") for line in head)
    assert "from: me@codes.example" in head
    assert "accept-encoding: gzip" in head


def test_the_headers_for_the_archive_are_those_that_were_sent() -> None:
    async def main() -> tuple[tuple[tuple[str, str], ...], str]:
        async with FaultServer({CODE_PATH: answer()}) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                await client.fetch(f"{server.origin}{CODE_PATH}")
                return client.request_headers, server.requests[0]

    headers, head = asyncio.run(main())
    lines = [line for line in head.lower().split("\r\n")[1:] if line]
    sent = [line for line in lines if not line.startswith("host:")]
    assert sorted(f"{name.lower()}: {value.lower()}" for name, value in headers) == sorted(sent)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert fetch({CODE_PATH: answer()}).status == 200


def test_two_callers_take_turns() -> None:
    async def main() -> int:
        async with FaultServer({CODE_PATH: answer()}) as server:
            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                url = f"{server.origin}{CODE_PATH}"
                await asyncio.gather(client.fetch(url), client.fetch(url), client.fetch(url))
            assert len(server.requests) == 3
            return server.most_open

    assert asyncio.run(main()) == 1


@pytest.mark.parametrize("origin", [None, "https://www.codes.example"])
def test_a_live_site_is_not_asked_without_a_contact(origin: str | None) -> None:
    profile = make_profile(fictional=False, **HTTPS_SITE)
    with pytest.raises(UsageError, match="SCRAPER_CONTACT"):
        PageClient(profile, make_settings(origin=origin))


def test_an_origin_that_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError, match="scheme://host:port"):
        PageClient(make_profile(), make_settings(origin="http://127.0.0.1:port"))


# robots.txt


def fetch_robots(reply: bytes | Behaviour, **settings: object) -> RobotsRules:
    async def main() -> RobotsRules:
        async with FaultServer({"/robots.txt": reply}) as server:
            chosen = make_settings(origin=server.origin, **settings)
            async with PageClient(make_profile(), chosen) as client:
                return (await client.fetch_robots()).rules

    return asyncio.run(main())


def test_robots_txt_is_fetched_and_read() -> None:
    rules = fetch_robots(answer(b"User-agent: *\nDisallow: /cpt/\n", content_type="text/plain"))
    assert not rules.allows("http://127.0.0.1/cpt/codes/10001")
    assert rules.allows("http://127.0.0.1/about")


def test_a_robots_txt_of_500_kib_is_read_whatever_the_limit_of_a_page() -> None:
    body = b"#" * (500 * 1024 - 40) + b"\nUser-agent: *\nDisallow: /\n"
    rules = fetch_robots(answer(body), max_page_bytes=1_000)
    assert not rules.allows("http://127.0.0.1/")


@pytest.mark.parametrize(
    "reply",
    [answer(b"", 503), answer(b"", 403), redirect("/robots.txt"), answer(content_length="999")],
    ids=["503", "403", "redirect loop", "truncated"],
)
def test_a_robots_txt_out_of_reach_stops_the_run(reply: bytes) -> None:
    with pytest.raises(SiteStopError, match=r"robots\.txt|status 403"):
        fetch_robots(reply)


def test_the_redirects_of_robots_txt_are_paced_and_no_rule_applies_to_them() -> None:
    hops = {f"/rules/{n}": redirect(f"/rules/{n + 1}") for n in range(1, 5)}
    answers = {"/robots.txt": redirect("/rules/1"), **hops, "/rules/5": answer(b"User-agent: *")}
    told: list[float] = []

    async def main() -> list[str]:
        async with FaultServer(answers) as server:
            now = [100.0]

            async def sleep(seconds: float) -> None:
                now[0] += seconds
                told.append(len(server.requests))

            settings = make_settings(origin=server.origin)
            async with PageClient(make_profile(), settings) as client:
                pacer = Pacer(7, since=0, sleep=sleep, monotonic=lambda: now[0])
                client.obey(Conduct(NOTHING_ALLOWED, pacer))
                rules = (await client.fetch_robots()).rules
            assert rules.allows(f"{server.origin}{CODE_PATH}")
            assert now[0] == 135
            return server.paths

    assert asyncio.run(main()) == ["/robots.txt", *(f"/rules/{n}" for n in range(1, 6))]
    assert told == [1, 2, 3, 4, 5]


def test_a_site_without_robots_txt_may_be_asked() -> None:
    rules = fetch_robots(answer(b"no such page", 404))
    assert rules.allows("http://127.0.0.1/cpt/codes/10001")
