"""Timeline x entry x stay -> Quote: is the stay legal, and what does it cost (S4, S5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from ratecards.calendars import Place, instant, utc_offset_s
from ratecards.ladders import Ladder, Unit
from ratecards.model import DAY_MIN, Card, Line
from ratecards.money import rounded
from ratecards.timeline import Holder, Span, Tariff, compile_card


@dataclass(frozen=True, slots=True)
class Quote:
    """What a stay costs and whether it may be made.

    `legal` is None where a line that was not understood might forbid it; `cost` is None where the price is unknown or
    the stay is not legal; `refused_by` is the line that forbids the stay.
    """

    legal: bool | None
    cost: Decimal | None = None
    refused_by: Line | None = None


def price(card: Card, entry: datetime, stay_min: int, place: Place, holder: Holder = frozenset()) -> Quote:
    """Price a stay of whole minutes on a card.

    `entry` is wall-clock time at the place unless it carries a zone; `holder` has the names of the permits held
    (S5.3). Raises ValueError for a stay below one minute.
    """
    return price_stays(card, entry, [stay_min], place, holder)[0]


def price_stays(
    card: Card, entry: datetime, stays_min: Sequence[int], place: Place, holder: Holder = frozenset()
) -> list[Quote]:
    """Price several stays from one entry, in their order; the longest is followed once and the others read off it."""
    if min(stays_min) < 1:
        raise ValueError(f"a stay is at least 1 minute, not {min(stays_min)}")
    timeline = compile_card(card, frozenset(holder) & card.user_keys)
    start = instant(entry, place.zone)
    end = start + max(stays_min)
    # A unit begun before the end may reach beyond it, and its price depends on what governs there.
    ahead = list(timeline.spans(place.zone, start, end + timeline.longest_unit_min))
    refusal = _refusal(ahead, end, place.zone)
    is_priced = timeline.is_whole and card.is_in(place.currency)
    charges = list(_charges(ahead, refusal.at if refusal else end, place.zone)) if is_priced else []

    def quote(end: int) -> Quote:
        if refusal and end > refusal.at:
            return Quote(False, refused_by=refusal.line)
        due = [charge.amount for charge in charges if charge.at < end]
        cost = None if None in due or not is_priced else rounded(sum(filter(None, due), Fraction(0)), place.currency)
        return Quote(True if timeline.is_whole else None, cost)

    return [quote(start + stay_min) for stay_min in stays_min]


class _Refusal(NamedTuple):
    """The instant that no stay may go beyond, and the line that says so."""

    at: int
    line: Line


class _Charge(NamedTuple):
    """What accrues at an instant; None where the price is not known from there on (S3.4)."""

    at: int
    amount: Fraction | None


def _refusal(spans: Sequence[Span], end: int, zone: str) -> _Refusal | None:
    """What first forbids staying until `end`: a line that closes a minute, or a limit (S5.1)."""
    clocks = _LimitClocks(zone)
    for span in spans:
        if span.start >= end:
            return None
        if span.closed_by:
            return _Refusal(span.start, span.closed_by)
        exceeded = clocks.run(span, min(span.end, end))
        if exceeded:
            return exceeded
    return None


class _Clock:
    """Minutes counted with pauses; starts anew after a break that contains or ends at midnight (S4.1)."""

    def __init__(self) -> None:
        self.minutes = 0
        self.stopped_at: int | None = None

    def resumes(self, at: int, zone: str) -> bool:
        """Whether the clock goes on from where it stopped; otherwise it begins at zero."""
        if self.stopped_at is None or self.stopped_at == at:
            return True
        stopped = self.stopped_at + utc_offset_s(self.stopped_at, zone) // 60
        return (at + utc_offset_s(at, zone) // 60) // DAY_MIN < -(-stopped // DAY_MIN)


class _LimitClocks:
    """The clocks of all limits met on a stay; adjoining tariffs with one limit share theirs (S5.1)."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._clocks: dict[tuple[Tariff, int], _Clock] = {}
        self._running: dict[int, _Clock] = {}

    def run(self, span: Span, end: int) -> _Refusal | None:
        """Let the clocks of a span's limits run to `end`; where the first of them is exceeded."""
        before, self._running = self._running, {}
        for tariff, line in span.limits:
            self._meet((tariff, line.limit_min or 0), before, span.start)
        for clock in self._running.values():
            clock.minutes += end - span.start
            clock.stopped_at = end
        over = [(self._running[line.limit_min or 0].minutes - (line.limit_min or 0), line) for _, line in span.limits]
        exceeded = [_Refusal(max(end - over_min, span.start), line) for over_min, line in over if over_min > 0]
        return min(exceeded, key=lambda refusal: refusal.at, default=None)

    def _meet(self, key: tuple[Tariff, int], before: dict[int, _Clock], at: int) -> None:
        """Join the clock of a limit with those of the same limit that run here or ran until now."""
        limit_min = key[1]
        own = self._clocks.get(key)
        if own is not None and not own.resumes(at, self._zone):
            own = None
        shared = self._running.get(limit_min) or before.get(limit_min)
        if shared and own and own is not shared:
            # Both have run today and now meet: what each counted binds from here on, for all that share them.
            shared.minutes += own.minutes
            self._clocks = {each: shared if clock is own else clock for each, clock in self._clocks.items()}
        self._clocks[key] = self._running[limit_min] = shared or own or _Clock()


