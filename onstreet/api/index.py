"""`/`: what this service is, and questions to begin with."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from onstreet.geometry import points_of
from onstreet.query import Store
from onstreet.version import VERSION


def resource(stores: Callable[[], Store]) -> Blueprint:
    """The blueprint of `/` over the store of the moment."""
    blueprint = Blueprint("index", __name__)

    @blueprint.get("/")
    def show_index() -> Response:
        return jsonify(service="onstreet", version=VERSION, examples=_examples(stores()))

    return blueprint


def _examples(store: Store) -> list[str]:
    """Questions about the first block of the store."""
    first = store.first(1)
    return [
        example
        for block_id, line in zip(store.ids(first), store.lines(first), strict=True)
        for lon, lat in points_of(line)[:1]
        for example in (
            f"/blocks?id={block_id}&duration=60|120",
            f"/blocks?point={lat:.5f}|{lon:.5f}&radius=150&sort=distance",
            f"/blocks?point={lat:.5f}|{lon:.5f}&radius=500&outputfields=name,isOpen,calculatedRates",
        )
    ]
