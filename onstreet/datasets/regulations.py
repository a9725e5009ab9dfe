"""What a kerb's regulations say, in one form for all feeds: when, who, what; times in our reading of days (S3.1).

Feeds anchor a night to the day it starts on: 22:00-06:00 on Fridays is Friday from 22:00 and Saturday until 06:00 here.
A night tied to nth weekdays or special days cannot be moved on like that and is refused: `Tue Every 2nd` has no
morning after. So is whatever else a card has no words for, single days of the month or the years of a date.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from ratecards.calendars import WHOLE_DAY, Minutes, season_days
from ratecards.model import DAY_MIN, Limits, Outcome, Season, SpecialDay, Term, YearDay
from ratecards.money import Money
from ratecards.scopes import joined

YearDays = frozenset[tuple[int, int]]
# What is paid for, and how much; without a term it is Free or See Meter.
Charges = tuple[tuple[Term | None, Money | Outcome], ...]

FREE: Charges = ((None, Outcome.FREE),)
UNKNOWN: Charges = ((None, Outcome.SEE_METER),)
WEEK = frozenset(range(1, 8))
YEAR = sorted(season_days(Season(YearDay(1), YearDay(12))))

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(:00)?")
_PERIODS = {
    "holidays": SpecialDay.HOLIDAYS, "holiday": SpecialDay.HOLIDAYS, "public holidays": SpecialDay.HOLIDAYS,
    "school days": SpecialDay.SCHOOL_DAYS, "school day": SpecialDay.SCHOOL_DAYS, "school": SpecialDay.SCHOOL_DAYS,
    "game days": SpecialDay.EVENT_DAYS, "game day": SpecialDay.EVENT_DAYS, "events": SpecialDay.EVENT_DAYS,
    "event days": SpecialDay.EVENT_DAYS, "special events": SpecialDay.EVENT_DAYS,
}  # fmt: skip


class UnclearError(ValueError):
    """Something a regulation says that no card can: the field, what stands there, and why not."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        super().__init__(reason)
        self.field, self.value, self.reason = field, value, reason


class Effect(IntEnum):
    """What a rule lets its users do; of rules of one rank the stricter one is heard."""

    FORBIDS = 0
    LOADS = 1
    PARKS = 2


@dataclass(frozen=True, slots=True)
class When:
    """Minutes of calendar days: all parts must hold; no `nth` and no `dates` restrict nothing."""

    weekdays: frozenset[int] = WEEK
    minutes: Minutes = WHOLE_DAY
    nth: frozenset[int] = frozenset()
    dates: YearDays | None = None
    only: SpecialDay | None = None
    excepts: frozenset[SpecialDay] = frozenset()


ALWAYS = (When(),)


@dataclass(frozen=True, slots=True)
class Rule:
    """One regulation; a lower `rank` overrides a higher one.

    `users` are printed names, None is everybody; an empty tuple is somebody whom no card can name. A `fallback` is
    heard where nothing else of its rank is.
    """

    rank: int
    effect: Effect
    whens: tuple[When, ...] = ALWAYS
    users: tuple[str, ...] | None = None
    charges: Charges = FREE
    limits: Limits | None = None
    reason: str | None = None
    is_fallback: bool = False


class Problem(NamedTuple):
    """Something of a regulation that could not be used as it stands."""

    field: str
    value: object
    reason: str
    hint: str = ""


@dataclass(slots=True)
class Told:
    """What came of a regulation: rules, or a sentence about what is unclear, and problems."""

    rules: list[Rule]
    unclear: list[str]
    problems: list[Problem]


def both(ones: Iterable[When], others: Collection[When]) -> tuple[When, ...]:
    """When one of these and one of those holds; raises UnclearError where a card could not say it."""
    return tuple(each for one in ones for other in others if (each := _both(one, other)) is not None)


