"""Our tables as GeoJSON: a FeatureCollection of lines each, one feature a line of text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from shapely import LineString

from onstreet.datasets.crs import why_not_lonlat
from onstreet.datasets.stated_blocks import FieldError
from onstreet.datasets.table_columns import (
    BLOCK_COLUMNS,
    GEOMETRY,
    SEGMENT_COLUMNS,
    Batches,
    Row,
    block_values,
    segment_values,
)
from onstreet.geometry import points_of


def write(folder: Path, batches: Batches) -> None:
    """Write the blocks with the kerb lines of all their segments as blocks.geojson and segments.geojson."""
    with (folder / "blocks.geojson").open("wb") as first, (folder / "segments.geojson").open("wb") as second:
        blocks, segments = _Features(first), _Features(second)
        for rows, kerbs in batches:
            stated = [segment_values(row.block_id, segment) for row in rows for segment in row.segments]
            blocks.add(BLOCK_COLUMNS, [block_values(row) for row in rows], [row.line for row in rows])
            segments.add(SEGMENT_COLUMNS, stated, kerbs)
        blocks.close()
        segments.close()


def read(path: Path) -> Iterator[tuple[int, Row | FieldError]]:
    """The properties and lines of features, numbered from 1, or what is wrong; raises ValueError for no collection."""
    found = orjson.loads(path.read_bytes())
    if not (isinstance(found, dict) and isinstance(found.get("features"), list)):
        raise ValueError('a FeatureCollection is expected, {"type": "FeatureCollection", "features": [...]}')
    if found.get("crs") and (reason := why_not_lonlat(_name(found["crs"]))):
        raise ValueError(reason)
    for number, feature in enumerate(found["features"], 1):
        if isinstance(feature, dict) and isinstance(feature.get("properties"), dict):
            yield number, {**feature["properties"], GEOMETRY: feature.get("geometry")}
        else:
            yield number, FieldError("features", feature, "not a Feature with properties")


def _name(crs: Any) -> object:  # noqa: ANN401 - JSON
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    return properties.get("name") if isinstance(properties, Mapping) else crs


class _Features:
    """A FeatureCollection written feature by feature."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._between = b'{"type":"FeatureCollection","features":[\n'

    def add(self, names: Sequence[str], rows: Sequence[tuple[object, ...]], lines: Iterable[LineString]) -> None:
        for values, line in zip(rows, lines, strict=True):
            geometry = {"type": "LineString", "coordinates": [list(point) for point in points_of(line)]}
            feature = {"type": "Feature", "properties": dict(zip(names, values, strict=True)), "geometry": geometry}
            self._file.write(self._between + orjson.dumps(feature))
            self._between = b",\n"

    def close(self) -> None:
        self._file.write((b"\n" if self._between == b",\n" else self._between) + b"]}\n")
