"""Measures everything, or the parts named, and prints one table; `--quick` is for a first look."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from statistics import median
from typing import NamedTuple

import trafilatura  # type: ignore[import-not-found,unused-ignore]

from bench.corpus import Page, make_pages
from bench.memory import BuildCost, measure_build
from bench.network import Rounds, measure_fetching, times_as_fast
from bench.speed import Speed, Spread, check_pages, measure_speed


class Line(NamedTuple):
    """One line of the table; `met` is None where there is no goal."""

    what: str
    figure: str
    goal: str = ""
    met: bool | None = None


_HEAD = Line("what", "figure", "goal")
_RULE = Line("-" * 40, "-" * 26, "-" * 6)


def main() -> None:
    """Measure and print; a goal that is missed says so in its line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer pages and rounds")
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="all of them by default")
    options = parser.parse_args()
    _print_lines([_HEAD, _RULE])
    for name in options.parts or _PARTS:
        _PARTS[name](is_quick=options.quick)


def _print_parsing(*, is_quick: bool) -> None:
    pages = list(make_pages(200 if is_quick else 2_000))
    check_pages(pages)
    rounds, sample = (5, 40) if is_quick else (7, 200)
    print(_describe_run(pages), flush=True)
    speed = measure_speed(pages, rounds=rounds, extract=trafilatura.extract, sample=sample)
    _print_lines(_speed_lines(speed))
    crowded = list(make_pages(200, is_crowded=True))
    check_pages(crowded)
    _print_lines(_crowded_lines(crowded, measure_speed(crowded, rounds=rounds)))


def _print_memory(*, is_quick: bool) -> None:
    few, many = (measure_build(count) for count in (2_000, 10_000 if is_quick else 100_000))
    _print_lines(_memory_lines(few, many))


def _describe_run(pages: Sequence[Page]) -> str:
    sizes = [len(page.body) for page in pages]
    libraries = ("selectolax", "trafilatura", "pyarrow", "pydantic", "fastwarc")
    return (
        f"{len(pages):,} pages of {min(sizes):,} to {max(sizes):,} bytes, median "
        f"{median(sizes):,.0f}; {sum(page.gates > 0 for page in pages):,} of them gated\n"
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        + ", ".join(f"{name} {version(name)}" for name in libraries)
    )


def _speed_lines(speed: Speed) -> list[Line]:
    to_bare, faster = speed.to_bare, speed.extract_to_pipeline
    return [
        Line("bare lexbor parse, us a page", _microseconds(speed.bare)),
        Line("our parse alone, us a page", _microseconds(speed.parse)),
        Line("parse + normalize + Parquet, us a page", _microseconds(speed.pipeline)),
        Line("trafilatura.extract, us a page", _microseconds(speed.extract)),
        Line("the libraries' own work / bare", str(speed.floor_to_bare)),
        Line("our parse alone / bare", str(speed.parse_to_bare)),
        Line("parse + normalize + Parquet / bare", str(to_bare), "<= 2.2", to_bare.middle <= 2.2),
        Line("trafilatura.extract / ours", str(faster), ">= 40", faster.middle >= 40),
    ]


def _crowded_lines(pages: Sequence[Page], speed: Speed) -> list[Line]:
    size = median(len(page.body) for page in pages)
    return [Line(f"the same / bare, crowded pages of {size:,.0f} bytes", str(speed.to_bare))]


def _print_fetching(*, is_quick: bool) -> None:
    count, rounds = (100, 3) if is_quick else (1_000, 5)
    of_connections: dict[int, Rounds] = {}
    for connections in (1, 8, 32, 64):
        costs = measure_fetching(count, connections, rounds=rounds)
        of_connections[connections] = costs
        _print_lines(_client_lines(costs, connections))
    _print_lines(_fetch_goals(of_connections))


def _client_lines(costs: Rounds, connections: int) -> list[Line]:
    return [
        Line(
            f"fetch + archive, {name}, {connections} connections",
            f"{median(c.cpu_milliseconds for c in of_client):.2f} ms CPU, "
            f"{median(c.pages_per_second for c in of_client):,.0f} pages/s",
        )
        for name, of_client in costs.items()
    ]


def _fetch_goals(of_connections: dict[int, Rounds]) -> list[Line]:
    lines = []
    for other, goal in (("scrapy", 3.5), ("crawlee", 3.0)):
        for connections, costs in of_connections.items():
            faster, is_asked = times_as_fast(costs, other), connections in {8, 32}
            wanted = (f">= {goal}", faster.middle >= goal) if is_asked else ("", None)
            lines.append(Line(f"{other} / ours, {connections} connections", str(faster), *wanted))
    ours = {n: Spread.of([c.seconds for c in r["ours"]]) for n, r in of_connections.items()}
    slower = ours[64].middle / ours[8].middle
    lines.append(Line("ours, 64 / 8 connections, time", f"{slower:.2f}", "<= 1", slower <= 1))
    cpu = median(cost.cpu_milliseconds for cost in of_connections[8]["ours"])
    return [*lines, Line("ours, CPU a page, 8", f"{cpu:.2f} ms", "<= 0.6", cpu <= 0.6)]


def _memory_lines(few: BuildCost, many: BuildCost) -> list[Line]:
    lines = [
        Line(
            f"build of {cost.pages:,} pages",
            f"{cost.seconds:.1f} s, {cost.pages_per_second:,.0f} pages/s",
        )
        for cost in (few, many)
    ]
    for name, small, large in (
        ("build process", few.parent_mb, many.parent_mb),
        ("build process and workers", few.all_mb, many.all_mb),
    ):
        ratio = large / small
        figure = f"{ratio:.2f} ({small:.0f} to {large:.0f} MB)"
        lines.append(Line(f"peak memory, {name}", figure, "<= 1.2", ratio <= 1.2))
    return lines


def _microseconds(figures: Sequence[float]) -> str:
    return f"{median(figures) * 1e6:,.0f}"


def _print_lines(lines: Sequence[Line]) -> None:
    """Print lines of the table as they come."""
    met = {True: "yes", False: "NO", None: ""}
    for line in lines:
        last = {_HEAD: "met?", _RULE: "----"}.get(line, met[line.met])
        print(f"| {line.what:40} | {line.figure:26} | {line.goal:6} | {last:4} |", flush=True)


_PARTS = {"parsing": _print_parsing, "fetching": _print_fetching, "memory": _print_memory}

if __name__ == "__main__":
    main()
