"""Trust: each kind of TLS failure against a real server, and that nothing of it is answered."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from scraper.capture import Capture
from scraper.errors import FetchError, UsageError
from scraper.fetch.client import PageClient
from scraper.fetch.exchange import ask_once

from .faults import (
    CODE_PATH,
    PAGE,
    Behaviour,
    FaultServer,
    answer,
    make_profile,
    make_settings,
    pour,
    redirect,
    reset_after,
    stall,
)

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(autouse=True)
def trust(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test's authority the only one of the trust store."""
    store = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(store)
    monkeypatch.setenv("SSL_CERT_FILE", str(store))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))


def server_side(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def fetch_from(server: FaultServer, host: str, **changes: object) -> Capture:
    return await fetch_from_port(server.port, host, **changes)


async def fetch_from_port(port: int, host: str, **changes: object) -> Capture:
    origin = f"https://{host}:{port}"
    settings = make_settings(**({"origin": origin} | changes))
    async with PageClient(make_profile(), settings) as client:
        return await client.fetch(f"{origin}{CODE_PATH}")


def shake_hands(listener: socket.socket, tls: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        tls.wrap_socket(connection, server_side=True).close()


def fetch(tls: ssl.SSLContext, host: str = "localhost") -> Capture:
    async def main() -> Capture:
        async with FaultServer({CODE_PATH: answer()}, tls=tls) as server:
            return await fetch_from(server, host)

    return asyncio.run(main())


def refusal(tls: ssl.SSLContext, host: str = "localhost") -> FetchError:
    """Return the error of a server that must not be asked anything."""

    async def main() -> FetchError:
        async with FaultServer({CODE_PATH: answer()}, tls=tls) as server:
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, host)
            assert server.requests == []
            return raised.value

    return asyncio.run(main())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_trusted_site_is_asked(authority: trustme.CA, host: str) -> None:
    assert fetch(server_side(authority.issue_cert(host)), host).body == PAGE


def test_a_certificate_that_has_expired_is_refused(authority: trustme.CA) -> None:
    old = authority.issue_cert("localhost", not_before=LONG_AGO, not_after=LONG_AGO)
    error = refusal(server_side(old))
    assert error.reason == "tls"
    assert "expired" in str(error)


@pytest.mark.parametrize(
    ("named", "host"), [("other.example", "localhost"), ("10.0.0.1", "127.0.0.1")]
)
def test_a_certificate_of_another_host_is_refused(
    authority: trustme.CA, named: str, host: str
) -> None:
    assert refusal(server_side(authority.issue_cert(named)), host).reason == "tls"


def test_a_certificate_of_an_unknown_authority_is_refused() -> None:
    assert refusal(server_side(trustme.CA().issue_cert("localhost"))).reason == "tls"


def test_a_certificate_that_signs_itself_is_refused(tmp_path: Path) -> None:
    alone, certificate, key = trustme.CA(), tmp_path / "own.pem", tmp_path / "key.pem"
    alone.cert_pem.write_to_path(certificate)
    alone.private_key_pem.write_to_path(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    error = refusal(context)
    assert error.reason == "tls"
    assert "self-signed" in str(error)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_version_of_tls_is_refused(authority: trustme.CA, version: ssl.TLSVersion) -> None:
    context = server_side(authority.issue_cert("localhost"))
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # asyncio as a server closes before its alert is sent, which a real server does not.
        thread = threading.Thread(target=shake_hands, args=(listener, context))
        thread.start()
        with pytest.raises(FetchError) as raised:
            asyncio.run(fetch_from_port(listener.getsockname()[1], "localhost"))
        thread.join()
    assert raised.value.reason == "tls"


def test_no_setting_of_the_environment_turns_the_checks_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYTHONHTTPSVERIFY", "SCRAPER_VERIFY"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    assert refusal(server_side(trustme.CA().issue_cert("localhost"))).reason == "tls"


@pytest.mark.parametrize(
    ("shock", "reason"),
    [(stall, "timeout"), (reset_after(b""), "reset"), (reset_after(b"\x16\x03"), "reset")],
    ids=["stall", "reset", "reset within a record"],
)
def test_a_handshake_that_does_not_end_is_trouble_of_the_moment(
    shock: Behaviour, reason: str
) -> None:
    async def main() -> str:
        async with FaultServer({}, shock=shock) as server:
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, "localhost", deadline_seconds=0.5)
            return raised.value.reason

    assert asyncio.run(main()) == reason


def test_plain_http_on_the_port_of_tls_is_a_tls_failure() -> None:
    async def main() -> str:
        async with FaultServer({}, greeting=answer()) as server:
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, "localhost")
            return raised.value.reason

    assert asyncio.run(main()) == "tls"


