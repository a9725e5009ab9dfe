"""What a tariff has charged by the time its clock shows so many minutes: tiers, add-ons and units (S4.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from typing import NamedTuple

from ratecards.model import DAY_MIN, Line, Outcome, TermKind
from ratecards.money import Money

LADDER_TERMS = (TermKind.EACH, TermKind.TIER, TermKind.ADDED)


class Rise(NamedTuple):
    """The price becomes `total` in the minute that begins when the clock shows `clock_min`; None is unknown."""

    clock_min: int
    total: Fraction | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A price for every started period: `Each 15 Min: $0.50`."""

    minutes: int
    price: Fraction


@dataclass(frozen=True, slots=True)
class Tier:
    """A price for the first minutes, and what each further unit costs where the card says so."""

    minutes: int
    price: Fraction
    added: Unit | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers of one tariff in rising order, and its `Each` line."""

    tiers: tuple[Tier, ...]
    each: Unit | None

    @property
    def is_free(self) -> bool:
        """Whether no stay is ever charged."""
        prices = [self.each, *self.tiers, *(tier.added for tier in self.tiers)]
        return self.each is not None and not any(each.price for each in prices if each)

    @property
    def contradicts_itself(self) -> bool:
        """Whether both an `Each` and an `Each Add'l` claim what follows the last tier, or the last one at a price."""
        paid = [tier for tier in self.tiers if tier.price]
        return self.each is not None and any(tier.added for tier in (*paid[-1:], *self.tiers[-1:]))

    @property
    def unit(self) -> Unit | None:
        """The unit of a tariff that has nothing but `Each` at a price: such units may run into the next tariff."""
        return self.each if self.each and self.each.price > 0 and not self.tiers else None

    def rises(self) -> Iterator[Rise]:
        """Every rise of the price in the order of the clock; where they end, it stays as it is or is unknown."""
        highest: Fraction | None = None
        for rise in self._points():
            if rise.total is None:
                yield rise
                return
            if highest is None or rise.total > highest:
                highest = rise.total
                yield rise

    def _points(self) -> Iterator[Rise]:
        if not self.tiers or not any(tier.price for tier in self.tiers):
            yield from self._free_tiers_then_each()
            return
        priced = self.tiers
        if self.each:
            while priced[-1].price == 0:
                priced = priced[:-1]
        yield from _climb(priced)
        last = priced[-1]
        tail = last.added or self.each
        if tail:
            yield from _units(tail, last.minutes, last.price)
        elif last.price:
            yield from self._again(last)
        else:
            yield Rise(last.minutes, None)

    def _free_tiers_then_each(self) -> Iterator[Rise]:
        free_min = self.tiers[-1].minutes if self.tiers else 0
        if free_min:
            yield Rise(0, Fraction(0))
        added = self.tiers[-1].added if self.tiers else None
        if added:
            yield from _units(added, free_min, Fraction(0))
        elif self.each:
            # Longer stays pay from zero: at the end of the free tier all units begun so far fall due at once.
            begun = free_min // self.each.minutes
            yield Rise(free_min, self.each.price * (begun + 1))
            yield from _units(self.each, (begun + 1) * self.each.minutes, self.each.price * (begun + 1))
        else:
            yield Rise(free_min, None)

    def _again(self, last: Tier) -> Iterator[Rise]:
        """Beyond the last tier the ladder starts again on top of what it came to."""
        once = list(_climb(self.tiers))
        top = max(rise.total for rise in once if rise.total is not None)
        for turn in count(1) if top else ():
            for clock_min, total in once:
                yield Rise(turn * last.minutes + clock_min, turn * top + (total or 0))


def _climb(tiers: Sequence[Tier]) -> Iterator[Rise]:
    """The rises up to the end of the last tier: between two tiers the larger holds, or the smaller with its add-on."""
    yield Rise(0, tiers[0].price)
    for tier, larger in pairwise(tiers):
        if tier.added is None:
            yield Rise(tier.minutes, larger.price)
            continue
        for rise in _units(tier.added, tier.minutes, tier.price):
            if rise.clock_min >= larger.minutes:
                break
            yield Rise(rise.clock_min, min(rise.total or Fraction(0), larger.price))
        # A stay of just the larger tier's length is no longer between the two.
        yield Rise(larger.minutes - 1, larger.price)


def _units(unit: Unit, from_min: int, paid: Fraction) -> Iterator[Rise]:
    if not unit.price:
        yield Rise(from_min, paid)
        return
    for number in count():
        yield Rise(from_min + number * unit.minutes, paid + (number + 1) * unit.price)


def ladder_of(lines: Sequence[Line]) -> Ladder | None:
    """The ladder of a tariff's lines in card order; None where they leave the price unknown."""
    first = lines[0]
    if first.outcome is Outcome.SEE_METER:
        return None
    if first.term is None:
        # A price without duration is flat: a tier of a whole day on the tariff's clock; Free likewise, for ever.
        flat = _price(first)
        return Ladder((), Unit(DAY_MIN, flat)) if flat == 0 else Ladder((Tier(DAY_MIN, flat),), None)
    tiers: dict[int, Tier] = {}
    behind: Tier | None = None
    each: Unit | None = None
    for line in lines:
        if line.term is None:
            continue
        unit = Unit(line.term.minutes, _price(line))
        if line.term.kind is TermKind.TIER:
            # Of two tiers of one length the earlier line rules (S3.3).
            behind = tiers.setdefault(unit.minutes, Tier(unit.minutes, unit.price))
        elif line.term.kind is TermKind.EACH:
            each = each or unit
        elif behind is None:
            return None
        elif behind.added is None:
            behind = tiers[behind.minutes] = Tier(behind.minutes, behind.price, unit)
    ladder = Ladder(tuple(tiers[minutes] for minutes in sorted(tiers)), each)
    return None if ladder.contradicts_itself else ladder


def _price(line: Line) -> Fraction:
    return Fraction(line.outcome.amount) if isinstance(line.outcome, Money) else Fraction(0)
