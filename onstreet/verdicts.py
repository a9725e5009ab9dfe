"""Card x entry x durations -> what to say of it, and what has been said before and still holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

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
# Items of the receipts of one card: a stay of a month through a dozen tariffs a day has some 400.
MAX_ITEMS = 10_000
_QUESTIONS_KEPT = 8
# New verdicts wait until there are so many, or as many as this share of those kept.
_WAITING, _WAITING_SHARE = 8, 32
# Minutes since 1970 fit into so many bits.
_TIME_BITS = 32
_LAST = (1 << _TIME_BITS) - 1

Numbers = NDArray[np.int64]
T = TypeVar("T")


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


class Distinct:
    """Many verdicts, and what has been made of all of them."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._made: dict[Callable[[Verdict], Any], NDArray[np.object_]] = {_itself: np.fromiter(verdicts, np.object_)}

    def made(self, make: Callable[[Verdict], Any]) -> NDArray[np.object_]:
        """What a function makes of each of them, made the first time that anybody asks."""
        made = self._made.get(make)
        if made is None:
            made = self._made[make] = np.fromiter(map(make, self._made[_itself].tolist()), np.object_)
        return made

    def having(self, more: Sequence[Verdict], order: Numbers) -> "Distinct":
        """These and some more in an order, with what was made of them."""
        both = Distinct(())
        both._made = {
            make: np.append(made, np.fromiter(map(make, more), np.object_))[order]
            for make, made in tuple(self._made.items())
        }
        return both


class Verdicts:
    """What cards say, one after the other: which of some distinct verdicts each is, and `others` by their places."""

    def __init__(
        self, distinct: Distinct, which: Numbers, others: Mapping[int, Verdict] = MappingProxyType({})
    ) -> None:
        self._distinct, self._which, self._others = distinct, which, others

    @classmethod
    def of(cls, verdicts: Sequence[Verdict]) -> "Verdicts":
        """These, as they are."""
        return cls(Distinct(verdicts), np.arange(len(verdicts)))

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.each(_itself))

    def __len__(self) -> int:
        return len(self._which)

    def each(self, make: Callable[[Verdict], T]) -> list[T]:
        """What a function makes of each."""
        made: list[T] = self._distinct.made(make)[self._which].tolist()
        for number, verdict in self._others.items():
            made[number] = make(verdict)
        return made


def _itself(verdict: Verdict) -> Verdict:
    return verdict


class LongReceiptsError(ValueError):
    """The receipts of the stays asked about have too many items to write down."""

    def __init__(self) -> None:
        super().__init__(f"the receipts have more than {MAX_ITEMS:,} items; ask about fewer or shorter stays")


class Cards(NamedTuple):
    """Cards by their numbers, which mean the same cards wherever the book is the same; a number may come again."""

    book: object
    card: Callable[[int], Card]
    numbers: Numbers


def judge(card: Card, place: Place, stays: Stays) -> Verdict:
    """What a card says of some stays, as far as their fields need it (S5.2, S5.5); raises LongReceiptsError."""
    is_priced = not PRICED.isdisjoint(stays.fields)
    verdict = _judged(card, place, stays.durations_min, stays.permits, stays.entry)[0] if is_priced else Verdict()
    return _in_full(verdict, card, place, stays)


def judge_all(cards: Cards, place: Place, stays: Stays) -> Verdicts:
    """The same for many at one place, those of one card the same; raises LongReceiptsError."""
    if PRICED.isdisjoint(stays.fields):
        verdicts = Verdicts(Distinct([Verdict()]), np.zeros(len(cards.numbers), dtype=np.int64))
    else:
        known = _known(cards.book, place, stays.durations_min, stays.permits)
        verdicts = known.verdicts(cards, stays.entry)
    if _OWN.isdisjoint(stays.fields):
        return verdicts
    numbers = cards.numbers.tolist()
    of_card = dict(zip(numbers, verdicts, strict=True))
    in_full = {number: _in_full(of_card[number], cards.card(number), place, stays) for number in of_card}
    return Verdicts.of([in_full[number] for number in numbers])


def forget() -> None:
    """Forget all verdicts, so that the next ones are worked out anew."""
    _by_book.clear()


def _in_full(verdict: Verdict, card: Card, place: Place, stays: Stays) -> Verdict:
    receipts: tuple[tuple[Item, ...], ...] = ()
    if "explanation" in stays.fields:
        visit = Visit(Asked(card, stays.entry, place, stays.permits), max(stays.durations_min))
        receipts = tuple(_receipts(visit, stays.durations_min))
    ahead = None if _AHEAD.isdisjoint(stays.fields) else outlook(card, stays.entry, place, stays.permits)
    spans: tuple[WeekSpan, ...] = ()
    if "week" in stays.fields:
        monday = monday_of(local_datetime(instant(stays.entry, place.zone), place.zone))
        spans = week(card, monday, place, stays.permits)
    return replace(verdict, receipts=receipts, outlook=ahead, week=spans)


