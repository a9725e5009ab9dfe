"""What a tariff costs as a function of its clock (S4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import NamedTuple

from ratecards.model import Line, Outcome, TermKind
from ratecards.money import Money
from twin.calendars import DAY

START = Fraction(0)


class Rung(NamedTuple):
    """A price line of a tariff: how its duration counts, None for flat; an amount of None is unknown."""

    kind: TermKind | None
    minutes: int
    amount: Fraction | None


def rung(line: Line) -> Rung:
    """A line as a rung of its tariff's ladder; a price without duration is for a day of the clock."""
    amount = Fraction(line.outcome.amount) if isinstance(line.outcome, Money) else Fraction(0)
    known = None if line.outcome is Outcome.SEE_METER else amount
    return Rung(line.term.kind, line.term.minutes, known) if line.term else Rung(None, DAY, known)


@dataclass(eq=False)
class Ladder:
    """The rungs of a tariff in card order; none cost nothing. With a step the clock is rounded up and paid pro rata."""

    rungs: Sequence[Rung]
    step_min: int | None = None
    _reached: list[Fraction | None] = field(default_factory=lambda: [START])

    @cached_property
    def rising(self) -> list[Rung]:
        """The rungs that have a duration: all, where none without one comes first."""
        return [each for each in self.rungs if each.kind]

    @cached_property
    def flat(self) -> Rung | None:
        """The price without duration, where it rules."""
        return self.rungs[0] if self.rungs and self.rungs[0].kind is None else None

    @cached_property
    def each_day(self) -> Fraction | None:
        """The price of a calendar day, where the tariff has no other kind."""
        return self.rungs[0].amount if {each.kind for each in self.rungs} == {TermKind.EACH_DAY} else None

    @cached_property
    def unit(self) -> Rung | None:
        """The unit of a tariff that is `Each` at a price and nothing else; one that is billed pro rata has none."""
        is_each = {each.kind for each in self.rising} == {TermKind.EACH} and not self.flat and not self.step_min
        return self.rising[0] if is_each and self.rising[0].amount else None

    @cached_property
    def is_priced(self) -> bool:
        """Whether it has a known price and is not free however long the stay."""
        beyond = max((each.minutes for each in self.rungs), default=0) + 1
        return bool(self.each_day) or (self.price(1) is not None and self.price(beyond) != 0)

    def price(self, clock: int) -> Fraction | None:
        """What `clock` minutes cost."""
        if not self.rungs:
            return Fraction(0)
        if any(each.kind is TermKind.EACH_DAY for each in self.rungs):
            return None
        if self.flat:
            return begun_units(self.flat, clock)
        step = self.step_min or 1
        return self.reached(ceil(Fraction(clock, step)) * step)

    def reached(self, clock: int) -> Fraction | None:
        """The highest price up to a clock; unknown from the first unknown one on."""
        while len(self._reached) <= clock:
            before, now = self._reached[-1], self.point(len(self._reached))
            self._reached.append(None if before is None or now is None else max(before, now))
        return self._reached[clock]

    def point(self, clock: int) -> Fraction | None:
        """The price of `clock` minutes read off the lines, without what shorter stays cost."""
        steps = [each.kind for each in self.rising if each.kind is not TermKind.EACH]
        if steps[:1] == [TermKind.ADDED]:
            return None
        each = next((each for each in self.rising if each.kind is TermKind.EACH), None)
        return self.tiers_point(clock) if each is None else self.beside_each(each, clock)

    @cached_property
    def ends(self) -> list[Rung]:
        """Tiers and nth hours as they are written, by their ends; of two that end at once the earlier line."""
        ends: dict[int, Rung] = {}
        for each in self.rising:
            if each.kind in (TermKind.TIER, TermKind.NTH_HOUR):
                ends.setdefault(each.minutes, each)
        return [ends[minutes] for minutes in sorted(ends)]

    @cached_property
    def tiers(self) -> list[Rung]:
        """Tiers and nth hours by their ends with what the stay up to there costs."""
        tiers: list[Rung] = []
        for each in self.ends:
            amount = each.amount
            if each.kind is TermKind.NTH_HOUR:
                amount = plus(amount, self.before_hour(tiers, each.minutes - 60))
            tiers.append(each._replace(amount=amount))
        return tiers

    def before_hour(self, tiers: list[Rung], clock: int) -> Fraction | None:
        """What the tiers so far have at the minute an nth hour begins: a tier ends there, or an add-on leads there."""
        if clock == 0:
            return Fraction(0)
        below = [each for each in tiers if each.minutes <= clock]
        if not below or any(each.amount is None for each in below):
            return None
        highest = max(each.amount or START for each in below)
        if below[-1].minutes == clock:
            return highest
        added = self.added_after(below[-1])
        raised = plus(below[-1].amount, self.units(added, clock - below[-1].minutes)) if added else None
        return None if raised is None else max(highest, raised)

    def beside_each(self, each: Rung, clock: int) -> Fraction | None:
        """Up to the last tier at a price or nth hour the tiers rule, then `Each` adds to it; else it is all."""
        paid = [tier for tier in self.tiers if tier.amount != 0 or tier.kind is TermKind.NTH_HOUR]
        if any(self.added_after(tier) for tier in (*paid[-1:], *self.tiers[-1:])):
            return None  # Two lines claim what follows.
        last = paid[-1] if paid else self.tiers[-1] if self.tiers else None
        if last is None:
            return self.units(each, clock)
        if clock <= last.minutes:
            return self.tiers_point(clock)
        return plus(last.amount, self.units(each, clock - last.minutes)) if paid else self.units(each, clock)

    def tiers_point(self, clock: int) -> Fraction | None:
        """The price of `clock` minutes by tiers, nth hours and what is added to them."""
        below = [tier for tier in self.tiers if tier.minutes < clock]
        above = [tier for tier in self.tiers if tier.minutes >= clock]
        if above and above[0].minutes == clock:
            return above[0].amount
        last = below[-1] if below else Rung(None, 0, START)
        if above and above[0].kind is TermKind.NTH_HOUR and last.minutes <= above[0].minutes - 60 < clock:
            hour_begins = above[0].minutes - 60
            return self.between(Rung(None, hour_begins, self.before_hour(below, hour_begins)), above[0], clock)
        added = self.goes_on(last) if below else None
        if added is None and above:
            return self.between(last, above[0], clock)
        if added is None:
            return self.again(self.tiers[-1], clock)
        raised = plus(last.amount, self.units(added, clock - last.minutes))
        return least(raised, above[0].amount) if above else raised

    def between(self, below: Rung, above: Rung, clock: int) -> Fraction | None:
        """A stay between two tiers pays the larger; billed pro rata, its share of the way there."""
        if not self.step_min or below.amount is None or above.amount is None:
            return above.amount
        way = Fraction(clock - below.minutes, above.minutes - below.minutes)
        return below.amount + way * (above.amount - below.amount)

    def again(self, last: Rung, clock: int) -> Fraction | None:
        """Beyond the last tier the ladder starts anew; after a free one nobody knows."""
        rounds = (clock - 1) // last.minutes
        full = self.reached(last.minutes)
        if not last.amount or full is None:
            return None
        return plus(rounds * full, self.reached(clock - rounds * last.minutes))

    def goes_on(self, tier: Rung) -> Rung | None:
        """What is added after a tier: its `Each Add'l`; else the last nth hour is repeated."""
        hours = [each for each in self.ends if each.kind is TermKind.NTH_HOUR]
        repeats = hours and hours[-1].minutes == tier.minutes
        return self.added_after(tier) or (Rung(TermKind.ADDED, 60, hours[-1].amount) if repeats else None)

    def added_after(self, tier: Rung) -> Rung | None:
        """The first `Each Add'l` that follows a tier, or another that ends with it, in the card."""
        behind = 0
        for each in self.rising:
            if each.kind in (TermKind.TIER, TermKind.NTH_HOUR):
                behind = each.minutes
            elif each.kind is TermKind.ADDED and behind == tier.minutes:
                return each
        return None

    def units(self, unit: Rung, minutes: int) -> Fraction | None:
        """What all units of a length that are begun within so many minutes cost, or their part, billed pro rata."""
        if not self.step_min or unit.amount is None:
            return begun_units(unit, minutes)
        return Fraction(minutes, unit.minutes) * unit.amount


def begun_units(unit: Rung, minutes: int) -> Fraction | None:
    """What all units of a length that are begun within so many minutes cost."""
    return None if unit.amount is None else ceil(Fraction(minutes, unit.minutes)) * unit.amount


def plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The sum of two prices, unknown if one is."""
    return None if one is None or other is None else one + other


def least(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The smaller of two prices, unknown if one is."""
    return None if one is None or other is None else min(one, other)
