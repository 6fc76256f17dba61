"""What stands beside the tables of an edition: `datapackage.json`, and README.md for people.

The Data Package follows the standard of that name (datapackage.org, version 2). Neither holds a
clock or the version, which the manifest tells: the same tables have the same sidecars.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scraper.disk import storage_errors, sync
from scraper.publish.keys import KEYS
from scraper.publish.manifest import DataFile, Manifest, file_sha256
from scraper.publish.schema import Column

PACKAGE, README = "datapackage.json", "README.md"
_STANDARD = "https://datapackage.org/profiles/2.0/datapackage.json"
_TYPES = {
    "string": "string",
    "bool": "boolean",
    "int64": "integer",
    "double": "number",
    "date32[day]": "date",
    "timestamp[ms, tz=UTC]": "datetime",
    "list<string>": "array",
}
_CSV_TIME = "%Y-%m-%d %H:%M:%SZ"
_MEDIA_TYPES = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}


def write_sidecars(folder: Path, manifest: Manifest, notices: Mapping[str, str]) -> Manifest:
    """Write the sidecars of each edition, and return the manifest with their digests.

    `notices` gives the licence notice of an edition by its name, which is that of its folder;
    the full edition is the release folder itself.
    """
    sidecars: dict[str, str] = {}
    for edition, notice in notices.items():
        place = "" if edition == "full" else f"{edition}/"
        files = {
            name.removeprefix(place): file
            for name, file in manifest.files.items()
            if name.startswith(place) and "/" not in name.removeprefix(place)
        }
        package = describe_package(manifest, files, edition=edition, notice=notice)
        texts = {
            PACKAGE: json.dumps(package, ensure_ascii=False, indent=2) + "\n",
            README: describe_edition(manifest, files, edition=edition, notice=notice),
        }
        for name, text in texts.items():
            path = folder / place / name
            with storage_errors(path):
                path.write_text(text, encoding="utf-8")
                sync(path)
                sidecars[f"{place}{name}"] = file_sha256(path)
    return manifest.model_copy(update={"sidecars": sidecars})


def describe_package(
    manifest: Manifest, files: Mapping[str, DataFile], *, edition: str, notice: str
) -> dict[str, Any]:
    """Return the descriptor of an edition's Data Package; `files` are those of the edition."""
    place = "" if edition == "full" else f"{edition}/"
    return {
        "$schema": _STANDARD,
        "name": f"medical-procedure-codes-{edition}",
        "title": f"Medical procedure codes, {edition} edition",
        "description": notice,
        "licenses": [
            {"name": "other-closed" if edition == "full" else "notspecified", "title": notice}
        ],
        "sources": [{"title": source.title} for source in manifest.sources],
        "resources": [
            _describe_resource(name, file, manifest.tables[f"{place}{Path(name).stem}"])
            for name, file in files.items()
        ],
    }


def describe_edition(
    manifest: Manifest, files: Mapping[str, DataFile], *, edition: str, notice: str
) -> str:
    """Return the README of an edition: what is in it, whose it is, and how to load it."""
    sources = ", ".join(f"{source.title} ({source.publisher})" for source in manifest.sources)
    fictional = any(source.fictional for source in manifest.sources)
    lines = [
        f"# Medical procedure codes, {edition} edition",
        "",
        f"From pages of {sources}.",
        *(["The pages, and all that they say, are fictional."] if fictional else []),
        "",
        "## Licence",
        "",
        notice,
        "",
        "## Files",
        "",
        "| File | Rows | SHA-256 |",
        "| --- | --- | --- |",
        *(f"| `{name}` | {file.rows:,} | `{file.sha256}` |" for name, file in files.items()),
        "",
        "`datapackage.json` describes every column. Codes are text: `00100` keeps its zeros.",
        "",
    ]
    return "\n".join(lines)


def _describe_resource(name: str, file: DataFile, columns: tuple[Column, ...]) -> dict[str, Any]:
    path = Path(name)
    schema: dict[str, Any] = {
        "fields": [_describe_field(column, path.suffix) for column in columns],
        "missingValues": [""],
    }
    if key := KEYS.get(path.stem):
        schema["primaryKey"] = list(key)
    return {
        "name": f"{path.stem}-{path.suffix[1:]}",
        "type": "table",
        "path": name,
        "format": path.suffix[1:],
        "mediatype": _MEDIA_TYPES[path.suffix],
        "encoding": "utf-8",
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        "schema": schema,
    }


def _describe_field(column: Column, suffix: str) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.type],
        "description": column.description,
    }
    if field["type"] == "datetime" and suffix == ".csv":
        field["format"] = _CSV_TIME
    if not column.nullable:
        field["constraints"] = {"required": True}
    return field
