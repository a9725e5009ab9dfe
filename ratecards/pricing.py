"""Timeline x entry x stay -> Quote: is the stay legal, and what does it cost (S4, S5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from ratecards.calendars import Place, instant, utc_offset_s
from ratecards.ladders import Ladder, Unit
from ratecards.model import DAY_MIN, Card, Line
from ratecards.money import Money, rounded
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
    if stay_min < 1:
        raise ValueError(f"a stay is at least 1 minute, not {stay_min}")
    timeline = compile_card(card, holder)
    start = instant(entry, place.zone)
    end = start + stay_min
    # A unit begun before the end may reach beyond it, and its price depends on what governs there.
    ahead = list(timeline.spans(place.zone, start, end + timeline.longest_unit_min))
    refused_by = _refusal(ahead, end, place.zone)
    if refused_by:
        return Quote(False, refused_by=refused_by)
    if not timeline.is_whole:
        return Quote(None)
    if not all(line.outcome.is_in(place.currency) for line in card.lines if isinstance(line.outcome, Money)):
        return Quote(True)
    cost = _cost(ahead, end, place.zone)
    return Quote(True, None if cost is None else rounded(cost, place.currency))


def _refusal(spans: Sequence[Span], end: int, zone: str) -> Line | None:
    """The first line that forbids staying until `end`: by closing a minute or by a limit (S5.1)."""
    clocks = _LimitClocks(zone)
    for span in spans:
        if span.start >= end:
            return None
        exceeded = clocks.run(span, min(span.end, end))
        if span.closed_by or exceeded:
            return span.closed_by or exceeded
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
        self._clocks: dict[Tariff | Line, _Clock] = {}
        self._running: dict[int, _Clock] = {}

    def run(self, span: Span, end: int) -> Line | None:
        """Let the clocks of a span's limits run to `end`; the first line whose limit that exceeds."""
        before, self._running = self._running, {}
        exceeded = [self._run(*limit, before, span.start, end) for limit in _limits(span)]
        return next(filter(None, exceeded), None)

    def _run(self, key: Tariff | Line, stated_by: Line, before: dict[int, _Clock], start: int, end: int) -> Line | None:
        limit_min = stated_by.limit_min or 0
        if limit_min not in self._running:
            clock = self._resumed(key, before.get(limit_min), start)
            clock.minutes += end - start
            clock.stopped_at = end
            self._running[limit_min] = clock
        self._clocks[key] = self._running[limit_min]
        return stated_by if self._running[limit_min].minutes > limit_min else None

    def _resumed(self, key: Tariff | Line, adjoining: _Clock | None, at: int) -> _Clock:
        own = self._clocks.get(key)
        if own is None or not own.resumes(at, self._zone):
            return adjoining or _Clock()
        if adjoining and adjoining is not own:
            # Both have run today and now meet: what each counted binds from here on.
            adjoining.minutes += own.minutes
        return adjoining or own


def _limits(span: Span) -> Iterator[tuple[Tariff | Line, Line]]:
    """What each limit on a span counts for, a tariff or its own line, and the line that states it."""
    if span.tariff and span.tariff.limited_by:
        yield span.tariff, span.tariff.limited_by
    yield from ((line, line) for line in span.limits)


def _cost(spans: Sequence[Span], end: int, zone: str) -> Fraction | None:
    """What has accrued by `end`; None when a minute of the stay has no known price (S3.4)."""
    meters: dict[Tariff, _Meter] = {}
    total = Fraction(0)
    paid_until = spans[0].start
    for number, span in enumerate(spans):
        start, stop = max(span.start, paid_until), min(span.end, end)
        if span.start >= end:
            break
        if span.tariff is None or span.tariff.ladder is None:
            return None
        if start >= stop or span.tariff.ladder.is_free:
            continue
        meter = meters.get(span.tariff)
        if meter is None or start > span.start or not meter.clock.resumes(start, zone):
            meter = meters[span.tariff] = _Meter(span.tariff.ladder)
        for at, amount in meter.run(start, stop):
            if amount is None:
                return None
            shared = _unit_across(spans[number:], span.tariff.ladder.unit, at)
            total += amount if shared is None else shared
            if shared is not None and span.tariff.ladder.unit:
                paid_until = at + span.tariff.ladder.unit.minutes
    return total


class _Meter:
    """One tariff's ladder climbed along its clock."""

    def __init__(self, ladder: Ladder) -> None:
        self.clock = _Clock()
        self._rises = ladder.rises()
        self._next = next(self._rises, None)
        self._charged = Fraction(0)

    def run(self, start: int, end: int) -> Iterator[tuple[int, Fraction | None]]:
        """Let the clock run from start to end: each instant at which something accrues, and how much."""
        ahead = self.clock.minutes - start
        self.clock.minutes += end - start
        self.clock.stopped_at = end
        while self._next is not None and self._next.clock_min < self.clock.minutes:
            at, total = self._next.clock_min - ahead, self._next.total
            yield at, None if total is None else total - self._charged
            self._charged = total or self._charged
            self._next = next(self._rises, None)


def _unit_across(spans: Sequence[Span], unit: Unit | None, at: int) -> Fraction | None:
    """The price of a unit begun at `at` in the first span, by the minutes it covers of adjoining `Each` tariffs.

    None where something else follows within the unit, or the tariff is no plain `Each`: then it is charged whole.
    """
    if unit is None:
        return None
    total = Fraction(0)
    for span in spans:
        first, last = max(span.start, at), min(span.end, at + unit.minutes)
        if first >= last:
            break
        there = span.tariff.ladder.unit if span.tariff and span.tariff.ladder else None
        if there is None:
            return None
        total += there.price * Fraction(last - first, there.minutes)
    return total
