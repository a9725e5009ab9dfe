"""`POST /quote`: JSON -> a card, a place and some stays; and the segment object that answers it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from onstreet.verdicts import Stays, judge
from onstreet.wire.fields import OWN, SEGMENT, Json, array, nullable, record, text
from onstreet.wire.parameters import DEFAULT, ENTRY, MAX_DURATION_MIN, MAX_DURATIONS, MAX_PERMITS, PERMIT
from onstreet.wire.query import ParameterError, nearest, quoted, read_entry, read_given, read_permits
from onstreet.wire.stays import segment_values
from ratecards import Card, Place, RateCardError, read, structured_rates
from ratecards.calendars import why_no_country
from ratecards.instants import is_zone
from ratecards.money import currency_of, is_currency

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

MAX_LINES = 50
# What countries and their parts are called by.
MAX_CODE_CHARS = 60
FIELDS = (
    "isOpen", "calculatedRates", "structuredRates", "until", "untilReason", "freeUntil", "becomesFreeAt",
    "explanation",
)  # fmt: skip
ANSWER = record("What a card says of the stays.", {name: (SEGMENT | OWN)[name] for name in FIELDS})

_MINUTES: Json = {"type": "integer", "minimum": 1, "maximum": MAX_DURATION_MIN}


class _Field(NamedTuple):
    """A field of the body: its schema, and what it must be in words."""

    schema: Json
    wanted: str


_FIELDS = {
    "rateCards": _Field(
        array("The lines of the card.", {"type": "string"}, maxItems=MAX_LINES),
        f"a list of at most {MAX_LINES} lines",
    ),
    "entry_time": _Field(
        nullable(text("When the stay begins, on the clock of the zone, or with Z in UTC; now.", pattern=f"^{ENTRY}$")),
        "yyyy-mm-ddTHH:MM, with Z for UTC",
    ),
    "duration": _Field(
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
    ),
    "zone": _Field(
        nullable(text("The IANA time zone of the card.", default="UTC", examples=["Europe/Amsterdam"])),
        "an IANA time zone such as Europe/Amsterdam",
    ),
    "country": _Field(
        nullable(
            text(
                "ISO 3166-1 code of the country whose holidays hold; without it nobody knows them.",
                maxLength=MAX_CODE_CHARS,
            )
        ),
        "an ISO 3166-1 code such as US",
    ),
    "subdivision": _Field(
        nullable(text("Its part, such as CA; needs `country`.", maxLength=MAX_CODE_CHARS)), "a code such as CA"
    ),
    "permits": _Field(
        {
            **array(
                "What the driver holds.",
                {"type": "string", "pattern": rf"^\s*{PERMIT.replace('a-z', 'A-Za-z')}\s*$"},
                maxItems=MAX_PERMITS,
            ),
            "type": ["array", "null"],
        },
        f"a list of names of permits, at most {MAX_PERMITS}",
    ),
    "currency": _Field(
        nullable(text("ISO 4217 code; without it that of the card.", examples=["USD"])),
        "an ISO 4217 code such as USD",
    ),
}
BODY = record(
    "A card and some stays on it.", {name: each.schema for name, each in _FIELDS.items()}, required=("rateCards",)
)


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
    stated = _checked(body)
    zone = read_given(stated, "zone", _zone, "UTC")
    entry = read_given(stated, "entry_time", read_entry, now)
    durations_min = read_given(stated, "duration", _durations, DEFAULT.durations_min)
    permits = read_given(stated, "permits", _permits, DEFAULT.permits)
    country, subdivision = (stated.get(name) or "" for name in ("country", "subdivision"))
    if subdivision and not country:
        raise ParameterError("subdivision", "'subdivision' needs a 'country'")
    if country and (reason := why_no_country(country)):
        raise ParameterError("country", f"'country': {reason}")
    if country and (reason := why_no_country(country, subdivision)):
        raise ParameterError("subdivision", f"'subdivision': {reason}")
    currency = read_given(stated, "currency", _currency, "")
    card = _card(stated["rateCards"])
    place = Place(zone, currency or currency_of(card.units), country, subdivision)
    return Asked(card, place, Stays(entry, durations_min, permits, frozenset(FIELDS)))


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


def _checked(body: object) -> dict[str, Any]:
    """A body that is as its schema says; raises ParameterError naming the field, with the places in it."""
    if not isinstance(body, dict):
        raise ParameterError("body", "the body must be a JSON object with 'rateCards'")
    for name in body:
        if name not in _FIELDS:
            raise ParameterError(name[:100], f"unknown field {name[:100]!r}{nearest(name, tuple(_FIELDS))}")
    if "rateCards" not in body:
        raise ParameterError("rateCards", "'rateCards', the list of the card's lines, is missing")
    faults = sorted(_validator().iter_errors(body), key=lambda fault: list(map(str, fault.absolute_path)))
    if faults:
        name = str(faults[0].absolute_path[0])
        details = [_place(each) for each in faults if each.absolute_path[0] == name]
        raise ParameterError(name, f"{name!r} must be {_FIELDS[name].wanted}, not {quoted(body[name])}", details)
    return body


def _place(fault: "ValidationError") -> Json:
    """Where in the body something is wrong, and what."""
    # Of several forms that a value may have, the one it is nearest to says most.
    inner = max(fault.context or [fault], key=lambda each: len(each.absolute_path))
    return {"place": ".".join(map(str, inner.absolute_path)), "message": inner.message[:200]}


@cache
def _validator() -> "Validator":
    # Most who ask about blocks never quote.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(BODY)


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError(_FIELDS["zone"].wanted)
    return value


def _currency(value: str) -> str:
    if not is_currency(value):
        raise ValueError(_FIELDS["currency"].wanted)
    return value


def _durations(value: float | list[float]) -> tuple[int, ...]:
    # 60.0 is a whole number to JSON.
    return tuple(map(int, value if isinstance(value, list) else [value]))


def _permits(value: list[str]) -> frozenset[str]:
    return read_permits(",".join(value)) if value else DEFAULT.permits
