"""A published release in, a pandas DataFrame with the right types out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from scraper.errors import ReleaseError, UsageError
from scraper.publish.editions import OPEN
from scraper.publish.latest import find_release
from scraper.publish.rows import open_table
from scraper.publish.twin import read_csv
from scraper.record import TABLES

__all__ = ["load", "read_csv"]

_DTYPES = {
    pa.string(): pd.StringDtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.float64(): pd.Float64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}


def load(
    release: str | Path | None = None,
    *,
    table: str = "codes",
    edition: str = "full",
    output_dir: Path,
) -> pd.DataFrame:
    """Load a table of a release: the latest, a version by name, or the folder of one.

    `edition` is `full`, or `open` for the tables without licensed text.

    Text, whole numbers and booleans are nullable pandas types, times are UTC, dates are `date`
    and lists are Python lists.
    """
    if table not in TABLES:
        raise UsageError(f"{table}: is no table; choose one of {', '.join(TABLES)}")
    if edition not in {"full", OPEN}:
        raise UsageError(f"{edition}: is no edition; choose full or {OPEN}")
    folder = release if isinstance(release, Path) else find_release(output_dir, release)
    place = folder / OPEN if edition == OPEN else folder
    return _to_frame(_read_table(place / f"{table}.parquet"))


def _read_table(path: Path) -> pa.Table:
    try:
        return open_table(path).read()
    except FileNotFoundError as error:
        raise ReleaseError(
            f"{path}: there is no such table; run `scraper build` to publish one"
        ) from error
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ReleaseError(
            f"{path}: cannot be read; `scraper verify` tells what is damaged"
        ) from error


def _to_frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(types_mapper=_DTYPES.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = pd.Series(table.column(field.name).to_pylist(), dtype=object)
    return frame
