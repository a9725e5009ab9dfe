"""Rules of a kerb -> the card that says in each minute what they say together.

Each regime is written in the words of a rule's own times where these hold no other regime's minutes, else in days and
hours cut to where it governs. Lines may run under a ban: No Parking wins there (S3.3). What has no such words leaves
the card with an `Unclear` line, which nothing can read: the price of the kerb is then unknown, and that it is open
too, except where a readable ban closes it (S1.3).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

import numpy as np

from onstreet.datasets.regimes import OCCURRENCES, Grid, Mask, Regime, is_closed, regimes
from onstreet.datasets.regulations import WEEK, YEAR, Rule, When, YearDays
from ratecards import format_line
from ratecards.calendars import WHOLE_DAY, Minutes
from ratecards.model import (
    DAY_MIN,
    LAST,
    MONTH_DAYS,
    DayRange,
    Days,
    Line,
    Outcome,
    Scope,
    Season,
    SpecialDay,
    Window,
    YearDay,
)
from ratecards.scopes import joined

_NTHS = (1, 2, 3, 4, 5, LAST)


@lru_cache(maxsize=65_536)
def card_of(rules: tuple[Rule, ...], unclear: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The lines of a card that says what the rules say; `unclear` are sentences about rules that could not be read."""
    if not rules:
        return tuple(map(unread, unclear))
    grid = Grid([when for rule in rules for when in rule.whens])
    found = sorted(regimes(grid, rules).items(), key=lambda each: _order(each[0]))
    nobody = np.zeros(grid.shape, dtype=np.bool_)
    closed = np.logical_or.reduce([nobody, *(mask for regime, (mask, _) in found if is_closed(regime))])
    lines: list[str] = []
    lost: list[str] = []
    for regime, (must, there) in found:
        # The times of the rules that govern come before those of the ones they override.
        whens = [when for rule in sorted(there, key=lambda rule: rule.rank) for when in rule.whens]
        scopes = list(_expressed(grid, must, closed, whens))
        if None in scopes:
            lost.append(f"when is {format_line(regime[0])}")
        lines += [_line(scope, line) for scope in scopes if scope is not None for line in regime]
    return (*lines, *map(unread, (*unclear, *lost)))


def unread(sentence: str) -> str:
    """A line of a card that tells people what could not be told to a machine."""
    return f"Unclear: {sentence}"


def _order(regime: Regime) -> tuple[bool, int, str]:
    """Bans first, then prices, then the rest."""
    outcome = regime[-1].outcome
    rest = {Outcome.SEE_METER: 1, Outcome.FREE: 2}.get(outcome, 0) if isinstance(outcome, Outcome) else 0
    return not is_closed(regime), rest, str(regime)


def _line(scope: Scope, line: Line) -> str:
    return format_line(replace(line, scope=replace(scope, user=line.scope.user)))


def _expressed(grid: Grid, must: Mask, closed: Mask, whens: Iterable[When]) -> Iterator[Scope | None]:
    """Scopes that hold all of some minutes and no others that anything but a ban governs; None where words fail."""
    left, used = must.copy(), np.zeros_like(must)
    for when in dict.fromkeys(whens):
        mask = grid.mask(when)
        if not (mask & left).any() or (mask & ~(must | closed)).any() or (mask & used & ~closed).any():
            continue
        scopes = list(_scopes_of(when))
        if None not in scopes:
            yield from scopes
            left, used = left & ~mask, used | mask
    if left.any():
        # Weeks of the month and special days often need no words where a ban closes the gap between them.
        open_ended = [left, *(left.any(axis=axis, keepdims=True) & (left | closed) for axis in (1, 3))]
        cuts = [list(_cut(grid, minutes, order)) for minutes in open_ended for order in (0, 1)]
        yield from min((cut for cut in cuts if None not in cut), key=len, default=[None])


def _scopes_of(when: When) -> Iterator[Scope | None]:
    """A time in the words of a card."""
    nth = tuple(each for each in _NTHS if each in when.nth)
    if when.only and (nth or when.weekdays != WEEK):
        yield None
        return
    excepts = tuple(word for word in SpecialDay if word in when.excepts)
    yield from _scopes(when.weekdays, nth, when.dates, when.only, excepts, when.minutes)


