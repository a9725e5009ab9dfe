"""Exceptions -> status and the one JSON shape of an error: {"error": {code, message, param, request_id, details?}}."""

import logging
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil
from random import getrandbits
from typing import NamedTuple

from flask import Flask, Response, abort, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.http import parse_accept_header

from onstreet.access.redaction import hide_secrets
from onstreet.access.refusals import REFUSED, ForbiddenError, RateLimitError, UnauthorizedError
from onstreet.index import TooManyBlocksError
from onstreet.query import UnknownBlockError
from onstreet.stores.database import DatabaseError, ReplacedError
from onstreet.verdicts import LongReceiptsError
from onstreet.wire.query import ParameterError, nearest
from onstreet.wire.quote import CardError

# Room for every question that can be asked; from some 64 kB on the server in front refuses by itself.
MAX_ADDRESS_BYTES = 32 * 1024
# An id that a client gives its request is taken over where it can stand in a log as it is.
REQUEST_ID = r"[A-Za-z0-9._-]{1,64}"


class Failure(NamedTuple):
    """The stable code of a status, and what it means."""

    code: str
    says: str


FAILURES = {
    400: Failure("invalid_parameter", "A parameter, field or body that cannot be used; `param` names it."),
    401: Failure("unauthorized", "A credential is needed, or the one that was sent is not valid."),
    403: Failure("forbidden", "The credential is valid and does not allow this."),
    404: Failure("not_found", "No such resource, or none of the blocks asked for is known."),
    405: Failure("method_not_allowed", "The resource does not answer this method; `Allow` has those it does."),
    406: Failure("not_acceptable", "`Accept` leaves out the one type that the resource answers with."),
    409: Failure("conflict", "The data were loaded anew again and again while they were read; ask again."),
    411: Failure("length_required", "The body must say how long it is, by `Content-Length`."),
    413: Failure("payload_too_large", "The body is too long."),
    414: Failure("uri_too_long", "The address is too long."),
    415: Failure("unsupported_media_type", "The body must be JSON."),
    422: Failure("unprocessable", "A rate card that cannot be read; `details` has every line, column and hint."),
    429: Failure("rate_limit_exceeded", "Too many requests; `Retry-After` says in how many seconds to ask again."),
    500: Failure("internal_error", "Something went wrong on our side; the request id finds it in the log."),
    503: Failure("unavailable", "The data cannot be read now; ask again in a moment."),
}
_LOG = logging.getLogger("onstreet")


def register(app: Flask) -> None:
    """Give every request an id, and every failure the one shape."""
    # Two slashes are another path, and no redirect.
    app.url_map.merge_slashes = False
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(ParameterError, lambda error: failure(400, error.message, error.param, error.details))
    app.register_error_handler(TooManyBlocksError, lambda error: failure(400, str(error), _region()))
    app.register_error_handler(LongReceiptsError, lambda error: failure(400, str(error), "duration"))
    app.register_error_handler(UnauthorizedError, _unauthorized)
    app.register_error_handler(ForbiddenError, lambda error: failure(403, str(error)))
    app.register_error_handler(RateLimitError, _too_many)
    app.register_error_handler(UnknownBlockError, lambda error: failure(404, error.message, error.asked))
    app.register_error_handler(CardError, _unreadable_card)
    app.register_error_handler(ReplacedError, _replaced)
    app.register_error_handler(DatabaseError, _no_database)
    app.register_error_handler(HTTPException, _http_failure)
    app.register_error_handler(Exception, _unforeseen)


