"""What onstreet is measured against, on the server it runs on: a view that does nothing, and PostGIS.

Serve them with `python bench_peers.py PORT WORKERS DSN`, an empty DSN without PostGIS.
"""

import multiprocessing
import sys
from functools import lru_cache, partial

import psycopg
from flask import Flask, Response, request
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

BOX = """
SELECT coalesce(string_agg(block, ','), '') FROM blocks
WHERE line && ST_MakeEnvelope(%s, %s, %s, %s, 4326) AND ST_Intersects(line, ST_MakeEnvelope(%s, %s, %s, %s, 4326))
"""


def create_app(dsn: str) -> Flask:
    """Bytes of any size, and the stored JSON of the blocks in a box."""
    app = Flask(__name__)

    @app.get("/noop")
    def nothing() -> Response:
        return Response(_bytes(int(request.args["bytes"])), mimetype="application/json")

    @app.get("/stored")
    def stored() -> Response:
        north, west, south, east = (
            float(part) for corner in request.args["box"].split(",") for part in corner.split("|")
        )
        box = (west, south, east, north)
        row = _connection(dsn).execute(BOX, box + box).fetchone()
        return Response(b'{"result":[%b]}' % (row[0].encode() if row else b""), mimetype="application/json")

    return app


@lru_cache(maxsize=1)
def _connection(dsn: str) -> "psycopg.Connection[tuple[str]]":
    """One for each worker, which answers one request at a time; statements are prepared when they come again."""
    return psycopg.connect(dsn, autocommit=True)


@lru_cache(maxsize=64)
def _bytes(size: int) -> bytes:
    return b" " * size


if __name__ == "__main__":
    multiprocessing.set_start_method("fork", force=True)
    Granian(
        "bench_peers:create_app",
        interface=Interfaces.WSGI,
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        blocking_threads=1,
        log_level=LogLevels.warning,
    ).serve(target_loader=partial(create_app, sys.argv[3]), wrap_loader=False)