def _scopes(
    weekdays: frozenset[int],
    nth: tuple[int, ...],
    dates: YearDays | None,
    only: SpecialDay | None,
    excepts: tuple[SpecialDay, ...],
    minutes: Minutes,
) -> Iterator[Scope]:
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
    ring = [YEAR[(number + shift) % len(YEAR)] for shift in [_gap(dates)] for number in range(len(YEAR))]
    runs: list[list[tuple[int, int]]] = [[]]
    for day in ring:
        if day in dates:
            runs[-1].append(day)
        elif runs[-1]:
            runs.append([])
    return [_season(run[0], run[-1]) for run in runs if run]


def _gap(dates: YearDays) -> int:
    return next(number for number, day in enumerate(YEAR) if day not in dates)


def _season(first: tuple[int, int], last: tuple[int, int]) -> Season:
    """Whole months by their names alone."""
    is_whole = first[1] == 1 and last[1] == MONTH_DAYS[last[0] - 1]
    return Season(YearDay(first[0]), YearDay(last[0])) if is_whole else Season(YearDay(*first), YearDay(*last))


def _cut(grid: Grid, left: Mask, order: int) -> Iterator[Scope | None]:
    """Just these minutes, date by date; with `order` 1 holidays and the like are taken apart from ordinary days."""
    left = left.copy()
    for only, excepts in _special_ways(grid.words, order):
        kinds = [_allows(dict(zip(grid.words, kind, strict=True)), only, excepts) for kind in grid.kinds]
        if not any(kinds):
            continue
        there: Mask = np.all(left[:, :, :, kinds], axis=3)
        if only:
            # A special day's word covers it on whatever weekday it falls.
            there = np.broadcast_to(np.all(there, axis=(0, 1)), there.shape)
        if there.any():
            left[:, :, :, kinds] &= ~there[:, :, :, None]
            yield from _dated(grid, there, only, excepts)
    if left.any():
        yield None


def _special_ways(
    words: Sequence[SpecialDay], order: int
) -> Iterator[tuple[SpecialDay | None, tuple[SpecialDay, ...]]]:
    ways: list[tuple[SpecialDay | None, tuple[SpecialDay, ...]]] = []
    for count in range(len(words) + 1):
        for excepts in combinations(words, count):
            ways.append((None, excepts))
            ways += [(only, excepts) for only in words if only not in excepts]
    plain, special = [way for way in ways if way[0] is None], [way for way in ways if way[0]]
    yield from (*plain, *special) if order == 0 else (*special, *plain)


def _allows(kind: dict[SpecialDay, bool], only: SpecialDay | None, excepts: tuple[SpecialDay, ...]) -> bool:
    return (only is None or kind[only]) and not any(kind[word] for word in excepts)


def _dated(grid: Grid, there: Mask, only: SpecialDay | None, excepts: tuple[SpecialDay, ...]) -> Iterator[Scope | None]:
    """Scopes of weekdays x occurrences x parts of the year x slots: alike days share a line."""
    alike: dict[tuple[Minutes, frozenset[int], int], set[int]] = defaultdict(set)
    for weekday in range(7):
        for part in range(there.shape[2]):
            by_minutes: dict[Minutes, set[int]] = defaultdict(set)
            for nth in range(there.shape[1]):
                spans = zip(grid.slots, there[weekday, nth, part], strict=True)
                by_minutes[joined(slot for slot, is_there in spans if is_there)].add(nth)
            for minutes, nths in by_minutes.items():
                if minutes:
                    alike[minutes, frozenset(nths), part].add(weekday + 1)
    seasons: dict[tuple[Minutes, frozenset[int], frozenset[int]], set[int]] = defaultdict(set)
    for (minutes, alike_nths, part), days in alike.items():
        seasons[minutes, alike_nths, frozenset(days)].add(part)
    for (minutes, alike_nths, weekdays), parts in seasons.items():
        words = _nth_words(grid, alike_nths)
        dates = frozenset(day for part in parts for day in grid.parts[part])
        if words is None:
            yield None
        else:
            yield from _scopes(weekdays, words, dates, only, excepts, minutes)


def _nth_words(grid: Grid, nths: frozenset[int]) -> tuple[int, ...] | None:
    """Occurrences in the month as a card says them: none for all of them, None where they cannot be said."""
    if len(nths) == len(grid.nths):
        return ()
    wanted = {OCCURRENCES[each] for each in nths}
    for count in range(1, len(_NTHS)):
        for words in combinations(_NTHS, count):
            if {kind for kind in OCCURRENCES if not set(words).isdisjoint(kind)} == wanted:
                return words
    return None
