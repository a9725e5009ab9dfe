"""`POST /quote`: JSON -> a card, a place and some stays; and the segment object that answers it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from onstreet.verdicts import Stays, judge
from onstreet.wire.query import (
    MAX_DURATION_MIN,
    MAX_DURATIONS,
    ParameterError,
    nearest,
    read_entry,
    read_given,
    read_permits,
)
from onstreet.wire.stays import Json, segment_values
from ratecards import Card, Place, RateCardError, read, structured_rates
from ratecards.calendars import why_no_country
from ratecards.instants import is_zone
from ratecards.money import currency_of, is_currency

MAX_LINES = 50
# What countries and their parts are called by.
MAX_CODE_CHARS = 60
KNOWN = ("rateCards", "entry_time", "duration", "zone", "country", "subdivision", "permits", "currency")
FIELDS = (
    "isOpen", "calculatedRates", "structuredRates", "until", "untilReason", "freeUntil", "becomesFreeAt",
    "explanation",
)  # fmt: skip

_AN_HOUR: tuple[int, ...] = (60,)
_NOBODY: frozenset[str] = frozenset()

T = TypeVar("T")


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
    if not isinstance(body, dict):
        raise ParameterError("body", "the body must be a JSON object with 'rateCards'")
    for name in body:
        if name not in KNOWN:
            raise ParameterError(name[:100], f"unknown field {name[:100]!r}{nearest(name, KNOWN)}")
    if "rateCards" not in body:
        raise ParameterError("rateCards", "'rateCards', the list of the card's lines, is missing")
    lines: list[str] = read_given(body, "rateCards", _lines, list[str]())
    zone = read_given(body, "zone", _zone, "UTC")
    entry = read_given(body, "entry_time", lambda value: read_entry(_text(value)), now)
    durations_min = read_given(body, "duration", _durations, _AN_HOUR)
    permits = read_given(body, "permits", _permits, _NOBODY)
    country, subdivision = (read_given(body, name, _code, "") for name in ("country", "subdivision"))
    if subdivision and not country:
        raise ParameterError("subdivision", "'subdivision' needs a 'country'")
    if country and (reason := why_no_country(country)):
        raise ParameterError("country", f"'country': {reason}")
    if country and (reason := why_no_country(country, subdivision)):
        raise ParameterError("subdivision", f"'subdivision': {reason}")
    currency = read_given(body, "currency", _currency, "")
    card = _card(lines)
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


def _lines(value: object) -> list[str]:
    if not (isinstance(value, list) and len(value) <= MAX_LINES and all(isinstance(each, str) for each in value)):
        raise ValueError(f"a list of at most {MAX_LINES} lines")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value


def _code(value: object) -> str:
    if not (isinstance(value, str) and len(value) <= MAX_CODE_CHARS):
        raise ValueError(f"an ISO 3166 code of at most {MAX_CODE_CHARS} characters")
    return value


def _zone(value: object) -> str:
    if not (isinstance(value, str) and is_zone(value)):
        raise ValueError("an IANA time zone such as Europe/Amsterdam")
    return value


def _currency(value: object) -> str:
    if not (isinstance(value, str) and is_currency(value)):
        raise ValueError("an ISO 4217 code such as USD")
    return value


def _durations(value: object) -> tuple[int, ...]:
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= MAX_DURATIONS or not all(_is_duration(each) for each in values):
        raise ValueError(f"whole minutes from 1 to {MAX_DURATION_MIN}, or a list of at most {MAX_DURATIONS} of them")
    return tuple(values)


def _is_duration(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_DURATION_MIN


def _permits(value: object) -> frozenset[str]:
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        raise ValueError("a list of names of permits")
    return read_permits(",".join(value)) if value else frozenset()
