"""A record class in, the Arrow schema of its table out: the one place that decides column types.

Text and Literal are string, int is int64, float is float64, bool is bool, date is date32, datetime
is timestamp[ms, UTC] (Parquet has no whole seconds), tuples are lists without nulls in them. A
column is nullable where the annotation says `| None`; any other annotation is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import pyarrow as pa

from scraper.record import TABLES, Row

NOTICES = (
    "CPT codes and descriptors are copyright of the American Medical Association.",
    "Common-language descriptions are copyright of the publisher of the pages they come from.",
)
OPEN_NOTICE = (
    "This edition holds no descriptor and no prose of the American Medical Association or of the "
    "publisher. CPT is a registered trademark of the American Medical Association, which claims "
    "copyright in the codes themselves."
)
_SCALARS: dict[object, pa.DataType] = {
    str: pa.string(),
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    date: pa.date32(),
    datetime: pa.timestamp("ms", tz="UTC"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column, in words: what a manifest, a dictionary or a README says of it."""

    name: str
    type: str
    nullable: bool
    description: str


def arrow_schema(row: type[Row]) -> pa.Schema:
    """Make the Arrow schema of a record class, with a description on every field.

    Raises TypeError for an annotation that no column type stands for.
    """
    fields = [
        _arrow_field(name, info.annotation, info.description or "")
        for name, info in row.model_fields.items()
    ]
    return pa.schema(fields, metadata=_describe_table(row))


def describe_columns(row: type[Row]) -> tuple[Column, ...]:
    """List the columns of a record class's table.

    >>> from scraper.record import HistoryRow
    >>> describe_columns(HistoryRow)[0]
    Column(name='code', type='string', nullable=False, description='The procedure code.')
    """
    return describe_schema(arrow_schema(row))


def describe_schema(schema: pa.Schema) -> tuple[Column, ...]:
    """List the columns of a schema, as one read back from a file."""
    return tuple(_describe_field(field) for field in schema)


def _describe_field(field: pa.Field) -> Column:
    is_list = pa.types.is_list(field.type)
    name = f"list<{field.type.value_type}>" if is_list else str(field.type)
    description = (field.metadata or {}).get(b"description", b"")
    return Column(field.name, name, field.nullable, description.decode("utf-8", "replace"))


def _describe_table(row: type[Row]) -> dict[str, str]:
    table = next((name for name, known in TABLES.items() if known is row), row.__name__)
    return {
        "title": f"Medical procedure codes: {table}",
        "description": (row.__doc__ or "").strip(),
        "licence": " ".join(NOTICES),
        "edition": "full",
        "producer": "scraper",
        "record": row.__name__,
    }


def _arrow_field(name: str, annotation: object, description: str) -> pa.Field:
    kind, nullable = _split_optional(annotation)
    try:
        arrow_type = _arrow_type(kind)
    except TypeError as error:
        raise TypeError(f"{name}: {error}") from error
    return pa.field(name, arrow_type, nullable, metadata={"description": description})


def _arrow_type(annotation: object) -> pa.DataType:
    kind = _bare(annotation)
    arguments = get_args(kind)
    if get_origin(kind) is tuple and arguments[1:] == (...,):
        return pa.list_(pa.field("element", _arrow_type(arguments[0]), nullable=False))
    if get_origin(kind) is Literal and all(isinstance(value, str) for value in arguments):
        return pa.string()
    if kind not in _SCALARS:
        raise TypeError(f"no column type stands for {annotation!r}; see publish/schema.py")
    return _SCALARS[kind]


def _split_optional(annotation: object) -> tuple[object, bool]:
    kind = _bare(annotation)
    if get_origin(kind) not in {Union, UnionType} or NoneType not in get_args(kind):
        return kind, False
    rest = [argument for argument in get_args(kind) if argument is not NoneType]
    return (rest[0] if len(rest) == 1 else kind), True


def _bare(annotation: object) -> object:
    is_annotated = get_origin(annotation) is Annotated
    return get_args(annotation)[0] if is_annotated else annotation
