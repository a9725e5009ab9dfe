"""Card x entry x durations -> what to say of it, and what has been said before and still holds."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from ratecards import Card, Item, Outlook, Place, Quote, WeekSpan, outlook, week
from ratecards.instants import instant, local_datetime
from ratecards.outlook import monday_of
from ratecards.pricing import quote
from ratecards.receipts import receipt
from ratecards.steady import steady
from ratecards.visits import Asked, Visit

# Fields that need the quotes of the stays, and those that need more.
PRICED = {"isOpen", "calculatedRates", "explanation", "probability", "bucket"}
_AHEAD = {"until", "untilReason", "freeUntil", "becomesFreeAt"}
_OWN = {"explanation", "week", *_AHEAD}
# Verdicts kept for one place, set of stays and permits (about 1 kB each), and for how many of these.
_VERDICTS_KEPT = 16_384
_QUESTIONS_KEPT = 8


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


def judge(card: Card, place: Place, stays: Stays) -> Verdict:
    """What a card says of some stays, as far as their fields need it (S5.2, S5.5)."""
    return judge_all([card], place, stays)[0]


def judge_all(cards: Collection[Card], place: Place, stays: Stays) -> list[Verdict]:
    """The same for several cards at one place."""
    if PRICED.isdisjoint(stays.fields):
        verdicts = [Verdict()] * len(cards)
    else:
        verdicts = _known(place, stays.durations_min, stays.permits).verdicts(cards, stays.entry)
    if _OWN.isdisjoint(stays.fields):
        return verdicts
    return [_in_full(verdict, card, place, stays) for verdict, card in zip(verdicts, cards, strict=True)]


def forget() -> None:
    """Forget all verdicts, so that the next ones are worked out anew."""
    _known.cache_clear()


def _in_full(verdict: Verdict, card: Card, place: Place, stays: Stays) -> Verdict:
    receipts: tuple[tuple[Item, ...], ...] = ()
    if "explanation" in stays.fields:
        visit = Visit(Asked(card, stays.entry, place, stays.permits), max(stays.durations_min))
        receipts = tuple(receipt(visit, visit.start + stay_min) for stay_min in stays.durations_min)
    ahead = None if _AHEAD.isdisjoint(stays.fields) else outlook(card, stays.entry, place, stays.permits)
    spans: tuple[WeekSpan, ...] = ()
    if "week" in stays.fields:
        monday = monday_of(local_datetime(instant(stays.entry, place.zone), place.zone))
        spans = week(card, monday, place, stays.permits)
    return replace(verdict, receipts=receipts, outlook=ahead, week=spans)


# From when and until when each verdict holds, rising, and the verdicts.
_Kept = tuple[list[int], list[Verdict]]
_NONE: _Kept = ([], [])


class _Known:
    """What cards at one place say of one set of stays, each verdict kept for all entries with which it is steady."""

    def __init__(self, place: Place, durations_min: tuple[int, ...], permits: frozenset[str]) -> None:
        self._place, self._durations_min, self._permits = place, durations_min, permits
        self._kept: dict[Card, _Kept] = {}
        self._count = 0

    def verdicts(self, cards: Iterable[Card], entry: datetime) -> list[Verdict]:
        """What each card says for an entry."""
        at = instant(entry, self._place.zone)
        verdicts: list[Verdict] = []
        for card in cards:
            edges, known = self._kept.get(card, _NONE)
            passed = bisect_right(edges, at)
            # Between a beginning and its end an odd number of them has passed.
            verdicts.append(known[passed // 2] if passed % 2 else self._judged(card, entry, passed // 2))
        return verdicts

    def _judged(self, card: Card, entry: datetime, number: int) -> Verdict:
        """Judge a card, and keep the verdict between those before and behind it."""
        visit = Visit(Asked(card, entry, self._place, self._permits), max(self._durations_min))
        quotes = tuple(quote(visit, visit.start + stay_min) for stay_min in self._durations_min)
        verdict = Verdict(self._durations_min, quotes, _is_open(quotes))
        start, end = steady(visit, self._durations_min)
        if self._count >= _VERDICTS_KEPT:
            self._kept, self._count, number = {}, 0, 0
        edges, known = self._kept.get(card, _NONE)
        before, behind = edges[: 2 * number], edges[2 * number :]
        # New lists in place of the old ones: other threads see both or none.
        self._kept[card] = (
            [*before, max([start, *before[-1:]]), min([end, *behind[:1]]), *behind],
            [*known[:number], verdict, *known[number:]],
        )
        self._count += 1
        return verdict


@lru_cache(maxsize=_QUESTIONS_KEPT)
def _known(place: Place, durations_min: tuple[int, ...], permits: frozenset[str]) -> _Known:
    return _Known(place, durations_min, permits)


def _is_open(quotes: Sequence[Quote]) -> bool | None:
    """Whether one of the stays may be made (S5.2)."""
    if all(quote.legal is False for quote in quotes):
        return False
    return True if any(quote.legal for quote in quotes) else None