def _charges(spans: Sequence[Span], end: int, zone: str) -> Iterator[_Charge]:
    """What accrues before `end`, in order; the last has no amount where a minute has no known price (S3.4)."""
    meters: dict[Tariff, _Meter] = {}
    paid_until = spans[0].start
    for number, span in enumerate(spans):
        start, stop = max(span.start, paid_until), min(span.end, end)
        if span.start >= end:
            return
        if span.tariff is None or span.tariff.ladder is None:
            yield _Charge(span.start, None)
            return
        if start >= stop or span.tariff.ladder.is_free:
            continue
        meter = meters.get(span.tariff)
        # A unit that reached in from the tariff before has used this one's clock: it starts where the unit ends (S4.2).
        if meter is None or start > span.start or not meter.clock.resumes(start, zone):
            meter = meters[span.tariff] = _Meter(span.tariff.ladder)
        for charge in meter.run(start, stop):
            unit = span.tariff.ladder.unit
            shared = _unit_across(spans, number, unit, charge.at) if unit else None
            yield charge if shared is None else _Charge(charge.at, shared)
            if charge.amount is None:
                return
            if unit and shared is not None:
                paid_until = charge.at + unit.minutes
        if paid_until > span.end:
            # The last unit was paid by shares: where this tariff governs again, it begins a unit of its own.
            del meters[span.tariff]


class _Meter:
    """One tariff's ladder climbed along its clock."""

    def __init__(self, ladder: Ladder) -> None:
        self.clock = _Clock()
        self._rises = ladder.rises()
        self._next = next(self._rises, None)
        self._charged = Fraction(0)

    def run(self, start: int, end: int) -> Iterator[_Charge]:
        """Let the clock run from start to end: what accrues on the way."""
        ahead = self.clock.minutes - start
        self.clock.minutes += end - start
        self.clock.stopped_at = end
        while self._next is not None and self._next.clock_min < self.clock.minutes:
            at, total = self._next.clock_min - ahead, self._next.total
            yield _Charge(at, None if total is None else total - self._charged)
            self._charged = total or self._charged
            self._next = next(self._rises, None)


def _unit_across(spans: Sequence[Span], first: int, unit: Unit, at: int) -> Fraction | None:
    """The price of a unit begun at `at` in span `first`, by the minutes it covers of adjoining `Each` tariffs.

    None where something else follows within the unit: then it is charged whole.
    """
    total = Fraction(0)
    for span in islice(spans, first, None):
        start, end = max(span.start, at), min(span.end, at + unit.minutes)
        if start >= end:
            break
        there = span.tariff.ladder.unit if span.tariff and span.tariff.ladder else None
        if there is None:
            return None
        total += there.price * Fraction(end - start, there.minutes)
    return total
