"""`POST /quote`: JSON -> a card, a place and some stays; and the segment object that answers it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from onstreet.verdicts import Stays, judge
from onstreet.wire.bodies import LINES, PLACED, Field, Form, place_of, read_holder, read_place
from onstreet.wire.fields import OWN, SEGMENT, Json, array, record
from onstreet.wire.parameters import DEFAULT, MAX_DURATION_MIN, MAX_DURATIONS
from onstreet.wire.query import read_entry, read_given
from onstreet.wire.stays import segment_values
from ratecards import Card, Place, RateCardError, read, structured_rates

FIELDS = (
    "isOpen", "calculatedRates", "structuredRates", "until", "untilReason", "freeUntil", "becomesFreeAt",
    "explanation",
)  # fmt: skip
ANSWER = record("What a card says of the stays.", {name: (SEGMENT | OWN)[name] for name in FIELDS})

_MINUTES: Json = {"type": "integer", "minimum": 1, "maximum": MAX_DURATION_MIN}
_DURATION = Field(
    {
        "anyOf": [
            _MINUTES,
            array("Several stays.", _MINUTES, minItems=1, maxItems=MAX_DURATIONS),
            {"type": "null"},
        ],
        "description": "Minutes of one or more stays.",
        "default": 60,
    },
    f"whole minutes from 1 to {MAX_DURATION_MIN}, or a list of at most {MAX_DURATIONS} of them",
)
FORM = Form("A card and some stays on it.", {"rateCards": LINES, "duration": _DURATION, **PLACED})


class CardError(ValueError):
    """A card with lines that cannot be read: their numbers from 1, and what is wrong with each."""

    def __init__(self, errors: Sequence[tuple[int, RateCardError]]) -> None:
        super().__init__(errors)
        self.errors = tuple(errors)


class Asked(NamedTuple):
    """A card, where it stands, and the stays on it to judge."""

    card: Card
    place: Place
    stays: Stays


def parse_quote(body: object, now: datetime) -> Asked:
    """What a decoded body asks; raises ParameterError naming the field, and CardError."""
    stated = FORM.checked(body)
    entry = read_given(stated, "entry_time", read_entry, now)
    durations_min = read_given(stated, "duration", _durations, DEFAULT.durations_min)
    stays = Stays(entry, durations_min, read_holder(stated), frozenset(FIELDS))
    place = read_place(stated)
    card = _card(stated["rateCards"])
    return Asked(card, place_of(place, card), stays)


def quote_object(asked: Asked) -> Json:
    """The segment object that answers: open or closed, prices and why, until when, when free."""
    values = segment_values(judge(*asked), asked.card)
    values["structuredRates"] = lambda: structured_rates(asked.card)
    return {name: values[name]() for name in FIELDS}


def _card(lines: Sequence[str]) -> Card:
    errors = [(number, error) for number, line in enumerate(lines, 1) for error in read([line]).errors]
    if errors:
        raise CardError(errors)
    return read(lines).card


def _durations(value: float | list[float]) -> tuple[int, ...]:
    # 60.0 is a whole number to JSON.
    return tuple(map(int, value if isinstance(value, list) else [value]))
