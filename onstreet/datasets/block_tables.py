"""Our own tables -> block rows: `blocks` and beside it `segments`, as GeoParquet, GeoJSON or CSV by their suffix.

A row of either file is a block or a segment; `blockID` says whose a segment is. Blocks come in the order of their file,
the segments of each in the order of theirs. Only what a data set states is read: of segments not even the line, which
follows from the block's line, side and offsets (S6.3). Columns nobody knows are left alone, and those that may be empty
may be missing. Rows are numbered from 1 without the head of a CSV file; 0 is the file as a whole.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely import LineString

from onstreet.datasets import line_features, wkt_csv
from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import line_points, point
from onstreet.datasets.source import SourceFile
from onstreet.datasets.stated_blocks import (
    FieldError,
    RowReader,
    add_segment,
    read_block,
    read_block_id,
    read_chances,
    read_text,
    with_length,
)
from onstreet.datasets.table_columns import GEOMETRY, Row, plain
from onstreet.geometry import LonLat, length_m, line_of
from onstreet.model import BlockRow, SegmentRow
from ratecards import Place

_HINT = "blocks and segments stand beside each other as .parquet (with cards.parquet), .geojson or .csv"
_OFFSETS = ("start_m", "end_m")

Numbered = tuple[int, dict[str, Any]]


def load(file: SourceFile, place: Place) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The blocks of a file and findings, numbered by the rows of the file that each names."""
    return load_at(file, lambda number: place)


def load_at(file: SourceFile, place_of: Callable[[int], Place]) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The same where the number of a block says at which place it is."""
    segments: dict[str, list[Numbered]] = {}
    beside = file.path.with_stem("segments")
    for number, stated in _rows(beside):
        if isinstance(stated, Finding):
            yield number, stated
        else:
            # All segments are held until their block comes; their lines would be most of it.
            stated.pop(GEOMETRY, None)
            segments.setdefault(str(stated.get("blockID")), []).append((number, stated))
    met: set[str] = set()
    for number, stated in _rows(file.path):
        if isinstance(stated, Finding):
            yield number, stated
            continue
        block_id = str(stated.get("blockID"))
        met.add(block_id)
        yield from _block(file, number, stated, segments.get(block_id, []), place_of(number))
    for block_id in (each for each in segments if each not in met):
        for number, _ in segments[block_id]:
            yield number, Finding(_label(beside), number, "blockID", block_id, f"no such block in {file.path.name}")


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any] | Finding]]:
    """The rows of a table, or what is wrong with one of them, or with the file."""
    label = _label(path)
    try:
        for number, row in _reader(path)(path):
            if isinstance(row, FieldError):
                yield number, RowReader(label, number).finding(row)
            else:
                yield number, plain(row)
    except (OSError, ValueError) as error:
        yield 0, Finding(label, 0, "", path.name, f"cannot be read: {_reason(error)}", _HINT)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _reader(path: Path) -> Callable[[Path], Iterator[tuple[int, Row | FieldError]]]:
    if path.suffix == ".parquet":
        # Arrow takes its time to load, and serving has no use for it.
        from onstreet.datasets import geoparquet

        return geoparquet.read
    return wkt_csv.read if path.suffix == ".csv" else line_features.read


def _label(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _block(
    file: SourceFile, number: int, stated: Row, segments: Iterable[Numbered], place: Place
) -> Iterator[tuple[int, BlockRow | Finding]]:
    reader = RowReader(file.label, number)
    try:
        row = _without_segments(reader, stated, file, place)
    except FieldError as error:
        yield number, reader.finding(error)
        return
    beside, block_m = _label(file.path.with_stem("segments")), length_m(row.line)
    rows: dict[str, SegmentRow] = {}
    readers = [reader]
    for at, segment in segments:
        readers.append(RowReader(beside, at))
        add_segment(readers[-1], rows, segment, block_m, _OFFSETS)
    yield from ((finding.row, finding) for each in readers for finding in each.findings)
    yield number, replace(row, segments=tuple(rows.values()))


def _without_segments(reader: RowReader, stated: Row, file: SourceFile, place: Place) -> BlockRow:
    for field, own in (("zone", place.zone), ("currency", place.currency)):
        if stated.get(field) not in (None, "", own):
            raise FieldError(field, stated[field], f"source.json says {own}")
    source = read_text(stated, "source") or file.source
    if "|" in source:
        raise FieldError("source", source, "must be a name without '|'")
    alias = (source, read_text(stated, "sourceID") or read_block_id(stated))
    profile = read_chances(stated, "profile") or file.profile
    return read_block(reader, stated, alias, _line(stated), place, profile)


def _line(stated: Row) -> LineString:
    try:
        return line_from(stated.get(GEOMETRY))
    except ValueError as error:
        shown = stated.get(GEOMETRY)
        raise FieldError(
            GEOMETRY, shown.hex() if isinstance(shown, bytes) else shown, f"not a line of two or more lon, lat: {error}"
        ) from None


def line_from(stated: object) -> LineString:
    """The line of a GeoJSON geometry, WKB or WKT; raises ValueError where it is none on the globe."""
    if isinstance(stated, dict):
        return with_length(line_of(line_points(stated)))
    try:
        with np.errstate(invalid="ignore"):
            line = shapely.from_wkb(stated) if isinstance(stated, bytes) else shapely.from_wkt(stated)
    except (shapely.errors.ShapelyError, TypeError) as error:
        raise ValueError(str(error)) from None
    if not isinstance(line, LineString):
        raise ValueError("no LineString")
    return with_length(line_of(_point(*each) for each in shapely.get_coordinates(line).tolist()))


def _point(lon: float, lat: float) -> LonLat:
    # A line across the antimeridian may run on past 180.
    return point(lon - 360 if 180 < lon <= 360 else lon, lat)
