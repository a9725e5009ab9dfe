"""`/card`: what a card says and what is wrong with it, without a data set and without a stay."""

from collections.abc import Callable
from datetime import datetime

import orjson
from flask import Blueprint, Response

from onstreet.api.bodies import json_body
from onstreet.api.contract import Answer, Example, error_of, operation
from onstreet.wire.card import card_object, parse_card
from onstreet.wire.fields import Json, shared


def resource(clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/card`."""
    blueprint = Blueprint("card", __name__)

    @blueprint.post("/card")
    def read_card() -> Response:
        asked = parse_card(json_body(), clock())
        return Response(orjson.dumps(card_object(asked)), mimetype="application/json")

    return blueprint


_GOOD = {
    "A word that is none": Example(
        "/card",
        {
            "rateCards": ["Mon-Sat: Free", "Sun: Fre"],
            "errors": [
                {
                    "line": 2,
                    "column": 6,
                    "end": 9,
                    "message": "column 6: cannot read 'Fre' (did you mean Free?)",
                    "text": "Sun: Fre",
                    "expected": ["No Parking", "Free", "See Meter", "a price ($1.50)"],
                    "hint": "did you mean Free?",
                }
            ],
            "notices": [
                {
                    "line": 1,
                    "column": 1,
                    "end": 8,
                    "message": "column 1: read 'mon-sat' as 'Mon-Sat'",
                    "text": "mon-sat: free",
                    "readAs": "Mon-Sat",
                },
                {
                    "line": 1,
                    "column": 10,
                    "end": 14,
                    "message": "column 10: read 'free' as 'Free'",
                    "text": "mon-sat: free",
                    "readAs": "Free",
                },
            ],
            "findings": [
                {
                    "code": "gap",
                    "lines": [],
                    "message": "no line covers Sun",
                    "hint": "what holds then is unknown, and so is the price of a stay that "
                    "touches it: add a line that says it",
                }
            ],
            "unknownDays": [],
            "structuredRates": [{"rate": 0, "dow_end": 6, "repeats": True, "dow_start": 1, "increment": 1440}],
            "rates": {
                "lines": [{"days": [{"first": "Mon", "last": "Sat"}], "outcome": "Free"}],
                "unread": ["Sun: Fre"],
            },
            "week": [
                {
                    "start": "2026-06-08T00:00:00+00:00",
                    "end": "2026-06-14T00:00:00+00:00",
                    "state": "unknown",
                    "hourPrice": None,
                    "rateCard": "Mon-Sat: Free",
                },
                {
                    "start": "2026-06-14T00:00:00+00:00",
                    "end": "2026-06-15T00:00:00+00:00",
                    "state": "unknown",
                    "hourPrice": None,
                    "rateCard": None,
                },
            ],
        },
        {"rateCards": ["mon-sat: free", "Sun: Fre"], "entry_time": "2026-06-11T10:00"},
    )
}
_BAD = {
    400: {
        "No such place": Example(
            "/card",
            error_of(
                "invalid_parameter", "'zone' must be an IANA time zone such as Europe/Amsterdam, not 'Paris'", "zone"
            ),
            {"rateCards": "Sun: Free", "zone": "Paris"},
        ),
    },
}


def paths() -> Json:
    """What `/card` answers, as OpenAPI describes it."""
    shown = operation(
        "What a card says, and what is wrong with it",
        "Reads a card as far as it can be read. Faults are listed in the answer, which is a 200: the rest of the card, "
        "its doubts and its week stand beside them, and a line that cannot be read leaves all but bans unknown.",
        Answer("The card as it was read.", shared("Card")),
        failures=(411, 413, 415),
        examples=_GOOD,
        bad=_BAD,
        body=shared("CardBody"),
    )
    return {"/card": {"post": shown}}
