"""What a release says of itself: `_manifest.json`, and `_SUCCESS` that seals it.

The manifest holds the SHA-256 of every data file, `_SUCCESS` that of the manifest: no byte of a
release can change unseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scraper.disk import sync
from scraper.errors import ReleaseError
from scraper.publish.schema import NOTICES, OPEN_NOTICE, Column
from scraper.record import Sha256

MANIFEST, SUCCESS = "_manifest.json", "_SUCCESS"
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class DataFile(_Part):
    """One data file of a release."""

    sha256: Sha256
    bytes: Count
    rows: Count


class Source(_Part):
    """A site whose pages a release was made from."""

    name: str
    title: str
    publisher: str
    fictional: bool


class FindingNote(_Part):
    """What a check found in a release that was published all the same; `rows` counts its rows.

    `mark` is what it stays accepted by in the releases that follow.
    """

    id: str
    check: str
    message: str
    rows: Count
    accepted: bool
    mark: str


class Manifest(_Part):
    """The manifest of a release; `tables` holds their columns, `parent` is the release before.

    Files and tables of the open edition are named `open/...`; `emptied` is how many of its cells
    were left empty, for they repeat licensed text. `sidecars` says of each file beside the tables
    what its SHA-256 is.
    `compared_with` is the release that `delta` tells the differences from: the parent, or a whole
    one before it where that is damaged; None where there is none.
    """

    version: str
    created_at: datetime
    parent: str | None
    compared_with: str | None = None  # older releases have no delta
    parser_version: str
    sources: tuple[Source, ...]
    notices: tuple[str, ...] = (*NOTICES, OPEN_NOTICE)
    coverage: dict[str, Count]
    findings: tuple[FindingNote, ...] = ()
    files: dict[str, DataFile]
    tables: dict[str, tuple[Column, ...]]
    emptied: Count = 0
    sidecars: dict[str, Sha256] = Field(default_factory=dict)


def describe_file(path: Path, rows: int) -> DataFile:
    """Measure a data file."""
    return DataFile(sha256=file_sha256(path), bytes=path.stat().st_size, rows=rows)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its seal, and return once the folder would outlive a loss of power."""
    text = manifest.model_dump_json(indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    (folder / SUCCESS).write_text(_seal(text.encode()), encoding="ascii")
    for path in (folder / MANIFEST, folder / SUCCESS, folder):
        sync(path)


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest whose seal is whole.

    Raises ReleaseError that says why the folder is no release.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        seal = (folder / SUCCESS).read_bytes()
    except OSError as error:
        raise ReleaseError(
            f"{folder}: is no whole release: {error.filename}: {error.strerror}; "
            "run `scraper build` to publish one"
        ) from error
    if seal != _seal(content).encode():
        raise ReleaseError(f"{folder}: {SUCCESS} does not fit {MANIFEST}; the release is damaged")
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ReleaseError(f"{folder / MANIFEST}: {key}: {first['msg']}") from error


def find_damage(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Compare a folder with its manifest, file by file and byte by byte."""
    digests = {name: file.sha256 for name, file in manifest.files.items()} | manifest.sidecars
    listed = {MANIFEST, SUCCESS, *digests}
    folders = {parent.as_posix() for name in digests for parent in Path(name).parents}
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    held = {name: path for name, path in found.items() if name not in folders}
    for name in sorted(listed ^ held.keys()):
        yield f"{folder / name}: {'is missing' if name in listed else 'is not of this release'}"
    for name in sorted(digests.keys() & held.keys()):
        yield from _find_change(held[name], digests[name], manifest.files.get(name))


def _find_change(path: Path, sha256: str, expected: DataFile | None) -> Iterator[str]:
    if not path.is_file() or path.is_symlink():
        yield f"{path}: is no plain file"
    elif expected and (size := path.stat().st_size) != expected.bytes:
        yield f"{path}: holds {size} bytes, not the {expected.bytes} of the manifest"
    elif file_sha256(path) != sha256:
        yield f"{path}: was changed: its SHA-256 is not that of the manifest"


def file_sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _seal(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest() + "\n"
