"""Versions are in the order of publishing, and nothing else in the folder is one."""

from __future__ import annotations

import pytest

from scraper.publish.version import is_version, list_versions


@pytest.mark.parametrize(
    "name",
    [
        *("", "latest", "2026.11.2", "2026.11.20.", "2026.11.20.0", "2026.11.20.01"),
        *("2026.11.20\n", "../2026.11.20", "2026.11.20/..", "٢٠٢٦.11.20"),
        *(".staging-12", ".removed-2026.11.20"),
    ],
)
def test_what_is_no_version(name):
    assert not is_version(name)


def test_versions_are_listed_as_they_were_published(tmp_path):
    names = ["2026.11.20.10", "2026.11.20", "2026.11.20.9", "2025.12.31", "2026.11.21"]
    for name in [*names, ".staging-1", "mine"]:
        (tmp_path / name).mkdir()
    assert list_versions(tmp_path) == [
        "2025.12.31",
        "2026.11.20",
        "2026.11.20.9",
        "2026.11.20.10",
        "2026.11.21",
    ]
    assert list_versions(tmp_path / "nothing") == []