def _receipts(visit: Visit, durations_min: Sequence[int]) -> Iterator[tuple[Item, ...]]:
    items = 0
    for stay_min in durations_min:
        written = receipt(visit, visit.start + stay_min)
        items += len(written)
        if items > MAX_ITEMS:
            raise LongReceiptsError
        yield written


class _Span(NamedTuple):
    """A verdict, and the times of its card from which and until which it holds.

    Times are instants behind the number of the card, so that those of all cards can be searched at once.
    """

    start: int
    end: int
    verdict: Verdict


class _Spans(NamedTuple):
    """Many of them, rising and apart. The first and the last hold never: every time has one before and one behind."""

    starts: Numbers
    ends: Numbers
    distinct: Distinct

    def having(self, new: Sequence[_Span]) -> "_Spans":
        """These and new ones; where there are too many already, the new ones alone."""
        kept = _NONE if len(self.starts) > _VERDICTS_KEPT else self
        starts = np.append(kept.starts, [span.start for span in new])
        ends = np.append(kept.ends, [span.end for span in new])
        order = starts.argsort(kind="stable")
        return _Spans(starts[order], ends[order], kept.distinct.having([span.verdict for span in new], order))


_NEVER = np.array([-1, np.iinfo(np.int64).max])
_NONE = _Spans(_NEVER, _NEVER, Distinct([Verdict(), Verdict()]))


class _Known:
    """What cards at one place say of one set of stays, each verdict kept for all entries with which it is steady."""

    def __init__(self, place: Place, durations_min: tuple[int, ...], permits: frozenset[str]) -> None:
        self._place, self._durations_min, self._permits = place, durations_min, permits
        # To add to arrays takes its time: new spans wait in a list for each card until there are some.
        self._spans: tuple[_Spans, dict[int, list[_Span]]] = _NONE, {}
        self._waiting = 0
        self._lock = Lock()

    def verdicts(self, cards: Cards, entry: datetime) -> Verdicts:
        """What each card says for an entry."""
        kept, new = self._spans
        times = (cards.numbers << _TIME_BITS) + instant(entry, self._place.zone)
        order = times.argsort()
        behind = np.empty_like(order)
        # Rising ones are found in half the time, each near the one before.
        behind[order] = kept.starts.searchsorted(times[order], "right")
        before = behind - 1
        others = {}
        with self._lock:
            for each in (times >= kept.ends[before]).nonzero()[0].tolist():
                number, time = int(cards.numbers[each]), int(times[each])
                of_card = new.setdefault(number, [])
                span = next((span for span in of_card if span.start <= time < span.end), None)
                if span is None:
                    span = self._span(cards.card(number), number, entry)
                    # What is known of other times is not said twice.
                    ends = [int(kept.ends[before[each]]), *(other.end for other in of_card if other.end <= time)]
                    starts = [int(kept.starts[behind[each]]), *(other.start for other in of_card if other.start > time)]
                    span = span._replace(start=max(span.start, *ends), end=min(span.end, *starts))
                    of_card.append(span)
                    self._waiting += 1
                others[each] = span.verdict
            if self._waiting > max(_WAITING, len(kept.starts) // _WAITING_SHARE):
                self._spans, self._waiting = (kept.having([span for spans in new.values() for span in spans]), {}), 0
        return Verdicts(kept.distinct, before, others)

    def _span(self, card: Card, number: int, entry: datetime) -> _Span:
        """What a card says for an entry, and from when and until when it does."""
        verdict, visit = _judged(card, self._place, self._durations_min, self._permits, entry)
        start, end = (min(max(each, 0), _LAST) for each in steady(visit, self._durations_min))
        return _Span((number << _TIME_BITS) + start, (number << _TIME_BITS) + end, verdict)


_by_book: WeakKeyDictionary[object, Callable[..., _Known]] = WeakKeyDictionary()


def _known(book: object, place: Place, durations_min: tuple[int, ...], permits: frozenset[str]) -> _Known:
    """What is known of the cards of a book, as long as there is one."""
    known = _by_book.get(book) or _by_book.setdefault(book, lru_cache(maxsize=_QUESTIONS_KEPT)(_Known))
    return known(place, durations_min, permits)


def _judged(
    card: Card, place: Place, durations_min: tuple[int, ...], permits: frozenset[str], entry: datetime
) -> tuple[Verdict, Visit]:
    visit = Visit(Asked(card, entry, place, permits), max(durations_min))
    quotes = tuple(quote(visit, visit.start + stay_min) for stay_min in durations_min)
    return Verdict(durations_min, quotes, _is_open(quotes)), visit


def _is_open(quotes: Sequence[Quote]) -> bool | None:
    """Whether one of the stays may be made (S5.2)."""
    if all(quote.legal is False for quote in quotes):
        return False
    return True if any(quote.legal for quote in quotes) else None
