"""Who asks."""

from __future__ import annotations

import pytest

from scraper.errors import UsageError
from scraper.fetch import agent
from scraper.fetch.agent import contact_for, request_headers

from .faults import make_profile, make_settings


@pytest.mark.parametrize("contact", ["me@codes.example", "https://codes.example/bot"])
def test_a_mail_address_or_a_web_page_is_a_contact(contact: str) -> None:
    assert contact_for(make_profile(fictional=False), make_settings(contact=contact)) == contact


@pytest.mark.parametrize("contact", ["me", "me@codes.example\r\nCookie: a=b", "ä@codes.example"])
def test_anything_else_is_no_contact(contact: str) -> None:
    with pytest.raises(UsageError, match="no mail address"):
        contact_for(make_profile(), make_settings(contact=contact))


@pytest.mark.parametrize(
    "contact", ["https://me:hush@codes.example/", "https://hush@codes.example", "http://:hush@a/?b"]
)
def test_a_password_in_a_contact_is_refused_and_not_told(contact: str) -> None:
    with pytest.raises(UsageError, match="without a user name") as raised:
        contact_for(make_profile(), make_settings(contact=contact))
    assert "hush" not in str(raised.value)


def test_a_fictional_site_needs_no_contact() -> None:
    assert contact_for(make_profile(), make_settings()) is None


@pytest.mark.parametrize("origin", ["http://127.0.0.2:80", "http://localhost", "http://[::1]:8000"])
def test_an_origin_on_this_machine_needs_no_contact(origin: str) -> None:
    assert contact_for(make_profile(fictional=False), make_settings(origin=origin)) is None


@pytest.mark.parametrize("origin", ["https://codes.example", "http://192.0.2.1"])
def test_an_origin_elsewhere_is_live(origin: str) -> None:
    with pytest.raises(UsageError, match="not asked without a contact"):
        contact_for(make_profile(fictional=False), make_settings(origin=origin))


def test_only_a_mail_address_is_named_in_from() -> None:
    assert request_headers("me@codes.example")["From"] == "me@codes.example"
    assert "From" not in request_headers("https://codes.example/@me")
    assert "From" not in request_headers(None)


def test_the_user_agent_names_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "version", lambda name: f"{name}-9.9")
    assert request_headers("me@codes.example")["User-Agent"] == (
        "scraper/scraper-9.9 (+me@codes.example)"
    )
