"""What a line is to one driver, and when it holds (S1.2, S3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from typing import NamedTuple

from ratecards.model import LAST, DayRange, Line, Outcome, Scope, Season, SpecialDay, TermKind, YearDay
from ratecards.money import Money, MoneyRange
from ratecards.words import EVENT
from twin.calendars import DAY

# The days of a year that has all of them, and which occurrence in its month a weekday can be, the last or not.
YEAR = tuple((day.month, day.day) for day in (date(2024, 1, 1) + timedelta(days=n) for n in range(366)))
OCCURRENCES = ((1, False), (2, False), (3, False), (4, False), (4, True), (5, True))

CAPS = (TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX)
EXTRAS = (*CAPS, TermKind.FIRST, TermKind.MIN, TermKind.PLUS)
OFFERS = (None, TermKind.TIER, TermKind.EACH, TermKind.EVENING, TermKind.EARLY_BIRD, *CAPS)


class Role(Enum):
    """What a line does: govern its minutes, add to what governs, make an offer; or nothing (S3.6, S4.4)."""

    GOVERNS = auto()
    EXTRA = auto()
    OFFER = auto()
    SILENT = auto()


class Cover(Enum):
    """How a line covers a minute: as a line of its weekdays, as a special one, or open for want of a calendar."""

    NO = auto()
    ORDINARY = auto()
    SPECIAL = auto()
    OPEN = auto()


class Times(NamedTuple):
    """When a scope holds: weekdays by occurrence, special words, `Except` words, dates, minutes of the day."""

    weekdays: frozenset[tuple[int, int, bool]]
    special: frozenset[SpecialDay]
    exceptions: frozenset[SpecialDay]
    dates: frozenset[tuple[int, int]]
    minutes: frozenset[int]

    def cover(self, weekday: tuple[int, int, bool], named: set[SpecialDay]) -> Cover:
        """How the days cover a date of its season, by its weekday and the special words that name it."""
        if named & self.exceptions:
            return Cover.NO
        if named & self.special:
            return Cover.SPECIAL
        if weekday not in self.weekdays:
            return Cover.NO
        return Cover.SPECIAL if len(self.dates) == 1 else Cover.ORDINARY


TariffKey = tuple[Times, str | None]


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
    def kind(self) -> TermKind | None:
        """What its price is for."""
        return self.line.term.kind if self.line.term else None

    @property
    def user(self) -> str | None:
        """Who it is for; None for everybody."""
        return self.line.scope.user.key if self.line.scope.user else None

    @property
    def reserved(self) -> bool:
        """Whether it is for its users `Only`."""
        return self.line.scope.user is not None and self.line.scope.user.only

    @cached_property
    def role(self) -> Role:
        """What the line does."""
        return role_of(self.line)

    @cached_property
    def speaks(self) -> bool:
        """Whether it concerns the driver: theirs, or one that may close its time to them."""
        return self.mine or (self.reserved and self.role is Role.GOVERNS)

    @cached_property
    def share(self) -> Fraction:
        """The nominal share of the year it covers; a special word counts as one more weekday (S3.3)."""
        days = self.line.scope.days
        weekdays = len(days.weekdays()) + len(self.times.special) if days else 7
        nth = Fraction(12 * len(set(days.nth)), 52) if days and days.nth else 1
        return Fraction(weekdays * len(self.times.minutes), 7 * DAY) * Fraction(len(self.times.dates), 366) * nth

    def covers(self, day: date, named: dict[SpecialDay, bool | None]) -> set[Cover]:
        """The ways it may cover a date of its season, if these special words name it, do not, or may (None)."""
        last = (day + timedelta(days=7)).month != day.month
        weekday = day.isoweekday(), (day.day - 1) // 7 + 1, last
        return {self.times.cover(weekday, words) for words in resolutions(named)}


def resolutions(named: dict[SpecialDay, bool | None]) -> Iterator[set[SpecialDay]]:
    """All sets of words that may name a day."""
    ways = [[True, False] if known is None else [known] for known in named.values()]
    for way in product(*ways):
        yield {word for word, names in zip(named, way, strict=True) if names}


def role_of(line: Line) -> Role:
    """What a line does, by its kind, outcome and conditions."""
    kind = line.term.kind if line.term else None
    priced = line.outcome is Outcome.FREE or isinstance(line.outcome, Money | MoneyRange)
    named_offer = kind in (TermKind.EVENING, TermKind.EARLY_BIRD)
    bounds = line.limits and (line.limits.stay_min or line.limits.disc_min)
    never_quoted = kind is TermKind.MONTHLY or (line.reason == EVENT and priced)
    validated = line.conditions is not None and line.conditions.validated and priced
    incomplete = named_offer and not line.conditions and not line.scope.hours
    says_nothing = line.statement is not None or (line.outcome is None and not bounds)
    if never_quoted or validated or incomplete or says_nothing:
        return Role.SILENT
    if priced and kind in OFFERS and (line.conditions or named_offer):
        return Role.OFFER
    return Role.EXTRA if kind in EXTRAS else Role.GOVERNS


def is_doubtful(line: Line) -> bool:
    """Whether a line has conditions that nobody can weigh, since it is no offer (S4.3)."""
    return line.conditions is not None and role_of(line) in (Role.GOVERNS, Role.EXTRA)


def amount_of(rule: Rule) -> Fraction:
    """The price a line states; Free is 0."""
    return Fraction(rule.line.outcome.amount) if isinstance(rule.line.outcome, Money) else Fraction(0)


@lru_cache(maxsize=4096)
def times(scope: Scope) -> Times:
    """When a scope holds, however it is written."""
    ranges = scope.days.ranges if scope.days else (DayRange(1, 7),)
    weekdays = {day for each in ranges if isinstance(each, DayRange) for day in each.weekdays()}
    special = frozenset(each for each in ranges if isinstance(each, SpecialDay))
    nth = scope.days.nth if scope.days else ()
    kinds = [(n, last) for n, last in OCCURRENCES if not nth or n in nth or (last and LAST in nth)]
    days = frozenset((day, n, last) for day in weekdays for n, last in kinds)
    minutes = frozenset(minute for each in scope.hours for minute in ring(DAY, each.start_min, each.end_min))
    exceptions = frozenset(scope.days.exceptions if scope.days else ())
    return Times(days, special, exceptions, season_dates(scope.season), minutes or frozenset(range(DAY)))


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
