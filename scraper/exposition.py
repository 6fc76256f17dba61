"""Gauges in, a file of the Prometheus text format out, for node_exporter's textfile collector.

https://prometheus.io/docs/instrumenting/exposition_formats/ has the rules.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scraper.disk import replace_durably, storage_errors
from scraper.errors import UsageError

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge with its samples: the labels of each, and its value."""

    name: str
    meaning: str
    samples: Sequence[tuple[Labels, int]]


def render_gauges(gauges: Sequence[Gauge]) -> str:
    r"""Return the text of the gauges that have samples.

    >>> print(render_gauges([Gauge("bells", "Bells that hang.", [({"town": 'A "B"'}, 2)])]), end="")
    # HELP bells Bells that hang.
    # TYPE bells gauge
    bells{town="A \"B\""} 2
    """
    return "".join(f"{line}\n" for gauge in gauges if gauge.samples for line in _lines(gauge))


def check_target(path: Path) -> None:
    """Raise UsageError where a file cannot be put in this place: said before a run, not after."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: is no plain file and is not replaced; name another metrics file")
    if not os.access(path.resolve().parent, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: its folder is missing or cannot be written; make it first")


def write_gauges(path: Path, gauges: Sequence[Gauge]) -> None:
    """Put the gauges in the place of the file: a reader sees the old or the new, whole.

    Raises StorageError; the old file then stays.
    """
    with storage_errors(path):
        replace_durably(path, render_gauges(gauges).encode())


def _lines(gauge: Gauge) -> Iterator[str]:
    meaning = gauge.meaning.replace("\\", r"\\").replace("\n", r"\n")
    yield f"# HELP {gauge.name} {meaning}"
    yield f"# TYPE {gauge.name} gauge"
    for labels, value in gauge.samples:
        shown = ",".join(f'{name}="{_escape(text)}"' for name, text in labels.items())
        yield f"{gauge.name}{{{shown}}} {value}" if shown else f"{gauge.name} {value}"


def _escape(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return escaped.encode("utf-8", "backslashreplace").decode()  # a name may hold no text
