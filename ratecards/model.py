"""The values a card is made of: lines, scopes, durations and outcomes. Frozen, hashable, without behaviour of time."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from ratecards.money import Money, MoneyRange, symbol

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
LAST = -1
MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Outcome(Enum):
    """What a line says where it states no price (S1.2)."""

    FREE = "Free"
    NO_PARKING = "No Parking"
    SEE_METER = "See Meter"


class TermKind(Enum):
    """What a price is for (S4.2): a duration, or a bound, a surcharge, an offer on the whole stay."""

    EACH = "Each"
    TIER = "Tier"
    ADDED = "Each Add'l"
    NTH_HOUR = "nth Hour"
    FIRST = "First"
    EACH_DAY = "Each Day"
    MAX = "Max"
    DAILY_MAX = "Daily Max"
    PERIOD_MAX = "Hour Max"
    MIN = "Min"
    PLUS = "Plus"
    MONTHLY = "Monthly"
    EVENING = "Evening"
    EARLY_BIRD = "Early Bird"


class SpecialDay(Enum):
    """Days that calendars name (S3.2)."""

    HOLIDAYS = "Holidays"
    SCHOOL_DAYS = "School Days"
    EVENT_DAYS = "Event Days"


@dataclass(frozen=True, slots=True)
class Term:
    """What a price buys: `Each 15 Min`, `2 Hours`, `3rd Hour` (ends at 180), `Daily Max` (no minutes)."""

    kind: TermKind
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class DayRange:
    """ISO weekdays first to last, both included, wrapping over Sunday: `Mon`, `Mon-Sat`, `Thu-Tue`."""

    first: int
    last: int

    def weekdays(self) -> tuple[int, ...]:
        """The ISO weekdays 1-7 in the range, in running order."""
        count = (self.last - self.first) % 7 + 1
        return tuple((self.first - 1 + i) % 7 + 1 for i in range(count))


@dataclass(frozen=True, slots=True)
class Days:
    """Day ranges and special days as written, minus `exceptions`; `nth` are occurrences in the month (1-5, LAST)."""

    ranges: tuple[DayRange | SpecialDay, ...]
    nth: tuple[int, ...] = ()
    exceptions: tuple[SpecialDay, ...] = ()

    def weekdays(self) -> frozenset[int]:
        """All ISO weekdays 1-7 of the ranges."""
        return frozenset(day for each in self.ranges if isinstance(each, DayRange) for day in each.weekdays())


class Time(NamedTuple):
    """A wall-clock minute of the day, as written in the 12- or the 24-hour clock."""

    minute: int
    clock: int


@dataclass(frozen=True, slots=True)
class Window:
    """A range of wall-clock minutes of the day, as written in the 12- or the 24-hour clock."""

    start_min: int
    end_min: int
    clock: int

    @property
    def length_min(self) -> int:
        """Minutes of the day it covers: equal ends are the whole day (S3.1)."""
        return (self.end_min - self.start_min - 1) % DAY_MIN + 1

    def spans(self) -> tuple[tuple[int, int], ...]:
        """Half-open minute spans within one calendar day; past midnight means the day's early hours (S3.1)."""
        if self.start_min < self.end_min:
            return ((self.start_min, self.end_min),)
        return tuple(span for span in ((0, self.end_min), (self.start_min, DAY_MIN)) if span[0] < span[1])


class YearDay(NamedTuple):
    """A day of any year; without `day` the whole month."""

    month: int
    day: int | None = None


@dataclass(frozen=True, slots=True)
class Season:
    """Days of the year first to last, both included, wrapping over the year's end: `Nov 15-Mar 31`, `Aug`."""

    first: YearDay
    last: YearDay


@dataclass(frozen=True, slots=True)
class User:
    """Who a line is for, as printed; with `only` the time is reserved for them (S2, S3.3)."""

    name: str
    only: bool = False

    @property
    def key(self) -> str:
        """The name a driver gives in `permits=`: lower case without Permit, Label, Vehicle (S5.3)."""
        words = self.name.lower().split()
        return " ".join(words[:-1] if len(words) > 1 and words[-1] in ("permit", "label", "vehicle") else words)


@dataclass(frozen=True, slots=True)
class Scope:
    """When and for whom a line holds; an absent part does not restrict it."""

    days: Days | None = None
    hours: tuple[Window, ...] = ()
    season: Season | None = None
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an offer asks of the stay: entry after a time or within a window, exit by a time, a stamp (S4.3, S4.4)."""

    in_after: Time | None = None
    in_window: Window | None = None
    out_by: Time | None = None
    validated: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on a stay in minutes: the longest, the one a parking disc allows, the wait before the next (S5.1)."""

    stay_min: int | None = None
    disc_min: int | None = None
    no_return_min: int | None = None


@dataclass(frozen=True, slots=True)
class BilledBy:
    """`Billed By 5 Minutes`: clocks are rounded up to this step and priced pro rata (S4.2)."""

    step_min: int


@dataclass(frozen=True, slots=True)
class ResetsAt:
    """`Rates Reset At 4am`: when a day of the card begins (S4.1)."""

    time: Time


@dataclass(frozen=True, slots=True)
class Note:
    """Words that are kept, shown, and not priced."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: scope and outcome (S1.2), or a statement about all its prices.

    An outcome of None states limits and nothing else.
    """

    scope: Scope = Scope()
    outcome: Money | MoneyRange | Outcome | None = None
    term: Term | None = None
    conditions: Conditions | None = None
    limits: Limits | None = None
    reason: str | None = None
    statement: BilledBy | ResetsAt | Note | None = None

    @property
    def kind(self) -> TermKind | None:
        """What its price is for; None where it has no duration and is no bound or offer by name."""
        return self.term.kind if self.term else None

    @property
    def amounts(self) -> tuple[Money, ...]:
        """The amounts it prints."""
        if isinstance(self.outcome, MoneyRange):
            return self.outcome.low, self.outcome.high
        return (self.outcome,) if isinstance(self.outcome, Money) else ()

    @property
    def limit_min(self) -> int | None:
        """The longest stay in minutes, where the line states one."""
        return self.limits.stay_min if self.limits else None


@dataclass(frozen=True)
class Card:
    """The lines of a sign in their order, and the texts of those that could not be read (S1.1, S1.3)."""

    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()

    @cached_property
    def user_keys(self) -> frozenset[str]:
        """The users its lines speak of, by the names of `permits=`."""
        return frozenset(line.scope.user.key for line in self.lines if line.scope.user)

    @cached_property
    def windows(self) -> int:
        """How many windows of hours its lines have, one where a line has none."""
        return sum(max(len(line.scope.hours), 1) for line in self.lines)

    def is_in(self, currency: str) -> bool:
        """Whether every price of the card can be in this ISO 4217 currency."""
        return all(unit in (currency, symbol(currency)) for unit in self.units)

    @cached_property
    def units(self) -> frozenset[str]:
        """The currency signs and codes its prices are printed in."""
        return frozenset(money.unit for line in self.lines for money in line.amounts)

    @cached_property
    def _hash(self) -> int:
        return hash((self.lines, self.unread))

    def __hash__(self) -> int:
        """Computed once: cards are keys of every cache on the way to a price."""
        return self._hash
