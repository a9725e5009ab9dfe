"""Published JSON -> values: what the client knows by name, and in `raw` all of it."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """What one stay costs; a cost of None is not known, and never free."""

    duration_min: int
    cost: Decimal | None
    type: str = "B"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of kerb. What was not asked for is None or empty; `rates` of None are not known, () allow no stay."""

    id: str
    side: str | None
    start_m: Decimal | None
    end_m: Decimal | None
    spaces_total: int | None
    rate_cards: tuple[str, ...]
    is_open: bool | None
    rates: tuple[Rate, ...] | None
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its segments. What was not asked for is None or empty; `line` is pairs of longitude and latitude."""

    id: str
    name: str | None
    address: str | None
    operator: str | None
    currency: str | None
    line: tuple[tuple[float, float], ...]
    distance_m: int | None
    probability: int | None
    bucket: int | None
    utc_offset_s: int | None
    segments: tuple[Segment, ...]
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a card says of some stays: whether one may be made, what they cost, until when, and when it is free."""

    is_open: bool | None
    rates: tuple[Rate, ...] | None
    until: datetime | None
    until_reason: str | None
    free_until: datetime | None
    becomes_free_at: datetime | None
    explanation: tuple[Json, ...]
    raw: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """Something to filter by, `id` for restrictions, and how many segments have it."""

    id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Filters:
    """What questions can be filtered by."""

    restrictions: tuple[Filter, ...]
    amenities: tuple[Filter, ...]


def read_json(text: bytes) -> object:
    """JSON with exact decimals; raises ValueError."""
    return json.loads(text, parse_float=Decimal)


def block_of(raw: Json) -> Block:
    """A block of `/blocks`."""
    coordinates = raw.get("geojson", {}).get("coordinates", ())
    return Block(
        id=str(raw["blockID"]),
        name=raw.get("name"),
        address=raw.get("address"),
        operator=raw.get("operator"),
        currency=raw.get("currency"),
        line=tuple((float(lon), float(lat)) for lon, lat in coordinates),
        distance_m=raw.get("distance"),
        probability=raw.get("probability"),
        bucket=raw.get("bucket"),
        utc_offset_s=raw.get("offset"),
        segments=tuple(map(segment_of, raw.get("segments", ()))),
        raw=raw,
    )


def segment_of(raw: Json) -> Segment:
    """A segment of a block."""
    return Segment(
        id=str(raw["segmentID"]),
        side=raw.get("side"),
        start_m=_decimal(raw.get("start")),
        end_m=_decimal(raw.get("end")),
        spaces_total=raw.get("spacesTotal"),
        rate_cards=tuple(raw.get("rateCards", ())),
        is_open=raw.get("isOpen"),
        rates=_rates(raw.get("calculatedRates")),
        raw=raw,
    )


def quote_of(raw: Json) -> Quote:
    """The answer of `/quote`."""
    return Quote(
        is_open=raw["isOpen"],
        rates=_rates(raw["calculatedRates"]),
        until=_moment(raw["until"]),
        until_reason=raw["untilReason"],
        free_until=_moment(raw["freeUntil"]),
        becomes_free_at=_moment(raw["becomesFreeAt"]),
        explanation=tuple(raw["explanation"]),
        raw=raw,
    )


def filters_of(raw: Json) -> Filters:
    """The answer of `/filters`."""
    restrictions, amenities = (
        tuple(Filter(int(each["id"]), each["name"], each["count"]) for each in raw["result"][name])
        for name in ("restrictions", "amenities")
    )
    return Filters(restrictions, amenities)


def _rates(rates: list[Json] | None) -> tuple[Rate, ...] | None:
    if rates is None:
        return None
    return tuple(
        Rate(_minutes(each["quoted_duration"]), _decimal(each["rate_cost"]), each.get("rate_type", "B"))
        for each in rates
    )


def _minutes(text: str) -> int:
    match = re.fullmatch(r"(\d+):(\d\d):(\d\d)", text)
    if not match:
        raise ValueError(f"a duration must be h:mm:ss, not {text!r}")
    hours, minutes, _ = map(int, match.groups())
    return hours * 60 + minutes


def _decimal(value: int | Decimal | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
