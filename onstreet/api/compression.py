"""Answers in fewer bytes for clients that take them so; what has a name is compressed once for each way."""

from functools import lru_cache
from threading import Lock

from cachetools import LRUCache
from flask import Flask, Request, Response, g, request
from flask_compress import Compress
from werkzeug.http import parse_accept_header

# Compressed answers that are kept, in each worker.
_KEPT_BYTES = 8 * 1024 * 1024
# Below this a packet is not saved.
_LEAST_BYTES = 1024
_WAYS = ["zstd", "br", "gzip"]
_TYPES = [
    "application/json", "application/vnd.mapbox-vector-tile", "image/svg+xml", "text/css", "text/html",
    "text/javascript", "text/plain",
]  # fmt: skip


class _Kept:
    """Compressed bodies by the name of the answer and the way, the least asked for dropped first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._bodies: LRUCache[str, bytes] = LRUCache(_KEPT_BYTES, len)

    def get(self, key: str) -> bytes | None:
        """The body, if it is kept."""
        with self._lock:
            found: bytes | None = self._bodies.get(key)
            return found

    def set(self, key: str, body: bytes) -> None:
        """Keep a body, if its answer has a name and it is not too large."""
        if not key.endswith(";") and len(body) <= _KEPT_BYTES // 8:
            with self._lock:
                self._bodies[key] = body


def register(app: Flask) -> None:
    """Compress what is worth it, for those who say that they take it."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=_WAYS,
        COMPRESS_MIN_SIZE=_LEAST_BYTES,
        COMPRESS_MIMETYPES=_TYPES,
        COMPRESS_CACHE_BACKEND=_Kept,
        COMPRESS_CACHE_KEY=_name,
        # Whether an answer is held already is decided before it is made.
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    compress = Compress()
    compress.init_app(app)

    def compressed(response: Response) -> Response:
        taken = request.environ.get("HTTP_ACCEPT_ENCODING")
        if not (taken and _takes_any(taken)):
            return response
        g.answer_name = response.headers.get("ETag", "")
        return compress.after_request(response)

    app.after_request(compressed)


@lru_cache(maxsize=256)
def _takes_any(taken: str) -> bool:
    """Whether one of the ways is taken, and not all of them refused with a quality of 0."""
    qualities = parse_accept_header(taken)
    return any(qualities.quality(way) > 0 for way in _WAYS)


def _name(_: Request) -> str:
    name: str = g.answer_name
    return name
