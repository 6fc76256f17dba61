"""Files that browsers and archivers write, made of invented pages."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import quopri
import tarfile
import zipfile

from scraper.archive.member import Caps
from scraper.archive.saved_file import FileReader
from scraper.archive.saved_page import SavedPage
from scraper.errors import PageError

URL = "https://codes.example/cpt/codes/00001"
PAGE = b"<html><h1>Invented code 00001</h1><p>A page of our own = fine.</p></html>"
TEXT = PAGE.decode()
BLOCK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE
WARC = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-02-03T04:05:06Z\r\n"
    b"WARC-Block-Digest: sha256:%s\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    % (URL.encode(), hashlib.sha256(BLOCK).hexdigest().encode(), len(BLOCK), BLOCK)
)


def read(path, *, max_bytes=20_000, urls=None, **caps):
    """The pages of a file, and the reason of each thing refused, by its name."""
    reader = FileReader(max_bytes, urls or {}, Caps(max_bytes, **caps))
    pages, refused = [], {}
    with path.open("rb") as content:
        for item in until_refused(reader.read(content, path.name, str(path)), path.name):
            if isinstance(item, SavedPage):
                pages.append(item)
            else:
                assert "\n" not in str(item[1])
                refused[item[0]] = item[1].reason
    return pages, refused


def until_refused(items, name):
    """The items, and at the end the error of the file itself."""
    try:
        yield from items
    except PageError as error:
        yield name, error


def entry(url=URL, text=TEXT, mime="text/html; charset=windows-1252", **other):
    """One entry of a HAR file."""
    content = {"mimeType": mime, "text": text, "size": len(text or "")} | other.pop("content", {})
    response = {"status": 200, "headers": [], "content": content} | other.pop("response", {})
    request = {"method": "GET", "url": url, "headers": [], "cookies": []} | other.pop("request", {})
    time = "2026-02-03T05:05:06.789+01:00"
    return {"startedDateTime": time, "request": request, "response": response, "time": 1.5} | other


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}).encode()


def mhtml(body=PAGE, url=URL, coding="quoted-printable", **heads):
    """An MHTML file of the form that Chrome writes."""
    fence = "----MultipartBoundary--nine-owls----"
    packed = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}
    text = packed.get(coding, bytes)(body).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    top = {
        "From": "<Saved by Owl>",
        "Snapshot-Content-Location": url,
        "Subject": "=?utf-8?Q?An=20invented=20page?=",
        "Date": "Tue, 3 Feb 2026 05:05:06 +0100",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/related;\r\n\ttype="text/html";\r\n\tboundary="{fence}"',
    } | {name.replace("_", "-"): value for name, value in heads.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in top.items() if value)
    root = (
        f"Content-Type: text/html; charset=windows-1252\r\nContent-ID: <frame-1@mhtml.example>\r\n"
        f"Content-Transfer-Encoding: {coding}\r\nContent-Location: {url}\r\n\r\n"
    )
    picture = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
    parts = [root.encode() + text, picture.encode()]
    return (
        f"{lines}\r\n".encode()
        + b"".join(b"\r\n--%s\r\n%s" % (fence.encode(), part) for part in parts)
        + f"\r\n--{fence}--\r\n".encode()
    )


def zipped(members, method=zipfile.ZIP_DEFLATED):
    """A zip file of (name or ZipInfo, bytes) pairs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            archive.writestr(info, content, method)
    return out.getvalue()


def tarred(members, mode="w"):
    """A tar file of (name or TarInfo, bytes) pairs."""
    if mode == "w:gz":  # without a time, so that mutations can be repeated
        return gzip.compress(tarred(members), mtime=0)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def wacz(warc=WARC, digest=None, **more):
    """A WACZ file with one WARC file, and the digest that its package gives it."""
    digest = digest or f"sha256:{hashlib.sha256(warc).hexdigest()}"
    resources = [{"name": "a.warc", "path": "archive/a.warc", "hash": digest, "bytes": len(warc)}]
    package = json.dumps({"profile": "data-package", "resources": resources} | more)
    members = [
        ("archive/a.warc", warc),
        ("indexes/index.cdx.gz", b"an index"),
        ("pages/pages.jsonl", b"{}"),
        ("datapackage.json", package),
    ]
    return zipped(members, zipfile.ZIP_STORED)
