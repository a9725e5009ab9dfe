"""Blocks x entry x durations -> what changes with the question: open or closed, prices and why, chance of a space."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from threading import Lock

from cachetools import LRUCache

from onstreet.model import Blocks, bits_of
from onstreet.occupancy.profile import probability
from onstreet.query import Page, Query
from ratecards import Card, Item, Outlook, Place, Quote, WeekSpan, outlook, week
from ratecards.calendars import weekday as weekday_of
from ratecards.instants import instant, local_datetime, utc_offset_s
from ratecards.model import DAY_MIN
from ratecards.outlook import monday_of
from ratecards.pricing import quote
from ratecards.receipts import receipt
from ratecards.visits import Asked, Visit

# Fields that need every segment's price to be known.
_CHANCE = {"probability", "bucket"}
_PRICED = {"isOpen", "calculatedRates", "explanation", *_CHANCE}
_AHEAD = {"until", "untilReason", "freeUntil", "becomesFreeAt"}
_OWN = {"explanation", "week", *_AHEAD}
# Verdicts kept for cards asked about before, and how many of each: hours go by in which none of them changes.
_CARDS_KEPT = 16_384
_STEADY_KEPT = 16


@dataclass(frozen=True, slots=True)
class Stays:
    """What is asked of every card: an entry (naive is wall-clock time at the card), stays, permits, and fields."""

    entry: datetime
    durations_min: tuple[int, ...]
    permits: frozenset[str]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a card says of the stays asked about; what no field asked for is left out.

    `quotes` and `receipts` are those of the stays in their order; `is_open` is None where that is not known (S5.2).
    """

    durations_min: tuple[int, ...] = ()
    quotes: tuple[Quote, ...] = ()
    is_open: bool | None = None
    receipts: tuple[tuple[Item, ...], ...] = ()
    outlook: Outlook | None = None
    week: tuple[WeekSpan, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The blocks of a page with the values that depend on the question, block by block; `verdicts` by segment.

    `kept` says which segments are answered, None all of them.
    """

    blocks: Blocks
    verdicts: list[Verdict]
    kept: list[bool] | None
    distances_m: Sequence[int | None]
    offsets_s: list[int]
    chances: list[int | None]


_Key = tuple[Card, Place, tuple[int, ...], frozenset[str]]
_KNOWN: LRUCache[_Key, deque[tuple[int, int, Verdict]]] = LRUCache(_CARDS_KEPT)
_LOCK = Lock()


def answer(page: Page, query: Query, now: datetime) -> Answer:
    """What to say of each block of a page, for the query's entry or else `now`."""
    fields = frozenset(query.fields.block + query.fields.segment)
    stays = Stays(query.entry or now, query.durations_min, query.permits, fields)
    blocks = page.blocks
    wanted = bits_of(query.restrictions)
    kept = [each & wanted == wanted for each in blocks.amenities] if wanted else None
    verdicts = _verdicts(blocks, stays)
    clocks = {place: _clock(place, stays.entry) for place in set(blocks.places)}
    chances = _chances(blocks, verdicts, kept, clocks) if not _CHANCE.isdisjoint(fields) else []
    return Answer(
        blocks,
        verdicts,
        kept,
        [None] * len(page.rows) if page.distances_m is None else page.distances_m.round().astype(int).tolist(),
        [clocks[place][1] for place in blocks.places],
        chances or [None] * len(page.rows),
    )


def _verdicts(blocks: Blocks, stays: Stays) -> list[Verdict]:
    """What each segment's card says, worked out once for a card and place (S5.2)."""
    known: dict[tuple[int, int], Verdict] = {}
    verdicts: list[Verdict] = []
    cards = iter(blocks.cards)
    for place, count in zip(blocks.places, blocks.segment_counts, strict=True):
        for card in islice(cards, count):
            # Cards are interned and places are few: identity is a cheaper key than value.
            verdict = known.get((id(card), id(place)))
            if verdict is None:
                verdict = known[id(card), id(place)] = judge(card, place, stays)
            verdicts.append(verdict)
    return verdicts


def _clock(place: Place, entry: datetime) -> tuple[int, int]:
    """The local minute of an entry, and the seconds its clock is ahead of UTC then (S7.4)."""
    at = instant(entry, place.zone)
    offset_s = utc_offset_s(at, place.zone)
    return at + offset_s // 60, offset_s


def _chances(
    blocks: Blocks, verdicts: Sequence[Verdict], kept: Sequence[bool] | None, clocks: Mapping[Place, tuple[int, int]]
) -> list[int | None]:
    """The chance of a space in each block; None where it has no profile, or nobody may park (S6.5)."""
    chances: list[int | None] = []
    first = 0
    for place, profile, count in zip(blocks.places, blocks.profiles, blocks.segment_counts, strict=True):
        shown = range(first, first + count)
        first += count
        if profile is None or all(verdicts[i].is_open is False for i in shown if kept is None or kept[i]):
            chances.append(None)
        else:
            day, minute = divmod(clocks[place][0], DAY_MIN)
            chances.append(probability(profile, weekday_of(day), minute))
    return chances


def judge(card: Card, place: Place, stays: Stays) -> Verdict:
    """What a card says of some stays, as far as their fields need it (S5.2, S5.5)."""
    verdict = Verdict() if _PRICED.isdisjoint(stays.fields) else _priced(card, place, stays)
    if _OWN.isdisjoint(stays.fields):
        return verdict
    receipts: tuple[tuple[Item, ...], ...] = ()
    if "explanation" in stays.fields:
        visit = _visit(card, place, stays)
        receipts = tuple(receipt(visit, visit.start + stay_min) for stay_min in stays.durations_min)
    ahead = None if _AHEAD.isdisjoint(stays.fields) else outlook(card, stays.entry, place, stays.permits)
    spans: tuple[WeekSpan, ...] = ()
    if "week" in stays.fields:
        monday = monday_of(local_datetime(instant(stays.entry, place.zone), place.zone))
        spans = week(card, monday, place, stays.permits)
    return replace(verdict, receipts=receipts, outlook=ahead, week=spans)


def _priced(card: Card, place: Place, stays: Stays) -> Verdict:
    """The quotes of some stays: worked out anew, or those of another entry for which they are the same."""
    at = instant(stays.entry, place.zone)
    key = (card, place, stays.durations_min, stays.permits)
    with _LOCK:
        known = _KNOWN.get(key)
        if known is None:
            known = _KNOWN[key] = deque(maxlen=_STEADY_KEPT)
    for start, end, verdict in tuple(known):
        if start <= at < end:
            return verdict
    visit = _visit(card, place, stays)
    quotes = tuple(quote(visit, visit.start + stay_min) for stay_min in stays.durations_min)
    verdict = Verdict(stays.durations_min, quotes, _is_open(quotes))
    known.append((*visit.steady, verdict))
    return verdict


def _visit(card: Card, place: Place, stays: Stays) -> Visit:
    return Visit(Asked(card, stays.entry, place, stays.permits), max(stays.durations_min))


def _is_open(quotes: Sequence[Quote]) -> bool | None:
    """Whether one of the stays may be made (S5.2)."""
    if all(quote.legal is False for quote in quotes):
        return False
    return True if any(quote.legal for quote in quotes) else None
