"""Scopes laid over every kind of date there is: the hours that have the same lines, and those hours in words.

A kind of date is its weekday, the seasons of the card it lies in and, where a line counts them, which weekday of its
month it is. Special days are no ordinary dates: what names them is laid over the dates of one calendar when asked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeVar

from ratecards import words
from ratecards.calendars import WHOLE_DAY, Minutes, nth_in_month, season_days, weekday, year_day
from ratecards.findings import listed
from ratecards.formatter import window
from ratecards.model import DAY_MIN, LAST, MONTH_DAYS, Scope, SpecialDay, Window
from ratecards.scopes import Reach, day_spans, is_in
from ratecards.words import ordinal

T = TypeVar("T")
Slot = tuple[int, int]
YearDays = frozenset[tuple[int, int]]

WEEK = tuple(range(1, 8))
_NTHS = [(1,), (2,), (3,), (4,), (4, LAST), (5, LAST)]
_FIRST_DAY = 11_323  # 1 January 2001
_YEAR_DAYS = [(month, day) for month, days in enumerate(MONTH_DAYS, 1) for day in range(1, days + 1)]


class Kind(NamedTuple):
    """A kind of date: ISO weekday, numbers of the seasons it lies in, which one in the month (empty if none counts)."""

    weekday: int
    seasons: frozenset[int]
    nth: tuple[int, ...]


class Cell(NamedTuple):
    """Minutes of a kind of date that no scope cuts."""

    kind: Kind
    slot: Slot


class _Year(NamedTuple):
    """A year of dates that are all special in one way, or in none."""

    special: SpecialDay | None

    def minutes_of(self, special: SpecialDay, day: int) -> Minutes | None:
        """Every date is special in that way."""
        return WHOLE_DAY if special is self.special else ()


class Coverage:
    """Which of some scopes cover which minutes of any date, ordinary or of one special calendar.

    `patches` has the cells that the same scopes cover, by the indices of those scopes; together they are all there is.
    `kinds` has a date of each kind, counted from 1970-01-01.
    """

    def __init__(self, scopes: Sequence[Scope], special: SpecialDay | None = None) -> None:
        self._seasons: list[YearDays] = list(dict.fromkeys(season_days(each.season) for each in scopes if each.season))
        self._counts_nth = any(scope.days and scope.days.nth for scope in scopes)
        self.clock = next((hours.clock for scope in scopes for hours in scope.hours), 12)
        edges = {0, DAY_MIN} | {edge for scope in scopes for span in day_spans(scope) for edge in span}
        self.slots: list[Slot] = list(pairwise(sorted(edges)))
        self._dates = _every_date() if self._seasons else range(_FIRST_DAY, _FIRST_DAY + 365)
        self.kinds: dict[Kind, int] = {}
        for day in self._dates:
            self.kinds.setdefault(self._kind(day), day)
        reaches, year = [Reach.of(scope) for scope in scopes], _Year(special)
        self._active = {
            kind: _bits(i for i, reach in enumerate(reaches) if reach.on(day, year).covered)
            for kind, day in self.kinds.items()
        }
        self._covering = {slot: _bits(i for i, scope in enumerate(scopes) if _has(scope, slot)) for slot in self.slots}
        self.patches: dict[frozenset[int], list[Cell]] = self._cut()

    def there(self, kind: Kind, slot: Slot) -> frozenset[int]:
        """The indices of the scopes that cover a cell."""
        return _indices(self._active[kind] & self._covering[slot])

    def active(self, kind: Kind) -> frozenset[int]:
        """The indices of the scopes that have this kind of date among their days."""
        return _indices(self._active[kind])

    @cached_property
    def nights(self) -> set[tuple[Kind, Kind]]:
        """Kinds of two dates that follow each other."""
        return {(self._kind(day), self._kind(day + 1)) for day in self._dates}

    def named(self, cells: Iterable[Cell]) -> list[str]:
        """Hours in words, a phrase for all days that share them: `Mon-Fri 6pm-8am`, `every last Fri in Dec-Feb`."""
        kinds: dict[tuple[int, Slot], set[Kind]] = defaultdict(set)
        for cell in cells:
            kinds[cell.kind.weekday, cell.slot].add(cell.kind)
        weeks: dict[tuple[Collection[object], Collection[object]], dict[int, list[Slot]]] = {}
        for day, slot in sorted(kinds):
            for qualifier in self._qualifiers(day, kinds[day, slot]):
                weeks.setdefault(qualifier, defaultdict(list))[day].append(slot)
        return [
            f"{nth_named(days_named(days), nths)}{hours_named(slots, self.clock)}{self._season(parts)}"
            for (nths, parts), week in weeks.items()
            for slots, days in _by_value(week).items()
        ]

    def _kind(self, day: int) -> Kind:
        date = year_day(day)
        seasons = frozenset(number for number, days in enumerate(self._seasons) if date in days)
        return Kind(weekday(day), seasons, nth_in_month(day) if self._counts_nth else ())

    def _cut(self) -> dict[frozenset[int], list[Cell]]:
        patches: dict[int, list[Cell]] = defaultdict(list)
        for kind, active in self._active.items():
            for slot, covering in self._covering.items():
                patches[active & covering].append(Cell(kind, slot))
        return {_indices(bits): cells for bits, cells in patches.items()}

    def _qualifiers(self, day: int, kinds: set[Kind]) -> Iterator[tuple[frozenset[tuple[int, ...]], frozenset[object]]]:
        """Which nths and which parts of the year the kinds are of all those of their weekday; empty sets mean all."""
        theirs, every = _nths_by_seasons(kinds), _nths_by_seasons(each for each in self._active if each.weekday == day)
        chosen: dict[frozenset[tuple[int, ...]], set[object]] = defaultdict(set)
        for seasons, nths in theirs.items():
            chosen[frozenset() if nths == every[seasons] else frozenset(nths)].add(seasons)
        for nth_set, parts in chosen.items():
            yield nth_set, frozenset() if len(parts) == len(every) else frozenset(parts)

    def _season(self, parts: Collection[object]) -> str:
        if not parts:
            return ""
        return f" in {season_named({date for date, seasons in self._seasons_of.items() if seasons in parts})}"

    @cached_property
    def _seasons_of(self) -> dict[tuple[int, int], frozenset[int]]:
        """The numbers of the seasons that each day of the year lies in."""
        return {date: frozenset(i for i, days in enumerate(self._seasons) if date in days) for date in _YEAR_DAYS}


def days_named(days: Collection[int]) -> str:
    """Weekdays in words: `Mon-Tue | Thu-Sat`, `Sat-Mon`."""
    names = words.WEEKDAYS
    return " | ".join(_range(names[first - 1], names[last - 1]) for first, last in _runs(days, WEEK))


def hours_named(slots: Sequence[Slot], clock: int) -> str:
    """Spans of a day in words behind its name: ` 9am-12pm & 2pm-6pm`, ` 6pm-9am` for both ends of the day."""
    joined: list[Slot] = []
    for start, end in slots:
        before = joined.pop() if joined and joined[-1][1] == start else (start, end)
        joined.append((before[0], end))
    if joined == [(0, DAY_MIN)]:
        return ""
    if joined[0][0] == 0 and joined[-1][1] == DAY_MIN:
        joined = [*joined[1:-1], (joined[-1][0], joined[0][1])]
    return " " + " & ".join(window(Window(start, end, clock)) for start, end in joined)


def season_named(days: Collection[tuple[int, int]]) -> str:
    """Days of the year in words: `Dec-Feb`, `Nov 15-Mar 31 and May 2`."""
    return listed([_season_range(*run) for run in _runs(days, _YEAR_DAYS)])


def nth_named(days: str, nths: Collection[object]) -> str:
    """Weekdays by their place in the month: `every 1st & 3rd Tue`, `every Fri but the last`."""
    if not nths:
        return days
    chosen = _nth_words([nth for nth in _NTHS if nth in nths])
    others = _nth_words([nth for nth in _NTHS if nth not in nths])
    if len(others) < len(chosen):
        return f"every {days} but the {' & '.join(others)}"
    return f"every {' & '.join(chosen)} {days}"


def _nth_words(nths: Collection[tuple[int, ...]]) -> list[str]:
    late = [nth for nth in nths if nth[0] > 3]
    both = {((4,), (4, LAST)): ["4th"], ((4, LAST), (5, LAST)): ["last"], tuple(_NTHS[3:]): ["4th", "5th"]}
    each = {(4,): "4th of five", (4, LAST): "4th of four", (5, LAST): "5th"}
    return [ordinal(nth[0]) for nth in nths if nth[0] <= 3] + both.get(tuple(late), [each[nth] for nth in late])


def _range(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"


def _season_range(first: tuple[int, int], last: tuple[int, int]) -> str:
    """Whole months by their names, else both ends with their days."""
    ends = [words.MONTHS[month - 1] for month, _ in (first, last)]
    if first[1] == 1 and last[1] == MONTH_DAYS[last[0] - 1]:
        return _range(*ends)
    return _range(f"{ends[0]} {first[1]}", f"{ends[1]} {last[1]}")


def _runs(chosen: Collection[T], ring: Sequence[T]) -> list[tuple[T, T]]:
    """First and last of each run of neighbours on a ring."""
    firsts = [i for i, each in enumerate(ring) if each in chosen and ring[i - 1] not in chosen]
    if not firsts:
        return [(ring[0], ring[-1])] if chosen else []
    follows = [
        next(i for i in range(first, first + len(ring)) if ring[i % len(ring)] not in chosen) for first in firsts
    ]
    return [(ring[first], ring[(after - 1) % len(ring)]) for first, after in zip(firsts, follows, strict=True)]


def _by_value(week: dict[int, list[Slot]]) -> dict[tuple[Slot, ...], list[int]]:
    days: dict[tuple[Slot, ...], list[int]] = {}
    for day, slots in week.items():
        days.setdefault(tuple(slots), []).append(day)
    return days


def _nths_by_seasons(kinds: Iterable[Kind]) -> dict[frozenset[int], set[tuple[int, ...]]]:
    nths: dict[frozenset[int], set[tuple[int, ...]]] = defaultdict(set)
    for kind in kinds:
        nths[kind.seasons].add(kind.nth)
    return nths


def _has(scope: Scope, slot: Slot) -> bool:
    return is_in(slot[0], day_spans(scope))


def _bits(indices: Iterable[int]) -> int:
    """A set of small numbers as one integer: cells are many, and most of them have the same set."""
    return sum(1 << index for index in indices)


@lru_cache(maxsize=8192)
def _indices(bits: int) -> frozenset[int]:
    return frozenset(index for index in range(bits.bit_length()) if bits >> index & 1)


@lru_cache(maxsize=1)
def _every_date() -> tuple[int, ...]:
    """Each day of the year on each weekday, last of its month or not: 28 years have them all."""
    days = range(_FIRST_DAY, _FIRST_DAY + 28 * 365 + 7)
    return tuple({(year_day(day), weekday(day), nth_in_month(day)): day for day in days}.values())
