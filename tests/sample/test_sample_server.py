"""The sample site over real sockets of the loopback."""

from __future__ import annotations

import gzip
import socket
import threading
from datetime import UTC, datetime
from http.client import HTTPConnection

import pytest

from scraper import clock
from scraper.errors import UsageError
from scraper.sample.book import read_book
from scraper.sample.server import SampleServer, accepts_gzip

PAGE = "/cpt/codes/99216"


@pytest.fixture
def connection(server):
    opened = HTTPConnection("127.0.0.1", server.port, timeout=10)
    yield opened
    opened.close()


def ask(connection, path=PAGE, method="GET", headers=None):
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    return response, response.read()


def test_one_connection_serves_several_requests(connection):
    first, _ = ask(connection)
    sock = connection.sock
    second, body = ask(connection, "/")
    assert (first.version, first.status, second.status) == (11, 200, 200)
    assert connection.sock is sock
    assert body.endswith(b"</html>\n")


def test_the_headers_tell_type_length_and_age(connection):
    response, body = ask(connection)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert int(response.headers["Content-Length"]) == len(body)
    assert response.headers["Last-Modified"] == "Mon, 02 Mar 2026 06:00:00 GMT"
    assert response.headers["Vary"] == "Accept-Encoding"


def test_the_etag_is_the_same_for_the_same_page_and_not_for_another(connection):
    tags = [ask(connection, path)[0].headers["ETag"] for path in (PAGE, PAGE, "/")]
    assert tags[0] == tags[1] != tags[2]


def test_head_gives_the_headers_of_get_without_a_body(connection):
    head, nothing = ask(connection, method="HEAD")
    get, body = ask(connection)
    assert nothing == b""
    assert body
    for name in ("Content-Length", "Content-Type", "ETag"):
        assert head.headers[name] == get.headers[name]


def test_gzip_is_given_when_accepted_with_the_same_bytes_each_time(connection):
    _, plain = ask(connection)
    response, packed = ask(connection, headers={"Accept-Encoding": "gzip"})
    _, again = ask(connection, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert packed == again


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("br", False)],
)
def test_accept_encoding_decides_about_gzip(header, accepted):
    assert accepts_gzip(header) is accepted


def test_the_date_header_is_of_the_programs_clock(connection, monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
    response, _ = ask(connection)
    assert response.headers["Date"] == "Fri, 20 Nov 2026 08:30:00 GMT"


def test_a_new_day_of_the_programs_clock_winds_the_meter(monkeypatch):
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21)]
    with SampleServer(views_per_day=1) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        monkeypatch.setattr(clock, "utc_now", lambda: days[0])
        ask(connection)
        _, wall = ask(connection, "/cpt/codes/99229")
        monkeypatch.setattr(clock, "utc_now", lambda: days[1])
        _, page = ask(connection, "/cpt/codes/99229")
        connection.close()
    assert b"are all used up" in wall
    assert b"are all used up" not in page


def test_a_query_does_not_change_the_page(connection):
    assert ask(connection, f"{PAGE}?from=moon")[1] == ask(connection)[1]


def test_the_server_tells_its_codes_and_what_was_asked():
    with SampleServer() as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        assert server.requests == ()
        ask(connection, "/robots.txt")
        ask(connection, f"{PAGE}?x=1", method="HEAD")
        connection.close()
        assert server.requests == ("/robots.txt", PAGE)
    assert server.codes == read_book().listed
    assert server.url == f"http://127.0.0.1:{server.port}"


def test_many_readers_at_once_each_cost_one_view():
    paths = [f"/cpt/codes/{code}" for code in list(read_book().pages)[:12]]

    def read_all(server):
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        for path in paths:
            ask(connection, path)
        connection.close()

    with SampleServer(views_per_day=12) as server:
        readers = [threading.Thread(target=read_all, args=(server,)) for _ in range(4)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        pages = [ask(connection, path)[1] for path in paths]
        connection.close()
    assert len(server.requests) == 60
    numbers = {page.split(b">Moon meter: ")[1].split(b" ")[0] for page in pages}
    assert numbers == {str(left).encode() for left in range(12)}


def test_closing_ends_connections_that_wait_for_a_next_request():
    server = SampleServer()
    with server:
        waiting = HTTPConnection("127.0.0.1", server.port, timeout=10)
        ask(waiting)
    assert waiting.sock.recv(1) == b""
    waiting.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_reader_who_goes_away_harms_nobody_and_nothing_is_printed(capfd):
    with SampleServer() as server:
        rude = socket.create_connection(("127.0.0.1", server.port))
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 50)
        rude.close()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
        response, _ = ask(connection)
        bad, _ = ask(connection, method="BREW")
        connection.close()
    assert (response.status, bad.status) == (200, 501)
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_named_with_its_setting():
    with SampleServer() as server, pytest.raises(UsageError) as caught:
        SampleServer(server.port)
    assert str(server.port) in str(caught.value)
    assert "sample_port" in str(caught.value)
    assert "SCRAPER_SAMPLE_PORT" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_port_out_of_range_is_a_usage_error():
    with pytest.raises(UsageError, match="70000"):
        SampleServer(70000)


def test_serving_for_people_ends_with_the_interrupt_and_gives_the_port_back(monkeypatch):
    server = SampleServer()

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(server._http, "service_actions", interrupt)
    with pytest.raises(KeyboardInterrupt):
        server.serve_forever()
    with SampleServer(server.port) as next_server:
        assert next_server.port == server.port
