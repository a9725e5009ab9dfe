"""`/search`: streets by their names, a block by its id."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, request

from onstreet.api import caching
from onstreet.api.contract import DATA_HEADERS, Answer, Example, error_of, operation
from onstreet.gazetteer import Gazetteer
from onstreet.query import Store, asked_again
from onstreet.wire.fields import Json, array, nullable, record, text, whole
from onstreet.wire.parameters import SEARCH
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
        text = request.query_string
        asked = parse_search(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True))
        store = stores()

        def found(headers: caching.Headers) -> Response:
            result = asked_again(lambda: places_json(store, gazetteer(store), asked))
            return Response(orjson.dumps({"result": result}), headers=headers, mimetype="application/json")

        return caching.of_data(store.about.id, b"/search?" + text, found)

    return blueprint


_GOOD = {
    "A street between two others": Example(
        "/search?q=elm+9th+10th&near=34.019|-118.487",
        {
            "result": [
                {
                    "blockID": "900000032",
                    "name": "Elm Avenue",
                    "address": "9th Street to 10th Street",
                    "point": [34.016739, -118.485294],
                    "distance": 296,
                    "blocks": 6,
                }
            ]
        },
    ),
}
_BAD = {
    400: {
        "No words": Example(
            "/search",
            error_of("invalid_parameter", "'q' is missing: words of a street's name, or the id of a block", "q"),
        ),
    },
}
_FOUND = {
    "blockID": text("A block of the street."),
    "name": text("The street."),
    "address": text("Between which streets the block is."),
    "point": array("The middle of the block as lat, lon.", {"type": "number"}, minItems=2, maxItems=2),
    "distance": nullable(whole("Metres from `near`; null without it.", minimum=0)),
    "blocks": whole("How many blocks of the street are there.", minimum=1),
}


def paths() -> Json:
    """What `/search` answers, as OpenAPI describes it."""
    schema = record("The streets.", {"result": array("At most ten.", record("A street.", _FOUND))})
    shown = operation(
        "Streets by name",
        "Streets by the beginnings of words in their names and addresses, and a block by its id.",
        Answer("The streets.", schema, headers=DATA_HEADERS),
        SEARCH,
        failures=(409, 503),
        examples=_GOOD,
        bad=_BAD,
    )
    return {"/search": {"get": shown}}
