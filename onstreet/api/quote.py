"""`/quote`: the price of stays on any card, without a data set."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
from flask import Blueprint, Response, abort, request

from onstreet.api.bodies import read_body
from onstreet.wire.query import ParameterError
from onstreet.wire.quote import parse_quote, quote_object

MAX_BODY_BYTES = 64 * 1024


def resource(clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/quote`."""
    blueprint = Blueprint("quote", __name__)

    @blueprint.post("/quote")
    def quote() -> Response:
        for name in request.args:
            raise ParameterError(name[:100], f"{name[:100]!r} in the address has no use here: the question is the body")
        if not request.is_json:
            abort(415, "the body must be JSON, with Content-Type: application/json")
        text = read_body(MAX_BODY_BYTES)
        try:
            body = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ParameterError("body", f"the body is no JSON: {error}") from None
        # What is said to be JSON by now is read again, because of a name given twice the last one wins unseen.
        json.loads(text, object_pairs_hook=_once, parse_int=float)
        return Response(orjson.dumps(quote_object(parse_quote(body, clock()))), mimetype="application/json")

    return blueprint


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object whose names are all different; raises ParameterError."""
    given: dict[str, object] = {}
    for name, value in pairs:
        if name in given:
            raise ParameterError(name[:100], f"{name[:100]!r} is given twice")
        given[name] = value
    return given
