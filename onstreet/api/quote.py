"""`/quote`: the price of stays on any card, without a data set."""

from collections.abc import Callable
from datetime import datetime

import orjson
from flask import Blueprint, Response

from onstreet.api.bodies import json_body
from onstreet.api.contract import Answer, Example, error_of, operation
from onstreet.wire.fields import Json, shared
from onstreet.wire.quote import parse_quote, quote_object


def resource(clock: Callable[[], datetime]) -> Blueprint:
    """The blueprint of `/quote`."""
    blueprint = Blueprint("quote", __name__)

    @blueprint.post("/quote")
    def quote() -> Response:
        asked = parse_quote(json_body(), clock())
        return Response(orjson.dumps(quote_object(asked)), mimetype="application/json")

    return blueprint


_GOOD = {
    "A free Sunday": Example(
        "/quote",
        {
            "isOpen": True,
            "calculatedRates": [{"rate_cost": 0, "quoted_duration": "1:00:00", "rate_type": "B"}],
            "structuredRates": [{"rate": 0, "dow_end": 7, "repeats": True, "dow_start": 7, "increment": 1440}],
            "until": "2026-06-28T10:00:00+02:00",
            "untilReason": None,
            "freeUntil": "2026-06-15T00:00:00+02:00",
            "becomesFreeAt": None,
            "explanation": [
                {
                    "quoted_duration": "1:00:00",
                    "isLegal": True,
                    "rate_cost": 0,
                    "refusedBy": None,
                    "reason": None,
                    "items": [
                        {
                            "start": "2026-06-14T10:00:00+02:00",
                            "end": "2026-06-14T11:00:00+02:00",
                            "rateCard": "Sun: Free",
                            "minutes": 60,
                            "units": None,
                            "amount": 0,
                            "total": 0,
                            "cappedBy": None,
                        }
                    ],
                }
            ],
        },
        {"rateCards": ["Sun: Free"], "entry_time": "2026-06-14T10:00", "zone": "Europe/Amsterdam"},
    ),
}
_BAD = {
    400: {
        "No list of lines": Example(
            "/quote",
            error_of(
                "invalid_parameter",
                "'rateCards' must be a list of at most 50 lines, not 'Sun: Free'",
                "rateCards",
                [{"place": "rateCards", "message": "'Sun: Free' is not of type 'array'"}],
            ),
            {"rateCards": "Sun: Free"},
        ),
    },
    422: {
        "A word that is none": Example(
            "/quote",
            error_of(
                "unprocessable",
                "line 1, column 6: cannot read 'Fre' (did you mean Free?)",
                "rateCards",
                [
                    {
                        "line": 1,
                        "column": 6,
                        "hint": "did you mean Free?",
                        "message": "column 6: cannot read 'Fre' (did you mean Free?)",
                        "text": "Sun: Fre",
                    }
                ],
            ),
            {"rateCards": ["Sun: Fre"]},
        ),
    },
}


def paths() -> Json:
    """What `/quote` answers, as OpenAPI describes it."""
    shown = operation(
        "The price of stays on any card",
        "Prices a card that is in no data set. All but `rateCards` may be left out, or null.",
        Answer("What the card says.", shared("Quote")),
        failures=(411, 413, 415, 422),
        examples=_GOOD,
        bad=_BAD,
        body=shared("QuoteBody"),
    )
    return {"/quote": {"post": shown}}
