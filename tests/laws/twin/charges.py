"""What a stay costs by the ladders of its tariffs, minute by minute (S4.1, S4.2)."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from ratecards.model import TermKind
from twin.caps import Caps
from twin.ladders import Ladder, Rung, rung
from twin.rules import Rule, TariffKey, amount_of
from twin.visit import Clock, Visit


class Account(NamedTuple):
    """What accrues in which minutes, as far as it is known."""

    accrued: list[tuple[int, Fraction]]
    known_min: int

    def total(self, stay_min: int) -> Fraction | None:
        """What has accrued in a stay; None if a minute of it is not known (S3.4)."""
        total = sum((amount for minute, amount in self.accrued if minute < stay_min), Fraction(0))
        return total if stay_min <= self.known_min else None


def charge(visit: Visit, stay_min: int) -> Account:
    """What the minutes of a stay cost, after caps."""
    meter, caps = Meter(visit), Caps(visit)
    accrued: list[tuple[int, Fraction]] = []
    for minute in range(stay_min):
        amount = meter.accrual(minute)
        if amount is None:
            return Account(accrued, minute)
        amount = caps.cut(minute, amount)
        if amount:
            accrued.append((minute, amount))
    return Account(accrued, stay_min)


@dataclass(eq=False)
class Meter:
    """The clocks of the tariffs of one stay, asked minute by minute."""

    visit: Visit
    clocks: dict[TariffKey, Clock] = field(default_factory=dict)
    ladders: dict[TariffKey, Ladder] = field(default_factory=dict)
    days: set[tuple[TariffKey, date]] = field(default_factory=set)
    paid_until: int = 0

    def __post_init__(self) -> None:
        self.firsts = Firsts(self)

    def accrual(self, minute: int) -> Fraction | None:
        """What accrues in a minute, before caps; None if that is not known."""
        governor = self.visit.governor(minute)
        if governor is None:
            return None
        clock = self.turn(governor.key, minute)
        first = self.firsts.accrual(minute)
        if first is not None:
            return first
        if minute < self.paid_until:
            return Fraction(0)
        ladder = self.ladder(governor)
        if ladder.each_day is not None:
            return self.day_begun(governor.key, ladder.each_day, minute)
        shared = self.shared_unit(governor, minute) if starts_unit(ladder, clock) else None
        if ladder.unit and shared is not None:
            self.paid_until = minute + ladder.unit.minutes
            return shared
        before, after = ladder.price(clock.count), ladder.price(clock.count + 1)
        clock.count += 1
        return None if before is None or after is None else after - before

    def turn(self, key: TariffKey, minute: int) -> Clock:
        """The governing tariff's clock: anew after a break with a reset, in a shared unit and at its end."""
        clock = self.clocks.setdefault(key, Clock(0, minute))
        if self.visit.restarts(clock.last, minute) or minute <= self.paid_until:
            clock.count = 0
        clock.last = minute
        return clock

    def ladder(self, governor: Rule) -> Ladder:
        """The ladder of a line's tariff."""
        if governor.key not in self.ladders:
            self.ladders[governor.key] = Ladder(self.rungs(governor.key), self.visit.step_min)
        return self.ladders[governor.key]

    def rungs(self, key: TariffKey) -> list[Rung]:
        """The rungs of a tariff; an `Each Add'l` behind a First, with nothing else to be added to, is an `Each`."""
        rungs: list[Rung] = []
        for rule in self.visit.tariff(key):
            is_bottom = not any(each.kind in (TermKind.TIER, TermKind.NTH_HOUR) for each in rungs)
            if rule.kind is TermKind.ADDED and is_bottom and self.firsts.stand_before(rule):
                rungs.append(rung(rule.line)._replace(kind=TermKind.EACH))
            else:
                rungs.append(rung(rule.line))
        return rungs

    def day_begun(self, key: TariffKey, amount: Fraction, minute: int) -> Fraction:
        """`Each Day` accrues in the first minute of a calendar date that it is asked for."""
        day, _ = self.visit.wall(minute)
        is_new = (key, day) not in self.days
        self.days.add((key, day))
        return amount if is_new else Fraction(0)

    def shared_unit(self, governor: Rule, start: int) -> Fraction | None:
        """The price of a unit by the shares of the adjoining `Each` tariffs it lies in; None for any other."""
        unit = self.ladder(governor).unit
        total, minutes = Fraction(0), range(start, start + (unit.minutes if unit else 0))
        for minute in minutes:
            rule = self.visit.governor(minute)
            if rule is None or self.visit.closes(rule) or self.firsts.taker(minute):
                return None
            share = self.ladder(rule).unit
            if share is None or share.amount is None:
                return None
            total += share.amount / share.minutes
        return None if all(self.visit.governor(each) is governor for each in minutes) else total


def starts_unit(ladder: Ladder, clock: Clock) -> bool:
    """Whether a tariff of `Each` begins a unit at this minute of its clock."""
    return ladder.unit is not None and clock.count % ladder.unit.minutes == 0


@dataclass(eq=False)
class Firsts:
    """Which minutes `First T` lines take from the ladders (S4.2)."""

    meter: Meter
    clocks: dict[Rule, Clock] = field(default_factory=dict)
    paid: set[Rule] = field(default_factory=set)
    taken: list[tuple[Rule, Fraction] | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        lines = self.meter.visit.rules
        self.rules = [rule for rule in lines if rule.kind is TermKind.FIRST and rule.mine]

    def stand_before(self, rule: Rule) -> bool:
        """Whether one of the lines stands before another in the card."""
        lines = self.meter.visit.rules
        return any(each in self.rules for each in lines[: lines.index(rule)])

    def taker(self, minute: int) -> Rule | None:
        """The line that takes a minute."""
        taken = self.at(minute)
        return taken[0] if taken else None

    def accrual(self, minute: int) -> Fraction | None:
        """What accrues in a minute that a line takes; None where none does."""
        taken = self.at(minute)
        return taken[1] if taken else None

    def at(self, minute: int) -> tuple[Rule, Fraction] | None:
        """The line that takes a minute and what accrues in it."""
        if not self.rules:
            return None
        while len(self.taken) <= minute:
            self.taken.append(self.next_minute(len(self.taken)))
        return self.taken[minute]

    def next_minute(self, minute: int) -> tuple[Rule, Fraction] | None:
        """Let the clocks count a minute; the line with the smallest share that has minutes left takes it."""
        visit = self.meter.visit
        governor = visit.governor(minute)
        if governor is None or visit.closes(governor) or not self.meter.ladder(governor).is_priced:
            return None
        covering = [rule for rule in visit.covering(minute) if rule in self.rules]
        for rule in covering:
            clock = self.clocks.setdefault(rule, Clock(0, minute))
            if visit.restarts(clock.last, minute):
                clock.count = 0
                self.paid.discard(rule)
            clock.count += 1
            clock.last = minute
        taking = [rule for rule in covering if rule.line.term and self.clocks[rule].count <= rule.line.term.minutes]
        if not taking:
            return None
        taker = min(taking, key=lambda rule: rule.share)
        amount = Fraction(0) if taker in self.paid else amount_of(taker)
        self.paid.add(taker)
        return taker, amount
