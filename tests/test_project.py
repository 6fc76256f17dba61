"""A project: settings and sites together."""

from __future__ import annotations

import pytest

from scraper.errors import UsageError
from scraper.project import Project
from scraper.settings import Settings


def test_the_sample_site_is_asked_at_its_port():
    project = Project.open(Settings(sample_port=8765))
    assert project.profile("sample").origin == "http://127.0.0.1:8765"


def test_another_origin_stands_for_the_site_of_the_settings_and_is_its_host():
    project = Project.open(Settings(site="codingahead", origin="http://mirror.example:81"))
    profile = project.profile()
    assert profile.origin == "http://mirror.example:81"
    assert profile.hosts[-1] == "mirror.example"
    assert profile.code_of_url("http://mirror.example:81/cpt/codes/63020") == "63020"
    assert profile.code_of_url("https://www.codingahead.com/cpt/codes/63020") == "63020"


def test_without_an_origin_a_site_is_asked_at_its_own():
    project = Project.open(Settings(site="codingahead"))
    assert project.profile().origin == "https://www.codingahead.com"


def test_an_unknown_site_is_named_beside_the_known_ones():
    with pytest.raises(UsageError, match=r"'nowhere'.*codingahead, sample"):
        Project.open(Settings()).profile("nowhere")


def test_an_unknown_site_in_the_settings_is_named_too():
    with pytest.raises(UsageError, match="'nowhere'"):
        Project.open(Settings(site="nowhere", origin="http://mirror.example")).profile()
