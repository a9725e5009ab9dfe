"""Exceptions -> status and the one JSON shape of an error: {"error": {code, message, param, request_id}}."""

import logging
from math import ceil
from uuid import uuid4

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from onstreet.access.redaction import hide_secrets
from onstreet.access.refusals import ForbiddenError, RateLimitError, UnauthorizedError
from onstreet.api.access import REFUSED
from onstreet.index import TooManyBlocksError
from onstreet.query import UnknownBlockError
from onstreet.stores.database import DatabaseError
from onstreet.wire.query import ParameterError
from onstreet.wire.quote import CardError

_CODES = {
    400: "invalid_parameter",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    422: "unprocessable",
    429: "rate_limit_exceeded",
    500: "internal_error",
    503: "unavailable",
}
_PASSED_ON = {"Allow", "Retry-After", "WWW-Authenticate"}
_LOG = logging.getLogger("onstreet")


def register(app: Flask) -> None:
    """Give every request an id, and every failure the one shape."""
    app.before_request(_name_request)
    app.after_request(_show_name)
    app.register_error_handler(ParameterError, lambda error: _failure(400, error.message, error.param))
    app.register_error_handler(TooManyBlocksError, lambda error: _failure(400, str(error), _region()))
    app.register_error_handler(UnauthorizedError, _unauthorized)
    app.register_error_handler(ForbiddenError, lambda error: _failure(403, str(error)))
    app.register_error_handler(RateLimitError, _too_many)
    app.register_error_handler(UnknownBlockError, lambda error: _failure(404, error.message, error.asked))
    app.register_error_handler(CardError, _unreadable_card)
    app.register_error_handler(DatabaseError, _no_database)
    app.register_error_handler(HTTPException, _http_failure)
    app.register_error_handler(Exception, _unforeseen)


def _region() -> str:
    """The parameter that names the region of a request."""
    return "radius" if "radius" in request.args else "box"


def _name_request() -> None:
    g.request_id = f"req_{uuid4().hex[:12]}"
    refusal = request.environ.get(REFUSED)
    if refusal is not None:
        raise refusal


def _show_name(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response


def _unauthorized(error: UnauthorizedError) -> Response:
    return _failure(401, str(error), headers={"WWW-Authenticate": error.challenge})


def _too_many(error: RateLimitError) -> Response:
    return _failure(429, str(error), headers={"Retry-After": str(max(1, ceil(error.share.retry_after_s)))})


def _http_failure(error: HTTPException) -> Response:
    return _failure(error.code or 500, error.description or error.name, headers=dict(error.get_headers()))


def _unforeseen(error: Exception) -> Response:
    _LOG.error("%s failed", g.request_id, exc_info=error)
    return _failure(500, "something went wrong on our side; the request id finds it in the log")


def _no_database(error: DatabaseError) -> Response:
    _LOG.error("%s failed: %s", g.request_id, error)
    return _failure(503, "the database does not answer now; try again in a moment")


def _unreadable_card(error: CardError) -> Response:
    lines = [
        {"line": number, "column": each.column, "hint": each.advice, "message": each.message, "text": each.source}
        for number, each in error.errors
    ]
    first, *others = lines
    more = f", and {len(others)} more" if others else ""
    return _failure(422, f"line {first['line']}, {first['message']}{more}", "rateCards", details=lines)


def _failure(
    status: int,
    message: str,
    param: str | None = None,
    headers: dict[str, str] | None = None,
    details: list[dict[str, object]] | None = None,
) -> Response:
    code = _CODES.get(status, "error")
    # Whatever is quoted from a request may be a secret in the wrong place.
    message, param = hide_secrets(message), param and hide_secrets(param)
    error = {"code": code, "message": message, "param": param, "request_id": g.request_id}
    response = jsonify(error=error | ({"details": details} if details else {}))
    response.status_code = status
    for name in _PASSED_ON & (headers or {}).keys():
        response.headers[name] = (headers or {})[name]
    return response
