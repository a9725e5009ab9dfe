"""What kind of day a date is: weekdays and their place in the month, seasons, holidays, school and event days (S3.2).

Days count from 1970-01-01; minutes of a day are half-open spans.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

from ratecards.model import DAY_MIN, LAST, MONTH_DAYS, Season, SpecialDay

Minutes = tuple[tuple[int, int], ...]

WHOLE_DAY: Minutes = ((0, DAY_MIN),)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class SpecialDays(Protocol):
    """What knows which dates are special."""

    def minutes_of(self, special: SpecialDay, day: int) -> Minutes | None:
        """The minutes of a date that are special; None where that is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Dates of one kind, each with the minutes of the day that are meant, and the days it knows about at all."""

    known: range
    minutes: Mapping[int, Minutes] = field(repr=False)

    @classmethod
    def of(cls, dates: Iterable[date], first: date | None = None, last: date | None = None) -> "Calendar":
        """A calendar of whole dates; unless said it knows the years of the first to the last of them."""
        return cls.of_hours(dict.fromkeys(dates, WHOLE_DAY), first, last)

    @classmethod
    def of_hours(cls, hours: Mapping[date, Minutes], first: date | None = None, last: date | None = None) -> "Calendar":
        """A calendar of dates with their minutes; raises ValueError where it has neither dates nor a first and last."""
        if not hours and (first is None or last is None):
            raise ValueError("a calendar without dates needs a first and a last day that it knows about")
        start = first or date(min(hours).year, 1, 1)
        end = last or date(max(hours).year, 12, 31)
        known = range(day_number(start), day_number(end) + 1)
        return cls(known, {day_number(each): minutes for each, minutes in hours.items()})

    def minutes_of(self, day: int) -> Minutes | None:
        """The minutes of a date that are meant, none on other dates; None where the calendar does not know."""
        return self.minutes.get(day, ()) if day in self.known else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card stands: its IANA time zone, its ISO 4217 currency, and the calendars its special days come from.

    `country` (ISO 3166-1) and `subdivision` (the part behind it in ISO 3166-2) name the holidays; empty is not known.
    """

    zone: str
    currency: str
    country: str = ""
    subdivision: str = ""
    school_days: Calendar | None = None
    event_days: Calendar | None = None

    def knows(self, special: SpecialDay) -> bool:
        """Whether it has a calendar of these special days."""
        return bool(self.country) if special is SpecialDay.HOLIDAYS else self._calendar(special) is not None

    def minutes_of(self, special: SpecialDay, day: int) -> Minutes | None:
        """The minutes of a date that are special; None where no calendar knows. Raises ValueError for no country."""
        if special is SpecialDay.HOLIDAYS:
            return _holiday(self.country, self.subdivision, day) if self.country else None
        calendar = self._calendar(special)
        return calendar.minutes_of(day) if calendar else None

    def _calendar(self, special: SpecialDay) -> Calendar | None:
        return self.school_days if special is SpecialDay.SCHOOL_DAYS else self.event_days


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def date_of(day: int) -> date:
    """The date of a day counted from 1970-01-01."""
    return date.fromordinal(day + _EPOCH_DAY)


def weekday(day: int) -> int:
    """ISO weekday 1-7 of a day counted from 1970-01-01, a Thursday."""
    return (day + 3) % 7 + 1


@lru_cache(maxsize=4096)
def nth_in_month(day: int) -> tuple[int, ...]:
    """Which occurrence of its weekday in the month a day is, 1-5, and LAST where it is the last one too (S3.2)."""
    this = date_of(day)
    nth = (this.day - 1) // 7 + 1
    is_last = (this + timedelta(days=7)).month != this.month
    return (nth, LAST) if is_last else (nth,)


@lru_cache(maxsize=4096)
def year_day(day: int) -> tuple[int, int]:
    """Month and day of the month of a day counted from 1970-01-01."""
    this = date_of(day)
    return this.month, this.day


@lru_cache(maxsize=1024)
def season_days(season: Season) -> frozenset[tuple[int, int]]:
    """Months and days of the month of a season, both ends included, wrapping over the year's end (S3.2)."""
    first = (season.first.month, season.first.day or 1)
    last = (season.last.month, season.last.day or MONTH_DAYS[season.last.month - 1])
    year = [(month, day) for month, days in enumerate(MONTH_DAYS, 1) for day in range(1, days + 1)]
    if first <= last:
        return frozenset(each for each in year if first <= each <= last)
    return frozenset(each for each in year if each >= first or each <= last)


def why_no_country(country: str, subdivision: str = "") -> str | None:
    """What is wrong with a country and subdivision as names of a holiday calendar, if anything is."""
    from holidays import list_supported_countries

    subdivisions = list_supported_countries(include_aliases=True).get(country)
    if subdivisions is None:
        return f"no holidays are known of a country {country!r}: an ISO 3166-1 code such as US, or nothing, is expected"
    if subdivision and subdivision not in subdivisions:
        return f"no holidays are known of {country}-{subdivision!r}; known are {', '.join(subdivisions) or 'none'}"
    return None


def _holiday(country: str, subdivision: str, day: int) -> Minutes | None:
    days = _holidays(country, subdivision, date_of(day).year)
    return None if days is None else WHOLE_DAY if day in days else ()


@lru_cache(maxsize=1024)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[int] | None:
    """Public holidays of a year with the days they are observed on; None for a year nobody has listed."""
    # The library is large, and most cards name no holidays.
    from holidays import country_holidays

    try:
        listed = country_holidays(country, subdiv=subdivision or None, years=year, expand=False)
    except NotImplementedError:
        raise ValueError(why_no_country(country, subdivision)) from None
    if not listed.start_year <= year <= listed.end_year:
        return None
    return frozenset(day_number(each) for each in listed)
