"""What resources that are asked with a body share: it is JSON, it is not too long, and nothing is asked beside it."""

import json
from collections.abc import Sequence

import orjson
from flask import abort, request

from onstreet.wire.query import ParameterError

MAX_BODY_BYTES = 64 * 1024


def json_body() -> object:
    """The decoded body of the request; raises ParameterError, and aborts with 411, 413 and 415."""
    for name in request.args:
        raise ParameterError(name[:100], f"{name[:100]!r} in the address has no use here: the question is the body")
    if not request.is_json:
        abort(415, "the body must be JSON, with Content-Type: application/json")
    text = _body()
    try:
        body: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ParameterError("body", f"the body is no JSON: {error}") from None
    # What is said to be JSON by now is read again, because of a name given twice the last one wins unseen.
    json.loads(text, object_pairs_hook=_once, parse_int=float)
    return body


def _body() -> bytes:
    """The body of the request, as long as it says to be."""
    length = request.content_length
    if length is None:
        # Chunks of a byte each would take a worker seconds, and where they end too late nobody sees it.
        abort(411, "the body must come with its length: Content-Length")
    if length > MAX_BODY_BYTES:
        abort(413, f"the body must have at most {MAX_BODY_BYTES:,} bytes, not {length:,}")
    return request.get_data()


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object whose names are all different; raises ParameterError."""
    given: dict[str, object] = {}
    for name, value in pairs:
        if name in given:
            raise ParameterError(name[:100], f"{name[:100]!r} is given twice")
        given[name] = value
    return given
