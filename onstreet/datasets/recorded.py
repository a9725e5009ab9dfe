"""Recorded /blocks answers -> block rows: a JSON answer as published, or one block a line (.jsonl).

Of a block only what a data set states is read; structuredRates, amenities, prices and open states are derived from
its cards (S1.1). A block without polylines gets them from its geometry (S6.3).
"""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import orjson
from shapely import LineString

from onstreet.datasets.findings import Finding
from onstreet.datasets.geojson import line_points, point
from onstreet.datasets.source import SourceFile, Stretch
from onstreet.datasets.stated_blocks import (
    FieldError,
    RowReader,
    add_segment,
    read_block,
    read_block_id,
    read_chances,
    read_text,
    shortened,
    with_length,
)
from onstreet.geometry import decode, length_m, line_of, points_of
from onstreet.model import BlockRow, SegmentRow
from ratecards import Place

Json = dict[str, object]


def load(file: SourceFile, place: Place) -> Iterator[tuple[int, BlockRow | Finding]]:
    """The blocks of a file, numbered from 1, and a finding for each block or segment that cannot be used."""
    for number, stated in _stated(file):
        if isinstance(stated, Finding):
            yield number, stated
            continue
        reader = RowReader(file.label, number)
        try:
            row = _block(reader, stated, file, place)
        except FieldError as error:
            yield number, reader.finding(error)
            continue
        yield from ((number, finding) for finding in reader.findings)
        yield number, row


def _stated(file: SourceFile) -> Iterator[tuple[int, Json | Finding]]:
    """Each block as the file states it, numbered from 1; broken JSON is a finding."""
    if file.path.suffix == ".jsonl":
        with file.path.open("rb") as lines:
            for number, line in _lines(lines, file.lines):
                if line.strip():
                    yield number, _object(file, number, line)
        return
    try:
        answer = orjson.loads(file.path.read_bytes())
    except orjson.JSONDecodeError as error:
        answer = error
    if not (isinstance(answer, dict) and isinstance(answer.get("result"), list)):
        yield (
            1,
            Finding(file.label, 1, "result", shortened(answer), "not a recorded answer", 'it holds {"result": [...]}'),
        )
        return
    for number, block in enumerate(answer["result"], 1):
        is_object = isinstance(block, dict)
        yield number, block if is_object else Finding(file.label, number, "", shortened(block), "not a JSON object")


def stretches(path: Path, size: int) -> Iterator[Stretch]:
    """A .jsonl file cut between lines, into pieces of about so many bytes."""
    start, first = 0, 1
    with path.open("rb") as file:
        while piece := file.read(size) + file.readline():
            yield Stretch(start, len(piece), first)
            start, first = start + len(piece), first + piece.count(b"\n")


def _lines(file: BinaryIO, stretch: Stretch | None) -> Iterator[tuple[int, bytes]]:
    """The lines of a file, or those of a stretch of it, with their numbers."""
    if stretch is None:
        return enumerate(file, 1)
    file.seek(stretch.start)
    return enumerate(BytesIO(file.read(stretch.size)), stretch.first)


def _object(file: SourceFile, number: int, line: bytes) -> Json | Finding:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        value = error
    if isinstance(value, dict):
        return value
    return Finding(file.label, number, "", shortened(line), "not a JSON object")


def _block(reader: RowReader, stated: Json, file: SourceFile, place: Place) -> BlockRow:
    block_id, line = read_block_id(stated), _line(stated)
    segments = _segments(reader, stated, length_m(line))
    alias = (file.source, read_text(stated, "alias") or block_id)
    profile = read_chances(stated, "probability") or file.profile
    return replace(read_block(reader, stated, alias, line, place, profile), segments=segments)


def _segments(reader: RowReader, stated: Json, block_m: float) -> tuple[SegmentRow, ...]:
    segments = stated.get("segments", [])
    if not isinstance(segments, list):
        raise FieldError("segments", segments, "must be a list")
    rows: dict[str, SegmentRow] = {}
    for segment in segments:
        add_segment(reader, rows, segment, block_m, ("start", "end"))
    return tuple(rows.values())


def _line(stated: Json) -> LineString:
    """The block's geojson, or where it has none its encoded polyline."""
    geojson = stated.get("geojson")
    field = "geojson" if geojson is not None else "polyline"
    try:
        points = line_points(geojson) if geojson is not None else points_of(decode(read_text(stated, field)))
        return with_length(line_of([point(*each) for each in points]))
    except ValueError as error:
        raise FieldError(field, stated.get(field), f"not a line of two or more lon, lat: {error}") from None
