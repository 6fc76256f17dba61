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
        "file://",
        "file:///",
        "file:////",
        "file:///srv/..",
        "file:///%2e%2e",
        "file:///srv/%00",
        "file:x",
        "file:/srv/codes",
        "FILE:///srv/codes",
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


@pytest.mark.parametrize("place", ["file:///", "file:x", "s3:/shelf/x", "S3:x", "memory://x"])
def test_what_only_begins_as_an_address_is_no_folder_for_a_table(place):
    with pytest.raises(ValueError, match=r"is no address; write one as s3://shelf/path, .*file:"):
        check_table_place(place)


@pytest.mark.parametrize("place", ["a%20b", "a#b", "a?b", "a[b]", "a^b", "a|b", "a\\b", "a\nb"])
def test_a_table_stands_where_its_library_finds_it_again(place, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="which no place of a table may; name another"):
        check_table_place(place)
    with pytest.raises(ValueError, match="which no place of a table may; name another"):
        check_table_place((tmp_path / place).as_uri())
    (tmp_path / place).mkdir()
    monkeypatch.chdir(tmp_path / place)
    with pytest.raises(ValueError, match="which no place of a table may; name another"):
        check_table_place("lake")


def test_an_address_may_only_ask_for_what_its_kind_knows():
    with pytest.raises(ValueError, match="it may ask for endpoint_override, region, scheme"):
        check_store_url("s3://shelf/a?retry_limit_seconds=5")
    with pytest.raises(ValueError, match=r"leave out what follows \?"):
        check_store_url("file:///srv/codes?region=x")


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
