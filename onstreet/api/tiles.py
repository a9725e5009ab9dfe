"""`/tiles`: the map of what a stay costs, as vector tiles."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl

from cachetools import LRUCache
from flask import Blueprint, Response, jsonify, request

from onstreet.api import caching
from onstreet.api.contract import DATA_HEADERS, Answer, operation
from onstreet.overview import Overview, Tile
from onstreet.query import Store, asked_again
from onstreet.tiles import layers_of
from onstreet.verdicts import Stays
from onstreet.wire.fields import Json
from onstreet.wire.parameters import ONE_STAY
from onstreet.wire.tiles import STEP_MIN, encode_tile, parse_tile, parse_tile_query, tile_json

# Tiles that somebody looked at a moment ago.
CACHED_BYTES = 32 * 1024 * 1024
_MIMETYPE = "application/vnd.mapbox-vector-tile"


class _Atlas:
    """Tiles over one store, the least asked for dropped first; its overview is made when it is needed."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = Lock()
        self._overview: Overview | None = None
        self._known: LRUCache[tuple[Tile, Stays], bytes] = LRUCache(CACHED_BYTES, lambda body: len(body) + 500)

    def overview(self) -> Overview:
        """All blocks in the order of the map."""
        if self._overview is None:
            self._overview = Overview(*self.store.middles())
        return self._overview

    def body(self, tile: Tile, stays: Stays) -> bytes:
        """The bytes of a tile, worked out if nobody asked for it before."""
        with self._lock:
            known = self._known.get((tile, stays))
        if known is None:
            known = asked_again(lambda: encode_tile(layers_of(self.store, self.overview, tile, stays)))
            with self._lock:
                self._known[tile, stays] = known
        return known


def resource(stores: Callable[[], Store], clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/tiles` over the store of the moment."""
    blueprint = Blueprint("tiles", __name__)
    atlases: list[_Atlas] = []

    def atlas() -> _Atlas:
        store = stores()
        if not atlases or atlases[0].store is not store:
            atlases[:] = [_Atlas(store)]
        return atlases[0]

    @blueprint.get("/tiles/<int(signed=True):z>/<int(signed=True):x>/<int(signed=True):y>.mvt")
    def show_tile(z: int, x: int, y: int) -> Response:
        tile = parse_tile(z, x, y)
        query = parse_tile_query(parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True))
        now, tiles = clock(), atlas()
        stays = query.stays(now)
        name = (z, x, y, stays.entry, stays.durations_min, sorted(stays.permits))
        tag = caching.tag(tiles.store.about.id, caching.digest(repr(name).encode()))
        # What is asked of now holds until the entry is rounded to the next one.
        step_s = STEP_MIN * 60
        held_s = caching.HELD_S if query.entry else step_s - now.timestamp() % step_s
        headers = caching.headers(tag, held_s, tiles.store.about.id)
        if caching.is_held(tag):
            return Response(status=304, headers=headers)
        return Response(tiles.body(tile, stays), headers=headers, mimetype=_MIMETYPE)

    @blueprint.get("/tiles.json")
    def show_tiles() -> Response:
        tiles = atlas()
        answer = jsonify(tile_json(*tiles.overview().extent(), request.url_root))
        # Its addresses are those of whoever asks.
        answer.headers.update({"Cache-Control": "no-store", "X-Snapshot-ID": tiles.store.about.id})
        return answer

    return blueprint


def paths() -> Json:
    """What these resources answer, as OpenAPI describes it."""
    tile = operation(
        "A tile of the map",
        "What one stay costs at every kerb, as a Mapbox Vector Tile. The entry is rounded down to five minutes. "
        "`/tiles.json` says which layers and fields there are.",
        Answer("The tile, empty where there is nothing.", {"type": "string"}, _MIMETYPE, DATA_HEADERS),
        ONE_STAY,
        failures=(404, 409, 503),
    )
    numbers = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "integer"},
            "description": f"{says} of the tile.",
        }
        for name, says in (("z", "Zoom, 0 to 20,"), ("x", "Column"), ("y", "Row, from the north,"))
    ]
    shown = operation(
        "Where there are tiles",
        "TileJSON 3.0: bounds, zooms, layers, fields and price breaks.",
        Answer("It.", {"type": "object", "required": ["tilejson", "tiles"]}, headers=DATA_HEADERS[:1]),
        failures=(409, 503),
    )
    stated = {**tile, "parameters": [*numbers, *tile["parameters"]]}  # type: ignore[misc]
    return {"/tiles/{z}/{x}/{y}.mvt": {"get": stated}, "/tiles.json": {"get": shown}}
