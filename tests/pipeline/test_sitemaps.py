"""The codes of a sitemap that the archive holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scraper.archive.store import Archive
from scraper.errors import StorageError
from scraper.pipeline.sitemaps import codes_of_sitemap

from .ground import SAMPLE, START, capture_of, keep


def sitemap(*locations, **changes):
    body = "".join(f"<url><loc>{location}</loc></url>" for location in locations)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'<urlset xmlns="{space}">{body}</urlset>'.encode()
    url = "http://127.0.0.1/sitemap.xml"
    return capture_of("00000", text, url=url, kind="sitemap", **changes)


def read(folder):
    with Archive.open(folder) as archive:
        return codes_of_sitemap(archive, SAMPLE)


def test_an_archive_without_sitemap_lists_no_codes(tmp_path):
    keep(tmp_path, capture_of("99216"))
    assert read(tmp_path) == ()


def test_codes_come_once_in_order_and_other_pages_are_passed_over(tmp_path):
    home = "http://127.0.0.1"
    pages = ("/", "/cpt/codes/99216", "/articles/x", "/hcpcs/codes/j9991/", "/cpt/codes/99216?a=1")
    keep(tmp_path, sitemap(*(home + page for page in pages), "http://other.test/cpt/codes/99217"))
    assert read(tmp_path) == ("99216", "J9991")


def test_the_newest_copy_counts(tmp_path):
    old = sitemap("http://127.0.0.1/cpt/codes/99216")
    new = sitemap("http://127.0.0.1/cpt/codes/99229", retrieved_at=START + timedelta(days=1))
    keep(tmp_path, new, old)
    assert read(tmp_path) == ("99229",)


def test_a_copy_that_is_no_sitemap_is_an_error_that_says_so(tmp_path):
    body = b"<html><p>Closed</p></html>"
    keep(tmp_path, capture_of("00000", body, url="http://127.0.0.1/sitemap.xml", kind="sitemap"))
    with pytest.raises(StorageError, match="not a <urlset>"):
        read(tmp_path)


def test_a_damaged_copy_is_an_error_that_says_what_to_do(tmp_path):
    keep(tmp_path, sitemap("http://127.0.0.1/cpt/codes/99216"))
    (segment,) = tmp_path.glob("sample/*.warc.gz")
    content = bytearray(segment.read_bytes())
    content[-30] ^= 4
    segment.write_bytes(content)
    with pytest.raises(StorageError, match="`scraper scrape --site sample` asks for it again"):
        read(tmp_path)
