"""Blocks, segments and cards as tables that any GIS opens: GeoParquet 1.1, written batch by batch."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from onstreet.geometry import Lines
from onstreet.model import BlockRow

# Longitude first, on WGS 84, as GeoParquet takes it where nothing else is said.
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["LineString"]}},
}
_ROWS_IN_A_GROUP = 65_536
_LINE = pa.field("geometry", pa.binary(), nullable=False)
_BLOCKS = pa.schema(
    [
        ("blockID", pa.string()), ("source", pa.string()), ("sourceID", pa.string()), ("name", pa.string()),
        ("address", pa.string()), ("operator", pa.string()), ("zone", pa.string()), ("currency", pa.string()), _LINE,
    ],
    {"geo": json.dumps(_GEO)},
)  # fmt: skip
_SEGMENTS = pa.schema(
    [
        ("segmentID", pa.string()), ("blockID", pa.string()), ("side", pa.string()), ("start_m", pa.float64()),
        ("end_m", pa.float64()), ("spacesTotal", pa.int32()), ("card", pa.int32()), _LINE,
    ],
    {"geo": json.dumps(_GEO)},
)  # fmt: skip
_CARDS = pa.schema([("card", pa.int32()), ("rateCards", pa.list_(pa.string()))])


class Tables:
    """The files blocks.parquet, segments.parquet and cards.parquet of a folder; `card` numbers the rows of the last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._blocks = _Writer(folder / "blocks.parquet", _BLOCKS)
        self._segments = _Writer(folder / "segments.parquet", _SEGMENTS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._blocks.close()
        self._segments.close()

    def add(self, rows: Sequence[BlockRow], kerbs: Lines, cards: Sequence[int]) -> None:
        """Write some blocks, and their segments with the kerb line and the number of the card of each."""
        blocks = [
            (row.block_id, *row.alias, row.name, row.address, row.operator, row.place.zone, row.place.currency)
            for row in rows
        ]
        segments = [
            (each.segment_id, row.block_id, each.side.value, each.start_m, each.end_m, each.spaces_total)
            for row in rows
            for each in row.segments
        ]
        self._blocks.add([*_columns(blocks, 8), shapely.to_wkb([row.line for row in rows])])
        self._segments.add([*_columns(segments, 6), cards, shapely.to_wkb(kerbs)])

    def close(self, cards: Iterable[Sequence[str]]) -> None:
        """Write the distinct cards, and finish the files."""
        lines = [list(each) for each in cards]
        table = pa.table([pa.array(range(len(lines)), pa.int32()), pa.array(lines, _CARDS.field(1).type)], _CARDS)
        pq.write_table(table, self._folder / "cards.parquet", compression="zstd")
        self._blocks.close()
        self._segments.close()


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


class _Writer:
    """A file written in row groups of some size, however few rows come at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self._held: list[pa.RecordBatch] = []

    def add(self, columns: Sequence[Sequence[Any]]) -> None:
        arrays = [pa.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._held.append(pa.record_batch(arrays, self._schema))
        if sum(batch.num_rows for batch in self._held) >= _ROWS_IN_A_GROUP:
            self._write()

    def close(self) -> None:
        self._write()
        self._file.close()

    def _write(self) -> None:
        if self._held:
            self._file.write_table(pa.Table.from_batches(self._held, self._schema))
        self._held = []
