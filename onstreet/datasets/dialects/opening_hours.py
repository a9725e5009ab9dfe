"""Opening hours of OpenStreetMap, what their rules mean together, and the days, hours and season a card has for it.

A later rule rules its days in place of earlier ones, holidays too: `Mo-Sa 08:00-20:00; Sa 08:00-14:00; PH off`. Hours
past midnight belong to the day on which they begin. `PH` is Holidays. School holidays a card cannot name, but
`Mo-Fr ...; PH,SH off` is School Days.

Refused is what opening hours leave open or a card has no words for: a rule that leaves nothing of an earlier one, rules
of different seasons for the same days, and nights on holidays, in a season, on the nth weekday of a month, or into a
day of another rule.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lark import Token, Transformer, v_args

from onstreet.datasets.dialects.dialect import Paid
from onstreet.datasets.dialects.parts import refuse
from onstreet.datasets.dialects.stretches import EVERY_DAY, Stretch, day_names, day_range
from ratecards.model import DAY_MIN, Window
from ratecards.words import weekday

WORKDAYS = frozenset(range(1, 6))
NTH = {"1": "1st", "2": "2nd", "3": "3rd", "4": "4th", "5": "5th", "-1": "Last"}


class Days(NamedTuple):
    """ISO weekdays, none where none are named, holidays beside them, and `Every 1st & 3rd` of the month."""

    weekdays: frozenset[int] = frozenset()
    holidays: bool = False
    nth: str = ""


class Hours(NamedTuple):
    """When a rule holds; `special` is Except Holidays or School Days, `token` a word of it."""

    days: Days
    windows: tuple[Window, ...]
    season: str
    token: Token
    special: str = ""

    @property
    def weekdays(self) -> frozenset[int]:
        """The ISO weekdays on which it can hold, holidays aside."""
        return self.days.weekdays or (frozenset() if self.days.holidays else EVERY_DAY)

    @property
    def is_plain(self) -> bool:
        """Whether it holds on weekdays and nothing else is said of them."""
        return not (self.days.holidays or self.days.nth or self.season or self.special)

    @property
    def nights(self) -> bool:
        """Whether it ends on the morning after some day."""
        return Stretch(self.days.weekdays, self.windows).passes_midnight

    def minutes(self) -> set[int]:
        """The minutes of the week in which it can hold, from Monday 00:00, holidays aside."""
        spans = [(each.start_min, each.length_min) for each in self.windows] or [(0, DAY_MIN)]
        return {
            ((day - 1) * DAY_MIN + minute) % (7 * DAY_MIN)
            for day in self.weekdays
            for start, length in spans
            for minute in range(start, start + length)
        }

    def clauses(self) -> Iterator[tuple[str, str, str]]:
        """The days, hours and season of the lines that say so."""
        if self.is_plain:
            yield from ((days, hours, "") for days, hours in Stretch(self.days.weekdays, self.windows).clauses())
            return
        named = [day_names(self.days.weekdays), "Holidays" if self.days.holidays else ""]
        days = " | ".join(filter(None, named)) + self.days.nth
        if self.special == "School Days":
            days = self.special
        elif self.special:
            days = f"{days or 'Mon-Sun'} {self.special}"
        for _, hours in Stretch(frozenset(), self.windows).clauses():
            yield days, hours, self.season


class _Season(NamedTuple):
    text: str
    token: Token


class _Day(NamedTuple):
    days: Days
    token: Token


class _Windows(NamedTuple):
    windows: tuple[Window, ...]
    token: Token


class Off(NamedTuple):
    """`PH off`: the holidays on which the rules before do not hold, `SH` those of schools."""

    words: frozenset[str]
    token: Token


@v_args(inline=True)
class OpeningHours(Transformer[Token, list[str]]):
    """Builds the hours of rules; made with what is paid where a text does not say."""

    def __init__(self, paid: Paid) -> None:
        super().__init__()
        self._paid = paid

    def opening_hours(self, *rules: list[Hours] | Off) -> list[Hours]:
        """The hours of all rules together."""
        return together(rules)

    def stretch(self, *parts: _Season | list[_Day] | _Windows | None) -> list[Hours]:
        """The hours of one rule: those of weekdays and holidays, then those of each nth weekday."""
        season = next((part for part in parts if isinstance(part, _Season)), None)
        windows = next((part for part in parts if isinstance(part, _Windows)), None)
        named = next((part for part in parts if isinstance(part, list)), None)
        token = next(part.token for part in (*(named or ()), windows, season) if part)
        days = _grouped(named) if named else [Days()]
        return [Hours(each, windows.windows if windows else (), season.text if season else "", token) for each in days]

    def always(self, token: Token) -> list[Hours]:
        """`24/7`."""
        return [Hours(Days(), (), "", token)]

    def off(self, *specials: Token) -> Off:
        """`PH,SH off`."""
        return Off(frozenset(map(str, specials)), specials[0])

    def season(self, first: _Season, last: _Season | None) -> _Season:
        """`Nov 15-Mar 31`."""
        return _Season(f"{first.text}-{last.text}" if last else first.text, first.token)

    def days_of_month(self, first: _Season, last: Token) -> _Season:
        """`Apr 10-15`."""
        if " " not in first.text:
            refuse(first.token, "from which day of the month?", last)
        return _Season(f"{first.text}-{first.text.split()[0]} {last}", first.token)

    def year_day(self, month: Token, day: Token | None) -> _Season:
        """`Nov 15`, `Nov`."""
        return _Season(f"{month} {day}" if day else str(month), month)

    def days(self, *named: _Day | Token) -> list[_Day]:
        """Days that are named one by one, `Sa,PH`."""
        for each in named:
            if each == "SH":
                refuse(named[0].token if isinstance(named[0], _Day) else named[0], "a card has no school holidays")
        return [each if isinstance(each, _Day) else _Day(Days(holidays=True), each) for each in named]

    def day_range(self, first: Token, last: Token | None) -> _Day:
        """`Mo-Fr`."""
        return _Day(Days(day_range(weekday(first), weekday(last or first))), first)

    def nth_days(self, day: Token, *nth: Token) -> _Day:
        """`We[1,3]`."""
        for each in nth:
            if each not in NTH:
                refuse(each, "the 1st to 5th or the last (-1) in a month")
        return _Day(Days(frozenset([weekday(day)]), nth=f" Every {' & '.join(NTH[each] for each in nth)}"), day)

    def hours(self, *windows: _Windows) -> _Windows:
        """`08:00-12:00,14:00-18:00`."""
        return _Windows(tuple(each for part in windows for each in part.windows), windows[0].token)

    def window(self, start: Token, end: Token) -> _Windows:
        """`08:00-12:00`."""
        opening, closing = (int(time[:-3]) * 60 + int(time[-2:]) for time in (start, end))
        if opening == closing or opening >= DAY_MIN or closing > DAY_MIN:
            refuse(start, "hours that begin before midnight and end at another time", end)
        return _Windows((Window(opening, closing % DAY_MIN, 24),), start)


def together(rules: Sequence[list[Hours] | Off]) -> list[Hours]:
    """When all rules together hold; raises RefusalError where they leave that open."""
    found: list[Hours] = []
    for number, rule in enumerate(rules, 1):
        if not isinstance(rule, Off):
            for later in rule:
                found = [_beside(each, later) for each in found]
            found += rule
        elif number < len(rules) or not found:
            refuse(rule.token, "off stands behind what holds on other days")
        else:
            found = [_without(each, rule) for each in found]
    for each in found:
        _check_night(each, [other for other in found if other is not each])
    return found


def except_holidays(hours: Hours) -> Hours | None:
    """The same without holidays, nothing where that cannot be said."""
    return None if hours.days.holidays or hours.special else hours._replace(special="Except Holidays")


def _beside(earlier: Hours, later: Hours) -> Hours:
    """What a later rule leaves of an earlier one."""
    shared = earlier.weekdays & later.weekdays
    if later.days.holidays:
        found = except_holidays(earlier)
        if found is None or earlier.season != later.season:
            refuse(later.token, "which rule holds on holidays?")
        earlier = found
    elif earlier.days.holidays:
        refuse(later.token, "which rule holds on holidays? Write PH last")
    if shared and (earlier.season != later.season or earlier.days.nth or later.days.nth):
        refuse(later.token, "which rule holds on these days?")
    if shared == earlier.weekdays != frozenset():
        refuse(later.token, "leaves nothing of a rule before")
    if shared:
        return earlier._replace(days=Days(earlier.weekdays - shared))
    return earlier


def _without(hours: Hours, off: Off) -> Hours:
    if off.words == {"PH"}:
        found = except_holidays(hours)
    elif off.words == {"PH", "SH"} and hours.days == Days(WORKDAYS) and not hours.special:
        found = hours._replace(special="School Days")
    else:
        refuse(off.token, "school holidays: only Mo-Fr with PH,SH off, which is School Days")
    if found is None:
        refuse(off.token, "the rules before name holidays")
    return found


def _check_night(hours: Hours, others: Sequence[Hours]) -> None:
    """Raises RefusalError for a night whose morning a card cannot say."""
    if not hours.nights or (hours.is_plain and hours.weekdays == EVERY_DAY and not others):
        return
    if not hours.is_plain:
        refuse(hours.token, "a night that is not one of certain weekdays, all year round")
    mornings = {day % 7 + 1 for day in hours.weekdays}
    if any(mornings & other.weekdays or other.days.holidays for other in others):
        refuse(hours.token, "a night into a day of another rule")


def _grouped(named: list[_Day]) -> list[Days]:
    """Weekdays and holidays together, each nth weekday for itself."""
    plain = [each.days for each in named if not each.days.nth]
    together = Days(frozenset[int]().union(*(each.weekdays for each in plain)), any(each.holidays for each in plain))
    return [*([together] if plain else []), *(each.days for each in named if each.days.nth)]
