"""Every example in a docstring of the package is run."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import scraper

MODULES = ["scraper", *(m.name for m in pkgutil.walk_packages(scraper.__path__, "scraper."))]


@pytest.mark.parametrize("name", [name for name in MODULES if name != "scraper.__main__"])
def test_the_examples_of_a_module_are_true(name):
    assert doctest.testmod(importlib.import_module(name), report=True).failed == 0


def test_the_package_has_examples():
    parser = doctest.DocTestFinder(exclude_empty=True)
    modules = [importlib.import_module(name) for name in MODULES if name != "scraper.__main__"]
    assert sum(len(test.examples) for m in modules for test in parser.find(m)) >= 15
