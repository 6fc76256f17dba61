"""scraper.toml and SCRAPER_* environment variables in, one frozen Settings out.

The environment wins over the file, the file over the defaults. Unknown keys are refused. A relative
folder in the file is relative to the file, in the environment to the current folder.
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from scraper.errors import UsageError
from scraper.places import check_store_url, check_table_place, is_url

_log = logging.getLogger(__name__)

ENV_PREFIX = "SCRAPER_"
FILE_NAME = "scraper.toml"
ENVIRONMENT_ONLY = frozenset(("cookies",))
_CHECKOUT = Path(__file__).resolve().parent.parent
_PATHS = ("raw_dir", "output_dir", "sites_dir", "cookies_file", "metrics_file")

# The upper bounds keep a slip of the finger from reaching the operating system.
Positive = Annotated[int, Field(gt=0, le=1_000_000_000)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


def _expand_home(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("holds a NUL, which no path may")
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"{path} has no home folder") from error


def _check_ping_url(url: SecretStr) -> SecretStr:
    # The value may be a secret, so no message holds it.
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.username is not None or not re.fullmatch("[!-~]+", text):
        raise ValueError("is no http(s)://host/path without a user name; write it whole")
    return url


# A cron line or an env file leaves `~` as it is.
Folder = Annotated[Path, AfterValidator(_expand_home)]
TablePlace = Annotated[str, AfterValidator(check_table_place)]
StoreUrl = Annotated[str, AfterValidator(check_store_url)]
PingUrl = Annotated[SecretStr, AfterValidator(_check_ping_url)]


class Settings(BaseSettings):
    """Every setting of the program; `docs/settings.md` and `scraper.toml` show the same list."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    site: str = Field("sample", description="Site that commands work on when --site is not given.")
    raw_dir: Folder = Field(
        Path("raw"), description="Folder of the archive: every page as received."
    )
    output_dir: Folder = Field(Path("output"), description="Folder of the releases.")
    sites_dir: Folder | None = Field(
        None, description="Folder with more site files (*.toml), beside the built-in ones."
    )
    contact: str | None = Field(
        None,
        description="Mail address or URL in the user agent; a live site is not asked without it.",
    )
    cookies_file: Folder | None = Field(
        None, description="Netscape cookies.txt of your own session at the site, mode 600."
    )
    cookies: SecretStr | None = Field(
        None, description="The same as `name=value; name=value`, in the environment alone."
    )
    origin: str | None = Field(
        None,
        pattern=r"^https?://[^/@\s]+$",
        description="Ask this scheme://host:port instead of the site's own: a mirror or a test.",
    )
    common_crawl_data: str = Field(
        "https://data.commoncrawl.org",
        pattern=r"^https?://[^/@\s]+(/[^\s?#]*[^/\s?#])?$",
        description="Base URL of the WARC files that a Common Crawl index names.",
    )
    pace_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        0.0, description="Least seconds between two requests, where site and robots.txt ask less."
    )
    connections: Annotated[int, Field(gt=0, le=64)] = Field(
        1, description="Requests at the same time, where no pause is asked for and no meter shown."
    )
    deadline_seconds: Seconds = Field(
        30.0, description="Seconds for one request in all, from look-up to last byte."
    )
    max_page_bytes: Positive = Field(
        10_000_000, description="A larger page or saved file is refused, in bytes."
    )
    refresh_days: Annotated[int, Field(ge=0, le=36_500)] = Field(
        90, description="A page held for longer is asked for again; 0 means never."
    )
    follow: Literal["none", "links", "all"] = Field(
        "none", description="Codes to ask for unasked: those pages held link to, or mention too."
    )
    follow_pages: Positive = Field(
        100, description="Most pages that one run asks for because pages held name their codes."
    )
    parse_seconds: Seconds = Field(
        5.0, description="A page that takes longer to parse is quarantined."
    )
    parse_megabytes: Positive = Field(
        1_024, description="Memory of one parse worker; a page that needs more is quarantined."
    )
    workers: Annotated[int, Field(gt=0, le=1_024)] = Field(
        os.cpu_count() or 1, description="Parse workers; the default is the number of cores."
    )
    segment_megabytes: Positive = Field(
        256, description="A WARC segment of raw/ that has grown past this is followed by a new one."
    )
    sample_port: Annotated[int, Field(ge=0, le=65_535)] = Field(
        8642, description="Port of the embedded sample site on 127.0.0.1."
    )
    keep_releases: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="Newest releases to keep; latest, its parent and the pinned stay; 0: all."
    )
    delta_table: TablePlace | None = Field(
        None, description="Delta Lake table to append each release to: a folder or an address."
    )
    publish_url: StoreUrl | None = Field(
        None,
        description="Object store for each release: s3://, gs:// or file:///; no secrets in it.",
    )
    log_format: Literal["text", "json"] | None = Field(
        None, description="Form of each line on standard error: with time and level, or JSON."
    )
    metrics_file: Folder | None = Field(
        None, description="File for Prometheus's textfile collector, made anew by each run."
    )
    ping_url: PingUrl | None = Field(
        None, description="Asked at the end of a run that went well; else with /fail at its end."
    )

    @property
    def segment_bytes(self) -> int:
        """`segment_megabytes` in bytes."""
        return self.segment_megabytes * 1_000_000

    @classmethod
    def settings_customise_sources(  # noqa: PLR0917 - the signature is the library's
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment before what `load_settings` read from the file."""
        return env_settings, init_settings


def load_settings(config: Path | None = None) -> Settings:
    """Read the settings; `config` names a file, else the nearest scraper.toml upward is used.

    Raises UsageError with one line that names the file or variable and the key.
    """
    path = config or find_config()
    values = _read_toml(path) if path else {}
    _warn_of_unknown_variables()
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "?"
        name = f"{ENV_PREFIX}{key.upper()}"
        where = name if os.environ.get(name) else f"{path or FILE_NAME}: {key}"
        raise UsageError(
            f"{where}: {first['msg'].removeprefix('Value error, ')}; see docs/settings.md"
        ) from error


def find_config() -> Path | None:
    """Return SCRAPER_CONFIG, else the nearest scraper.toml upward, else the checkout's."""
    if named := os.environ.get(f"{ENV_PREFIX}CONFIG"):
        return Path(named)
    here = Path.cwd()
    folders = (here, *here.parents, _CHECKOUT)
    return next((f / FILE_NAME for f in folders if (f / FILE_NAME).is_file()), None)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as TOML: {error}") from error
    # Such a name would be an argument of the library, not a setting.
    if private := next((key for key in values if key.startswith("_")), None):
        raise UsageError(f"{path}: {private}: is no setting; see docs/settings.md")
    if secret := next((key for key in values if key in ENVIRONMENT_ONLY), None):
        name = f"{ENV_PREFIX}{secret.upper()}"
        raise UsageError(f"{path}: {secret}: is a secret and stands in no file; set {name}")
    for key in _PATHS:
        folder = values.get(key, Settings.model_fields[key].default)
        if isinstance(folder, str | Path):
            is_of_home = str(folder).startswith("~")
            values[key] = folder if is_of_home else path.resolve().parent / folder
    table = values.get("delta_table")
    if isinstance(table, str) and table.strip() and not (is_url(table) or table.startswith("~")):
        values["delta_table"] = str(path.resolve().parent / table)
    return values


def _warn_of_unknown_variables() -> None:
    known = {f"{ENV_PREFIX}{key}".upper() for key in (*Settings.model_fields, "config")}
    for name in sorted(os.environ):
        if name.startswith(ENV_PREFIX) and name not in known:
            _log.warning("%s: is no setting and is ignored; see docs/settings.md", name)
