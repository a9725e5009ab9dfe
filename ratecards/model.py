"""The values a card is made of: lines, scopes, durations and outcomes. Frozen, hashable, without behaviour of time."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from ratecards.money import Money

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
LAST = -1


class Outcome(Enum):
    """What a line says where it states no price (S1.2)."""

    FREE = "Free"
    NO_PARKING = "No Parking"
    SEE_METER = "See Meter"


class TermKind(Enum):
    """How the duration in front of a price is counted (S4.2)."""

    EACH = "Each"
    TIER = "Tier"
    ADDED = "Each Add'l"


@dataclass(frozen=True, slots=True)
class Term:
    """The duration a price buys: `Each 15 Min`, `2 Hours`, `Each Add'l Hour`."""

    kind: TermKind
    minutes: int


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
    """Day ranges as written, and which occurrences in the month count (1-5, LAST) where the line says so (S3.2)."""

    ranges: tuple[DayRange, ...]
    nth: tuple[int, ...] = ()

    def weekdays(self) -> frozenset[int]:
        """All ISO weekdays 1-7 of the ranges."""
        return frozenset(day for each in self.ranges for day in each.weekdays())


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
    user: User | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card: scope and outcome (S1.2); an outcome of None states a limit and nothing else."""

    scope: Scope
    outcome: Money | Outcome | None
    term: Term | None = None
    limit_min: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Card:
    """The lines of a sign in their order, and the texts of those that could not be read (S1.1, S1.3)."""

    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()

    @cached_property
    def _hash(self) -> int:
        return hash((self.lines, self.unread))

    def __hash__(self) -> int:
        """Computed once: cards are keys of every cache on the way to a price."""
        return self._hash
