"""Which web pages may ask from a browser (CORS): those of any origin, or of some."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What such pages may read besides the body, and send besides what every page may.
_SHOWN = (
    "ETag, Link, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-ID, "
    "X-Snapshot-ID, X-Total-Count"
)
_TAKEN = "Authorization, Content-Type, If-None-Match, X-API-Key, X-API-Secret, X-Request-ID"
_A_DAY_S = 24 * 60 * 60

Headers = list[tuple[str, str]]


def allowing(application: WSGIApplication, origins: frozenset[str]) -> WSGIApplication:
    """An application that pages of these origins may ask, `*` for all."""
    # Around the whole, where headers that are always the same cost next to nothing.
    is_open = "*" in origins
    anyone: Headers = [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", _SHOWN)]

    def allowed(environ: WSGIEnvironment) -> Headers:
        if is_open:
            return anyone
        origin = environ.get("HTTP_ORIGIN", "")
        return [("Vary", "Origin")] + ([(anyone[0][0], origin), anyone[1]] if origin in origins else [])

    def application_for_pages(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        more = allowed(environ)
        is_preflight = environ["REQUEST_METHOD"] == "OPTIONS"

        def start(status: str, headers: Headers, *error: object) -> Callable[[bytes], object]:
            if is_preflight and status.startswith("200"):
                status, headers = "204 NO CONTENT", _preflight(headers)
            return start_response(status, headers + more, *error)  # type: ignore[arg-type]

        return application(environ, start)

    return application_for_pages


def _preflight(headers: Headers) -> Headers:
    """What OPTIONS answers: methods and headers that may be sent, and no body."""
    methods = ", ".join(sorted(dict(headers).get("Allow", "").split(", ")))
    return [
        *((name, value) for name, value in headers if name not in {"Allow", "Content-Type", "Content-Length"}),
        ("Allow", methods),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", _TAKEN),
        ("Access-Control-Max-Age", str(_A_DAY_S)),
    ]
