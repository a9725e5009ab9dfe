"""`/`: what this service is, and questions to begin with."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from onstreet.api.state import examples
from onstreet.query import Store
from onstreet.version import VERSION


def resource(stores: Callable[[], Store]) -> Blueprint:
    """The blueprint of `/` over the store of the moment."""
    blueprint = Blueprint("index", __name__)

    @blueprint.get("/")
    def show_index() -> Response:
        return jsonify(service="onstreet", version=VERSION, examples=examples(stores()))

    return blueprint
