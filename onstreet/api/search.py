"""`/search`: streets by their names, a block by its id."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, request

from onstreet.gazetteer import Gazetteer
from onstreet.query import Store, asked_again
from onstreet.wire.search import parse_search, places_json


def resource(stores: Callable[[], Store]) -> Blueprint:
    """The blueprint of `/search` over the store of the moment, whose names are read when they are first asked for."""
    blueprint = Blueprint("search", __name__)
    known: list[tuple[Store, Gazetteer]] = []

    def gazetteer(store: Store) -> Gazetteer:
        if not known or known[0][0] is not store:
            known[:] = [(store, Gazetteer(store))]
        return known[0][1]

    @blueprint.get("/search")
    def search() -> Response:
        asked = parse_search(parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True))
        store = stores()
        result = asked_again(lambda: places_json(store, gazetteer(store), asked))
        return Response(orjson.dumps({"result": result}), mimetype="application/json")

    return blueprint
