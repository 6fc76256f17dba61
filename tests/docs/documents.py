"""What the tests of this folder read in the documents: code blocks, tables, commands, headings."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for folder in ("", "docs", "raw", "output", "bench")
    for path in (ROOT / folder).glob("*.md")
)
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_CELL = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block; `follows` is the block right before it, None where text is between."""

    language: str
    text: str
    follows: Block | None


class Table(NamedTuple):
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, title: str) -> list[str]:
        """The cells below a title, without their backticks."""
        return [row[self.head.index(title)].strip("`") for row in self.rows]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, language: str) -> list[Block]:
    text, found, end = read(name), [], 0
    for match in _FENCE.finditer(text):
        before = found[-1] if found and not text[end : match.start()].strip() else None
        found.append(Block(match["language"], match["text"], before))
        end = match.end()
    return [block for block in found if block.language == language]


def tables(name: str) -> list[Table]:
    groups = re.findall(r"(?:^\|.*\|$\n?)+", read(name), re.MULTILINE)
    lines = [[_cells(line) for line in group.splitlines()] for group in groups]
    return [Table(head, tuple(rows)) for head, _, *rows in lines]


def table(name: str, title: str) -> Table:
    """The one table of a document whose first column has this title."""
    [found] = [table for table in tables(name) if table.head[0] == title]
    return found


def shell_lines(name: str) -> list[str]:
    """The lines of shell blocks, and what in backticks begins with the command or make."""
    text = read(name)
    lines = [line for block in blocks(name, "sh") for line in block.text.splitlines()]
    quoted = re.findall(
        r"`((?:make|scraper|python -m scraper) [a-z][^`\n]*)`", _FENCE.sub("", text)
    )
    nightly = re.findall(r"/(scraper scrape .*)", text)
    return lines + quoted + nightly


def commands(name: str, program: str) -> list[list[str]]:
    """The arguments of every call of a program that a document shows."""
    found = []
    for line in shell_lines(name):
        words = shlex.split(line.replace("python -m scraper", "scraper"), comments=True)
        while words and (words[0] == "export" or re.match(r"[A-Z_]+=", words[0])):
            words = words[1:]
        if words and words[0].removeprefix(".venv/bin/") == program:
            found.append(words[1 : words.index(">") if ">" in words else None])
    return found


def anchors(name: str) -> set[str]:
    """The anchors of a document's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", read(name)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def load_generator():
    """Return docs/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1])
