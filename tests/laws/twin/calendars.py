"""Which days holidays, school days and event days are, at one place (S3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import NamedTuple

import holidays

from ratecards.model import SpecialDay

DAY = 1440
WHOLE = ((0, DAY),)


@dataclass(frozen=True)
class Diary:
    """The dates of a school or event calendar with the spans of minutes they name, known from first to last."""

    first: date
    last: date
    days: Mapping[date, tuple[tuple[int, int], ...]] = field(hash=False)

    def names(self, day: date, minute: int) -> bool | None:
        """Whether it names a minute of a date; None where it is not known."""
        if not self.first <= day <= self.last:
            return None
        return any(start <= minute < end for start, end in self.days.get(day, ()))


class Place(NamedTuple):
    """Where a card hangs, and what is known of its days."""

    zone: str
    currency: str = "USD"
    country: str = ""
    subdivision: str = ""
    school_days: Diary | None = None
    event_days: Diary | None = None

    def names(self, word: SpecialDay, day: date, minute: int) -> bool | None:
        """Whether a special word names a minute of a date; None where nobody knows (S3.2)."""
        if word is SpecialDay.HOLIDAYS:
            known = holidays_of(self.country, self.subdivision, day.year)
            return None if known is None else day in known
        diary = self.school_days if word is SpecialDay.SCHOOL_DAYS else self.event_days
        return diary.names(day, minute) if diary else None


@cache
def holidays_of(country: str, subdivision: str, year: int) -> frozenset[date] | None:
    """The holidays of a year; None without a country, for one nobody lists, and outside the years that are known."""
    if not country:
        return None
    try:
        listed = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        return None
    return frozenset(listed) if listed.start_year <= year <= listed.end_year else None
