"""What a tariff has charged by the time its clock shows so many minutes: tiers, add-ons, hours and units (S4.2)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import lcm
from operator import attrgetter
from typing import NamedTuple

from ratecards.model import DAY_MIN, Line, Outcome, TermKind
from ratecards.money import Money

LADDER_TERMS = (TermKind.EACH, TermKind.TIER, TermKind.ADDED, TermKind.NTH_HOUR)

# Prices are exact: fractions as a card states them, or whole ticks of the currency that divide all of a card's prices.
Price = int | Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """A price for every started period: `Each 15 Min: $0.50`."""

    minutes: int
    price: Price
    line: Line


@dataclass(frozen=True, slots=True)
class Rung:
    """What is charged from `start` on: `base`, and `price` for each of the units begun since `origin`, at most `top`.

    Never less than `floor`, the highest point reached before.
    """

    start: int
    line: Line
    base: Price
    floor: Price = 0
    origin: int = 0
    unit_min: int = 0
    price: Price = 0
    top: Price | None = None

    def total(self, clock_min: int) -> Price:
        """The price when the clock shows so many minutes, more than `start`."""
        total = self.base
        if self.unit_min:
            total += -((self.origin - clock_min) // self.unit_min) * self.price
            if self.top is not None and total > self.top:
                total = self.top
        return total if total > self.floor else self.floor


class Bought(NamedTuple):
    """What a line of a ladder charged between two readings of the clock; `units` where it prices by the unit."""

    line: Line
    start: int
    end: int
    units: int | None
    amount: Price


@dataclass(frozen=True)
class Ladder:
    """The rungs of one tariff in rising order.

    Behind `end_min` the ladder starts again, or with `is_open` nobody knows. `step_min` is what the clock is rounded up
    to (`Billed By`), 0 where it is not. `by_day` prices each calendar day begun in place of the clock.
    """

    rungs: tuple[Rung, ...]
    end_min: int | None = None
    is_open: bool = False
    unit: Unit | None = None
    step_min: int = 0
    by_day: Unit | None = None

    @cached_property
    def is_free(self) -> bool:
        """Whether no stay is ever charged."""
        is_known = self.end_min is None and not (self.by_day and self.by_day.price)
        return is_known and not any(rung.base or rung.price for rung in self.rungs)

    @property
    def first_price(self) -> Price | None:
        """What the shortest stay that costs anything pays, if one does."""
        last = self.rungs[-1] if self.rungs else None
        end = last.start + max(last.unit_min, self.step_min, 1) + 1 if last else 0
        return next((self.total(minute + 1) for minute in self.rises(0, end)), None)

    @cached_property
    def known_min(self) -> int | None:
        """The reading of the clock beyond which the price is unknown, if there is one."""
        step_min = self.step_min or 1
        return self.end_min // step_min * step_min if self.is_open and self.end_min else None

    def total(self, clock_min: int) -> Price:
        """The price when the clock shows so many minutes, up to `known_min`."""
        if clock_min <= 0:
            return 0
        if self.step_min > 1:
            clock_min = -(-clock_min // self.step_min) * self.step_min
        if self.end_min is None or clock_min <= self.end_min:
            return self._rung(clock_min).total(clock_min) if self.rungs else 0
        turns = (clock_min - 1) // self.end_min
        within = clock_min - turns * self.end_min
        return turns * self._rung(self.end_min).total(self.end_min) + self._rung(within).total(within)

    def level(self, clock_min: int) -> tuple[int, int]:
        """Readings around one, more than 0, that surely have its price: from beyond the first to the second."""
        if self.step_min > 1:
            low = (clock_min - 1) // self.step_min * self.step_min
            return low, low + self.step_min
        turn_min = (clock_min - 1) // self.end_min * self.end_min if self.end_min and not self.is_open else 0
        rung = self._rung(clock_min - turn_min)
        following = self.rungs.index(rung) + 1
        end_min = self.rungs[following].start if following < len(self.rungs) else self.end_min or clock_min + DAY_MIN
        low, high = rung.start + turn_min, end_min + turn_min
        every = self.step_min or rung.unit_min
        if not every:
            return low, high
        begun = clock_min - 1 - (clock_min - 1 - rung.origin - turn_min) % every
        return max(low, begun), min(high, begun + every)

    def rises(self, start: int, end: int) -> Iterator[int]:
        """The minutes of the clock from start to before end that raise the price, in order."""
        for minute in self._edges(start, end):
            if self.total(minute + 1) > self.total(minute):
                yield minute

    def bought(self, start: int, end: int) -> Iterator[Bought]:
        """What the clock buys on its way from start to end, rung by rung."""
        for rung, turn_min, first, last in self._legs(start, end):
            units = None
            if rung.unit_min and not self.step_min:
                origin = rung.origin + turn_min
                before = 0 if first == rung.start + turn_min else -((origin - first) // rung.unit_min)
                units = -((origin - last) // rung.unit_min) - before
            yield Bought(rung.line, first, last, units, self.total(last) - self.total(first))

    def in_ticks(self, ticks: int) -> "Ladder":
        """The same ladder with whole numbers of 1/ticks of the currency for prices."""

        def whole(price: Price | None) -> int | None:
            return None if price is None else int(price * ticks)

        rungs = tuple(
            replace(
                rung,
                base=int(rung.base * ticks),
                floor=int(rung.floor * ticks),
                price=int(rung.price * ticks),
                top=whole(rung.top),
            )
            for rung in self.rungs
        )
        unit, by_day = (each and replace(each, price=int(each.price * ticks)) for each in (self.unit, self.by_day))
        return replace(self, rungs=rungs, unit=unit, by_day=by_day)

    @property
    def denominator(self) -> int:
        """The fewest ticks in the currency unit that make all its prices whole, units by the minute too."""
        prices: list[Price | None] = [p for rung in self.rungs for p in (rung.base, rung.floor, rung.price, rung.top)]
        if self.unit:
            prices.append(self.unit.price / Fraction(self.unit.minutes))
        if self.by_day:
            prices.append(self.by_day.price)
        return lcm(*(price.denominator for price in prices if price is not None))

    def _rung(self, clock_min: int) -> Rung:
        return self.rungs[bisect_left(self.rungs, clock_min, key=attrgetter("start")) - 1 if len(self.rungs) > 1 else 0]

    def _legs(self, start: int, end: int) -> Iterator[tuple[Rung, int, int, int]]:
        """The rungs from start to end, each with its own readings and the one at which its turn of the ladder began."""
        while start < end:
            turn_min = start // self.end_min * self.end_min if self.end_min and not self.is_open else 0
            rung = self._rung(start - turn_min + 1)
            following = self.rungs.index(rung) + 1
            stop_min = self.rungs[following].start if following < len(self.rungs) else self.end_min
            stop = end if stop_min is None else min(end, stop_min + turn_min)
            yield rung, turn_min, start, stop
            start = stop

    def _edges(self, start: int, end: int) -> Iterator[int]:
        """Every minute that could raise the price, and some that do not."""
        for rung, turn_min, first, last in self._legs(start, end):
            yield first
            if self.step_min or rung.unit_min:
                every, origin = (self.step_min, 0) if self.step_min else (rung.unit_min, rung.origin + turn_min)
                yield from range(origin + (first - origin) // every * every + every, last, every)


@dataclass(slots=True)
class _Step:
    """A tier or an nth hour: what a stay that ends there has cost, and what goes on behind it."""

    minutes: int
    price: Fraction
    line: Line
    is_hour: bool = False
    added: Unit | None = None


def ladder_of(lines: Sequence[Line], billed_min: int = 0, follows_first: bool = False) -> Ladder | None:
    """The ladder of a tariff's lines in card order, in fractions; None where they leave the price unknown.

    `billed_min` is the step of `Billed By`, 0 for none; `follows_first` says that a First stands before them in the
    card, from which an add-on can go on as well as from a tier.
    """
    first = lines[0]
    kinds = {line.kind for line in lines}
    if first.outcome is Outcome.SEE_METER or (TermKind.EACH_DAY in kinds and len(kinds) > 1):
        return None
    if TermKind.EACH_DAY in kinds:
        return Ladder((), by_day=Unit(DAY_MIN, _price(first), first))
    if first.term is None:
        # A price without duration is flat: a tier of a whole day on the tariff's clock; Free likewise, for ever.
        flat = _price(first)
        return Ladder((Rung(0, first, flat),), DAY_MIN if flat else None)
    return _stepwise(lines, billed_min, follows_first)


def _stepwise(lines: Sequence[Line], billed_min: int, follows_first: bool) -> Ladder | None:
    stated = _stated(lines, follows_first)
    if stated is None:
        return None
    steps, each = stated
    ruling = [step for step in steps if step.price or step.is_hour]
    if each and any(step.added for step in (*ruling[-1:], *steps[-1:])):
        # Two lines claim what follows the last tier, or the last one at a price.
        return None
    if each and not ruling:
        return _free_then_each(steps, each, billed_min)
    return _climb(steps[: steps.index(ruling[-1]) + 1] if each else steps, each, billed_min)


def _stated(lines: Iterable[Line], follows_first: bool) -> tuple[list[_Step], Unit | None] | None:
    """The tiers and hours by length and the Each of a tariff; None where an add-on has nothing to go on from."""
    steps: dict[int, _Step] = {}
    behind: _Step | None = None
    each: Unit | None = None
    for line in lines:
        if line.term is None:
            continue
        kind, unit = line.term.kind, Unit(line.term.minutes, _price(line), line)
        if kind in (TermKind.TIER, TermKind.NTH_HOUR):
            # Of two of one length the earlier line rules (S3.3).
            step = _Step(unit.minutes, _price(line), line, kind is TermKind.NTH_HOUR)
            behind = steps.setdefault(unit.minutes, step)
        elif kind is TermKind.EACH or (behind is None and follows_first):
            each = each or unit
        elif behind is None:
            return None
        else:
            behind.added = behind.added or unit
    return [steps[minutes] for minutes in sorted(steps)], each


def _free_then_each(steps: Sequence[_Step], each: Unit, billed_min: int) -> Ladder:
    """Beside free tiers alone: longer stays pay each unit from zero."""
    free_min = steps[-1].minutes if steps else 0
    rungs = [Rung(0, steps[-1].line, Fraction(0))] if steps else []
    rungs.append(_units(each, free_min, 0, Fraction(0), Fraction(0), billed_min))
    is_shared = each.price > 0 and not steps and not billed_min
    return Ladder(tuple(rungs), unit=each if is_shared else None, step_min=billed_min)


def _climb(steps: Sequence[_Step], each: Unit | None, billed_min: int) -> Ladder | None:
    """The rungs up to each step in turn, and what goes on behind the last one."""
    rungs: list[Rung] = []
    at = 0
    paid: Price = Fraction(0)
    highest: Price = Fraction(0)
    added: Unit | None = None
    last_hour = max((step.minutes for step in steps if step.is_hour), default=0)
    for step in steps:
        if step.is_hour:
            begun = step.minutes - 60
            if not _is_said(steps, begun):
                return _open(rungs, at, billed_min)
            if begun > at and added:
                rungs.append(_units(added, at, at, paid, highest, billed_min))
                paid = highest = max(highest, rungs[-1].total(begun))
                at = begun
            if begun == at:
                # The hour has a price of its own, from its first minute on.
                added = None
            reached = step.price + (Ladder(tuple(rungs)).total(begun) if rungs else 0)
        else:
            reached = step.price
        rungs += _up_to(step, reached, at, paid, highest, added, billed_min)
        at, paid, highest = step.minutes, reached, max(highest, reached)
        added = step.added
        if step.minutes == last_hour and not added and not (each and step is steps[-1]):
            added = Unit(60, _price(step.line), step.line)
    tail = added or each
    if tail:
        rungs.append(_units(tail, at, at, paid, highest, billed_min))
        return Ladder(tuple(rungs), step_min=billed_min)
    return Ladder(tuple(rungs), at, step_min=billed_min) if paid else _open(rungs, at, billed_min)


def _open(rungs: Sequence[Rung], end: int, billed_min: int) -> Ladder | None:
    """A ladder that nobody knows how to go on; None if that is so for the first step of its clock."""
    return Ladder(tuple(rungs), end, is_open=True, step_min=billed_min) if end >= max(billed_min, 1) else None


def _is_said(steps: Sequence[_Step], begun: int) -> bool:
    """Whether the lines say what the hours before an nth hour cost: a rung ends there, or an add-on leads there."""
    below = [step for step in steps if step.minutes <= begun]
    return not begun or (bool(below) and (below[-1].minutes == begun or below[-1].added is not None))


def _up_to(
    step: _Step, reached: Price, at: int, paid: Price, highest: Price, added: Unit | None, billed_min: int
) -> list[Rung]:
    """The rungs from the step before to this one: between two the larger holds, or the smaller with its add-on."""
    if added is None:
        if not billed_min:
            return [Rung(at, step.line, reached, highest)]
        slope = (reached - paid) / Fraction(step.minutes - at)
        return [Rung(at, step.line, paid, highest, at, 1, slope)]
    rungs = []
    if step.minutes - 1 > at:
        rungs.append(_units(added, at, at, paid, highest, billed_min, reached))
        highest = max(highest, rungs[0].total(step.minutes - 1))
    # A stay of just the larger tier's length is no longer between the two.
    return [*rungs, Rung(step.minutes - 1, step.line, reached, highest)]


def _units(
    unit: Unit, start: int, origin: int, base: Price, floor: Price, billed_min: int, top: Price | None = None
) -> Rung:
    """A rung of units, or where bills are pro rata of their minutes."""
    if billed_min:
        return Rung(start, unit.line, base, floor, origin, 1, unit.price / Fraction(unit.minutes), top)
    return Rung(start, unit.line, base, floor, origin, unit.minutes, unit.price, top)


def _price(line: Line) -> Fraction:
    return Fraction(line.outcome.amount) if isinstance(line.outcome, Money) else Fraction(0)
