"""A sitemap's bytes in, its page addresses out (sitemaps.org protocol 0.9).

A document type is refused before anything of it is read, so no entity is ever expanded.
"""

from __future__ import annotations

from xml.parsers import expat

from scraper.errors import PageError

MAX_URLS = 50_000


def read_sitemap(body: bytes, max_urls: int = MAX_URLS) -> tuple[str, ...]:
    """Return the addresses of a <urlset> in order, each once.

    Raises PageError("bad_sitemap") for what is no such XML or names more than `max_urls`.
    """
    reader = _LocationReader(max_urls)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.StartElementHandler = reader.open_element
    parser.EndElementHandler = reader.close_element
    parser.CharacterDataHandler = reader.add_text
    try:
        parser.Parse(body.lstrip(), True)  # noqa: FBT003 - the signature is the library's
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise PageError("bad_sitemap", f"the sitemap is no readable XML: {error}") from error
    return tuple(reader.urls)


class _LocationReader:
    """Collects the text of each urlset/url/loc; a loc elsewhere (an image's) is no page."""

    def __init__(self, max_urls: int) -> None:
        self.urls: dict[str, None] = {}
        self._max_urls = max_urls
        self._path: list[str] = []
        self._text: list[str] = []

    @property
    def _is_in_location(self) -> bool:
        return self._path == ["urlset", "url", "loc"]

    def refuse_doctype(self, *_declaration: object) -> None:
        raise PageError("bad_sitemap", "the sitemap declares a document type, which is not read")

    def open_element(self, name: str, _attributes: object) -> None:
        self._path.append(name.rpartition(" ")[2])
        if self._path[0] != "urlset":
            raise PageError("bad_sitemap", f"the sitemap is a <{self._path[0]}>, not a <urlset>")
        self._text.clear()

    def add_text(self, text: str) -> None:
        if self._is_in_location:
            self._text.append(text)

    def close_element(self, _name: str) -> None:
        url = "".join(self._text).strip() if self._is_in_location else ""
        self._path.pop()
        if url:
            self.urls[url] = None
        if len(self.urls) > self._max_urls:
            raise PageError("bad_sitemap", f"the sitemap names more than {self._max_urls} pages")
