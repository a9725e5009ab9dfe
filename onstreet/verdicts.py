"""Card x entry x durations -> what to say of it, and what has been said before and still holds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
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
# Minutes since 1970 fit into so many bits.
_TIME_BITS = 32
_LAST = (1 << _TIME_BITS) - 1

Numbers = NDArray[np.int64]


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


def judge_all(cards: Cards, place: Place, stays: Stays) -> list[Verdict]:
    """The same for many at one place, those of one card the same; raises LongReceiptsError."""
    if PRICED.isdisjoint(stays.fields):
        verdicts = [Verdict()] * len(cards.numbers)
    else:
        known = _known(cards.book, place, stays.durations_min, stays.permits)
        verdicts = known.verdicts(cards, stays.entry)
    if _OWN.isdisjoint(stays.fields):
        return verdicts
    numbers = cards.numbers.tolist()
    of_card = dict(zip(numbers, verdicts, strict=True))
    in_full = {number: _in_full(of_card[number], cards.card(number), place, stays) for number in of_card}
    return [in_full[number] for number in numbers]


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


class _Known:
    """What cards at one place say of one set of stays, each verdict kept for all entries with which it is steady.

    Times are those of a card, minutes since 1970 behind the number of the card, so that one search finds all.
    """

    def __init__(self, place: Place, durations_min: tuple[int, ...], permits: frozenset[str]) -> None:
        self._place, self._durations_min, self._permits = place, durations_min, permits
        self._kept = _NONE

    def verdicts(self, cards: Cards, entry: datetime) -> list[Verdict]:
        """What each card says for an entry."""
        numbers, kept = cards.numbers, self._kept
        at = (numbers << _TIME_BITS) + instant(entry, self._place.zone)
        behind = kept.starts.searchsorted(at, "right")
        verdicts = kept.verdicts[behind - 1]
        is_missing = at >= kept.ends[behind - 1]
        if is_missing.any():
            missing, firsts = np.unique(numbers[is_missing], return_index=True)
            spans = [self._span(cards.card(number), number, entry) for number in missing.tolist()]
            self._kept = kept.having(spans, behind[is_missing][firsts])
            new = dict(zip(missing.tolist(), (span.verdict for span in spans), strict=True))
            verdicts[is_missing] = [new[number] for number in numbers[is_missing].tolist()]
        return list(verdicts)

    def _span(self, card: Card, number: int, entry: datetime) -> "_Span":
        """What a card says for an entry, and from when and until when it does."""
        verdict, visit = _judged(card, self._place, self._durations_min, self._permits, entry)
        start, end = (min(max(each, 0), _LAST) for each in steady(visit, self._durations_min))
        return _Span((number << _TIME_BITS) + start, (number << _TIME_BITS) + end, verdict)


class _Span(NamedTuple):
    """A verdict, and the times of its card from which and until which it holds."""

    start: int
    end: int
    verdict: Verdict


class _Spans(NamedTuple):
    """Many of them, rising and apart; the first holds never, so that there is one before every time."""

    starts: Numbers
    ends: Numbers
    verdicts: NDArray[np.object_]

    def having(self, spans: Sequence[_Span], behind: Numbers) -> "_Spans":
        """These and some more, each cut off where those before and behind it begin; too many are begun anew."""
        if len(self.starts) > _VERDICTS_KEPT:
            return _NONE.having(spans, np.ones_like(behind))
        starts, ends = (np.array(each, dtype=np.int64) for each in list(zip(*spans, strict=True))[:2])
        verdicts = np.empty(len(spans), dtype=np.object_)
        verdicts[:] = [span.verdict for span in spans]
        following = np.append(self.starts, np.iinfo(np.int64).max)[behind]
        return _Spans(
            np.insert(self.starts, behind, np.maximum(starts, self.ends[behind - 1])),
            np.insert(self.ends, behind, np.minimum(ends, following)),
            np.insert(self.verdicts, behind, verdicts),
        )


_NONE = _Spans(np.array([-1]), np.array([-1]), np.array([None], dtype=np.object_))
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