def test_a_redirect_from_https_to_http_is_not_followed(authority: trustme.CA) -> None:
    tls = server_side(authority.issue_cert("localhost"))

    async def main() -> tuple[str, list[str]]:
        answers = {CODE_PATH: b""}
        async with FaultServer(answers, tls=tls) as server:
            answers[CODE_PATH] = redirect(f"http://localhost:{server.port}/")
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, "localhost")
            return raised.value.reason, server.paths

    assert asyncio.run(main()) == ("redirect_off_site", [CODE_PATH])


def test_a_body_without_end_over_tls_is_not_waited_for(authority: trustme.CA) -> None:
    tls = server_side(authority.issue_cert("localhost"))
    endless = pour(answer(b"", content_length=""), b"x" * 99_999, 9_999)

    async def main() -> str:
        async with FaultServer({CODE_PATH: endless}, tls=tls) as server:
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, "localhost")
            return raised.value.reason

    assert asyncio.run(main()) == "too_large"


@pytest.mark.parametrize("end", [b"", b"x" * 10])
def test_a_tls_connection_that_breaks_off_gives_no_page(authority: trustme.CA, end: bytes) -> None:
    tls = server_side(authority.issue_cert("localhost"))

    async def break_off(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(content_length="5000") + end)
        await writer.drain()
        writer.transport.abort()

    async def main() -> str:
        async with FaultServer({CODE_PATH: break_off}, tls=tls) as server:
            with pytest.raises(FetchError) as raised:
                await fetch_from(server, "localhost")
            return raised.value.reason

    assert asyncio.run(main()) in {"truncated", "reset"}


# A machine that trusts nobody


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["none", "empty", "other"])
def test_a_machine_without_certificates_is_told_so_before_anything_is_asked(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "readme.pem").write_bytes(b"none")
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}:{tmp_path / 'folder'}")
    tls = server_side(authority.issue_cert("localhost"))

    async def main() -> str:
        async with FaultServer({}, tls=tls) as server:
            settings = make_settings(origin=f"https://localhost:{server.port}")
            with pytest.raises(UsageError, match="install ca-certificates") as raised:
                async with PageClient(make_profile(), settings) as client:
                    await client.fetch_robots()
            assert (server.opened, server.requests) == (0, [])
            with pytest.raises(UsageError, match="SSL_CERT_FILE"):
                await ask_once(settings.origin or "", {}, 99, 5, user_gave=settings.origin or "")
            return str(raised.value)

    message = asyncio.run(main())
    assert "https://localhost" in message
    assert "\n" not in message


def test_a_folder_of_hashed_names_is_trusted_though_it_is_read_late(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which tells the name, is not installed")
    file = tmp_path / "authority.pem"
    name = subprocess.check_output([openssl, "x509", "-hash", "-noout", "-in", file], text=True)
    (tmp_path / "folder").mkdir()
    file.rename(tmp_path / "folder" / f"{name.strip()}.0")
    monkeypatch.setenv("SSL_CERT_DIR", f"{tmp_path / 'none'}:{tmp_path / 'folder'}")
    assert fetch(server_side(authority.issue_cert("localhost"))).body == PAGE


def test_a_folder_that_may_hold_what_is_needed_is_left_to_the_handshake(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "0a1b2c3d.0").write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "folder"))
    assert refusal(server_side(authority.issue_cert("localhost"))).reason == "tls"


def test_plain_http_needs_no_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    async def main() -> bytes:
        async with FaultServer({"/a": answer()}) as server:
            answered = await ask_once(f"{server.origin}/a", {}, 999, 5, user_gave=server.origin)
            return answered.body

    assert asyncio.run(main()) == PAGE
