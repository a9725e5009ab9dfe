"""Tiles <-> HTTP: the question in an address, a layer as a Mapbox Vector Tile, and all tiles as TileJSON 3.0."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import mapbox_vector_tile

from onstreet.overview import EXTENT, MAX_ZOOM, Tile
from onstreet.tiles import BLOCKS_FROM, PRICE_BREAKS, SEGMENTS_FROM, STATES, Layer
from onstreet.verdicts import Stays
from onstreet.wire.parameters import DEFAULT, MAX_DURATION_MIN, ONE_STAY
from onstreet.wire.query import (
    ParameterError,
    read_entry,
    read_given,
    read_names,
    read_permits,
    read_whole,
)

# Entries are rounded down to so many minutes, so that drivers share tiles.
STEP_MIN = 5

_LAYERS: tuple[tuple[str, str, int, int, dict[str, str]], ...] = (
    ("cells", "Many blocks: a number of them is looked at, and their prices averaged", 0, BLOCKS_FROM - 1, {
        "blocks": "Number: how many",
        "sampled": "Number: of how many the prices are averaged",
        "mean_cost": "Number: mean of the known prices",
        **{f"{state}_share": "Number: of the kerb segments, 0 to 1" for state in STATES},
    }),
    ("blocks", "Blocks", BLOCKS_FROM, SEGMENTS_FROM - 1, {
        "block_id": "String", "name": "String: street", "segments": "Number: how many",
        "typical": "Number: median of the known prices",
    }),
    ("streets", "The lines of all blocks of a name", SEGMENTS_FROM, MAX_ZOOM, {"name": "String"}),
    ("segments", "Kerb segments", SEGMENTS_FROM, MAX_ZOOM, {
        "segment_id": "String", "block_id": "String", "name": "String: street", "side": "String: LEFT or RIGHT",
    }),
)  # fmt: skip
_OF_ALL = {
    "state": "String: free, paid, closed, permit or unknown; of several segments the best",
    "cost": "Number: of the stay; of several segments the cheapest",
    "currency": "String: symbol",
    "class": "Number: 0 for free, 1 up to the first price break, 2 up to the second, and so on",
    "unit": "Number: what the price breaks are multiplied by, 100 for a currency without cents",
}


class TileQuery(NamedTuple):
    """What is asked of a tile: entry, None for now, stay and permits."""

    entry: datetime | None
    duration_min: int
    permits: frozenset[str]

    def stays(self, now: datetime) -> Stays:
        """The stay at the entry or else now, rounded down to STEP_MIN."""
        entry = (self.entry or now).replace(second=0, microsecond=0)
        rounded = entry - timedelta(minutes=entry.minute % STEP_MIN)
        return Stays(rounded, (self.duration_min,), self.permits, frozenset({"calculatedRates"}))


def parse_tile(z: int, x: int, y: int) -> Tile:
    """The tile of these numbers; raises ParameterError naming the one there is no tile with."""
    if not 0 <= z <= MAX_ZOOM:
        raise ParameterError("z", f"'z' must be a zoom from 0 to {MAX_ZOOM}, not {z}")
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 2**z:
            raise ParameterError(name, f"{name!r} must be from 0 to {2**z - 1} at zoom {z}, not {value}")
    return Tile(z, x, y)


def parse_tile_query(pairs: Sequence[tuple[str, str]]) -> TileQuery:
    """The question of decoded name-value pairs; raises ParameterError naming the parameter."""
    given = read_names(pairs, tuple(ONE_STAY))
    return TileQuery(
        read_given(given, "entry_time", read_entry, None),
        read_given(given, "duration", lambda text: read_whole(text, 1, MAX_DURATION_MIN), DEFAULT.durations_min[0]),
        read_given(given, "permits", read_permits, frozenset()),
    )


def encode_tile(layers: Sequence[Layer]) -> bytes:
    """Layers as the bytes of a tile, empty where there is nothing."""
    filled = [
        {
            "name": layer.name,
            "features": [
                {"geometry": shape, "properties": properties}
                for shape, properties in zip(layer.shapes, layer.properties, strict=True)
            ],
        }
        for layer in layers
        if len(layer.shapes)
    ]
    encoded: bytes = mapbox_vector_tile.encode(filled, default_options={"extents": EXTENT, "y_coord_down": True})
    return encoded


def tile_json(bounds: Sequence[float], centre: Sequence[float], root: str) -> dict[str, object]:
    """What a map has to know of the tiles: bounds in degrees west, south, east, north, centre as lon, lat and zoom."""
    return {
        "tilejson": "3.0.0",
        "name": "onstreet",
        "tiles": [f"{root}tiles/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "bounds": [*bounds],
        "center": [*centre],
        "price_breaks": [*PRICE_BREAKS],
        "vector_layers": [
            {
                "id": name,
                "description": says,
                "minzoom": least,
                "maxzoom": most,
                "fields": fields | (_OF_ALL if name != "streets" else {}),
            }
            for name, says, least, most, fields in _LAYERS
        ],
    }
