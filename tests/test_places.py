"""An address of a store or table is whole, of a known kind, and holds no secret."""

from __future__ import annotations

import pytest

from scraper.places import check_store_url, check_table_place

SECRET = "hush-hush"


@pytest.mark.parametrize(
    "url",
    [
        "s3://shelf/codes",
        "s3://shelf",
        "gs://shelf/codes/",
        "file:///srv/codes",
        "s3://shelf/a?scheme=http&endpoint_override=127.0.0.1:9000&region=eu-north-1",
        "gs://shelf/a?retry_limit_seconds=5",
    ],
)
def test_an_address_of_a_store_is_taken_as_it_is(url):
    assert check_store_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/codes",
        "shelf/codes",
        "https://shelf.test/codes",
        "s3:///codes",
        "s3:shelf",
        "file://srv/codes",
        "s3://shelf/a b",
        "s3://shelf/a\n",
        "s3://[shelf/a",
        "s3://shelf/a#part",
        f"s3://key:{SECRET}@shelf/codes",
        f"s3://{SECRET}@shelf/codes",
        f"s3://shelf/codes?secret_key={SECRET}",
        f"s3://shelf/codes?{SECRET}",
        f"gs://shelf/codes?access_token={SECRET}&scheme=http",
    ],
)
def test_another_address_is_refused_and_not_told(url):
    with pytest.raises(
        ValueError, match=r"^(is no address|holds a user name|asks for what)"
    ) as told:
        check_store_url(url)
    assert SECRET not in str(told.value)


def test_a_table_is_a_folder_or_an_address(monkeypatch):
    monkeypatch.setenv("HOME", "/home/nobody")
    assert check_table_place("lake/codes") == "lake/codes"
    assert check_table_place("~/lake") == "/home/nobody/lake"
    assert check_table_place("s3://shelf/codes") == "s3://shelf/codes"
    for wrong in (
        f"s3://a:{SECRET}@shelf/codes",
        "ftp://shelf/codes",
        "a\0b",
        f"s3://b/c?k={SECRET}",
    ):
        with pytest.raises(ValueError, match=r"holds|is no|asks") as told:
            check_table_place(wrong)
        assert SECRET not in str(told.value)
