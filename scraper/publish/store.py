"""Releases in, the same files in an object store out, in the order in which readers may see them.

Data files go first, then the manifest, then its seal, and last the file `latest` with the version.
A release with its seal is whole and is not sent again, so a run after a crash finishes what was
begun. Credentials come from the environment or the SDK's own files.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pyarrow as pa
from pyarrow import fs

from scraper.disk import sync
from scraper.errors import DeliveryError, ReleaseError
from scraper.publish.latest import LATEST, RELEASES
from scraper.publish.manifest import MANIFEST, SUCCESS, find_damage, read_manifest
from scraper.publish.version import is_version

# Else the SDK tries for a quarter of an hour.
_PATIENCE = {"retry_limit_seconds": "60"}
_MOST_BYTES = 4_096


class Store:
    """The place at an address.

    Raises DeliveryError where it cannot be reached, or holds what no release of ours is.
    """

    def __init__(self, url: str) -> None:
        self.place = url.partition("?")[0]
        with self._errors():
            self._files, root = fs.FileSystem.from_uri(_with_patience(url))
        self._root = root.rstrip("/")
        self._is_local = isinstance(self._files, fs.LocalFileSystem)

    @property
    def latest(self) -> str | None:
        """The version that readers are led to, None where nothing was published here."""
        path = f"{self._root}/{LATEST}"
        with self._errors():
            if self._info(path).type == fs.FileType.Directory:
                raise DeliveryError(f"{self.place}: {LATEST} is a folder; name another publish_url")
            version = (self._read(path) or b"").decode("utf-8", "replace").strip()
        if version and not is_version(version):
            raise DeliveryError(
                f"{self.place}: {LATEST} names no release; name another publish_url"
            )
        return version or None

    def put(self, folder: Path) -> bool:
        """Send a release; False where it is there already."""
        target = f"{self._root}/{RELEASES}/{folder.name}"
        with self._errors():
            manifest = read_manifest(folder)
            seal = self._read(f"{target}/{SUCCESS}")
            if seal == (folder / SUCCESS).read_bytes():
                return False
            if seal is not None:
                raise DeliveryError(
                    f"{self.place}: holds another release {folder.name}; name another publish_url"
                )
            if damage := next(find_damage(folder, manifest), None):
                raise ReleaseError(f"{damage}; it is not sent, `scraper build` makes a new release")
            for name in (*sorted((*manifest.files, *manifest.sidecars)), MANIFEST, SUCCESS):
                self._send(folder / name, f"{target}/{name}")
        return True

    def point_to(self, version: str) -> None:
        """Lead readers to a release that is there."""
        with self._errors():
            self._write(f"{self._root}/{LATEST}", f"{version}\n".encode())

    def _send(self, path: Path, target: str) -> None:
        with path.open("rb") as source, self._writing(target) as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
        size = self._info(target).size
        if size != path.stat().st_size:
            raise DeliveryError(f"{self.place}: {path.name} arrived with {size} bytes; run again")

    def _write(self, target: str, content: bytes) -> None:
        with self._writing(target) as sink:
            sink.write(content)

    @contextmanager
    def _writing(self, target: str) -> Iterator[pa.NativeFile]:
        """Open a file that nobody sees before it is whole; object stores do so by themselves."""
        folder, _, name = target.rpartition("/")
        written = f"{folder}/.{name}.part" if self._is_local else target
        if self._is_local:
            self._files.create_dir(folder)
        with self._files.open_output_stream(written) as sink:
            yield sink
        if self._is_local:
            sync(Path(written))
            self._files.move(written, target)
            sync(Path(folder))

    def _read(self, path: str) -> bytes | None:
        if self._info(path).type != fs.FileType.File:
            return None
        with self._files.open_input_stream(path) as source:
            content: bytes = source.read(_MOST_BYTES)
        return content

    def _info(self, path: str) -> fs.FileInfo:
        return self._files.get_file_info(path)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pa.ArrowException, ValueError) as error:
            reason = " ".join(str(error).split())
            raise DeliveryError(f"{self.place}: {reason}; see publish_url") from error


def _with_patience(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "gs":
        return url
    return parts._replace(query=urlencode(_PATIENCE | dict(parse_qsl(parts.query)))).geturl()
