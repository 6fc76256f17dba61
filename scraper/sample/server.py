"""The sample site on a real socket of 127.0.0.1: HTTP/1.1, keep-alive, HEAD, gzip, no log."""

from __future__ import annotations

import gzip
import hashlib
import logging
import socket
import socketserver
from contextlib import suppress
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self
from urllib.parse import urlsplit
from weakref import WeakSet

from scraper import clock
from scraper.errors import UsageError
from scraper.sample.book import read_book
from scraper.sample.site import Reply, SampleSite

HOST = "127.0.0.1"
_LAST_MODIFIED = "Mon, 02 Mar 2026 06:00:00 GMT"
_IDLE_SECONDS = 30
_log = logging.getLogger(__name__)


class SampleServer:
    """The sample site; a context manager, or `serve_forever` for people.

    Port 0 takes any free port. Raises UsageError where the port cannot be had.
    """

    def __init__(
        self, port: int = 0, *, views_per_day: int = 200, crawl_delay: float = 0.05
    ) -> None:
        book = read_book()
        self.codes = book.listed
        self._visits = _Visits()
        self._http = _open_socket(port)
        self.port: int = self._http.server_port
        self.url = f"http://{HOST}:{self.port}"
        site = SampleSite(book, self.url, views_per_day=views_per_day, crawl_delay=crawl_delay)
        self._http.RequestHandlerClass = partial(_Handler, site, self._visits)
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def requests(self) -> tuple[str, ...]:
        """Return the paths that were asked for so far, in order."""
        return self._visits.paths

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self.close()

    def serve_forever(self) -> None:
        """Serve until interrupted (Ctrl-C), then close."""
        try:
            self._http.serve_forever()
        finally:
            self.close()

    def close(self) -> None:
        """Give back the port and end every open connection."""
        self._http.close_connections()
        self._http.server_close()


class _Visits:
    """The paths asked for; many threads write, anyone reads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._paths: list[str] = []

    def add(self, path: str) -> None:
        with self._lock:
            self._paths.append(path)

    @property
    def paths(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._paths)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; a body goes out in one write, an idle connection is closed."""

    protocol_version = "HTTP/1.1"
    server_version = "MoonbeamPress/1"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = -1
    disable_nagle_algorithm = True

    def __init__(  # noqa: PLR0917 - the last three are how the library calls it
        self,
        site: SampleSite,
        visits: _Visits,
        request: socket.socket,
        client_address: tuple[str, int],
        server: socketserver.BaseServer,
    ) -> None:
        self._site = site
        self._visits = visits
        super().__init__(request, client_address, server)

    def do_GET(self) -> None:
        """Answer with headers and body."""
        self.wfile.write(self._send_head())

    def do_HEAD(self) -> None:
        """Answer with the headers of the same GET."""
        self._send_head()

    def _send_head(self) -> bytes:
        path = urlsplit(self.path).path
        self._visits.add(path)
        reply = self._site.answer(path, clock.utc_now().date())
        body, is_gzip = self._encode(reply)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(body)))
        if is_gzip:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        self.send_header("Last-Modified", _LAST_MODIFIED)
        self.end_headers()
        return body

    def _encode(self, reply: Reply) -> tuple[bytes, bool]:
        if not accepts_gzip(self.headers.get("Accept-Encoding", "")):
            return reply.body, False
        return gzip.compress(reply.body, 6, mtime=0), True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header by the program's clock."""
        return format_datetime(clock.utc_now(), usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep standard error clean."""
        _log.debug(format, *args)


class _HttpServer(ThreadingHTTPServer):
    """Knows its open connections, so that closing leaves no thread waiting on one."""

    daemon_threads = False

    def __init__(self, address: tuple[str, int]) -> None:
        self._connections: WeakSet[socket.socket] = WeakSet()
        super().__init__(address, BaseHTTPRequestHandler)

    def server_bind(self) -> None:
        """Bind without the name look-up of the standard library, which may leave the machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Accept a connection and remember it."""
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def close_connections(self) -> None:
        """Wake every thread that waits for a client's next request."""
        for connection in list(self._connections):
            with suppress(OSError):  # the client may have gone already
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Note that a client went away in the middle of an answer."""
        _log.debug("connection of %s lost", client_address, exc_info=True)


def accepts_gzip(accept_encoding: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip (RFC 9110, 12.5.3).

    >>> accepts_gzip("br, gzip;q=0.5"), accepts_gzip("gzip;q=0"), accepts_gzip("")
    (True, False, False)
    """
    for item in accept_encoding.lower().split(","):
        coding, _, weight = item.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.strip() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _open_socket(port: int) -> _HttpServer:
    try:
        return _HttpServer((HOST, port))
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"port {port} of {HOST} cannot be had ({error}); set sample_port in scraper.toml "
            "or SCRAPER_SAMPLE_PORT to another one, or to 0 for any free one"
        ) from error
