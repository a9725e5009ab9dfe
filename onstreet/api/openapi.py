"""`/openapi.json`: the contract, put together from what the resources say of themselves; and `/docs`, to read it."""

import json
from functools import cache

import orjson
from flask import Blueprint, Flask, Response
from flask_swagger_ui import get_swaggerui_blueprint

from onstreet.api import access, blocks, caching, card, filters, metrics, quote, search, state, tiles
from onstreet.api.contract import ERROR, HEADERS, Answer, failed_responses, operation
from onstreet.settings import list_settings
from onstreet.version import VERSION
from onstreet.wire import card as cards
from onstreet.wire import quote as quotes
from onstreet.wire.fields import PARTS, Json
from ratecards import jsonform

# Who adds a resource adds it here; each has a `paths()` beside its view.
RESOURCES = (blocks, filters, search, quote, card, tiles, access, state, metrics)

_ABOUT = """\
What may I do at this kerb, until when, for how much, and why. Answers have the format of the published INRIX On-Street
API; what no other service tells is answered when `outputfields` names it."""


def register(app: Flask) -> None:
    """Add the contract and its page to an application."""
    app.register_blueprint(_contract())
    # The page asks nobody else: without an address no validator is asked about us.
    shown = {"app_name": "onstreet", "layout": "BaseLayout", "validatorUrl": None, "tryItOutEnabled": True}
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", config=shown, blueprint_name="docs"))


@cache
def document() -> Json:
    """The contract as OpenAPI 3.1."""
    paths: Json = {}
    for resource in RESOURCES:
        paths |= resource.paths()
    components: Json = {
        "schemas": {**_schemas(), "Error": ERROR},
        "headers": HEADERS,
        "responses": failed_responses(),
        "securitySchemes": access.CREDENTIALS,
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "onstreet",
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "parking", "description": "Blocks, prices and rules."},
            {"name": "operation", "description": f"The service itself.\n\n{_settings()}"},
        ],
        "security": access.WAYS_IN,
        "paths": {**paths, **_own_path()},
        "components": components,
    }


def _contract() -> Blueprint:
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/openapi.json")
    def show_contract() -> Response:
        body, tag = _encoded()
        headers = caching.headers(tag, caching.HELD_S)
        if caching.is_held(tag):
            return Response(status=304, headers=headers)
        return Response(body, headers=headers, mimetype="application/json")

    return blueprint


@cache
def _encoded() -> tuple[bytes, str]:
    """The contract and its name."""
    body = orjson.dumps(document())
    return body, caching.tag("contract", caching.digest(body))


def _own_path() -> Json:
    schema: Json = {"type": "object", "description": "OpenAPI 3.1.", "required": ["openapi", "paths"]}
    shown = operation(
        "The contract", "This document.", Answer("It.", schema, headers=("ETag", "Cache-Control")), tag="operation"
    )
    return {"/openapi.json": {"get": shown}}


def _schemas() -> Json:
    """The schemas that others refer to."""
    # A card's schema refers to its own parts, which stand elsewhere here.
    card = json.dumps(jsonform.schema("card")).replace("#/$defs/", "#/components/schemas/RateCard/$defs/")
    rate = jsonform.schema("structured")["items"]
    bodies = {
        "QuoteBody": quotes.FORM.schema,
        "Quote": quotes.ANSWER,
        "CardBody": cards.FORM.schema,
        "Card": cards.ANSWER,
    }
    return {**PARTS, **cards.PARTS, "RateCard": json.loads(card), "StructuredRate": rate, **bodies}


def _settings() -> str:
    """The knobs of the service as a table."""
    rows = (f"| `{knob.variable}` | `{knob.default}` | {knob.says} |" for knob, _, _ in list_settings({}))
    return "\n".join(["| Setting | Default | |", "| --- | --- | --- |", *rows])
