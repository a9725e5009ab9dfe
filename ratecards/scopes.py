"""When a scope holds: the minutes of a date that it covers, and how much of a year that is (S3.1-S3.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from ratecards.calendars import WHOLE_DAY, Minutes, SpecialDays, nth_in_month, season_days, weekday, year_day
from ratecards.model import LAST, WEEK_MIN, Scope, SpecialDay

# Every answer of nth_in_month.
_OCCURRENCES = ((1,), (2,), (3,), (4,), (4, LAST), (5, LAST))


class Cover(NamedTuple):
    """Minutes of one date that a scope covers, those of them as a special day, and those no calendar knows about.

    `surely` has those that it covers whatever the calendars say, be it as an ordinary or as a special day.
    """

    covered: Minutes = ()
    special: Minutes = ()
    unsure: Minutes = ()
    surely: Minutes = ()


NOTHING = Cover()


@dataclass(frozen=True, eq=False)
class Reach:
    """A scope laid out for looking up dates."""

    weekdays: frozenset[int]
    nth: frozenset[int]
    season: frozenset[tuple[int, int]] | None
    words: frozenset[SpecialDay]
    exceptions: frozenset[SpecialDay]
    whole: Cover

    @classmethod
    def of(cls, scope: Scope) -> "Reach":
        """The reach of a scope."""
        days, season = scope.days, season_days(scope.season) if scope.season else None
        minutes = day_spans(scope)
        return cls(
            days.weekdays() if days else frozenset(range(1, 8)),
            frozenset(days.nth if days else ()),
            season,
            special_words(scope),
            frozenset(days.exceptions if days else ()),
            Cover(minutes, minutes if season is not None and len(season) == 1 else (), (), minutes),
        )

    def on(self, day: int, place: SpecialDays | None) -> Cover:
        """What it covers of a date counted from 1970-01-01; without a place no calendar knows anything."""
        if self.season is not None and year_day(day) not in self.season:
            return NOTHING
        is_its_day = weekday(day) in self.weekdays and (not self.nth or not self.nth.isdisjoint(nth_in_month(day)))
        if not self.words and not self.exceptions:
            return self.whole if is_its_day else NOTHING
        return self._weigh_calendars(is_its_day, day, place)

    def _weigh_calendars(self, is_its_day: bool, day: int, place: SpecialDays | None) -> Cover:
        hours = self.whole.covered
        named, is_doubted = _named(self.words, day, place)
        taken, may_be_taken = _named(self.exceptions, day, place)
        if not (named or taken or is_doubted or may_be_taken):
            return self.whole if is_its_day else NOTHING
        special = hours if is_its_day and self.whole.special else _both(hours, named)
        covered = hours if is_its_day else special
        # A special word that may or may not name the date leaves open what no other word does; an exception all.
        unsure = _without(hours, special) if is_doubted else ()
        if may_be_taken:
            unsure = joined(sorted((*unsure, *covered)))
        covered, unsure = _without(covered, taken), _without(unsure, taken)
        surely = () if may_be_taken else covered
        covered = _without(covered, unsure)
        return Cover(covered, _both(covered, special), unsure, surely)


def day_spans(scope: Scope) -> Minutes:
    """The minutes a scope covers of each of its days, sorted, joined, half-open."""
    if not scope.hours:
        return WHOLE_DAY
    return joined(sorted(span for window in scope.hours for span in window.spans()))


def special_words(scope: Scope) -> frozenset[SpecialDay]:
    """The special days among the days of a scope."""
    return frozenset(each for each in (scope.days.ranges if scope.days else ()) if isinstance(each, SpecialDay))


def special_days(scopes: Iterable[Scope]) -> list[SpecialDay]:
    """The special days that some scopes speak of, in their days or their exceptions."""
    named = {word for scope in scopes if scope.days for word in (*scope.days.ranges, *scope.days.exceptions)}
    return [each for each in SpecialDay if each in named]


def share_of_year(scope: Scope) -> Fraction:
    """The nominal share of the year a scope covers: minutes of the week, season, nth weekdays as 12/52 each (S3.3).

    A special day word counts as one more day of the week.
    """
    days = len(scope.days.weekdays()) + len(special_words(scope)) if scope.days else 7
    share = Fraction(days * sum(end - start for start, end in day_spans(scope)), WEEK_MIN)
    if scope.season:
        share *= Fraction(len(season_days(scope.season)), 366)
    return share * len(set(scope.days.nth)) * Fraction(12, 52) if scope.days and scope.days.nth else share


def times(scope: Scope) -> tuple[object, ...]:
    """Days and hours, however written: what makes two lines one tariff (S4.1)."""
    weekdays = scope.days.weekdays() if scope.days else frozenset(range(1, 8))
    nth = scope.days.nth if scope.days else ()
    occurrences = frozenset(each for each in _OCCURRENCES if not nth or any(one in nth for one in each))
    exceptions = frozenset(scope.days.exceptions if scope.days else ())
    season = season_days(scope.season) if scope.season else frozenset()
    year = season if len(season) < 366 else frozenset()
    return weekdays, occurrences, special_words(scope), exceptions, day_spans(scope), year


def is_in(minute: int, minutes: Minutes) -> bool:
    """Whether a minute of the day is among these."""
    return any(start <= minute < end for start, end in minutes)


def _named(words: Iterable[SpecialDay], day: int, place: SpecialDays | None) -> tuple[Minutes, bool]:
    """The minutes of a date that some special words name, and whether a calendar of theirs is not known."""
    found = [place.minutes_of(word, day) if place else None for word in words]
    return joined(sorted(span for minutes in found if minutes for span in minutes)), None in found


def _both(one: Minutes, other: Minutes) -> Minutes:
    """The minutes that are in the one and in the other."""
    return joined(span for span in _pieces(one, other) if is_in(span[0], one) and is_in(span[0], other))


def _without(one: Minutes, other: Minutes) -> Minutes:
    """The minutes that are in the one and not in the other."""
    return joined(span for span in _pieces(one, other) if is_in(span[0], one) and not is_in(span[0], other))


def _pieces(one: Minutes, other: Minutes) -> Iterable[tuple[int, int]]:
    return pairwise(sorted({edge for minutes in (one, other) for span in minutes for edge in span}))


def joined(spans: Iterable[tuple[int, int]]) -> Minutes:
    """Rising spans with those that touch or overlap put together."""
    runs: list[tuple[int, int]] = []
    for start, end in spans:
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return tuple(runs)
