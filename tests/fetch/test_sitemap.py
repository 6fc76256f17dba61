"""Sitemaps, sound and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.errors import PageError
from scraper.fetch.sitemap import read_sitemap

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(*urls: str) -> bytes:
    entries = "".join(f"<url>\n <loc> {url} </loc><priority>1</priority></url>" for url in urls)
    return f'<?xml version="1.0"?><urlset xmlns="{NAMESPACE}">{entries}</urlset>'.encode()


def message_of(body: bytes, **options: int) -> str:
    with pytest.raises(PageError) as raised:
        read_sitemap(body, **options)
    assert raised.value.reason == "bad_sitemap"
    return str(raised.value)


def test_addresses_are_read_in_order_and_each_once() -> None:
    body = sitemap("http://a.example/2", "http://a.example/1", "http://a.example/2", "")
    assert read_sitemap(body) == ("http://a.example/2", "http://a.example/1")


def test_an_address_may_hold_references_and_cdata() -> None:
    body = sitemap("http://a.example/?a=1&amp;b=2", "<![CDATA[http://a.example/?c&d]]>")
    assert read_sitemap(body) == ("http://a.example/?a=1&b=2", "http://a.example/?c&d")


def test_the_address_of_an_image_is_no_page() -> None:
    image = '<i:image xmlns:i="urn:images"><i:loc>http://a.example/i.png</i:loc></i:image>'
    body = sitemap("http://a.example/1").replace(b"<priority>1</priority>", image.encode())
    assert read_sitemap(body) == ("http://a.example/1",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_a_sitemap_is_read_in_its_declared_encoding(encoding: str) -> None:
    text = sitemap("http://a.example/é").decode()
    declared = text.replace("?>", f' encoding="{encoding.removesuffix("-sig")}"?>', 1)
    assert read_sitemap(declared.encode(encoding)) == ("http://a.example/é",)


def test_white_space_before_the_declaration_is_forgiven() -> None:
    assert read_sitemap(b"\n " + sitemap("http://a.example/")) == ("http://a.example/",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_any_entity_is_expanded(encoding: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE urlset [<!ENTITY e0 "x">{entities}]><urlset><url>&e11;</url></urlset>'
    assert "document type" in message_of(text.encode(encoding))


def test_an_external_entity_is_refused() -> None:
    body = b'<!DOCTYPE u SYSTEM "file:///etc/hostname"><urlset/>'
    assert "document type" in message_of(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<urlset><url>",
        sitemap("http://a.example/")[:-5],
        b'<?xml version="1.0" encoding="no-such"?><urlset/>',
        b'<?xml version="1.0" encoding="euc-jp"?><urlset/>',
        b"<urlset>&unknown;</urlset>",
        b"\xff\xff\xff",
    ],
)
def test_what_is_no_whole_xml_is_refused(body: bytes) -> None:
    assert "no readable XML" in message_of(body)


@pytest.mark.parametrize("root", ["sitemapindex", "html"])
def test_another_document_is_refused_by_name(root: str) -> None:
    assert f"<{root}>" in message_of(f"<{root}></{root}>".encode())


def test_a_sitemap_of_too_many_pages_is_refused() -> None:
    body = sitemap("http://a.example/1", "http://a.example/2")
    assert len(read_sitemap(body, max_urls=2)) == 2
    assert "more than 1 " in message_of(body, max_urls=1)


def test_deeply_nested_xml_is_read_to_its_end() -> None:
    depth = 200_000
    body = b"<urlset>" + b"<a>" * depth + b"</a>" * depth + b"</urlset>"
    assert read_sitemap(body) == ()


@given(st.binary(max_size=60), st.integers(0, 150))
def test_any_bytes_give_addresses_or_one_clear_refusal(noise: bytes, position: int) -> None:
    whole = sitemap("http://a.example/1")
    body = whole[:position] + noise + whole[position:]
    try:
        found: tuple[str, ...] | str = read_sitemap(body)
    except PageError as error:
        found = error.reason
    assert found == "bad_sitemap" or all(url.strip() == url != "" for url in found)
