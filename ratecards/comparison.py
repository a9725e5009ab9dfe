"""Two cards side by side, on every kind of date and for every driver: whether one promises no more than the other.

What prices and limits come to follows from what governs each minute, so two cards on which the same tariffs and limits
govern the same minutes cost and allow the same, whatever the stay. Dates are tried by what tells them apart: weekday,
occurrence in the month, season, and what calendars say of them, if they know. A card promises no more than another if
it forbids whatever that forbids, and each price it knows is that card's, or one that the other's caps and offers lower.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from functools import lru_cache
from itertools import combinations, pairwise, product
from typing import NamedTuple

from ratecards.calendars import WHOLE_DAY, Minutes, day_number, nth_in_month, season_days, weekday, year_day
from ratecards.ladders import Ladder
from ratecards.model import BilledBy, Card, Line, ResetsAt, SpecialDay
from ratecards.money import Money
from ratecards.precedence import Holder, Part, part_of
from ratecards.scopes import special_days
from ratecards.timeline import Limit, State, Timeline

# Every day of the year falls on every weekday within so many years.
_YEARS = 28
# Drivers of all combinations of so many permits are tried; cards with more are taken for unlike.
_MOST_USERS = 5
_MOST_MIN = 44_640
# Between these minutes of the day no clock is set to summer or winter time.
_CLOCKS_CHANGE_UNTIL, _CLOCKS_CHANGE_FROM = 240, 1380


class Likeness(IntEnum):
    """How a card stands to another one that it was made of."""

    UNLIKE = 0
    NO_MORE = 1
    SAME = 2


def likeness(made: Card, stated: Card) -> Likeness:
    """Whether a card says the same as the one stated, or at least promises no more; see above.

    A card made with caps, offers, fees, free beginnings or statements is taken for unlike.
    """
    if any(part_of(line) is not Part.GOVERNS and not _is_kept(line) for line in made.lines):
        return Likeness.UNLIKE
    keys = sorted(made.user_keys | stated.user_keys)
    if len(keys) > _MOST_USERS:
        return Likeness.UNLIKE
    holders = (frozenset(some) for count in range(len(keys) + 1) for some in combinations(keys, count))
    return min(_likeness(made, stated, holder) for holder in holders)


def _likeness(made: Card, stated: Card, holder: Holder) -> Likeness:
    pair = _Pair(Timeline(made, holder), Timeline(stated, holder), stated)
    for day, place in _kinds_of_days([*made.lines, *stated.lines]):
        if not pair.compare(day, place):
            return Likeness.UNLIKE
    return pair.result()


class _Known:
    """Calendars that say of any date which special days it is; of words that are missing they know nothing."""

    def __init__(self, said: Mapping[SpecialDay, Minutes]) -> None:
        self._said = said

    def minutes_of(self, special: SpecialDay, day: int) -> Minutes | None:
        return self._said.get(special)


def _kinds_of_days(lines: Sequence[Line]) -> Iterator[tuple[int, _Known]]:
    """A date of each kind that lines tell apart, with all that calendars may say of it."""
    scopes = [line.scope for line in lines]
    has_nth = any(scope.days and scope.days.nth for scope in scopes)
    seasons = list(dict.fromkeys(season_days(scope.season) for scope in scopes if scope.season))
    kinds: dict[tuple[object, ...], int] = {}
    for (number, nth, of_year), day in _dates().items():
        kinds.setdefault((number, nth if has_nth else (), *(of_year in season for season in seasons)), day)
    words = special_days(scopes)
    for day in kinds.values():
        for said in product((None, (), WHOLE_DAY), repeat=len(words)):
            yield day, _Known({word: minutes for word, minutes in zip(words, said, strict=True) if minutes is not None})


@lru_cache(maxsize=1)
def _dates() -> dict[tuple[int, tuple[int, ...], tuple[int, int]], int]:
    """A date of each weekday, occurrence in the month and day of the year."""
    first = day_number(date(2000, 1, 1))
    days = range(first, day_number(date(2000 + _YEARS, 1, 1) - timedelta(days=1)) + 1)
    return {(weekday(day), nth_in_month(day), year_day(day)): day for day in days}


class _Pair:
    """The timelines of two cards for one driver, and what was seen of them so far."""

    def __init__(self, made: Timeline, stated: Timeline, card: Card) -> None:
        self._made, self._stated = made, stated
        self._is_same = True
        # Whether prices of the card stated can be told from its tariffs and caps alone.
        self._is_plain = not any(map(_changes_prices, card.lines))
        self._resets = bool(stated.reset_min)
        self._offers = bool(stated.offers)
        # Which tariffs stand for which, by the lines of those of the card made; free ones need none.
        self._twins: dict[tuple[Line, ...], _Twin] = {}
        # Where limits of the card stated have a limit of as many minutes on the other all along: its groups.
        self._limits: dict[tuple[int, int], set[tuple[int, bool]]] = {}
        self._limits_back: dict[tuple[int, int, bool], set[int]] = {}
        self._keeps_units = self._loses_units = False

    def compare(self, day: int, place: _Known) -> bool:
        """Whether the first card promises no more on a date than the one stated; tariffs are tried in the end."""
        spans = [each.day(day, place) for each in (self._made, self._stated)]
        edges = sorted({edge for both in spans for span in both for edge in (span.start, span.end)})
        cells = [
            _Cell(start, end, *(next(s.state for s in both if s.start <= start < s.end) for both in spans))
            for start, end in pairwise(edges)
        ]
        if not all(self._allows_no_more(each.made, each.stated) and self._charges_no_less(each) for each in cells):
            return False
        for tariff, twin in self._twins.items():
            twin.reach(cells, tariff)
        return True

    def result(self) -> Likeness:
        """What came of all dates."""
        if self._keeps_units and self._loses_units:
            # A unit that reaches into another tariff costs what both say (S4.2).
            return Likeness.UNLIKE
        stated = [twin.lines for twin in self._twins.values()]
        ticks = self._made.ticks, self._stated.ticks
        if len(set(stated)) < len(stated) or not all(twin.is_same(*ticks) for twin in self._twins.values()):
            return Likeness.UNLIKE
        return Likeness.SAME if self._is_same and self._is_plain and not self._offers else Likeness.NO_MORE

    def _allows_no_more(self, made: State, stated: State) -> bool:
        if made.closed_by or stated.closed_by:
            self._is_same &= bool(made.closed_by) == bool(stated.closed_by)
            return bool(made.closed_by)
        if stated.may_refuse and not made.may_refuse:
            return False
        self._is_same &= made.may_refuse == stated.may_refuse
        if self._resets and stated.limits:
            return False
        return self._limits_no_less(made.limits, stated.limits)

    def _limits_no_less(self, made: Iterable[Limit], stated: Iterable[Limit]) -> bool:
        """Whether each limit stated has one of its length beside it, here and wherever it was met before."""
        there = {(each.group, each.minutes, each.is_disc) for each in made}
        for limit in stated:
            fitting = {
                (group, is_disc)
                for group, minutes, is_disc in there
                if minutes == limit.minutes and (limit.is_disc or not is_disc)
            }
            key = limit.group * 2 + limit.is_disc, limit.minutes
            fitting &= self._limits.get(key, fitting)
            if not fitting:
                return False
            self._limits[key] = fitting
            self._is_same &= any(is_disc == limit.is_disc for _, is_disc in fitting)
        for each in there:
            groups = {limit.group for limit in stated if (limit.minutes, limit.is_disc) == each[1:]}
            self._limits_back[each] = groups & self._limits_back.get(each, groups)
            self._is_same &= bool(self._limits_back[each])
        return True

    def _charges_no_less(self, cell: "_Cell") -> bool:
        made, stated = cell.made, cell.stated
        if made.closed_by:
            self._loses_units |= _has_unit(stated)
            return True
        known, theirs = _known(made), _known(stated)
        self._loses_units |= _has_unit(stated) and known is None
        if known is None:
            self._is_same &= theirs is None
            return True
        if theirs is None or made.tariff is None or stated.tariff is None:
            return False
        self._is_same &= not stated.caps and not stated.firsts
        if known.is_free and theirs.is_free:
            # What is free needs no clock, so it may be one tariff or several.
            return True
        self._keeps_units |= _has_unit(made)
        if not self._is_plain or any(isinstance(rule.line.outcome, Money) for rule in stated.firsts):
            return False
        twin = self._twins.setdefault(made.tariff.lines, _Twin(stated.tariff.lines, known, theirs))
        return twin.lines == stated.tariff.lines


class _Cell(NamedTuple):
    """Minutes of a date, and what holds there on both cards."""

    start: int
    end: int
    made: State
    stated: State

    def has_tariff(self, lines: tuple[Line, ...]) -> bool:
        """Whether these lines of the card made govern it."""
        return self.made.tariff is not None and self.made.tariff.lines == lines


@dataclass(slots=True)
class _Twin:
    """The tariff stated that one of the card made stands for, both ladders, and how far their clocks may get."""

    lines: tuple[Line, ...]
    made: Ladder
    stated: Ladder
    most_min: int = 0
    is_far_from_units: bool = True

    def reach(self, cells: Sequence[_Cell], lines: tuple[Line, ...]) -> None:
        """Count the minutes of a date that a tariff governs; one that runs by night may go on, or be an hour longer."""
        there = [each for each in cells if each.has_tariff(lines)]
        if any(each.start < _CLOCKS_CHANGE_UNTIL or each.end > _CLOCKS_CHANGE_FROM for each in there):
            self.most_min, self.is_far_from_units = _MOST_MIN, False
            return
        self.most_min = max(self.most_min, sum(each.end - each.start for each in there))
        for pair in pairwise(cells):
            if [each.has_tariff(lines) for each in pair].count(True) == 1 and all(_has_unit(c.made) for c in pair):
                self.is_far_from_units = False

    def is_same(self, ticks: int, others_ticks: int) -> bool:
        """Whether both charge the same as far as their clocks may get."""
        made, stated = self.made, self.stated
        units = [
            each and (each.minutes, each.price * by) for each, by in ((made.unit, others_ticks), (stated.unit, ticks))
        ]
        # A unit differs from a tier where it reaches into another unit's tariff, and there alone.
        if units[0] != units[1] and not (self.is_far_from_units and stated.unit is None):
            return False
        if made.by_day or stated.by_day:
            return False
        last = min(self.most_min, *(each.known_min or _MOST_MIN for each in (made, stated)))
        if made.known_min != stated.known_min and last < self.most_min:
            return False
        readings = {edge for ladder in (made, stated) for edge in ladder.rises(0, last)} | {last}
        return all(
            made.total(reading) * others_ticks == stated.total(reading) * ticks
            for minute in readings
            for reading in (minute, minute + 1)
            if reading <= last
        )


def _is_kept(line: Line) -> bool:
    """Whether a line is there to be shown."""
    return part_of(line) is Part.KEPT and not isinstance(line.statement, BilledBy | ResetsAt)


def _changes_prices(line: Line) -> bool:
    """Whether a line changes prices in a way that may make them higher, or that nobody can weigh."""
    part = part_of(line)
    if part is Part.OFFER:
        # A calendar nobody knows can leave open whether it holds.
        return bool(special_days([line.scope]))
    return part in (Part.FEE, Part.UNWEIGHED) or isinstance(line.statement, BilledBy | ResetsAt)


def _known(state: State) -> Ladder | None:
    """The prices of a minute, None where nobody knows them."""
    return None if state.is_unsure else state.ladder


def _has_unit(state: State) -> bool:
    return state.ladder is not None and state.ladder.unit is not None
