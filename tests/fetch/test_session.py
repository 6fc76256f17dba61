"""A user's own cookies: for the site alone, from a file that nobody else may read."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from scraper.errors import UsageError
from scraper.fetch.client import PageClient
from scraper.fetch.session import open_session, tier_of

from .faults import CODE_PATH, FaultServer, answer, make_profile, make_settings, redirect

SITE = make_profile(
    name="lantern", origin="https://www.lantern.test", hosts=["www.lantern.test", "lantern.test"]
)
NEVER = 4_000_000_000
HEAD = "# Netscape HTTP Cookie File\n"


def line(domain: str, name: str, *, path="/", secure=True, expires=NEVER) -> str:
    subdomains = str(domain.startswith(".")).upper()
    return "\t".join(
        (domain, subdomains, path, str(secure).upper(), str(expires), name, f"of-{name}\n")
    )


def cookie_file(folder: Path, *lines: str, mode: int = 0o600) -> Path:
    path = folder / "cookies.txt"
    path.write_text(HEAD + "".join(lines))
    path.chmod(mode)
    return path


def header_for(url: str, folder: Path, *lines: str) -> str | None:
    session = open_session(SITE, make_settings(cookies_file=cookie_file(folder, *lines)))
    assert session is not None
    return session.header_for(url)


def test_without_cookies_there_is_no_session():
    assert open_session(SITE, make_settings()) is None
    assert tier_of(make_settings()) == "guest"


@pytest.mark.parametrize(
    ("url", "cookies"),
    [
        ("https://www.lantern.test/codes/1", "own=of-own; all=of-all"),
        ("https://lantern.test/codes/1", "all=of-all"),
        ("https://www.lantern.test/desk/1", "desk=of-desk; own=of-own; all=of-all"),
        ("http://www.lantern.test/codes/1", None),
        ("https://lantern.test.harbour.test/", None),
        ("https://harbour.test/", None),
    ],
)
def test_each_cookie_goes_where_its_own_rules_send_it(tmp_path, url, cookies):
    lines = (
        line("www.lantern.test", "own"),
        line(".lantern.test", "all"),
        line("www.lantern.test", "desk", path="/desk"),
        line("harbour.test", "stranger"),
        line(".test", "everybody"),
        line("www.lantern.test", "stale", expires=1_000),
    )
    found = header_for(url, tmp_path, *lines)
    assert sorted((found or "").split("; ")) == sorted((cookies or "").split("; "))


def test_a_cookie_of_the_session_has_no_expiry_and_is_good(tmp_path):
    cookie = line("lantern.test", "login", expires=0)
    assert header_for("https://lantern.test/", tmp_path, cookie) == "login=of-login"


def test_a_cookie_of_one_host_is_not_sent_to_those_below_it(tmp_path):
    cookie = line("www.lantern.test", "own")
    assert header_for("https://shop.www.lantern.test/", tmp_path, cookie) is None


def test_a_cookie_that_scripts_may_not_read_is_a_cookie(tmp_path):
    found = header_for("https://lantern.test/", tmp_path, f"#HttpOnly_{line('.lantern.test', 'a')}")
    assert found == "a=of-a"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path, mode):
    path = cookie_file(tmp_path, line("lantern.test", "a"), mode=mode)
    with pytest.raises(UsageError, match="others may read it; run `chmod 600`"):
        open_session(SITE, make_settings(cookies_file=path))


@pytest.mark.parametrize(
    "content",
    [b"", b"a=canary", HEAD.encode() + b"canary with no tabs\n", b"\xff\xfecanary", b"\0" * 50],
)
def test_a_file_that_is_none_is_named_and_not_quoted(tmp_path, content):
    path = tmp_path / "cookies.txt"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UsageError, match=r"cookies\.txt: cannot be read") as told:
        open_session(SITE, make_settings(cookies_file=path))
    assert "canary" not in str(told.value)
    assert told.value.__suppress_context__


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"nothing\.txt: cannot be read"):
        open_session(SITE, make_settings(cookies_file=tmp_path / "nothing.txt"))


@pytest.mark.parametrize(
    "lines", [(), (line("harbour.test", "a"),), (line("lantern.test", "a", expires=5),)]
)
def test_a_file_without_a_good_cookie_of_the_site_is_refused(tmp_path, lines):
    path = cookie_file(tmp_path, *lines)
    with pytest.raises(UsageError, match="holds no cookie for lantern that is still good"):
        open_session(SITE, make_settings(cookies_file=path))


def test_cookies_of_the_environment_are_for_the_host_that_is_asked():
    settings = make_settings(cookies=SecretStr("card=7; key=a=b"))
    session = open_session(SITE, settings)
    assert session is not None
    assert session.header_for("https://www.lantern.test/x") == "card=7; key=a=b"
    assert session.header_for("https://lantern.test/x") is None
    assert session.header_for("http://www.lantern.test/x") is None
    assert tier_of(settings) == "registered"
    assert "card" not in f"{settings!r} {settings} {session!r}"


@pytest.mark.parametrize(
    "text", ["canary", "=canary", "a=1; canary", "a=1\ncanary: 2", "a=canar\u20ac", ";"]
)
def test_cookies_of_the_environment_that_are_none_are_refused_and_not_quoted(text):
    with pytest.raises(UsageError, match=r"SCRAPER_COOKIES: is no") as told:
        open_session(SITE, make_settings(cookies=SecretStr(text)))
    assert "canar" not in str(told.value)


def test_the_cookies_are_sent_with_each_request_and_none_is_taken_on():
    async def main() -> list[str]:
        hop = redirect("/next").replace(b"\r\n", b"\r\nSet-Cookie: tracker=1\r\n", 1)
        async with FaultServer({CODE_PATH: hop, "/next": answer(set_cookie="card=8")}) as server:
            settings = make_settings(origin=server.origin, cookies=SecretStr("card=7"))
            async with PageClient(make_profile(), settings) as client:
                for _ in range(2):
                    await client.fetch(f"{server.origin}{CODE_PATH}")
                assert "cookie" not in str(client.request_headers).lower()
            return server.requests

    sent = [
        head_line
        for head in asyncio.run(main())
        for head_line in head.split("\r\n")
        if head_line.lower().startswith("cookie:")
    ]
    assert sent == ["Cookie: card=7"] * 4
