"""Blocks x entry x durations -> what changes with the question: open or closed, prices and why, chance of a space."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from onstreet.model import Block, Segment
from onstreet.occupancy.profile import bucket, probability
from onstreet.query import Page, Query
from ratecards import Card, Outlook, Place, Quote, WeekSpan, outlook, price_stays, week
from ratecards.calendars import weekday as weekday_of
from ratecards.instants import instant, local_datetime, utc_offset_s
from ratecards.model import DAY_MIN
from ratecards.outlook import monday_of

# Fields that need every segment's price to be known.
_PRICED = {"isOpen", "calculatedRates", "explanation", "probability", "bucket"}
_AHEAD = {"until", "untilReason", "freeUntil", "becomesFreeAt"}


@dataclass(frozen=True, slots=True)
class Stays:
    """What is asked of every card: an entry (naive is wall-clock time at the card), stays, permits, and fields."""

    entry: datetime
    durations_min: tuple[int, ...]
    permits: frozenset[str]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a card says of the stays asked about; what no field asked for is left out.

    `quotes` are those of the stays in their order; `is_open` is None where that is not known (S5.2).
    """

    durations_min: tuple[int, ...] = ()
    quotes: tuple[Quote, ...] = ()
    outlook: Outlook | None = None
    week: tuple[WeekSpan, ...] = ()

    @property
    def is_open(self) -> bool | None:
        """Whether one of the stays may be made (S5.2)."""
        if all(quote.legal is False for quote in self.quotes):
            return False if self.quotes else None
        return True if any(quote.legal for quote in self.quotes) else None


@dataclass(frozen=True, slots=True)
class BlockAnswer:
    """A block with the values that depend on the question."""

    block: Block
    segments: tuple[tuple[Segment, Verdict], ...]
    distance_m: int | None
    offset_s: int
    probability: int | None
    bucket: int | None


def answer(page: Page, query: Query, now: datetime) -> list[BlockAnswer]:
    """What to say of each block of a page, for the query's entry or else `now`."""
    fields = frozenset(query.fields.block + query.fields.segment)
    stays = Stays(query.entry or now, query.durations_min, query.permits, fields)
    pricing = _Pricing(stays)
    distances = [None] * len(page.blocks) if page.distances_m is None else page.distances_m.round().astype(int).tolist()
    return [_block(block, distance, pricing, query) for block, distance in zip(page.blocks, distances, strict=True)]


def judge(card: Card, place: Place, stays: Stays) -> Verdict:
    """What a card says of some stays, as far as their fields need it (S5.2, S5.5)."""
    quotes: list[Quote] = []
    if not _PRICED.isdisjoint(stays.fields):
        quotes = price_stays(card, stays.entry, stays.durations_min, place, stays.permits)
    ahead = None if _AHEAD.isdisjoint(stays.fields) else outlook(card, stays.entry, place, stays.permits)
    spans: tuple[WeekSpan, ...] = ()
    if "week" in stays.fields:
        local = local_datetime(instant(stays.entry, place.zone), place.zone)
        spans = week(card, monday_of(local), place, stays.permits)
    return Verdict(stays.durations_min, tuple(quotes), ahead, spans)


class _Pricing:
    """Verdicts of one request, each worked out once for a card and place (S5.2)."""

    def __init__(self, stays: Stays) -> None:
        self.stays = stays
        self._known: dict[tuple[int, Place], Verdict] = {}

    def verdict(self, card: Card, place: Place) -> Verdict:
        """What a card says of the request's stays."""
        # Cards are interned and outlive the request: their identity is a cheaper key than their value.
        key = (id(card), place)
        if key not in self._known:
            self._known[key] = judge(card, place, self.stays)
        return self._known[key]


def _block(block: Block, distance_m: int | None, pricing: _Pricing, query: Query) -> BlockAnswer:
    kept = [each for each in block.segments if query.restrictions <= set(each.amenities)]
    segments = tuple((each, pricing.verdict(each.card, block.place)) for each in kept)
    at = instant(pricing.stays.entry, block.place.zone)
    offset_s = utc_offset_s(at, block.place.zone)
    chance = _chance(block, [verdict for _, verdict in segments], at + offset_s // 60)
    return BlockAnswer(block, segments, distance_m, offset_s, chance, None if chance is None else bucket(chance))


def _chance(block: Block, verdicts: Sequence[Verdict], local_min: int) -> int | None:
    if block.profile is None or all(verdict.is_open is False for verdict in verdicts):
        return None
    return probability(block.profile, weekday_of(local_min // DAY_MIN), local_min % DAY_MIN)
