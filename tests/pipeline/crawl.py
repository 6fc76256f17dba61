"""A small Common Crawl on loopback: an index API and WARC files that are read by range."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

FILE = "crawl-data/CC-OWL-2026/warc/owl-00000.warc.gz"
INDEX_PATH = "/CC-OWL-2026-index"
Answer = tuple[int, dict[str, str], bytes]


def record_of(url: str, body: bytes, date: str = "2026-02-03T04:05:06Z") -> bytes:
    """Return one record of a page as a crawler writes it."""
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a=owl-cookie\r\n\r\n" + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", mtime=0)


def sha1(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class Crawl:
    """Serves one WARC file and the lines of its index, `per_page` on a page.

    `change_line` and `change_answer` let a test lie.
    """

    def __init__(self, pages: Mapping[str, bytes], per_page: int = 2) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.change_answer: Callable[[str, Answer], Answer] = lambda _, answer: answer
        self.per_page = per_page
        self.warc = b""
        self.lines: list[dict[str, Any]] = []
        for url, body in pages.items():
            self.add(url, body, record_of(url, body))

    def add(self, url: str, body: bytes, record: bytes, **fields: object) -> None:
        line = {
            "urlkey": "example,codes)/",
            "timestamp": "20260203040506",
            "url": url,
            "mime": "text/html",
            "status": "200",
            "digest": sha1(body),
            "length": str(len(record)),
            "offset": str(len(self.warc)),
            "filename": FILE,
        }
        self.lines.append(line | fields)
        self.warc += record

    def __enter__(self) -> Self:
        crawl = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                crawl.requests.append((self.path, dict(self.headers)))
                answer = crawl.answer(self.path, self.headers.get("Range"))
                status, headers, body = crawl.change_answer(self.path, answer)
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.index = self.origin + INDEX_PATH
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def ranges(self) -> list[str]:
        return [headers["Range"] for _, headers in self.requests if "Range" in headers]

    def answer(self, path: str, span: str | None) -> Answer:
        parts = urlsplit(path)
        if parts.path == f"/{FILE}":
            return self._part(span)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != INDEX_PATH or query.get("output") != "json":
            return 404, {}, b"nothing here"
        assert query["matchType"] == "prefix"
        lines = [
            line
            for line in self.lines
            if str(line["url"]).partition("//")[2].startswith(query["url"])
        ]
        if not lines:
            return 404, {}, b'{"message": "No Captures found for: owl"}'
        if "showNumPages" in query:
            pages = -(-len(lines) // self.per_page)
            return 200, {}, json.dumps({"pages": pages, "pageSize": 5, "blocks": 1}).encode()
        start = int(query["page"]) * self.per_page
        chosen = lines[start : start + self.per_page]
        return 200, {}, "".join(f"{json.dumps(line)}\n" for line in chosen).encode()

    def _part(self, span: str | None) -> Answer:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", span or "")
        if match is None:
            return 200, {}, self.warc
        first, last = int(match[1]), int(match[2])
        told = {"Content-Range": f"bytes {first}-{last}/{len(self.warc)}"}
        return 206, told, self.warc[first : last + 1]
