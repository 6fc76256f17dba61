"""A site as data: one TOML file in, one validated SiteProfile out.

Labels, gates and walls match a whole block of a page after white space is folded, never a part of
one. A pattern is a regular expression that must match the whole block.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal, Self, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scraper.codes import CODE_PATTERN, CodeSystem, parse_code, system_of
from scraper.errors import UsageError
from scraper.record import PAGE_FACT_COLUMNS
from scraper.sites.pattern import Pattern, YearPattern, with_groups, without_names

WallKind = Literal["not_found", "challenge", "login_wall", "quota_wall"]
WALL_KINDS: tuple[WallKind, ...] = get_args(WallKind)


def _check_column(column: str) -> str:
    if column and column not in PAGE_FACT_COLUMNS:
        raise ValueError(f"{column!r} is no page-fact column; `scraper columns` lists them")
    return column


Host = Annotated[str, Field(pattern=r"^[a-z0-9.:_-]+$")]
FactColumn = Annotated[str, AfterValidator(_check_column)]
Lines = tuple[str, ...]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(_Table):
    """Lines that head a part of a page."""

    official_description: Lines = ()
    common_language_description: Lines = ()
    sections: Lines = Field((), description="Headings of further parts, beside `section_pattern`.")
    section_pattern: Pattern | None = Field(None, description="A heading, as `1. Indications`.")
    history: Lines = Field((), description="Header lines of the history table.")


class Boilerplate(_Table):
    """Lines that are no content: they never reach a description."""

    gates: Lines = Field((), description="One line per gated section; each one is counted.")
    promos: Lines = ()
    menu: Lines = ()
    patterns: tuple[Pattern, ...] = ()


class Patterns(_Table):
    """Lines with a value in them, as named groups."""

    meter: tuple[Pattern, ...] = Field((), description="Group `views`: views remaining.")
    ama_copyright: YearPattern | None = Field(None, description="Group `year`.")
    publisher_copyright: YearPattern | None = Field(None, description="Group `year`.")
    ask_line: Annotated[Pattern, with_groups("code")] | None = Field(
        None, description="Group `code`: the page's own code."
    )
    status_notice: Pattern | None = None
    guide: tuple[Pattern, ...] = Field((), description="Lines that only a guide page has.")
    modifier: Annotated[Pattern, with_groups("label", "value")] | None = Field(
        None, description="Groups `label` and `value`."
    )
    history: Annotated[Pattern, with_groups("date", "action", "notes")] | None = Field(
        None, description="Groups `date`, `action` and `notes`."
    )


class RowSelector(_Table):
    """A grid or table: `row` selects each row, the others select within it."""

    row: str
    label: str
    value: str


class HistorySelector(_Table):
    """A history table: `row` selects each row, the others select within it."""

    row: str
    date: str
    action: str
    notes: str | None = None


class Selectors(_Table):
    """CSS selectors, for a site whose parts have no label lines."""

    code: str | None = Field(None, description="Element whose text is, or holds, the code.")
    official_description: str | None = None
    common_language_description: str | None = None
    status_notice: str | None = None
    breadcrumb: str | None = Field(None, description="Its items become the fact `Breadcrumb`.")
    facts: RowSelector | None = None
    history: HistorySelector | None = None
    remove: Lines = Field((), description="Elements that a reader does not see, or no content.")

    def all_selectors(self) -> Iterator[tuple[str, str]]:
        """Yield the key and the text of every CSS selector of the table."""
        for key, value in self.__dict__.items():
            if isinstance(value, str):
                yield f"select.{key}", value
            elif isinstance(value, tuple):
                yield from ((f"select.{key}", css) for css in value)
            elif value is not None:
                cells = value.__dict__.items()
                yield from ((f"select.{key}.{cell}", css) for cell, css in cells if css)


class SiteProfile(_Table):
    """What one site looks like; `docs/add-a-site.md` tells how to write one."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    title: str
    publisher: str = Field(description="Whose prose the pages are; part of every row's evidence.")
    fictional: bool = False
    origin: str = Field(pattern=r"^https?://[^/@\s]+$", description="Where to ask for pages.")
    hosts: tuple[Host, ...] = Field(
        min_length=1, description="Host names that are this site, in lower case."
    )
    code_paths: Mapping[CodeSystem, str] = Field(
        min_length=1, description="Path of a page, with `{code}` in it; a query may follow."
    )
    pace_seconds: float = Field(5.0, ge=0, description="Least seconds between two requests.")
    meter_hours: float = Field(24.0, gt=0, le=8_784, description="Until its meter counts anew.")
    refresh_days: int | None = Field(None, ge=0, description="In the place of the setting.")
    sitemap: str | None = Field(None, description="Path of its sitemap, where it has one.")
    complete_marks: Lines = Field(("</html>",), description="A whole page ends with one of them.")
    labels: Labels = Labels()
    boilerplate: Boilerplate = Boilerplate()
    patterns: Patterns = Patterns()
    facts: Mapping[str, FactColumn] = Field(
        default_factory=dict, description="Label of a row -> column of `codes`, or '' for none."
    )
    walls: Mapping[WallKind, tuple[Pattern, ...]] = Field(
        default_factory=dict, description="Lines of pages that show no code; case is ignored."
    )
    select: Selectors = Selectors()

    @model_validator(mode="after")
    def _check_paths(self) -> Self:
        for system, path in self.code_paths.items():
            if path.count("{code}") != 1 or not path.startswith("/"):
                raise ValueError(f"code_paths.{system} must start with / and hold one {{code}}")
        return self

    @cached_property
    def _code_path_pattern(self) -> re.Pattern[str]:
        paths = (re.escape(path).replace(r"\{code\}", "\0") for path in self.code_paths.values())
        shapes = "|".join(path.replace("\0", f"({CODE_PATTERN})") for path in paths)
        return re.compile(rf"(?:{shapes})/?", re.IGNORECASE)

    def is_furniture(self, line: str) -> bool:
        """Tell whether a whole line is the site's own, and so never part of a description."""
        return line in self._furniture_lines or bool(self._furniture_pattern.fullmatch(line))

    @cached_property
    def _furniture_lines(self) -> frozenset[str]:
        boilerplate, labels = self.boilerplate, self.labels
        return frozenset(
            (
                *(*boilerplate.gates, *boilerplate.promos, *boilerplate.menu),
                *(*labels.official_description, *labels.common_language_description),
            )
        )

    @cached_property
    def _furniture_pattern(self) -> re.Pattern[str]:
        lines = self.patterns
        some = (lines.ama_copyright, lines.publisher_copyright, lines.ask_line, *lines.meter)
        patterns = filter(None, (*some, *self.boilerplate.patterns))
        return re.compile("|".join(f"(?:{without_names(p)})" for p in patterns) or r"(?!)")

    def is_home_of(self, url: str) -> bool:
        """Tell whether a URL's host is one of this site's."""
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return False
        return host is not None and host in self.hosts

    def code_of_url(self, url: str) -> str | None:
        """Return the code whose page a URL of this site is, or None.

        A query, a fragment, a trailing slash and lower case are allowed; the whole path segment
        must be the code.
        """
        if not self.is_home_of(url):
            return None
        split = urlsplit(url)
        paths = (split.path, f"{split.path}?{split.query}")
        match = next(filter(None, map(self._code_path_pattern.fullmatch, paths)), None)
        return parse_code(next(g for g in match.groups() if g)) if match else None

    def url_of_code(self, code: str) -> str | None:
        """Return the address of a code's page, or None where the site has none for its system."""
        path = self.code_paths.get(system_of(code))
        return f"{self.origin}{path.replace('{code}', code)}" if path else None


def load_profiles(sites_dir: Path | None = None) -> dict[str, SiteProfile]:
    """Read every built-in site file, then those of `sites_dir`; the key is the site's name.

    Raises UsageError that names the file and the key.
    """
    built_in = resources.files("scraper.sites")
    files: list[Traversable] = [f for f in built_in.iterdir() if f.name.endswith(".toml")]
    if sites_dir is not None:
        if not sites_dir.is_dir():
            raise UsageError(f"{sites_dir}: sites_dir is no folder; make it or unset it")
        files.extend(sorted(sites_dir.glob("*.toml")))
    profiles = [read_profile(file) for file in files]
    return {profile.name: profile for profile in sorted(profiles, key=lambda p: p.name)}


def read_profile(file: Traversable | Path) -> SiteProfile:
    """Read and validate one site file."""
    try:
        profile = SiteProfile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        home = urlsplit(profile.origin).hostname
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: {_first_line(error)}; see docs/add-a-site.md") from error
    if home not in profile.hosts:
        raise UsageError(f"{file}: origin: its host must be in hosts; see docs/add-a-site.md")
    return profile


def _first_line(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    return ": ".join(filter(None, (key, first["msg"].removeprefix("Value error, "))))
