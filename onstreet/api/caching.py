"""For how long an answer holds, and by which name a cache or a browser asks whether it still does."""

from hashlib import blake2b
from math import ceil

from flask import request
from werkzeug.http import parse_etags

from onstreet.version import VERSION

# Whether somebody may ask, and how they want it packed, is all that an answer depends on besides its address.
VARY = "Accept-Encoding, Authorization, X-API-Key, X-API-Secret"
# How long an answer may be held that no clock changes: a new snapshot is seen everywhere after this.
HELD_S = 300

Headers = dict[str, str]


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
