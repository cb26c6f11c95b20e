"""Rows as a Parquet file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import parquet

Columns = Sequence[tuple[str, int]]

_TYPES = {
    16: pa.bool_(),
    17: pa.binary(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    700: pa.float32(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
    1700: pa.float64(),  # Postgres' numeric has no scale of its own
    1005: pa.list_(pa.int16()),
    1007: pa.list_(pa.int32()),
    1009: pa.list_(pa.string()),
    1015: pa.list_(pa.string()),
    1016: pa.list_(pa.int64()),
    1022: pa.list_(pa.float64()),
}
"""By the oid of a column's type; of every other type the text is written."""


def write(batches: Iterable[tuple[Columns, Sequence[tuple[Any, ...]]]], out: BinaryIO) -> int:
    """Write all batches as one file, a row group each, packed by zstd; how many rows."""
    count = 0
    writer: parquet.ParquetWriter | None = None
    for columns, rows in batches:
        schema = pa.schema([(name, _TYPES.get(oid, pa.string())) for name, oid in columns])
        writer = writer or parquet.ParquetWriter(out, schema, compression="zstd")
        values = [_values(field.type, [row[at] for row in rows]) for at, field in enumerate(schema)]
        writer.write_table(pa.table(values, schema=schema))
        count += len(rows)
    assert writer is not None, "an export has one batch at least"
    writer.close()
    return count


def _values(kind: pa.DataType, values: list[Any]) -> pa.Array:
    if kind == pa.float64():
        values = [None if value is None else float(value) for value in values]
    elif kind == pa.binary():
        values = [None if value is None else bytes(value) for value in values]
    elif kind == pa.string():
        values = [value if value is None or isinstance(value, str) else str(value) for value in values]
    return pa.array(values, kind)
