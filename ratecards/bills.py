"""Timeline x entry -> what a stay has to pay by any instant: stretches of one price, laid end to end (S4.1, S4.2)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from ratecards.calendars import Place
from ratecards.clocks import Clock, Days
from ratecards.instants import wall_spans
from ratecards.ladders import Ladder, Price, Unit
from ratecards.model import Line, TermKind
from ratecards.precedence import Rule
from ratecards.timeline import Span, State, Tariff, Timeline

# No sign cuts a stay into more; one that does is not worth the work, and its price is unknown from there on.
MAX_STRETCHES = 10_000


class Piece(NamedTuple):
    """Instants of one state; those a First takes name it, and what it charges at their start."""

    start: int
    end: int
    state: State
    first: Rule | None = None
    charged: int = 0


class Lump(NamedTuple):
    """An amount that falls due at an instant: a unit shared by tariffs, a calendar day, a First.

    `shares` are what each line has in it.
    """

    at: int
    amount: Price
    shares: tuple[tuple[Line, Price], ...]
    units: int | None = None


@dataclass(slots=True)
class Stretch:
    """Instants that one ladder prices from a reading of its clock on, until a lump if there is one.

    `before` is what the stay has paid at its start, `room` what the line of a cap leaves to be charged in it; in ticks.
    """

    start: int
    end: int
    state: State
    before: Price
    ladder: Ladder | None = None
    clock: int = 0
    paid: Price = 0
    lump: Lump | None = None
    room: Price | None = None
    cap: Line | None = None

    def charge(self, end: int) -> Price:
        """What it charges until an instant."""
        lump = self.lump
        charge: Price = 0
        if self.ladder:
            stop = end if lump is None or end < lump.at else lump.at
            charge = self.ladder.total(self.clock + stop - self.start) - self.paid
        if lump is not None and end > lump.at:
            charge += lump.amount
        return charge if self.room is None or charge < self.room else self.room


@dataclass(slots=True)
class _Account:
    """What a cap leaves to be charged since an instant."""

    opened: int
    left: Price
    line: Line


class Bill:
    """What stays from one entry pay by a card's ladders, up to an instant; offers and fees aside.

    `unknown_at` is the first instant whose price is not known, if one comes up.
    """

    def __init__(
        self, timeline: Timeline, place: Place, days: Days, spans: Sequence[Span], start: int, end: int
    ) -> None:
        self._timeline, self._place = timeline, place
        self._start, self._end = start, end
        self._clocks: dict[Tariff, Clock] = {}
        self._days = days
        # The last calendar day that a tariff has charged.
        self._charged_days: dict[Tariff, int] = {}
        self._accounts: dict[Rule, _Account] = {}
        # The unbroken run of minutes that a cap covers, as far as it has been followed.
        self._runs: dict[Rule, tuple[int, int]] = {}
        self._total: Price = 0
        self._paid_until = start
        self.unknown_at: int | None = None
        self.stretches: list[Stretch] = []
        # The fees that are due at the start of each stretch, once asked for.
        self._fees_before: list[tuple[Rule, ...]] | None = None
        self._lay_out(list(self._pieces(spans)))

    def total(self, end: int) -> Price | None:
        """What a stay until an instant pays, in ticks; None where a minute of it has no known price (S3.4)."""
        if self.unknown_at is not None and end > self.unknown_at:
            return None
        last = self.stretches[bisect_left(self.stretches, end, key=attrgetter("start")) - 1]
        return last.before + last.charge(end)

    def fees(self, end: int) -> list[Rule]:
        """The minimum and the surcharges that what is charged until an instant calls for (S4.2)."""
        if self._fees_before is None:
            due: dict[Rule, None] = {}
            self._fees_before = []
            for stretch in self.stretches:
                self._fees_before.append(tuple(due))
                if stretch.state.fees and stretch.charge(stretch.end) > 0:
                    due |= dict.fromkeys(stretch.state.fees)
        number = bisect_left(self.stretches, end, key=attrgetter("start")) - 1
        last = self.stretches[number]
        own = last.state.fees if last.charge(end) > 0 else ()
        return list(dict.fromkeys((*self._fees_before[number], *own)))

    def _pieces(self, spans: Iterable[Span]) -> Iterator[Piece]:
        """The spans of the stay, cut where a First takes over and leaves off."""
        clocks: dict[Rule, Clock] = {}
        paid: set[Rule] = set()
        for span in spans:
            begun = at = max(span.start, self._start)
            ladder = span.state.ladder
            taking = () if ladder is None or ladder.is_free else span.state.firsts
            for first in taking:
                clock = clocks.get(first)
                if clock is None or not clock.resumes(begun, self._days):
                    clock = clocks[first] = Clock()
                    paid.discard(first)
                length = first.line.term.minutes if first.line.term else 0
                # All of them count at once; where one is used up, the next takes what it has left.
                stop = min(begun + length - clock.minutes, span.end)
                clock.minutes += span.end - begun
                clock.stopped_at = span.end
                if at < stop:
                    amount = 0 if first in paid else self._timeline.amounts[first.number]
                    yield Piece(at, stop, span.state, first, amount)
                    paid.add(first)
                    at = stop
            if at < span.end:
                yield Piece(at, span.end, span.state)

    def _lay_out(self, pieces: Sequence[Piece]) -> None:
        for number, piece in enumerate(pieces):
            if piece.start >= self._end or self.unknown_at is not None:
                return
            if len(self.stretches) > MAX_STRETCHES:
                self.unknown_at = piece.start
                return
            start = piece.start
            if self._paid_until > start:
                # A unit that reaches in from the tariff before; the clock of this one starts at its end (S4.2).
                start = min(self._paid_until, piece.end)
                if piece.state.tariff:
                    self._clocks.pop(piece.state.tariff, None)
                self._add(Stretch(piece.start, start, piece.state, self._total))
            if start < piece.end:
                self._price(pieces, number, start)

    def _price(self, pieces: Sequence[Piece], number: int, start: int) -> None:
        _, end, state, first, charged = pieces[number]
        tariff, ladder = state.tariff, state.ladder
        if tariff is None or ladder is None:
            self.unknown_at = start
            return
        if ladder.is_free:
            self._add(Stretch(start, end, state, self._total))
            return
        clock = self._clocks.get(tariff)
        if clock is None or not clock.resumes(start, self._days):
            clock = self._clocks[tariff] = Clock()
        clock.stopped_at = end
        if first:
            self._add(Stretch(start, end, state, self._total, lump=Lump(start, charged, ((first.line, charged),))))
        elif ladder.by_day:
            self._price_days(start, end, state, tariff, ladder.by_day)
        else:
            lump = self._shared_unit(pieces, number, start, clock.minutes, ladder.unit) if ladder.unit else None
            self._climb(Stretch(start, end, state, self._total, ladder, lump=lump), tariff, ladder, clock)

    def _climb(self, stretch: Stretch, tariff: Tariff, ladder: Ladder, clock: Clock) -> None:
        """Price a stretch by the clock of its tariff, up to where that leads into the unknown."""
        start, end = stretch.start, stretch.end
        known_min = ladder.known_min
        if known_min is not None and clock.minutes + end - start > known_min:
            self.unknown_at = end = start + known_min - clock.minutes
            if start == end:
                return
            stretch.end = end
        stretch.clock = clock.minutes
        stretch.paid = ladder.total(clock.minutes) if clock.minutes else 0
        clock.minutes += end - start
        if stretch.lump and ladder.unit:
            # Where this tariff governs again, it begins a unit of its own.
            del self._clocks[tariff]
            self._paid_until = stretch.lump.at + ladder.unit.minutes
        self._add(stretch)

    def _shared_unit(self, pieces: Sequence[Piece], number: int, start: int, clock_min: int, unit: Unit) -> Lump | None:
        """The unit that begins in a piece and ends in another `Each` tariff, paid by the shares of both (S4.2).

        None where there is none, or something else follows within it: then it is charged whole.
        """
        tariff, run_end = pieces[number].state.tariff, pieces[number].end
        for piece in pieces[number + 1 :]:
            if piece.state.tariff is not tariff or piece.first:
                break
            run_end = piece.end
        over_min = (clock_min + run_end - start) % unit.minutes
        at = run_end - over_min
        if not over_min or not start <= at < pieces[number].end:
            return None
        shares: list[tuple[Line, Price]] = []
        for piece in pieces[number:]:
            first, last = max(piece.start, at), min(piece.end, at + unit.minutes)
            if first >= last:
                break
            there = None if piece.first or piece.state.ladder is None else piece.state.ladder.unit
            if there is None:
                return None
            shares.append((there.line, there.price * (last - first) // there.minutes))
        return Lump(at, sum(price for _, price in shares), tuple(shares))

    def _price_days(self, start: int, end: int, state: State, tariff: Tariff, day: Unit) -> None:
        """Charge each calendar day that a tariff governs, in the first minute of it."""
        for wall in wall_spans(self._place.zone, start, end):
            last = self._charged_days.get(tariff, wall.day - 1)
            self._charged_days[tariff] = max(wall.day, last)
            lump = Lump(wall.start, day.price, ((day.line, day.price),), 1) if wall.day > last else None
            self._add(Stretch(wall.start, wall.end, state, self._total, lump=lump))

    def _add(self, stretch: Stretch) -> None:
        """Lay a stretch behind the others, cut where the account of a cap is closed and a new one opened (S4.2)."""
        caps = stretch.state.caps
        for cap in caps:
            if cap.is_scoped:
                began, until = self._runs.get(cap, (stretch.start, stretch.start))
                self._runs[cap] = (began if until == stretch.start else stretch.start, stretch.end)
        rest: Stretch | None = stretch
        if not caps or (stretch.ladder is None and stretch.lump is None):
            self.stretches.append(stretch)
            self._total += stretch.charge(stretch.end)
            rest = None
        while rest:
            if len(self.stretches) > MAX_STRETCHES:
                self.unknown_at = rest.start
                return
            closings = [self._closes(cap, rest.start) for cap in caps]
            end = min((each for each in closings if each is not None and each < rest.end), default=rest.end)
            part, rest = _cut(rest, end) if end < rest.end else (rest, None)
            self._append_capped(part)

    def _append_capped(self, stretch: Stretch) -> None:
        accounts = [self._account(cap, stretch.start) for cap in stretch.state.caps]
        smallest = min(accounts, key=attrgetter("left"))
        stretch.before = self._total
        stretch.room, stretch.cap = smallest.left, smallest.line
        charge = stretch.charge(stretch.end)
        for account in accounts:
            account.left -= charge
        self.stretches.append(stretch)
        self._total += charge

    def _closes(self, cap: Rule, at: int) -> int | None:
        """The next instant at which a cap opens another account, as long as its run goes on."""
        term = cap.line.term
        if cap.line.kind is TermKind.DAILY_MAX:
            return self._days.of(at)[1]
        return self._opened(cap, at) + term.minutes if term and term.kind is TermKind.PERIOD_MAX else None

    def _opened(self, cap: Rule, at: int) -> int:
        """When the account of a cap that is open at an instant was opened: with its run, its day or its period."""
        term, began = cap.line.term, self._runs[cap][0] if cap.is_scoped else self._start
        if term and term.kind is TermKind.DAILY_MAX:
            return self._days.of(at)[0]
        if term and term.kind is TermKind.PERIOD_MAX:
            return at - (at - began) % term.minutes
        return began

    def _account(self, cap: Rule, at: int) -> _Account:
        account, opened = self._accounts.get(cap), self._opened(cap, at)
        if account is None or account.opened != opened:
            account = self._accounts[cap] = _Account(opened, self._timeline.amounts[cap.number], cap.line)
        return account


def _cut(stretch: Stretch, end: int) -> tuple[Stretch, Stretch]:
    """A stretch up to an instant, and from there on."""
    part = replace(stretch, end=end)
    if stretch.lump is not None and stretch.lump.at < end:
        return part, replace(stretch, start=end, ladder=None, lump=None)
    clock = stretch.clock + end - stretch.start
    paid = stretch.ladder.total(clock) if stretch.ladder else 0
    return part, replace(stretch, start=end, clock=clock, paid=paid)
