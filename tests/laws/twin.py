"""A slow twin of `ratecards.price`: every minute of a stay is looked up and charged by itself (S4.6).

It shares nothing with the engine but the parsed card. Times are minutes since entry, prices Fractions, None unknown.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import count, islice, pairwise, repeat
from math import ceil, floor
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ratecards.model import LAST, Card, Line, Outcome, Scope, Season, TermKind, YearDay
from ratecards.money import Money

DAY = 1440
# The days of a year that has all of them, and which occurrence in its month a weekday can be, the last or not.
YEAR = tuple((day.month, day.day) for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(366)))
OCCURRENCES = ((1, False), (2, False), (3, False), (4, False), (4, True), (5, True))


class Verdict(NamedTuple):
    """What the twin says of a stay; the fields are those of `ratecards.Quote`."""

    legal: bool
    cost: Decimal | None = None
    refused_by: Line | None = None


class Times(NamedTuple):
    """When a scope holds: weekdays by occurrence, days of the year, minutes of the day (S3.1, S3.2)."""

    weekdays: frozenset[tuple[int, int, bool]]
    dates: frozenset[tuple[int, int]]
    minutes: frozenset[int]


@dataclass(eq=False)
class Clock:
    """Minutes counted for a tariff, or for a limit of one or, where they adjoin, several, and the last of them."""

    count: int = 0
    last: int = 0


TariffKey = tuple[Times, str | None]
LimitKey = tuple[int, TariffKey]


def price(card: Card, entry: datetime, stays: Sequence[int], zone: str, holder: frozenset[str]) -> list[Verdict]:
    """Judge and price stays from one entry minute by minute, in a currency with cents."""
    visit = Visit(card, entry, zone, holder)
    legal_min, refuser = refusal(visit, max(stays))
    totals = list(islice(charge(visit), min(legal_min, max(stays))))
    refused = Verdict(False, None, refuser and refuser.line)
    return [Verdict(True, cents(totals[each - 1])) if each <= legal_min else refused for each in stays]


def cents(amount: Fraction | None) -> Decimal | None:
    """Round half up to two decimals (S4.5)."""
    return None if amount is None else Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)


# Which line governs a minute (S3)


@dataclass(frozen=True, eq=False)
class Rule:
    """A line as one driver meets it: `mine` if it is for everybody or for users the driver is."""

    line: Line
    mine: bool
    times: Times

    @cached_property
    def key(self) -> TariffKey:
        """What lines of one tariff have in common: times and users (S4.1)."""
        return self.times, self.user

    @property
    def user(self) -> str | None:
        """Who it is for; None for everybody."""
        return self.line.scope.user.key if self.line.scope.user else None

    @property
    def reserved(self) -> bool:
        """Whether it is for its users `Only`."""
        return self.line.scope.user is not None and self.line.scope.user.only

    @cached_property
    def share(self) -> Fraction:
        """The nominal share of the year it covers (S3.3)."""
        days = self.line.scope.days
        weekdays = len(days.weekdays()) if days else 7
        nth = Fraction(12 * len(set(days.nth)), 52) if days and days.nth else 1
        return Fraction(weekdays * len(self.times.minutes), 7 * DAY) * Fraction(len(self.times.dates), 366) * nth


@dataclass(eq=False)
class Visit:
    """A card seen by one driver from one moment on."""

    card: Card
    entry: datetime
    zone: str
    holder: frozenset[str]
    _walls: dict[int, tuple[date, int]] = field(default_factory=dict)
    _dates: dict[date, list[Rule]] = field(default_factory=dict)
    _governors: dict[tuple[date, int], Rule | None] = field(default_factory=dict)

    @cached_property
    def rules(self) -> list[Rule]:
        """All lines of the card in their order."""
        return [Rule(e, not e.scope.user or e.scope.user.key in self.holder, times(e.scope)) for e in self.card.lines]

    def wall(self, minute: int) -> tuple[date, int]:
        """The calendar day and the minute of the day that clocks show at a minute of the stay (S3.5)."""
        if minute not in self._walls:
            zone = ZoneInfo(self.zone)
            begun = self.entry.replace(tzinfo=zone, fold=0).astimezone(UTC)
            shown = (begun + timedelta(minutes=minute)).astimezone(zone)
            self._walls[minute] = shown.date(), shown.hour * 60 + shown.minute
        return self._walls[minute]

    def passes_midnight(self, last: int, minute: int) -> bool:
        """Whether the break between two minutes contains midnight or ends at it, also if the clock skips it (S4.1)."""
        shown = [self.wall(each) for each in range(last, minute + 1)]
        return minute > last + 1 and any(after[1] == 0 or after[0] != before[0] for before, after in pairwise(shown))

    def covering(self, wall: tuple[date, int]) -> list[Rule]:
        """The lines whose season, days and hours hold, in card order."""
        day, minute = wall
        if day not in self._dates:
            last = (day + timedelta(days=7)).month != day.month
            weekday, dated = (day.isoweekday(), (day.day - 1) // 7 + 1, last), (day.month, day.day)
            self._dates[day] = [r for r in self.rules if weekday in r.times.weekdays and dated in r.times.dates]
        return [rule for rule in self._dates[day] if minute in rule.times.minutes]

    def governor(self, minute: int) -> Rule | None:
        """The line that rules a minute, a ban or a reservation included; None where no line speaks (S3.3)."""
        wall = self.wall(minute)
        if wall not in self._governors:
            self._governors[wall] = next(iter(self._ranked(self.covering(wall))), None)
        return self._governors[wall]

    def _ranked(self, covering: list[Rule]) -> list[Rule]:
        """Bans, then reservations, the smallest share first; then users' lines first, then the smallest share."""
        closing = [rule for rule in covering if self.closes(rule)]
        closing.sort(key=lambda rule: (rule.line.outcome is not Outcome.NO_PARKING, rule.share))
        mine = sorted((rule for rule in covering if rule.mine), key=lambda rule: (rule.user is None, rule.share))
        stated = [rule for rule in mine if rule.line.outcome is not None]
        return [*closing, *stated, *mine]

    def closes(self, rule: Rule) -> bool:
        """Whether a line forbids the driver its times: a ban, or a reservation for others (S3.3, S5.1)."""
        if rule.line.outcome is Outcome.NO_PARKING:
            return rule.mine or rule.reserved
        return rule.reserved and not rule.mine and not any(self.opens(each, rule) for each in self.rules)

    def opens(self, rule: Rule, reserved: Rule) -> bool:
        """Whether a line with the same times, for everybody or `Only` for the driver, lets the driver in."""
        shared = rule.mine and (rule.user is None or rule.reserved)
        return shared and rule.line.outcome is not None and rule.times == reserved.times


