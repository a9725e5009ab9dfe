"""What resources that are asked with a body share: it is JSON, it is not too long, and nothing is asked beside it."""

import orjson
from flask import abort, request

from onstreet.wire.query import ParameterError

MAX_BODY_BYTES = 64 * 1024


def json_body() -> object:
    """The decoded body of the request; raises ParameterError, and aborts with 413 and 415."""
    request.max_content_length = MAX_BODY_BYTES
    for name in request.args:
        raise ParameterError(name[:100], f"{name[:100]!r} in the address has no use here: the question is the body")
    if not request.is_json:
        abort(415, "the body must be JSON, with Content-Type: application/json")
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise ParameterError("body", f"the body is no JSON: {error}") from None
