"""`/blocks`: block rows, open states and prices for a place, an entry and some stays (S7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import NamedTuple
from urllib.parse import parse_qsl

from cachetools import LRUCache
from flask import Blueprint, Response, request

from onstreet.answer import answer
from onstreet.query import Query, Store, run
from onstreet.wire.blocks import render
from onstreet.wire.query import format_query, parse_query

# What an area and a minute asked before are answered from.
CACHED_BYTES = 16 * 1024 * 1024


class Answered(NamedTuple):
    """The body of an answer and the headers that are its own."""

    body: bytes
    headers: dict[str, str]


class _Cache:
    """Answers over the store of the moment, the least asked for dropped first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._store: Store | None = None
        self._known: LRUCache[tuple[Query, datetime], Answered] = self._empty()

    def answered(self, store: Store, query: Query, entry: datetime) -> Answered:
        """The answer to a question, worked out if nobody asked it of this store before."""
        with self._lock:
            if store is not self._store:
                self._store, self._known = store, self._empty()
            known = self._known
            answered = known.get((query, entry))
        if answered is None:
            answered = _answered(store, query, entry)
            if len(answered.body) <= CACHED_BYTES // 8:
                with self._lock:
                    known[query, entry] = answered
        return answered

    def _empty(self) -> "LRUCache[tuple[Query, datetime], Answered]":
        return LRUCache(CACHED_BYTES, lambda answered: len(answered.body))


def resource(stores: Callable[[], Store], clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/blocks` over the store of the moment."""
    blueprint = Blueprint("blocks", __name__)
    cache = _Cache()

    @blueprint.get("/blocks")
    def list_blocks() -> Response:
        query = _parsed(request.query_string)
        entry = query.entry or clock().replace(second=0, microsecond=0)
        answered = cache.answered(stores(), query, entry)
        return Response(answered.body, headers=answered.headers, mimetype="application/json")

    return blueprint


@lru_cache(maxsize=4096)
def _parsed(query_string: bytes) -> Query:
    return parse_query(parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True))


def _answered(store: Store, query: Query, entry: datetime) -> Answered:
    page = run(store, query)
    headers = {"X-Total-Count": str(page.total)}
    if query.offset + len(page.rows) < page.total and len(page.rows):
        following = replace(query, offset=query.offset + query.limit)
        headers["Link"] = f'</blocks?{format_query(following)}>; rel="next"'
    return Answered(render(answer(page, query, entry), query.fields, query.locale), headers)
