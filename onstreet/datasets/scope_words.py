"""Times of regulations -> scopes in the words of a card (S2): day ranges, occurrences, seasons, 24-hour windows."""

from collections.abc import Iterator
from itertools import combinations

from onstreet.datasets.regimes import OCCURRENCES, Grid
from onstreet.datasets.regulations import WEEK, YEAR, When, YearDays
from ratecards.calendars import WHOLE_DAY, Minutes
from ratecards.model import DAY_MIN, LAST, MONTH_DAYS, DayRange, Days, Scope, Season, SpecialDay, Window, YearDay

_NTHS = (1, 2, 3, 4, 5, LAST)


def scopes_of(when: When) -> Iterator[Scope | None]:
    """A time in the words of a card."""
    nth = tuple(each for each in _NTHS if each in when.nth)
    if when.only and (nth or when.weekdays != WEEK):
        yield None
        return
    excepts = tuple(word for word in SpecialDay if word in when.excepts)
    yield from scopes_in(when.weekdays, nth, when.dates, when.only, excepts, when.minutes)


def scopes_in(
    weekdays: frozenset[int],
    nth: tuple[int, ...],
    dates: YearDays | None,
    only: SpecialDay | None,
    excepts: tuple[SpecialDay, ...],
    minutes: Minutes,
) -> Iterator[Scope]:
    """Scopes that hold these minutes on days of which all parts hold; several where one line cannot say them."""
    seasons = _seasons(dates) if dates is not None else [None]
    hours = () if minutes == WHOLE_DAY else _windows(minutes)
    for days in _days(weekdays, nth, only, excepts):
        for season in seasons:
            yield Scope(days, hours, season)


def _days(
    weekdays: frozenset[int], nth: tuple[int, ...], only: SpecialDay | None, excepts: tuple[SpecialDay, ...]
) -> Iterator[Days | None]:
    if only:
        yield Days((only,), (), excepts)
        return
    if weekdays == WEEK:
        yield Days((DayRange(1, 7),), nth, excepts) if nth or excepts else None
        return
    ranges = tuple(_ranges(weekdays))
    if nth:
        # Occurrences are said of one range at a time.
        yield from (Days((each,), nth, excepts) for each in ranges)
    else:
        yield Days(ranges, (), excepts)


def _ranges(weekdays: frozenset[int]) -> Iterator[DayRange]:
    """Runs of weekdays, one over Sunday in one piece; not for a whole week."""
    for first in sorted(weekdays):
        if (first - 2) % 7 + 1 not in weekdays:
            last = first
            while last % 7 + 1 in weekdays:
                last = last % 7 + 1
            yield DayRange(first, last)


def _windows(minutes: Minutes) -> tuple[Window, ...]:
    """Windows of the 24-hour clock; what begins and what ends at midnight is one window over it (S3.1)."""
    spans = list(minutes)
    if len(spans) > 1 and spans[0][0] == 0 and spans[-1][1] == DAY_MIN:
        spans = [*spans[1:-1], (spans[-1][0], spans[0][1])]
    return tuple(Window(start, end % DAY_MIN, 24) for start, end in spans)


def _seasons(dates: YearDays) -> list[Season | None]:
    """Runs of days of the year, one over its end in one piece; nothing where it is the whole year."""
    if len(dates) == len(YEAR):
        return [None]
    return [_season(run[0], run[-1]) for run in runs_of(dates)]


def runs_of(dates: YearDays) -> list[list[tuple[int, int]]]:
    """Days of the year that follow each other, one run over the year's end in one piece; not for the whole year."""
    ring = [YEAR[(number + shift) % len(YEAR)] for shift in [_gap(dates)] for number in range(len(YEAR))]
    runs: list[list[tuple[int, int]]] = [[]]
    for day in ring:
        if day in dates:
            runs[-1].append(day)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _gap(dates: YearDays) -> int:
    return next(number for number, day in enumerate(YEAR) if day not in dates)


def _season(first: tuple[int, int], last: tuple[int, int]) -> Season:
    """Whole months by their names alone."""
    is_whole = first[1] == 1 and last[1] == MONTH_DAYS[last[0] - 1]
    return Season(YearDay(first[0]), YearDay(last[0])) if is_whole else Season(YearDay(*first), YearDay(*last))


def nth_words(grid: Grid, nths: frozenset[int]) -> tuple[int, ...] | None:
    """Occurrences in the month as a card says them: none for all of them, None where they cannot be said."""
    if len(nths) == len(grid.nths):
        return ()
    wanted = {OCCURRENCES[each] for each in nths}
    for count in range(1, len(_NTHS)):
        for words in combinations(_NTHS, count):
            if {kind for kind in OCCURRENCES if not set(words).isdisjoint(kind)} == wanted:
                return words
    return None
