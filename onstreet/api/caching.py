"""For how long an answer holds, and by which name a cache or a browser asks whether it still does."""

from collections.abc import Callable
from hashlib import blake2b
from math import ceil
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.datastructures import Headers as WerkzeugHeaders
from werkzeug.http import parse_etags

from onstreet.version import VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Whether somebody may ask, and how they want it packed, is all that an answer depends on besides its address.
VARY = "Accept-Encoding, Authorization, X-API-Key, X-API-Secret"
# How long an answer may be held that no clock changes: a new snapshot is seen everywhere after this.
HELD_S = 300

Headers = dict[str, str]


class _Known(WerkzeugHeaders):
    """Headers of our own making, which nobody else can have broken into lines: they need not be searched for any."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._list = pairs


class Ready(Response):
    """An answer of bytes, complete with its headers: to look them through before they are sent takes its time."""

    def __init__(self, body: bytes, headers: list[tuple[str, str]]) -> None:
        super().__init__([body], headers=_Known(headers))

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> WerkzeugHeaders:
        """The headers as they are."""
        return self.headers

    def get_app_iter(self, environ: "WSGIEnvironment") -> list[bytes]:
        """The body as a list, which a server sends as one; of an iterator it does not know what comes next."""
        return [] if environ["REQUEST_METHOD"] == "HEAD" else list(self.iter_encoded())


def digest(address: bytes) -> str:
    """What stands for an address in the name of an answer, which another version may answer otherwise."""
    return blake2b(VERSION.encode() + address, digest_size=8).hexdigest()


def tag(*parts: object) -> str:
    """The name of an answer by what it follows from: data, question and, where it matters, the moment.

    It is weak, because compressed answers are called the same.
    """
    return f'W/"{"-".join(map(str, parts))}"'


def headers(tag: str, held_s: float, snapshot: str | None = None) -> Headers:
    """What an answer of this name, good for so many seconds, says of itself, and of the data it is from."""
    own = {"ETag": tag, "Cache-Control": f"public, max-age={ceil(held_s)}", "Vary": VARY}
    return own if snapshot is None else {**own, "X-Snapshot-ID": snapshot}


def is_held(tag: str) -> bool:
    """Whether the client has the answer of this name, so that a 304 will do."""
    stated = request.environ.get("HTTP_IF_NONE_MATCH")
    # A star, any answer at all, says nothing about this one.
    return stated is not None and tag[3:-1] in parse_etags(stated).as_set(include_weak=True)


def of_data(snapshot: str, address: bytes, make: Callable[[Headers], Response]) -> Response:
    """The answer from some data at an address, made with these headers unless the client has it already."""
    name = tag(snapshot, digest(address))
    said = headers(name, HELD_S, snapshot)
    return Response(status=304, headers=said) if is_held(name) else make(said)
