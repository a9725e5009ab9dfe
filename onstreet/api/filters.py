"""`/filters`: what there is to filter by in a neighbourhood, with the ids of `restrictions=`."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import orjson
from flask import Blueprint, Response, request

from onstreet.api import caching
from onstreet.api.contract import DATA_HEADERS, Answer, Example, error_of, operation
from onstreet.model import Amenity
from onstreet.query import Store, count_amenities
from onstreet.wire.fields import Json, array, record, whole
from onstreet.wire.parameters import ACCEPTED, PLACES
from onstreet.wire.query import parse_region


def resource(stores: Callable[[], Store]) -> Blueprint:
    """The blueprint of `/filters` over the store of the moment."""
    blueprint = Blueprint("filters", __name__)

    @blueprint.get("/filters")
    def list_filters() -> Response:
        asked = request.query_string
        region = parse_region(parse_qsl(asked.decode("utf-8", "replace"), keep_blank_values=True))
        store = stores()

        def counted(headers: caching.Headers) -> Response:
            counts, total = count_amenities(store, region)
            headers["X-Total-Count"] = str(total)
            return Response(orjson.dumps({"result": _filters(counts)}), headers=headers, mimetype="application/json")

        return caching.of_data(store.about.id, b"/filters?" + asked, counted)

    return blueprint


def _filters(counts: dict[Amenity, int]) -> Json:
    """What is there, whom kerbs are reserved for apart from what they offer."""
    found = [(each, count) for each, count in counts.items() if count]
    return {
        name: [
            {"id": int(each), "name": each.label, "count": count}
            for each, count in found
            if each.is_restriction == is_restriction
        ]
        for name, is_restriction in (("restrictions", True), ("amenities", False))
    }


_GOOD = {
    "Around a point": Example(
        "/filters?point=34.01903|-118.48715&radius=5",
        {
            "result": {
                "restrictions": [{"id": 4, "name": "Residential parking", "count": 1}],
                "amenities": [
                    {"id": 1, "name": "Free", "count": 3},
                    {"id": 2, "name": "Metered parking", "count": 2},
                    {"id": 3, "name": "Overnight parking", "count": 3},
                ],
            }
        },
    )
}
_BAD = {
    400: {
        "No place": Example(
            "/filters", error_of("invalid_parameter", "no place is given; use 'box', or 'point' with 'radius'", "box")
        )
    }
}


def paths() -> Json:
    """What `/filters` answers, as OpenAPI describes it."""
    properties: dict[str, Json] = {
        "id": {"enum": [int(each) for each in Amenity], "description": "The id of `restrictions`."},
        "name": {"enum": [each.label for each in Amenity], "description": "The published name."},
        "count": whole("How many segments have it.", minimum=1),
    }
    counted = record("Something to filter by.", properties)
    filters = record(
        "What there is.",
        {
            "restrictions": array("Whom kerbs are reserved for.", counted),
            "amenities": array("What kerbs offer.", counted),
        },
    )
    shown = operation(
        "What to filter by",
        "What segments of the blocks in an area offer or are reserved for. The ids of both lists are those of the "
        "parameter `restrictions` of `/blocks`.",
        Answer("What is there.", record("The filters.", {"result": filters}), headers=("X-Total-Count", *DATA_HEADERS)),
        PLACES | ACCEPTED,
        filled=("point", "radius"),
        failures=(409, 503),
        examples=_GOOD,
        bad=_BAD,
    )
    return {"/filters": {"get": shown}}
