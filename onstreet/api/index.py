"""`/`: what this service is, and questions to begin with."""

from flask import Blueprint, Response, jsonify

from onstreet.version import VERSION

EXAMPLES = (
    "/blocks?id=46502752&entry_time=2026-06-11T10:00&duration=60|120",
    "/blocks?point=34.01903|-118.48715&radius=150&sort=distance",
    "/blocks?box=34.0205|-118.489,34.0175|-118.485&outputfields=name,isOpen,calculatedRates",
)


def resource() -> Blueprint:
    """The blueprint of `/`."""
    blueprint = Blueprint("index", __name__)

    @blueprint.get("/")
    def show_index() -> Response:
        return jsonify(service="onstreet", version=VERSION, examples=EXAMPLES)

    return blueprint
