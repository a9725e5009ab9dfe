"""Blocks as GeoDataFrames, for maps and sums."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polyline
from shapely import LineString

from onstreet.client.answers import Block, Segment

if TYPE_CHECKING:
    from geopandas import GeoDataFrame


def blocks_frame(blocks: Iterable[Block]) -> "GeoDataFrame":
    """A row for each block with its line; WGS 84."""
    names = ("name", "address", "operator", "currency", "distance_m", "probability", "bucket")
    rows = [
        {"block_id": block.id} | {name: getattr(block, name) for name in names} | {"geometry": _block_line(block)}
        for block in blocks
    ]
    return _frame(rows, ["block_id", *names])


def segments_frame(blocks: Iterable[Block]) -> "GeoDataFrame":
    """A row for each segment with its own line, or else its block's; WGS 84.

    `cost_60` is what 60 minutes cost as a number, missing where that is not known, or not allowed.
    """
    names = ("side", "start_m", "end_m", "spaces_total", "is_open", "rate_cards")
    rows = [
        {"block_id": block.id, "block_name": block.name, "segment_id": segment.id}
        | {name: getattr(segment, name) for name in names}
        | {f"cost_{rate.duration_min}": _number(rate.cost) for rate in segment.rates or ()}
        | {"geometry": _segment_line(segment) or _block_line(block)}
        for block in blocks
        for segment in block.segments
    ]
    return _frame(rows, ["block_id", "block_name", "segment_id", *names])


def _frame(rows: list[dict[str, object]], names: list[str]) -> "GeoDataFrame":
    # A second of import, for those who want frames.
    from geopandas import GeoDataFrame

    return GeoDataFrame(rows, columns=None if rows else [*names, "geometry"], geometry="geometry", crs="EPSG:4326")


def _block_line(block: Block) -> LineString | None:
    if block.line:
        return LineString(block.line)
    return _decoded(block.raw.get("polyline"), 5)


def _segment_line(segment: Segment) -> LineString | None:
    return _decoded(segment.raw.get("polyline6"), 6) or _decoded(segment.raw.get("polyline"), 5)


def _decoded(text: str | None, decimals: int) -> LineString | None:
    points = polyline.decode(text, decimals, geojson=True) if text else []
    return LineString(points) if len(points) > 1 else None


def _number(cost: object) -> float | None:
    return None if cost is None else float(str(cost))
