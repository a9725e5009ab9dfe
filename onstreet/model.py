"""Blocks and segments: as data sets state them (rows) and as they are served."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from shapely import LineString

from ratecards import Card, Place

# JSON with %% for %, to be formatted together with what changes.
Encoded = bytes | memoryview


class Side(Enum):
    """The kerb side of a segment, seen along the block's line from its first point."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class Amenity(IntEnum):
    """What a segment offers, by the ids of `restrictions=` (S6.2)."""

    FREE = 1
    METERED = 2
    OVERNIGHT = 3
    RESIDENTIAL = 4
    COMMERCIAL = 5

    @property
    def label(self) -> str:
        """The published name."""
        return _AMENITY_LABELS[self]

    @property
    def is_restriction(self) -> bool:
        """Whether it says whom a kerb is reserved for, and not what it offers to all."""
        return self in (Amenity.RESIDENTIAL, Amenity.COMMERCIAL)


_AMENITY_LABELS = {
    Amenity.FREE: "Free",
    Amenity.METERED: "Metered parking",
    Amenity.OVERNIGHT: "Overnight parking",
    Amenity.RESIDENTIAL: "Residential parking",
    Amenity.COMMERCIAL: "Commercial vehicle",
}

# Chance in percent of an open legal space: one number, or one for each hour of the week from Monday 00:00 (S6.5).
Profile = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment as a data set states it; offsets in metres from the block's first point."""

    segment_id: str
    side: Side
    start_m: float
    end_m: float
    rate_cards: tuple[str, ...]
    spaces_total: int | None = None
    payment_ids: tuple[str, ...] = ()
    polyline: str | None = None
    polyline6: str | None = None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block as a data set states it, with the place its source names."""

    block_id: str
    alias: tuple[str, str]
    line: LineString
    segments: tuple[SegmentRow, ...]
    place: Place
    name: str = ""
    address: str = ""
    operator: str = ""
    payment_types: tuple[str, ...] = ()
    photo_thumbs: tuple[str, ...] = ()
    polyline: str | None = None
    profile: Profile | None = None


class Fields(Protocol):
    """The unchanging JSON fields of some blocks or segments."""

    def joined(self, names: Sequence[str]) -> Sequence[Encoded]:
        """The fields of these names as `"name":value`, joined by commas, for each block or segment."""


class Blocks(NamedTuple):
    """What an answer needs of some blocks, and of their segments one after the other.

    `place_of` and `profile_of` have the numbers of each block's place and profile in `places` and `profiles`;
    `segment_from` says where among the segments each block's begin, and then how many there are. `card_of` has the
    number of each segment's card, below 2^31, of which `card` gives the card; it means the same wherever the `book` is
    the same. `templates` has all unchanging fields of each block and its segments, where they are kept so.
    """

    places: Mapping[int, Place]
    place_of: Sequence[int]
    profiles: Mapping[int, Profile | None]
    profile_of: Sequence[int]
    segment_from: Sequence[int]
    book: object
    card: Callable[[int], Card]
    card_of: NDArray[np.integer[Any]]
    fields: Fields
    segment_fields: Fields
    templates: Sequence[Encoded] | None = None


class Source(NamedTuple):
    """Where blocks come from, as their data set states it: its name, their key as a data source, and what was taken."""

    data_set: str
    source: str
    origin: str = ""
    licence: str = ""
    date: str = ""
    attribution: str = ""


class About(NamedTuple):
    """The data that a store answers from: an id no other data have, since when they are there, and their origins."""

    id: str
    published: datetime
    sources: tuple[Source, ...]


def bits_of(amenities: Iterable[Amenity]) -> int:
    """Amenities as bits by their ids."""
    return sum(1 << each for each in set(amenities))
