"""The open edition of a release: the tables of the full one in, tables without licensed text out.

Columns of licensed text are left out. A cell of another column that repeats five words in a row of
such a text is left empty, and one of a page's own words that is a whole shorter one. That none is
left, `find_licensed_words` proves of the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from pyarrow import parquet

from scraper.disk import storage_errors, sync
from scraper.publish.manifest import DataFile, describe_file
from scraper.publish.schema import OPEN_NOTICE, Column, describe_schema
from scraper.publish.tables import ROW_GROUP_ROWS, TableWriter, open_parquet
from scraper.publish.twin import CsvTwin
from scraper.record import LICENSED_COLUMNS, PAGE_FACT_COLUMNS, UNSORTED_COLUMNS, WORDING_COLUMNS

OPEN = "open"
WORDS_IN_A_ROW = 5
# One or two words, such as `Not applicable`, are anybody's.
LEAST_WHOLE = 3

_WORD = re.compile(r"[^\W_]+")
# Words of ours and digests: they may stand in a page, but come from no page.
_OWN = frozenset(("section", "subsection", "site", "raw_file", "layout", "parser_version"))
# Texts that are looked for as a whole where they are shorter, and the columns of a page's own words
# that may repeat one; our own vocabularies share words with anybody.
_WHOLE = frozenset(("official_description", "common_language_description", *WORDING_COLUMNS))
_OF_PAGES = frozenset((*_WHOLE, *PAGE_FACT_COLUMNS, "event_date_text", "action", "notes"))
# Prose may name the site: of an address only what follows the host is compared.
_HOST = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)

_Gram = tuple[str, ...]


def write_open_edition(folder: Path) -> tuple[dict[str, DataFile], int]:
    """Write the open edition of a release folder into its folder `open`.

    Returns its files by their names in the release, and how many cells were left empty.
    """
    grams = find_licensed_words(folder, folder)
    (folder / OPEN).mkdir()
    files: dict[str, DataFile] = {}
    emptied = 0
    for table in LICENSED_COLUMNS:
        with storage_errors(folder / OPEN):
            paths, rows, count = _write_table(folder, table, grams)
        emptied += count
        files |= {path.relative_to(folder).as_posix(): describe_file(path, rows) for path in paths}
    sync(folder / OPEN)
    return files, emptied


def describe_editions(writers: Iterable[TableWriter]) -> dict[str, tuple[Column, ...]]:
    """List the columns of the tables of both editions, by their names in the release."""
    full = {writer.table: writer.schema for writer in writers}
    opened = {f"{OPEN}/{table}": open_schema(full[table], table) for table in LICENSED_COLUMNS}
    return {name: describe_schema(schema) for name, schema in (full | opened).items()}


def find_licensed_words(full: Path, opened: Path) -> frozenset[_Gram]:
    """Return the words in a row that stand in a licensed text of `full` and in `opened` too.

    They are five, or a whole text of fewer in a cell of a page's own words.
    Where `opened` is the full edition itself, what of it an open one would hold is looked at;
    else every column of it, one of licensed text that ought not to be there as well.
    """
    kept = _read_grams(opened, _OF_PAGES, is_licensed=False, is_whole=opened != full)
    told = frozenset(chain.from_iterable(kept))
    licensed = _read_grams(full, _WHOLE, is_licensed=True) if told else ()
    return frozenset(chain.from_iterable(map(told.intersection, licensed)))


def _write_table(
    folder: Path, table: str, licensed: frozenset[_Gram]
) -> tuple[tuple[Path, ...], int, int]:
    path = folder / OPEN / f"{table}.parquet"
    twin_path = path.with_suffix(".csv") if (folder / f"{table}.csv").exists() else None
    rows = emptied = 0
    with parquet.ParquetFile(folder / path.name) as full:
        schema = open_schema(full.schema_arrow, table)
        twin = CsvTwin(twin_path, schema) if twin_path else None
        with open_parquet(path, schema) as writer:
            for batch in full.iter_batches(ROW_GROUP_ROWS, columns=schema.names):
                cleared, count = _clear(batch, schema, licensed)
                writer.write_batch(cleared)
                if twin:
                    twin.write(cleared)
                rows, emptied = rows + len(batch), emptied + count
        if twin:
            twin.close()
    paths = (path, twin_path) if twin_path else (path,)
    for written in paths:
        sync(written)
    return paths, rows, emptied


def open_schema(full: pa.Schema, table: str) -> pa.Schema:
    """Return the schema of a table of the open edition: the full one without licensed text.

    Any cell of a page's own words may be empty in it.
    """
    left_out = LICENSED_COLUMNS[table] | UNSORTED_COLUMNS[table]
    metadata = (full.metadata or {}) | {b"licence": OPEN_NOTICE.encode(), b"edition": b"open"}
    kept = (field for field in full if field.name not in left_out)
    fields = (f.with_nullable(f.nullable or f.name in _OF_PAGES) for f in kept)
    return pa.schema(fields, metadata)


def _clear(
    batch: pa.RecordBatch, schema: pa.Schema, licensed: frozenset[_Gram]
) -> tuple[pa.RecordBatch, int]:
    """Leave out of the columns of text what repeats licensed words; count what that was."""
    columns, emptied = [], 0
    for field, column in zip(schema, batch.columns, strict=True):
        least = LEAST_WHOLE if field.name in _OF_PAGES else WORDS_IN_A_ROW
        texts = _texts(column) if field.name not in _OWN and _is_text(field.type) else ()
        repeats = {text for text in texts if not licensed.isdisjoint(_grams(text, least))}
        held = column.to_pylist() if repeats else []
        values = [_without(value, repeats) for value in held]
        emptied += sum(old != new for old, new in zip(held, values, strict=True))
        columns.append(pa.array(values, field.type) if repeats else column)
    return pa.RecordBatch.from_arrays(columns, schema=schema), emptied


def _without(value: str | list[str] | None, repeats: set[str]) -> str | list[str] | None:
    if isinstance(value, list):
        return [text for text in value if text not in repeats]
    return None if value in repeats else value


def _read_grams(
    folder: Path, short: frozenset[str], *, is_licensed: bool, is_whole: bool = False
) -> Iterator[Iterable[_Gram]]:
    """Give the grams of the licensed columns, or of those that an open edition holds, or of all.

    They come text by text; one of fewer words in the columns in `short` is one gram.
    """
    for table, licensed in LICENSED_COLUMNS.items():
        with parquet.ParquetFile(folder / f"{table}.parquet") as file:
            held = file.schema_arrow
            opened = held if is_whole else open_schema(held, table)
            kept = licensed if is_licensed else opened.names
            names = [
                field.name
                for field in held
                if field.name in kept and _is_text(field.type) and field.name not in _OWN
            ]
            for batch in file.iter_batches(ROW_GROUP_ROWS, columns=names):
                for name, column in zip(names, batch.columns, strict=True):
                    least = LEAST_WHOLE if name in short else WORDS_IN_A_ROW
                    yield from (_grams(text, least) for text in _texts(column))


def _texts(column: pa.Array) -> list[str]:
    """Return the texts of a column, each once."""
    flat = column.flatten() if pa.types.is_list(column.type) else column
    texts: list[str] = flat.unique().drop_null().to_pylist()
    return texts


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind.value_type if pa.types.is_list(kind) else kind))


def _grams(text: str, least: int) -> Iterable[_Gram]:
    """Return each five words in a row; of a text of fewer, but at least so many, all of them."""
    own = unquote(_HOST.sub("", text, count=1)) if _HOST.match(text) else text
    words = _WORD.findall(own.casefold())
    if least <= len(words) < WORDS_IN_A_ROW:
        return (tuple(words),)
    return zip(*(words[start:] for start in range(WORDS_IN_A_ROW)), strict=False)
