"""The regular expressions of a site file, checked when it is loaded."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*\\[1-9]|\(\?P=|\(\?\(")


def _check_pattern(pattern: str) -> str:
    if _BACK_REFERENCE.search(pattern):
        raise ValueError(f"{pattern!r} refers back to a group, which a pattern here cannot")
    try:
        re.compile(f"(?:{pattern})")  # the parser joins patterns in this way
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error.msg}") from error
    return pattern


def with_groups(*names: str) -> AfterValidator:
    """Return a validator that asks for the named groups in a pattern."""

    def check(pattern: str) -> str:
        for name in names:
            if name not in re.compile(pattern).groupindex:
                raise ValueError(f"{pattern!r} has no group (?P<{name}>...)")
        return pattern

    return AfterValidator(check)


Pattern = Annotated[str, AfterValidator(_check_pattern)]
YearPattern = Annotated[Pattern, with_groups("year")]


def without_names(pattern: str) -> str:
    """Return a pattern with its groups nameless, to be one of several in one expression.

    >>> without_names("(?P<views>[0-9]+) views left")
    '(?:[0-9]+) views left'
    """
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)