def failure(
    status: int,
    message: str,
    param: str | None = None,
    details: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer to a request that failed with one of the statuses of FAILURES."""
    # Whatever is quoted from a request may be a secret in the wrong place.
    message, param = hide_secrets(message), param and hide_secrets(param)
    error = {"code": FAILURES[status].code, "message": message, "param": param, "request_id": g.request_id}
    response = jsonify(error=error | ({"details": list(details)} if details else {}))
    response.status_code = status
    response.headers.update({"Cache-Control": "no-store", **(headers or {})})
    return response


def _region() -> str:
    """The parameter that names the region of a request."""
    return "radius" if "radius" in request.args else "box"


def _begin() -> None:
    """Name the request, and refuse one that is not let in or has a long address."""
    environ = request.environ
    own = environ.get("HTTP_X_REQUEST_ID")
    g.request_id = own if own and re.fullmatch(REQUEST_ID, own) else f"req_{getrandbits(48):012x}"
    refusal = environ.get(REFUSED)
    if refusal is not None:
        raise refusal
    if len(environ.get("QUERY_STRING", "")) + len(environ.get("PATH_INFO", "")) > MAX_ADDRESS_BYTES:
        abort(414, f"the address may have {MAX_ADDRESS_BYTES:,} bytes; ask about fewer blocks at once")


def _finish(response: Response) -> Response:
    """Show the name; an answer of a type that the client does not take is none, unless it is an error."""
    accepted = request.environ.get("HTTP_ACCEPT", "")
    if accepted not in {"", "*/*"} and response.status_code == 200:
        kind = response.mimetype
        if kind and not _takes(accepted, kind):
            response = failure(406, f"the answer is {kind}, and 'Accept: {accepted[:60]}' leaves it out", "Accept")
    response.headers.add("X-Request-ID", g.request_id)
    return response


@lru_cache(maxsize=256)
def _takes(accepted: str, mimetype: str) -> bool:
    """Whether a type is among those accepted; what they say besides, such as a version, is no reason to refuse."""
    qualities: dict[str, float] = {}
    for stated, quality in parse_accept_header(accepted):
        kind = stated.partition(";")[0].strip().lower()
        qualities[kind] = max(quality, qualities.get(kind, 0))
    ranges = (mimetype, f"{mimetype.partition('/')[0]}/*", "*/*")
    return next((qualities[each] for each in ranges if each in qualities), 0) > 0


def _unauthorized(error: UnauthorizedError) -> Response:
    return failure(401, str(error), headers={"WWW-Authenticate": error.challenge})


def _too_many(error: RateLimitError) -> Response:
    return failure(429, str(error), headers={"Retry-After": str(max(1, ceil(error.share.retry_after_s)))})


def _http_failure(error: HTTPException) -> Response:
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    message = error.description or error.name
    if error.description == NotFound.description:
        known = sorted({rule.rule for rule in current_app.url_map.iter_rules() if not rule.arguments})
        message = f"there is no {request.path[:100]!r} here{nearest(request.path, known)}"
    elif status == 405:
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
        message = f"{request.path} does not answer {request.method[:20]}, only {headers['Allow']}"
    elif status not in FAILURES:
        status = 400 if status < 500 else 500
    return failure(status, message, headers=headers)


def _unforeseen(error: Exception) -> Response:
    _LOG.error("%s failed", g.request_id, exc_info=error)
    return failure(500, "something went wrong on our side; the request id finds it in the log")


def _replaced(error: ReplacedError) -> Response:
    _LOG.warning("%s failed: %s", g.request_id, error)
    again = "the data were loaded anew each time they were read; ask again"
    return failure(409, again, headers={"Retry-After": "1"})


def _no_database(error: DatabaseError) -> Response:
    _LOG.error("%s failed: %s", g.request_id, error)
    return failure(503, "the database does not answer now; try again in a moment", headers={"Retry-After": "1"})


def _unreadable_card(error: CardError) -> Response:
    lines = [
        {"line": number, "column": each.column, "hint": each.advice, "message": each.message, "text": each.source}
        for number, each in error.errors
    ]
    first, *others = lines
    more = f", and {len(others)} more" if others else ""
    return failure(422, f"line {first['line']}, {first['message']}{more}", "rateCards", lines)