@lru_cache(maxsize=4096)
def times(scope: Scope) -> Times:
    """When a scope holds, however it is written."""
    weekdays = scope.days.weekdays() if scope.days else range(1, 8)
    nth = scope.days.nth if scope.days else ()
    kinds = [(n, last) for n, last in OCCURRENCES if not nth or n in nth or (last and LAST in nth)]
    days = frozenset((day, n, last) for day in weekdays for n, last in kinds)
    minutes = frozenset(minute for window in scope.hours for minute in ring(DAY, window.start_min, window.end_min))
    return Times(days, season_dates(scope.season), minutes or frozenset(range(DAY)))


def season_dates(season: Season | None) -> frozenset[tuple[int, int]]:
    """The days of the year in a season, both ends included, over the year's end if the last comes first (S3.2)."""
    season = season or Season(YearDay(1), YearDay(12))
    month, day = season.last
    first = YEAR.index((season.first.month, season.first.day or 1))
    last = YEAR.index((month, day)) if day else YEAR.index((month % 12 + 1, 1)) - 1
    return frozenset(YEAR[n] for n in ring(len(YEAR), first, last + 1))


def ring(length: int, start: int, end: int) -> list[int]:
    """The numbers below length from start to end, over zero if the end is not after the start; equal ends are all."""
    return [(start + n) % length for n in range((end - start) % length or length)]


# Whether the stay may be made (S5.1)


