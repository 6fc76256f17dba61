"""Releases in, versions of a Delta Lake table out: each release is one version of its codes.

A version is written whole by one commit, whose metadata names the release and the seal of its
manifest: a release that stands in the table is not written again. The columns of a version are
those of its release. Credentials come from the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from scraper.errors import DeliveryError
from scraper.places import is_url
from scraper.publish.manifest import SUCCESS, read_manifest
from scraper.publish.rows import CODES, prove_table
from scraper.publish.schema import NOTICES
from scraper.publish.version import is_version

if TYPE_CHECKING:
    from deltalake import DeltaTable

_RELEASE, _SEAL = "release", "manifest_sha256"
_BATCH_ROWS = 2_000
_DESCRIPTION = " ".join(NOTICES)
# Of what a store answers, the words alone: the rest may tell who asked.
_OF_XML = re.compile(r"<.*<Message>(.*?)</Message>.*")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


class Lakehouse:
    """The table at a path or address; nothing is made before a release is appended.

    Raises DeliveryError where the library is missing or the table cannot be read.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self._seals: dict[str, str] = {}
        with _delivery_errors(place):
            if table := _open(place):
                self._seals = dict(_read_seals(table))
                if not self._seals and table.metadata().description != _DESCRIPTION:
                    raise DeliveryError(f"{place}: is a table of others; name another delta_table")

    @property
    def releases(self) -> list[str]:
        """The releases that the table holds, in the order in which they were appended."""
        return list(self._seals)

    def append(self, folder: Path) -> bool:
        """Make a release the newest version of the table; False where it stands in it already."""
        read_manifest(folder)  # so its seal is whole
        seal = (folder / SUCCESS).read_text("ascii").strip()
        if held := self._seals.get(folder.name):
            if held != seal:
                raise DeliveryError(
                    f"{self.place}: holds another release {folder.name}; name another delta_table"
                )
            return False
        prove_table(folder)
        with _delivery_errors(self.place), parquet.ParquetFile(folder / CODES) as file:
            _write(self.place, file, {_RELEASE: folder.name, _SEAL: seal})
        self._seals[folder.name] = seal
        return True


def _open(place: str) -> DeltaTable | None:
    from deltalake import DeltaTable  # noqa: PLC0415 - an extra, loaded by whoever asks for it

    if DeltaTable.is_deltatable(place):
        return DeltaTable(place)
    _check_folder(place)
    return None


def _check_folder(place: str) -> None:
    """Refuse a folder with other things in it, as that of a release; a table is begun elsewhere."""
    folder = Path(place)
    if is_url(place) or not folder.is_dir():
        return
    for path in folder.iterdir():
        # A run that was killed before its first commit leaves these.
        if path.name != "_delta_log" and not path.name.startswith("part-"):
            raise DeliveryError(f"{place}: holds {path.name} and is no table; name another folder")


def _read_seals(table: DeltaTable) -> Iterator[tuple[str, str]]:
    for commit in reversed(table.history()):
        if is_version(str(commit.get(_RELEASE))):
            yield commit[_RELEASE], commit.get(_SEAL, "")


def _write(place: str, file: parquet.ParquetFile, metadata: dict[str, str]) -> None:
    from deltalake import CommitProperties, write_deltalake  # noqa: PLC0415

    write_deltalake(
        place,
        pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(_BATCH_ROWS)),
        mode="overwrite",
        schema_mode="overwrite",
        name="codes",
        description=_DESCRIPTION,
        commit_properties=CommitProperties(custom_metadata=metadata),
    )


@contextmanager
def _delivery_errors(place: str) -> Iterator[None]:
    try:
        from deltalake.exceptions import DeltaError  # noqa: PLC0415
    except ImportError as error:
        raise DeliveryError(
            "delta_table: deltalake is not installed; `pip install 'scraper[delta]'`"
        ) from error
    try:
        yield
    except (DeltaError, OSError, pa.ArrowException, ValueError) as error:
        raise DeliveryError(f"{place}: {_one_line(error)}; see delta_table") from error


def _one_line(error: Exception) -> str:
    """Say what happened and why: the library tells each cause on a line, the last one last."""
    lines = [line.strip("\u21b3 ") for line in _ESCAPES.sub("", str(error)).splitlines()]
    told = [_OF_XML.sub(r"\1", " ".join(line.split())) for line in lines if line]
    return ": ".join(dict.fromkeys((*told[:1], *told[-1:]))) or type(error).__name__
