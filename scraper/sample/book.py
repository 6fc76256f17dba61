"""The fictional code book as data: `codes/*.toml` in, one CodePage a code out, in code order.

A text is paragraphs parted by blank lines; a paragraph whose lines start with `- ` is a list.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scraper.codes import CODE_PATTERN, order_of

Code = Annotated[str, Field(pattern=rf"^{CODE_PATTERN}$")]
Text = Annotated[str, Field(min_length=1)]
PageLayout = Literal["gated", "open", "guide"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Section(_Table):
    """A headed part of an open page or of a guide."""

    title: Text
    text: Text


class HistoryEntry(_Table):
    """One line of the history table of an open page."""

    date: Text
    action: Literal["Added", "Changed", "Deleted"]
    notes: str = ""


class CodePage(_Table):
    """What the page of one code says; a part that is None is not on the page."""

    code: Code
    layout: PageLayout
    official: Text | None = None
    common: Text | None = None
    notice: Text | None = None
    board_year: int = 2026
    press_year: int = 2026
    gates: int = Field(0, ge=0, le=7)
    glance: tuple[Text, ...] = ()
    sections: tuple[Section, ...] = ()
    facts: dict[str, Text] = Field(default_factory=dict)
    modifiers: dict[str, Text] = Field(default_factory=dict)
    history: tuple[HistoryEntry, ...] = ()


class Doors(_Table):
    """Code addresses that give something else than a code page."""

    stale: Code = Field(description="In the sitemap, and not found.")
    login: tuple[Code, ...] = Field(description="Behind a log-in, in no sitemap.")
    challenge: tuple[Code, ...] = Field(description="Behind a bot check, in no sitemap.")
    popular: tuple[Code, ...] = Field(description="Shown in a box on every page.")
    example: Code = Field(description="Named as an example in every footer.")


@dataclass(frozen=True, slots=True)
class CodeBook:
    """All pages by code, in code order, and the special addresses."""

    pages: dict[str, CodePage]
    doors: Doors

    @property
    def listed(self) -> tuple[str, ...]:
        """Return every code that the sitemap lists, in code order: the pages and the stale one."""
        return tuple(sorted((*self.pages, self.doors.stale), key=order_of))

    def neighbours(self, code: str) -> tuple[str | None, str | None]:
        """Return the codes of the pages before and after one."""
        codes = list(self.pages)
        at = codes.index(code)
        before = codes[at - 1] if at else None
        return before, codes[at + 1] if at + 1 < len(codes) else None


@cache
def read_book() -> CodeBook:
    """Read the whole code book from the package."""
    folder = resources.files("scraper.sample").joinpath("codes")
    files = [f for f in folder.iterdir() if f.name.endswith(".toml")]
    tables = {f.name: tomllib.loads(f.read_text("utf-8")) for f in files}
    doors = Doors.model_validate(tables.pop("doors.toml"))
    pages = [CodePage.model_validate(entry) for t in tables.values() for entry in t["page"]]
    return CodeBook({p.code: p for p in sorted(pages, key=lambda p: order_of(p.code))}, doors)


def split_blocks(text: str) -> list[list[str]]:
    r"""Return the blocks of a text: a paragraph is one string, a list is its items.

    >>> split_blocks("One tea\npot.\n\n- a lid\n- a spout")
    [['One tea pot.'], ['a lid', 'a spout']]
    """
    return [_split_block(block) for block in text.split("\n\n")]


def is_list(block: str) -> bool:
    """Tell whether a block of a text is a list."""
    return all(line.startswith("- ") for line in block.splitlines())


def _split_block(block: str) -> list[str]:
    if is_list(block):
        return [line.removeprefix("- ") for line in block.splitlines()]
    return [" ".join(block.split())]
