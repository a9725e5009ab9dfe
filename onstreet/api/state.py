"""`/health`, `/ready` and `/version`: whether the service lives, can answer, and what it answers from."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from onstreet.api import caching
from onstreet.api.contract import DATA_HEADERS, Answer, operation
from onstreet.geometry import points_of
from onstreet.query import Store
from onstreet.version import VERSION
from onstreet.wire.fields import Json, array, record, text, whole

_UNKEPT = {"Cache-Control": "no-store"}


def resource(stores: Callable[[], Store]) -> Blueprint:
    """The blueprint of these resources over the store of the moment."""
    blueprint = Blueprint("state", __name__)

    @blueprint.get("/health")
    def show_health() -> Response:
        return _answer({"status": "ok"}, _UNKEPT)

    @blueprint.get("/ready")
    def show_ready() -> Response:
        store = stores()
        # A database that is gone is noticed where it is asked; that is a 503 as everywhere.
        store.first(1)
        return _answer({"status": "ready"}, {**_UNKEPT, "X-Snapshot-ID": store.about.id})

    @blueprint.get("/version")
    def show_version() -> Response:
        store = stores()
        tag = caching.tag(store.about.id, VERSION)
        headers = caching.headers(tag, 0, store.about.id)
        return Response(status=304, headers=headers) if caching.is_held(tag) else _answer(_version(store), headers)

    return blueprint


def examples(store: Store) -> list[str]:
    """Questions about the first block of the store."""
    first = store.first(1)
    return [
        example
        for block_id, line in zip(store.ids(first), store.lines(first), strict=True)
        for lon, lat in points_of(line)[:1]
        for example in (
            f"/blocks?id={block_id}&duration=60|120",
            f"/blocks?point={lat:.5f}|{lon:.5f}&radius=150&sort=distance",
            f"/blocks?point={lat:.5f}|{lon:.5f}&radius=500&outputfields=name,isOpen,calculatedRates",
        )
    ]


def _version(store: Store) -> Json:
    about = store.about
    published = f"{about.published:%Y-%m-%dT%H:%M:%SZ}"
    return {
        "service": "onstreet",
        "version": VERSION,
        "snapshot": {"id": about.id, "published": published, "blocks": len(store)},
        "sources": [
            {
                "name": each.data_set,
                "source": each.source,
                "origin": each.origin,
                "licence": each.licence,
                "date": each.date,
                "attribution": each.attribution,
            }
            for each in about.sources
        ],
        "examples": examples(store),
    }


def _answer(body: Json, headers: caching.Headers) -> Response:
    response = jsonify(body)
    response.headers.update(headers)
    return response


def paths() -> Json:
    """What these resources answer, as OpenAPI describes it."""
    alive = Answer("It does.", record("The process lives.", {"status": {"const": "ok"}}))
    ready = Answer("It can.", record("Ready.", {"status": {"const": "ready"}}), headers=DATA_HEADERS[:1])
    version = Answer("The code and its data.", _VERSION, headers=DATA_HEADERS)
    tag = "operation"
    return {
        "/health": {"get": operation("Whether the process lives", "Asks no data.", alive, tag=tag)},
        "/ready": {
            "get": operation("Whether it can answer", "503 while it cannot.", ready, failures=(409, 503), tag=tag)
        },
        "/version": {
            "get": operation(
                "What answers", "The version, the snapshot, and its sources.", version, failures=(409, 503), tag=tag
            )
        },
    }


_SOURCE = record(
    "Where blocks come from.",
    {
        "name": text("The data set."),
        "source": text("The key of its blocks, as in `alias`."),
        "origin": text("What was taken from whom."),
        "licence": text("Its licence."),
        "date": text("Of when it is."),
        "attribution": text("Whom to credit."),
    },
)
_VERSION = record(
    "The code and its data.",
    {
        "service": {"const": "onstreet", "description": "This service."},
        "version": text("The version of the code."),
        "snapshot": record(
            "The data that are served.",
            {
                "id": text("Its id, as in `X-Snapshot-ID`."),
                "published": text("Since when it is there.", format="date-time"),
                "blocks": whole("How many blocks it has.", minimum=0),
            },
        ),
        "sources": array("Where the blocks come from.", _SOURCE),
        "examples": array("Questions to begin with.", {"type": "string"}),
    },
)
