"""What the bodies of questions about a card share: their fields with schemas, how they are checked, and the place."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from onstreet.wire.fields import Json, array, nullable, record, text
from onstreet.wire.parameters import DEFAULT, ENTRY, MAX_PERMITS, PERMIT
from onstreet.wire.query import ParameterError, nearest, quoted, read_given, read_permits
from ratecards import Card, Place
from ratecards.calendars import why_no_country
from ratecards.instants import is_zone
from ratecards.money import currency_of, is_currency

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

# Few signs have a dozen; a card of hundreds would take a worker seconds.
MAX_LINES = 50
# What countries and their parts are called by.
MAX_CODE_CHARS = 60


class Field(NamedTuple):
    """A field of a body: its schema, and what it must be in words."""

    schema: Json
    wanted: str


LINES = Field(
    array("The lines of the card.", {"type": "string"}, maxItems=MAX_LINES), f"a list of at most {MAX_LINES} lines"
)
# When a stay begins, where the card stands, and who asks.
PLACED = {
    "entry_time": Field(
        nullable(text("When the stay begins, on the clock of the zone, or with Z in UTC; now.", pattern=f"^{ENTRY}$")),
        "yyyy-mm-ddTHH:MM, with Z for UTC",
    ),
    "zone": Field(
        nullable(text("The IANA time zone of the card.", default="UTC", examples=["Europe/Amsterdam"])),
        "an IANA time zone such as Europe/Amsterdam",
    ),
    "country": Field(
        nullable(
            text(
                "ISO 3166-1 code of the country whose holidays hold; without it nobody knows them.",
                maxLength=MAX_CODE_CHARS,
            )
        ),
        "an ISO 3166-1 code such as US",
    ),
    "subdivision": Field(
        nullable(text("Its part, such as CA; needs `country`.", maxLength=MAX_CODE_CHARS)), "a code such as CA"
    ),
    "permits": Field(
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
    "currency": Field(
        nullable(text("ISO 4217 code; without it that of the card.", examples=["USD"])),
        "an ISO 4217 code such as USD",
    ),
}


class Form:
    """The form of a body: its fields by name, `rateCards` among them, and the schema that they make."""

    def __init__(self, says: str, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self.schema = record(says, {name: each.schema for name, each in fields.items()}, required=("rateCards",))

    def wanted(self, name: str) -> str:
        """What a field must be, in words."""
        return self._fields[name].wanted

    def checked(self, body: object) -> dict[str, Any]:
        """A body that is as its schema says; raises ParameterError naming the field, with the places in it."""
        if not isinstance(body, dict):
            raise ParameterError("body", "the body must be a JSON object with 'rateCards'")
        for name in body:
            if name not in self._fields:
                raise ParameterError(name[:100], f"unknown field {name[:100]!r}{nearest(name, tuple(self._fields))}")
        if "rateCards" not in body:
            raise ParameterError("rateCards", "'rateCards', the list of the card's lines, is missing")
        faults = sorted(self._validator.iter_errors(body), key=lambda fault: list(map(str, fault.absolute_path)))
        if faults:
            name = str(faults[0].absolute_path[0])
            details = [_place(each) for each in faults if each.absolute_path[0] == name]
            raise ParameterError(name, f"{name!r} must be {self.wanted(name)}, not {quoted(body[name])}", details)
        return body

    @cached_property
    def _validator(self) -> "Validator":
        # Most who ask about blocks never ask about a card.
        from jsonschema import Draft202012Validator

        return Draft202012Validator(self.schema)


def read_place(stated: Mapping[str, Any]) -> Place:
    """Where a card stands, its currency empty where none is stated; raises ParameterError naming the field."""
    zone = read_given(stated, "zone", _zone, "UTC")
    country, subdivision = (stated.get(name) or "" for name in ("country", "subdivision"))
    if subdivision and not country:
        raise ParameterError("subdivision", "'subdivision' needs a 'country'")
    if country and (reason := why_no_country(country)):
        raise ParameterError("country", f"'country': {reason}")
    if country and (reason := why_no_country(country, subdivision)):
        raise ParameterError("subdivision", f"'subdivision': {reason}")
    currency = read_given(stated, "currency", _currency, "")
    return Place(zone, currency, country, subdivision)


def place_of(place: Place, card: Card) -> Place:
    """The same place, in the currency of the card where none was stated."""
    return replace(place, currency=place.currency or currency_of(card.units))


def read_holder(stated: Mapping[str, Any]) -> frozenset[str]:
    """The permits held; raises ParameterError."""
    return read_given(stated, "permits", _permits, DEFAULT.permits)


def _place(fault: "ValidationError") -> Json:
    """Where in the body something is wrong, and what."""
    # Of several forms that a value may have, the one it is nearest to says most.
    inner = max(fault.context or [fault], key=lambda each: len(each.absolute_path))
    return {"place": ".".join(map(str, inner.absolute_path)), "message": inner.message[:200]}


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError(PLACED["zone"].wanted)
    return value


def _currency(value: str) -> str:
    if not is_currency(value):
        raise ValueError(PLACED["currency"].wanted)
    return value


def _permits(value: list[str]) -> frozenset[str]:
    return read_permits(",".join(value)) if value else DEFAULT.permits
