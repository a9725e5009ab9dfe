"""`/blocks`: block rows, open states and prices for a place, an entry and some stays (S7)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, Response, request

from onstreet.answer import answer
from onstreet.query import Query, Store, run
from onstreet.wire.blocks import render
from onstreet.wire.query import format_query, parse_query


def resource(stores: Callable[[], Store], clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/blocks` over the store of the moment."""
    blueprint = Blueprint("blocks", __name__)

    @blueprint.get("/blocks")
    def list_blocks() -> Response:
        query = parse_query(list(request.args.items(multi=True)))
        page = run(stores(), query)
        body = render(answer(page, query, clock()), query.fields, query.locale)
        response = Response(body, mimetype="application/json")
        response.headers["X-Total-Count"] = str(page.total)
        if query.offset + len(page.rows) < page.total and len(page.rows):
            response.headers["Link"] = f'<{_next_page(query)}>; rel="next"'
        return response

    return blueprint


def _next_page(query: Query) -> str:
    following = replace(query, offset=query.offset + query.limit)
    return f"/blocks?{format_query(following)}"
