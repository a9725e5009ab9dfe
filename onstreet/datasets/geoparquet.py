"""Our tables as GeoParquet 1.1, which any GIS opens: blocks, segments and the cards they share; batch by batch."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from onstreet.datasets.crs import why_not_lonlat
from onstreet.datasets.stated_blocks import FieldError
from onstreet.datasets.table_columns import (
    BLOCK_COLUMNS,
    GEOMETRY,
    SEGMENT_COLUMNS,
    Batches,
    Row,
    block_values,
    plain,
    segment_values,
)
from onstreet.geometry import Lines
from onstreet.model import BlockRow

# Longitude first, on WGS 84, as GeoParquet takes it where nothing else is said.
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["LineString"]}},
}
_ROWS_IN_A_GROUP = 65_536
_BATCH = 4096
_LINE = pa.field(GEOMETRY, pa.binary(), nullable=False)
_TYPES = {
    "start_m": pa.float64(), "end_m": pa.float64(), "spacesTotal": pa.int32(), "card": pa.int32(),
    "profile": pa.list_(pa.uint8()), **dict.fromkeys(("pmtTypes", "photoThumbs", "paymentIDs"), pa.list_(pa.string())),
}  # fmt: skip


def _schema(names: Iterable[str]) -> pa.Schema:
    fields = [pa.field(name, _TYPES.get(name, pa.string())) for name in names]
    return pa.schema([*fields, _LINE], {"geo": json.dumps(_GEO)})


_BLOCKS = _schema(BLOCK_COLUMNS)
# The card stands for its lines.
_SEGMENTS = _schema([*SEGMENT_COLUMNS[:-1], "card"])
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

    def add(self, blocks: pa.RecordBatch, segments: pa.RecordBatch) -> None:
        """Write the rows of some blocks, and those of their segments."""
        self._blocks.add(blocks)
        self._segments.add(segments)

    def close(self, cards: Iterable[Sequence[str]]) -> None:
        """Write the distinct cards, and finish the files."""
        lines = [list(each) for each in cards]
        table = pa.table([pa.array(range(len(lines)), pa.int32()), pa.array(lines, _CARDS.field(1).type)], _CARDS)
        pq.write_table(table, self._folder / "cards.parquet", compression="zstd")
        self._blocks.close()
        self._segments.close()


def rows_of(rows: Sequence[BlockRow], kerbs: Lines, cards: Sequence[int]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The rows of some blocks, and of their segments with the kerb line and the number of the card of each."""
    blocks = [block_values(row) for row in rows]
    segments = [segment_values(row.block_id, segment)[:-1] for row in rows for segment in row.segments]
    lines = shapely.to_wkb([row.line for row in rows])
    return (
        _batch([*_columns(blocks, len(BLOCK_COLUMNS)), lines], _BLOCKS),
        _batch([*_columns(segments, len(SEGMENT_COLUMNS) - 1), cards, shapely.to_wkb(kerbs)], _SEGMENTS),
    )


def with_cards(segments: pa.RecordBatch, cards: NDArray[np.int64]) -> pa.RecordBatch:
    """The rows of segments with other numbers for their cards."""
    at = segments.schema.get_field_index("card")
    return segments.set_column(at, _SEGMENTS.field(at), pa.array(cards, pa.int32()))


def write(folder: Path, batches: Batches) -> None:
    """Write the blocks with the kerb lines of all their segments as blocks, segments and cards."""
    numbers: dict[tuple[str, ...], int] = {}
    with Tables(folder) as tables:
        for rows, kerbs in batches:
            stated = [segment.rate_cards for row in rows for segment in row.segments]
            tables.add(*rows_of(rows, kerbs, [numbers.setdefault(lines, len(numbers)) for lines in stated]))
        tables.close(numbers)


def read(path: Path) -> Iterator[tuple[int, Row | FieldError]]:
    """The rows of a file, numbered from 1, or what is wrong with one; raises ValueError for none of ours.

    The lines of a row's card come from cards.parquet beside it, or else from its own column `rateCards`.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            if "blockID" not in names:
                raise ValueError(f"columns such as {', '.join(BLOCK_COLUMNS[:3])} are expected")
            _check_lonlat(file.schema_arrow.metadata or {})
            cards = _cards(path.with_name("cards.parquet")) if "card" in names else {}
            # The kerbs of segments are not asked for.
            own = (*SEGMENT_COLUMNS, "card") if "segmentID" in names else (*BLOCK_COLUMNS, GEOMETRY)
            wanted = [name for name in own if name in names]
            batches = file.iter_batches(_BATCH, columns=wanted)
            rows = (row for batch in batches for row in batch.to_pylist())
            for number, row in enumerate(rows, 1):
                yield number, _with_card(row, cards) if "card" in row else row
    except pa.ArrowException as error:
        raise ValueError(str(error)) from None


def _check_lonlat(metadata: Mapping[bytes, bytes]) -> None:
    """Raise ValueError where a file says that its lines are in other coordinates than ours."""
    try:
        crs = json.loads(metadata[b"geo"])["columns"][GEOMETRY].get("crs")
    except (AttributeError, KeyError, TypeError):
        # Nothing said is longitudes and latitudes.
        return
    if crs and (reason := why_not_lonlat(crs)):
        raise ValueError(reason)


def _cards(path: Path) -> dict[int, list[str]]:
    if not path.is_file():
        raise ValueError(f"there is no {path.name} beside it")
    table = pq.read_table(path, columns=_CARDS.names)
    return dict(zip(*(table[name].to_pylist() for name in _CARDS.names), strict=True))


def _with_card(row: dict[str, Any], cards: Mapping[int, list[str]]) -> Row | FieldError:
    card = plain(row)["card"]
    if not (isinstance(card, int) and card in cards):
        return FieldError("card", card, "no such card in cards.parquet")
    return {**row, "rateCards": cards[card]}


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * count


def _batch(columns: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema)


class _Writer:
    """A file written in row groups of one size, however many rows come at a time."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._file = pq.ParquetWriter(path, schema, compression="zstd")
        self._schema = schema
        self._held: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, rows: pa.RecordBatch) -> None:
        self._held.append(rows)
        self._count += rows.num_rows
        while self._count >= _ROWS_IN_A_GROUP:
            self._write()

    def close(self) -> None:
        if self._count:
            self._write()
        self._file.close()

    def _write(self) -> None:
        """Write one row group as one chunk: where batches end decides nothing in the file."""
        held = pa.Table.from_batches(self._held, self._schema)
        self._file.write_table(held.slice(0, _ROWS_IN_A_GROUP).combine_chunks(), row_group_size=_ROWS_IN_A_GROUP)
        rest = held.slice(_ROWS_IN_A_GROUP)
        self._held, self._count = rest.to_batches(), rest.num_rows