def refusal(visit: Visit, stay_min: int) -> tuple[int, Rule | None]:
    """The first forbidden minute of a stay, or its end, and the line that forbids it."""
    clocks: dict[LimitKey, Clock] = {}
    before: set[LimitKey] = set()
    for minute in range(stay_min):
        governor = visit.governor(minute)
        if governor and visit.closes(governor):
            return minute, governor
        limits = limits_at(visit, governor, minute)
        now = {limit_key(rule) for rule in limits}
        for clock in [clocks.setdefault(key, Clock()) for key in now]:
            if visit.passes_midnight(clock.last, minute):
                clock.count = 0
        meet(clocks, before, now)
        for clock in {clocks[key] for key in now}:
            clock.count += 1
            clock.last = minute
        for rule in limits:
            if clocks[limit_key(rule)].count > limit_key(rule)[0]:
                return minute, rule
        before = now
    return stay_min, None


def limit_key(rule: Rule) -> LimitKey:
    """A limit and the tariff it is for."""
    return rule.line.limit_min or 0, rule.key


def limits_at(visit: Visit, governor: Rule | None, minute: int) -> list[Rule]:
    """The lines whose limit binds: all that cover the minute, only users' where a users' line governs (S3.6)."""
    theirs = governor is not None and governor.user is not None
    covering = (rule for rule in visit.covering(visit.wall(minute)) if rule.mine and rule.line.limit_min)
    return [rule for rule in covering if rule.user or not theirs]


def meet(clocks: dict[LimitKey, Clock], before: set[LimitKey], now: set[LimitKey]) -> None:
    """Give tariffs with the same limit one clock where one follows the other, or both bind at once."""
    for key in now:
        for other in before | now:
            kept, gone = clocks[other], clocks[key]
            if other[0] == key[0] and kept is not gone:
                kept.count += gone.count
                clocks.update({each: kept for each, clock in clocks.items() if clock is gone})


# What the stay costs (S4)


class Rung(NamedTuple):
    """A price line of a tariff: how its duration counts, None for flat; an amount of None is unknown."""

    kind: TermKind | None
    minutes: int
    amount: Fraction | None


Ladder = tuple[Rung, ...]


def charge(visit: Visit) -> Iterator[Fraction | None]:
    """What a legal stay costs after each minute; None from the first on whose price is unknown (S3.4)."""
    clocks: dict[TariffKey, Clock] = {}
    total, paid_until = Fraction(0), 0
    for minute in count():
        rule = visit.governor(minute)
        if rule is None:
            break
        clock = turn(visit, clocks, rule.key, minute, paid_until)
        if minute >= paid_until:
            ladder = ladder_of(visit, rule)
            starts_unit = is_each(ladder) and clock.count % ladder[0].minutes == 0
            shared = shared_unit(visit, minute) if starts_unit else None
            if shared is None:
                before, after = highest(ladder, clock.count), highest(ladder, clock.count + 1)
                if before is None or after is None:
                    break
                clock.count += 1
                total += after - before
            else:
                paid_until = minute + ladder[0].minutes
                total += shared
        yield total
    yield from repeat(None)


def turn(visit: Visit, clocks: dict[TariffKey, Clock], key: TariffKey, minute: int, paid_until: int) -> Clock:
    """The governing tariff's clock: anew after a break over midnight, in a shared unit and at its end (S4.1, S4.2)."""
    clock = clocks.setdefault(key, Clock(0, minute))
    if visit.passes_midnight(clock.last, minute) or minute <= paid_until:
        clock.count = 0
    clock.last = minute
    return clock


@lru_cache(maxsize=64)
def ladder_of(visit: Visit, rule: Rule) -> Ladder:
    """What the tariff of a line charges, in card order; one rung if its first line is flat, none if it has no price."""
    rungs = tuple(rung(e.line) for e in visit.rules if e.mine and e.line.outcome is not None and e.key == rule.key)
    return rungs[:1] if rungs and rungs[0].kind is None else tuple(each for each in rungs if each.kind)


def rung(line: Line) -> Rung:
    """A line as a rung of its tariff's ladder; a price without duration is for a day of the clock (S4.2)."""
    amount = Fraction(line.outcome.amount) if isinstance(line.outcome, Money) else Fraction(0)
    known = None if line.outcome is Outcome.SEE_METER else amount
    return Rung(line.term.kind, line.term.minutes, known) if line.term else Rung(None, DAY, known)


def is_each(ladder: Ladder) -> bool:
    """Whether a tariff is `Each` at a price and nothing else."""
    return {each.kind for each in ladder} == {TermKind.EACH} and bool(ladder[0].amount)


