"""Blocks x entry x durations -> what changes with the question: open or closed, prices, chance of a space."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from onstreet.model import Block, Segment
from onstreet.occupancy.profile import bucket, probability
from onstreet.query import Page, Query
from ratecards import Card, Place, price_stays
from ratecards.calendars import weekday as weekday_of
from ratecards.instants import instant, utc_offset_s
from ratecards.model import DAY_MIN

# Fields that need every segment's price to be known.
_PRICED = {"isOpen", "calculatedRates", "probability", "bucket"}


@dataclass(frozen=True, slots=True)
class CalculatedRate:
    """The price of one legal stay; a cost of None is unknown."""

    cost: Decimal | None
    stay_min: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a segment is open for the stays asked about, and their prices (S5.2); None is unknown."""

    is_open: bool | None
    rates: tuple[CalculatedRate, ...] | None


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
    pricing = _Pricing(query, now)
    distances = [None] * len(page.blocks) if page.distances_m is None else page.distances_m.round().astype(int).tolist()
    return [_block(block, distance, pricing, query) for block, distance in zip(page.blocks, distances, strict=True)]


class _Pricing:
    """Verdicts of one request, each worked out once for a card and place (S5.2)."""

    def __init__(self, query: Query, now: datetime) -> None:
        self.entry = query.entry or now
        self._query = query
        self._wanted = not _PRICED.isdisjoint(query.fields.block + query.fields.segment)
        self._known: dict[tuple[int, Place], Verdict] = {}

    def verdict(self, card: Card, place: Place) -> Verdict:
        """Open state and prices of a card for the request's stays; nothing where no field asked for needs them."""
        if not self._wanted:
            return Verdict(None, None)
        # Cards are interned and outlive the request: their identity is a cheaper key than their value.
        key = (id(card), place)
        if key not in self._known:
            self._known[key] = self._judge(card, place)
        return self._known[key]

    def _judge(self, card: Card, place: Place) -> Verdict:
        stays = self._query.durations_min
        quotes = price_stays(card, self.entry, stays, place, self._query.permits)
        rates = tuple(
            CalculatedRate(quote.cost, stay)
            for stay, quote in zip(stays, quotes, strict=True)
            if quote.legal is not False
        )
        if not rates:
            return Verdict(False, ())
        is_open = True if any(quote.legal for quote in quotes) else None
        return Verdict(is_open, None if all(rate.cost is None for rate in rates) else rates)


def _block(block: Block, distance_m: int | None, pricing: _Pricing, query: Query) -> BlockAnswer:
    kept = [each for each in block.segments if query.restrictions <= set(each.amenities)]
    segments = tuple((each, pricing.verdict(each.card, block.place)) for each in kept)
    at = instant(pricing.entry, block.place.zone)
    offset_s = utc_offset_s(at, block.place.zone)
    chance = _chance(block, [verdict for _, verdict in segments], at + offset_s // 60)
    return BlockAnswer(block, segments, distance_m, offset_s, chance, None if chance is None else bucket(chance))


def _chance(block: Block, verdicts: Sequence[Verdict], local_min: int) -> int | None:
    if block.profile is None or all(verdict.is_open is False for verdict in verdicts):
        return None
    return probability(block.profile, weekday_of(local_min // DAY_MIN), local_min % DAY_MIN)
