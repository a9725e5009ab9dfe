"""`/tiles`: the map of what a stay costs, as vector tiles."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from urllib.parse import parse_qsl

from cachetools import LRUCache
from flask import Blueprint, Response, jsonify, request

from onstreet.overview import Overview, Tile
from onstreet.query import Store, asked_again
from onstreet.tiles import layers_of
from onstreet.verdicts import Stays
from onstreet.wire.tiles import encode_tile, parse_tile, parse_tile_query, tile_json

# Tiles that somebody looked at a moment ago, and how long who did so need not ask again.
CACHED_BYTES = 32 * 1024 * 1024
MAX_AGE_S = 60
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
        response = Response(atlas().body(tile, query.stays(clock())), mimetype=_MIMETYPE)
        response.cache_control.max_age = MAX_AGE_S
        return response

    @blueprint.get("/tiles.json")
    def show_tiles() -> Response:
        overview = atlas().overview()
        return jsonify(tile_json(*overview.extent(), request.url_root))

    return blueprint
