"""`/blocks`: block rows, open states and prices for a place, an entry and some stays (S7)."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request

from onstreet.answer import answer
from onstreet.api import caching
from onstreet.api.contract import DATA_HEADERS, Answer, Example, error_of, operation
from onstreet.query import Query, Store, run
from onstreet.wire.blocks import render
from onstreet.wire.fields import Json, array, record, shared
from onstreet.wire.parameters import ACCEPTED, PARAMETERS
from onstreet.wire.query import format_query, parse_query

# What an area and a minute asked before are answered from.
CACHED_BYTES = 16 * 1024 * 1024
# Query strings that are worth remembering; nobody asks again with 250 ids, but could fill the memory with them.
_REMEMBERED_BYTES = 2000
# What keeping an answer takes beside its body.
_KEPT_BYTES = _REMEMBERED_BYTES + 1000

# A question as it is spelled, and the moment it asks about where it names none.
Asked = tuple[bytes, int | None]


class Answered(NamedTuple):
    """The body of an answer, and the headers that are its own."""

    body: bytes
    headers: list[tuple[str, str]]


class _Cache:
    """Answers over the store of the moment, the least asked for dropped first."""

    def __init__(self, looked_up: Callable[[bool], object]) -> None:
        self._looked_up = looked_up
        self._lock = Lock()
        self._store: Store | None = None
        self._known: OrderedDict[Asked, Answered] = OrderedDict()
        self._bytes = 0

    def answered(self, store: Store, asked: Asked, make: Callable[[], Answered]) -> Answered:
        """The answer to a question, made if nobody asked it of this store before."""
        with self._lock:
            if store is not self._store:
                self._store, self._known, self._bytes = store, OrderedDict(), 0
            answered = self._known.get(asked)
            if answered is not None:
                self._known.move_to_end(asked)
        self._looked_up(answered is not None)
        if answered is None:
            answered = make()
            if len(asked[0]) <= _REMEMBERED_BYTES and len(answered.body) <= CACHED_BYTES // 8:
                self._keep(store, asked, answered)
        return answered

    def _keep(self, store: Store, asked: Asked, answered: Answered) -> None:
        with self._lock:
            # Another may have made it meanwhile, or other data have come.
            if asked in self._known or store is not self._store:
                return
            self._known[asked] = answered
            self._bytes += len(answered.body) + _KEPT_BYTES
            while self._bytes > CACHED_BYTES:
                _, dropped = self._known.popitem(last=False)
                self._bytes -= len(dropped.body) + _KEPT_BYTES


def resource(
    stores: Callable[[], Store], clock: Callable[[], datetime], looked_up: Callable[[bool], object] = bool
) -> Blueprint:
    """The blueprint of `/blocks` over the store of the moment; `looked_up` is told whether an answer was kept."""
    blueprint = Blueprint("blocks", __name__)
    cache = _Cache(looked_up)

    @blueprint.get("/blocks")
    def list_blocks() -> Response:
        text = request.query_string
        query, digest = _remembered(text) if len(text) <= _REMEMBERED_BYTES else _parsed(text)
        store, now = stores(), clock()
        entry = query.entry or now.replace(second=0, microsecond=0)
        # What is asked of this minute holds until the next one.
        moment, held_s = (None, caching.HELD_S) if query.entry else (int(entry.timestamp()), 60 - now.second)
        snapshot = store.about.id
        tag = caching.tag(snapshot, digest, moment or "")
        headers = caching.headers(tag, held_s, snapshot)
        if caching.is_held(tag):
            return Response(status=304, headers=headers)
        answered = cache.answered(store, (text, moment), lambda: _answered(store, query, entry))
        return caching.Ready(answered.body, [*answered.headers, *headers.items()])

    return blueprint


@lru_cache(maxsize=4096)
def _remembered(query_string: bytes) -> tuple[Query, str]:
    return _parsed(query_string)


def _parsed(query_string: bytes) -> tuple[Query, str]:
    """The question, and what stands for its address."""
    pairs = parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True)
    return parse_query(pairs), caching.digest(b"/blocks?" + query_string)


def _answered(store: Store, query: Query, entry: datetime) -> Answered:
    page = run(store, query)
    body = render(answer(page, query, entry), query.fields, query.locale)
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("X-Total-Count", str(page.total)),
    ]
    if query.offset + len(page.rows) < page.total and len(page.rows):
        following = query._replace(offset=query.offset + query.limit)
        headers.append(("Link", f'</blocks?{format_query(following)}>; rel="next"'))
    return Answered(body, headers)


_SEGMENT = "91819789-620d-44c4-ae77-6456f5c7e3aa"
_GOOD = {
    "A price": Example(
        "/blocks?id=46502752&entry_time=2026-06-14T03:00&restrictions=4&outputfields=name,isOpen,calculatedRates",
        {"result": [{"blockID": "46502752", "name": "10th Street", "segments": [{
            "segmentID": _SEGMENT,
            "isOpen": True,
            "calculatedRates": [{"rate_cost": 0, "quoted_duration": "1:00:00", "rate_type": "B"}],
        }]}]},
    ),
    "Until when, and why": Example(
        "/blocks?id=46502752&entry_time=2026-06-14T03:00&restrictions=4&outputfields=until,untilReason",
        {"result": [{"blockID": "46502752", "segments": [{
            "segmentID": _SEGMENT,
            "until": "2026-06-14T07:00:00-07:00",
            "untilReason": "Mon-Tue | Thu-Sun (7am-2am; Residential Permit Only): Free",
        }]}]},
    ),
    "The nearest": Example(
        "/blocks?point=34.01903|-118.48715&radius=120&sort=distance&limit=1&outputfields=name,distance",
        {"result": [{"blockID": "46502752", "name": "10th Street", "distance": 0}]},
    ),
}  # fmt: skip
_BAD = {
    400: {
        "An unknown parameter": Example(
            "/blocks?id=46502752&durations=60",
            error_of("invalid_parameter", "unknown parameter 'durations' (did you mean 'duration'?)", "durations"),
        ),
    },
    404: {
        "An unknown block": Example(
            "/blocks?id=1", error_of("not_found", "no block has any of the ids asked for", "id")
        ),
    },
}  # fmt: skip


def paths() -> Json:
    """What `/blocks` answers, as OpenAPI describes it."""
    schema = record("The blocks.", {"result": array("In a stable order.", shared("Block"))})
    shown = operation(
        "Blocks with prices",
        "Blocks by id or in an area, for an entry and some stays. Exactly one place is given: `id`, `alias`, `box`, or "
        "`point` with `radius`.",
        Answer("The blocks.", schema, headers=("X-Total-Count", "Link", *DATA_HEADERS)),
        PARAMETERS | ACCEPTED,
        filled=("point", "radius", "duration"),
        failures=(404, 409, 503),
        examples=_GOOD,
        bad=_BAD,
    )
    return {"/blocks": {"get": shown}}