def _both(one: When, other: When) -> When | None:
    if one.nth and other.nth and one.nth != other.nth:
        raise UnclearError("timeSpans", "", "weeks of the month within other weeks of the month")
    if one.only and other.only and one.only is not other.only:
        raise UnclearError("timeSpans", "", f"{one.only.value} that are {other.only.value} too")
    minutes = tuple(
        (max(start, first), min(end, last))
        for start, end in one.minutes
        for first, last in other.minutes
        if max(start, first) < min(end, last)
    )
    dates = one.dates if other.dates is None else other.dates if one.dates is None else one.dates & other.dates
    weekdays, only = one.weekdays & other.weekdays, one.only or other.only
    excepts = one.excepts | other.excepts
    if not weekdays or not minutes or (dates is not None and not dates) or only in excepts:
        return None
    return When(weekdays, minutes, one.nth or other.nth, dates, only, excepts)


def start_anchored(day: When, windows: Iterable[tuple[int, int]]) -> Iterator[When]:
    """The windows of clock minutes on some days, a night counted to the day it starts on; raises UnclearError."""
    here: list[tuple[int, int]] = []
    after: list[tuple[int, int]] = []
    for start, end in windows:
        if start < end:
            here.append((start, end))
        else:
            here.append((start, DAY_MIN))
            after.append((0, end))
    if after and (day.nth or day.only or day.excepts):
        raise UnclearError("timesOfDay", "", "the morning after an nth weekday or a special day")
    if day.weekdays == WEEK and day.dates is None:
        here, after = here + after, []
    if here:
        yield replace(day, minutes=joined(sorted(here)))
    if after:
        weekdays = frozenset(weekday % 7 + 1 for weekday in day.weekdays)
        yield When(weekdays, joined(sorted(after)), dates=_next(day.dates))


def _next(dates: YearDays | None) -> YearDays | None:
    """The days after; after February 28 comes the 29th or March 1."""
    if dates is None:
        return None
    after = dict(zip(YEAR, [*YEAR[1:], YEAR[0]], strict=True))
    return frozenset(after[each] for each in dates) | ({(3, 1)} if (2, 28) in dates else frozenset())


def minute(text: object, *, is_end: bool = False) -> int:
    """The minute of the day of HH:MM; as an end 23:59, 24:00 and 00:00 are midnight. Raises UnclearError."""
    if text == "24:00" and is_end:
        return DAY_MIN
    match = _TIME.fullmatch(str(text))
    if not match:
        raise UnclearError("timesOfDay", text, "a time of day is HH:MM")
    found = int(match[1]) * 60 + int(match[2])
    return DAY_MIN if is_end and found in (0, DAY_MIN - 1) else found


def window(start: object, end: object) -> tuple[int, int]:
    """The minutes from one time to another; only 00:00-00:00 may be equal and is the whole day. Raises UnclearError."""
    first, last = minute(start), minute(end, is_end=True)
    if first == last:
        raise UnclearError("timesOfDay", f"{start}-{end}", "it ends when it starts")
    return first, last


def special_day(name: object) -> SpecialDay:
    """The calendar a designated period is in; raises UnclearError for one that nobody can foresee."""
    known = _PERIODS.get(" ".join(str(name).lower().replace("_", " ").split()))
    if known is None:
        raise UnclearError("designatedPeriods", name, "no calendar says when that is")
    return known


def weeks_of(days: Collection[int]) -> frozenset[int]:
    """Which occurrences in the month some days of the month are, 1-7 the first; raises UnclearError for part weeks."""
    weeks = frozenset((day - 1) // 7 + 1 for day in days)
    whole = {day for week in weeks for day in range(7 * week - 6, min(7 * week, 31) + 1)}
    if whole != set(days):
        raise UnclearError("daysOfMonth", sorted(days), "single days of the month")
    return frozenset() if len(weeks) == 5 else weeks


def year_days(first: tuple[int, int], last: tuple[int, int]) -> YearDays:
    """The days of any year from one to another (month, day), both included, wrapping over the year's end."""
    return season_days(Season(YearDay(*first), YearDay(*last)))