def shared_unit(visit: Visit, start: int) -> Fraction | None:
    """The price of a unit by the shares of the adjoining `Each` tariffs it lies in; None for any other (S4.2)."""
    own = visit.governor(start)
    total, end = Fraction(0), start + (ladder_of(visit, own)[0].minutes if own else 0)
    for minute in range(start, end):
        rule = visit.governor(minute)
        if rule is None or visit.closes(rule) or not is_each(ladder := ladder_of(visit, rule)):
            return None
        total += (ladder[0].amount or 0) / Fraction(ladder[0].minutes)
    return None if all(visit.governor(each) is own for each in range(start, end)) else total


@lru_cache(maxsize=1_000_000)
def highest(ladder: Ladder, clock: int) -> Fraction | None:
    """The highest price a tariff reaches up to a clock; asked for in running order, so that it never recurs deeply."""
    if not clock:
        return Fraction(0)
    before, now = highest(ladder, clock - 1), point(ladder, clock)
    return None if before is None or now is None else max(before, now)


def point(ladder: Ladder, clock: int) -> Fraction | None:
    """The price of `clock` minutes of a tariff read off its lines, without what shorter stays cost (S4.2)."""
    if not ladder:
        return Fraction(0)
    if ladder[0].kind is None:
        return units(ladder[0], clock)
    rising = [each.kind for each in ladder if each.kind is not TermKind.EACH]
    if rising[:1] == [TermKind.ADDED]:
        return None
    tiers_by_length = {rung.minutes: rung for rung in reversed(ladder) if rung.kind is TermKind.TIER}
    tiers = [tiers_by_length[minutes] for minutes in sorted(tiers_by_length)]
    each = next((rung for rung in ladder if rung.kind is TermKind.EACH), None)
    return tiers_point(ladder, tiers, clock) if each is None else beside_each(ladder, tiers, each, clock)


def beside_each(ladder: Ladder, tiers: list[Rung], each: Rung, clock: int) -> Fraction | None:
    """Up to the last tier at a price the tiers rule, then `Each` adds to it; beside free ones alone it is all."""
    paid = [tier for tier in tiers if tier.amount]
    if any(added_after(ladder, tier) for tier in (*paid[-1:], *tiers[-1:])):
        return None  # Two lines claim what follows.
    last = paid[-1] if paid else tiers[-1] if tiers else None
    if last is None:
        return units(each, clock)
    if clock <= last.minutes:
        return tiers_point(ladder, tiers, clock)
    return plus(last.amount, units(each, clock - last.minutes)) if paid else units(each, clock)


def tiers_point(ladder: Ladder, tiers: list[Rung], clock: int) -> Fraction | None:
    """The price of `clock` minutes by tiers and what is added to them."""
    below = [tier for tier in tiers if tier.minutes < clock]
    above = [tier for tier in tiers if tier.minutes >= clock]
    added = added_after(ladder, below[-1]) if below else None
    if added is None or (above and above[0].minutes == clock):
        return above[0].amount if above else again(ladder, tiers[-1], clock)
    raised = plus(below[-1].amount, units(added, clock - below[-1].minutes))
    return min(raised or Fraction(0), above[0].amount or Fraction(0)) if above else raised


def again(ladder: Ladder, last: Rung, clock: int) -> Fraction | None:
    """Beyond the last tier the ladder starts anew; after a free one nobody knows."""
    rounds = (clock - 1) // last.minutes
    full = highest(ladder, last.minutes)
    if not last.amount or full is None:
        return None
    return plus(rounds * full, highest(ladder, clock - rounds * last.minutes))


def added_after(ladder: Ladder, tier: Rung) -> Rung | None:
    """The first `Each Add'l` that follows a tier, or another of its length, in the card."""
    behind = 0
    for each in ladder:
        if each.kind is TermKind.TIER:
            behind = each.minutes
        elif each.kind is TermKind.ADDED and behind == tier.minutes:
            return each
    return None


def plus(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    """The sum of two prices, unknown if one is."""
    return None if one is None or other is None else one + other


def units(rung: Rung, minutes: int) -> Fraction | None:
    """What all units of a length that are begun within so many minutes cost."""
    return None if rung.amount is None else ceil(Fraction(minutes, rung.minutes)) * rung.amount
