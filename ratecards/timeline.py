"""Card -> for each kind of day, sorted spans with what governs them (S3.1-S3.4).

A kind of day is the set of lines whose days it is: two dates with the same set have the same spans.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from ratecards.calendars import nth_in_month, season_days, wall_spans, weekday, year_day
from ratecards.ladders import LADDER_TERMS, Ladder, ladder_of
from ratecards.model import DAY_MIN, LAST, WEEK_MIN, Card, DayRange, Line, Note, Outcome, Scope, TermKind

Holder = frozenset[str]

# Every answer of nth_in_month.
_OCCURRENCES = ((1,), (2,), (3,), (4,), (4, LAST), (5, LAST))


@dataclass(frozen=True, slots=True, eq=False)
class Tariff:
    """Lines of one scope, priced together (S4.1); `ladder` is None where they leave the price unknown."""

    lines: tuple[Line, ...]
    ladder: Ladder | None


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open minutes and what governs them: a tariff, the line that closes them, or neither (S3.4).

    `limits` are the lines that limit a stay there, whether or not they govern, with their tariffs (S3.6).
    """

    start: int
    end: int
    tariff: Tariff | None = None
    closed_by: Line | None = None
    limits: tuple[tuple[Tariff, Line], ...] = ()

    def goes_on_in(self, later: "Span") -> bool:
        """Whether the later span begins where this one ends and the same governs both."""
        return self.end == later.start and (self.tariff, self.closed_by, self.limits) == (
            later.tariff,
            later.closed_by,
            later.limits,
        )


@lru_cache(maxsize=8192)
def compile_card(card: Card, holder: Holder = frozenset()) -> "Timeline":
    """The timeline of a card for a driver who holds these permits (S5.3), made once for each pair."""
    return Timeline(card, holder)


class Timeline:
    """What governs each minute of any day, for one card and one driver."""

    def __init__(self, card: Card, holder: Holder = frozenset()) -> None:
        self._holder = holder
        self._lines = tuple(line for line in card.lines if _governs(line))
        self._tariffs = _tariffs(self._lines)
        self._shares = {line: share_of_year(line.scope) for line in self._lines}
        self._kinds: dict[tuple[Line, ...], tuple[Span, ...]] = {}
        self.longest_unit_min = max((line.term.minutes for line in self._lines if line.term), default=0)
        # A line it cannot weigh may ban, limit or price any minute.
        self.is_whole = not card.unread and not any(map(_is_beyond, card.lines))

    def day(self, day: int) -> tuple[Span, ...]:
        """The spans of one date, 0 to 1440 minutes of its wall clock; `day` counts from 1970-01-01."""
        active = tuple(line for line in self._lines if is_active(line.scope, day))
        if active not in self._kinds:
            self._kinds[active] = tuple(_merged(self._cut(active)))
        return self._kinds[active]

    def spans(self, zone: str, start: int, end: int) -> Iterator[Span]:
        """What governs the instants start to end, as spans of instants (S3.5)."""
        return _merged(self._instants(zone, start, end))

    def _instants(self, zone: str, start: int, end: int) -> Iterator[Span]:
        for wall in wall_spans(zone, start, end):
            for span in self.day(wall.day):
                first = max(wall.start, wall.midnight + span.start)
                last = min(wall.end, wall.midnight + span.end)
                if first < last:
                    yield Span(first, last, span.tariff, span.closed_by, span.limits)

    def _cut(self, active: tuple[Line, ...]) -> Iterator[Span]:
        covers = [(line, spans) for line in active if (spans := day_spans(line.scope))]
        edges = sorted({0, DAY_MIN} | {edge for _, spans in covers for span in spans for edge in span})
        for start, end in pairwise(edges):
            there = [line for line, spans in covers if any(a <= start < b for a, b in spans)]
            yield self._govern(start, end, there)

    def _govern(self, start: int, end: int, lines: list[Line]) -> Span:
        ruling, closes = governing(lines, self._holder, self._shares)
        if ruling is None or closes:
            return Span(start, end, closed_by=ruling)
        # A limit for everybody does not bind those whose own line governs.
        limits = [line for line in lines if line.limit_min and is_theirs(line, self._holder)]
        binding = [line for line in limits if line.scope.user or not ruling.scope.user]
        return Span(start, end, self._tariffs[ruling], limits=tuple((self._tariffs[line], line) for line in binding))


def governing(lines: Sequence[Line], holder: Holder, shares: dict[Line, Fraction]) -> tuple[Line | None, bool]:
    """The line that governs a minute all of these cover, and whether it closes it; lines in card order (S3.3).

    No Parking beats everything; a time reserved for others is closed; a line for users the driver is beats one for
    everybody; then the smallest share of the year; then the earlier line. A bare limit governs where nothing else does.
    """

    def rank(line: Line) -> tuple[bool, bool, Fraction]:
        return line.outcome is None, line.scope.user is None, shares[line]

    bans = [line for line in lines if line.outcome is Outcome.NO_PARKING and _speaks_to(line, holder)]
    closing = bans or [line for line in lines if is_reserved(line, holder) and not _is_shared(line, lines, holder)]
    if closing:
        return min(closing, key=lambda line: shares[line]), True
    return min((line for line in lines if is_theirs(line, holder)), key=rank, default=None), False


def is_theirs(line: Line, holder: Holder) -> bool:
    """Whether a line speaks to this driver: it is for everybody, or for users the driver is."""
    return line.scope.user is None or line.scope.user.key in holder


def is_reserved(line: Line, holder: Holder) -> bool:
    """Whether a line reserves its time for users the driver is not."""
    return line.scope.user is not None and line.scope.user.only and not is_theirs(line, holder)


def _speaks_to(line: Line, holder: Holder) -> bool:
    """Whether a line says anything to this driver: a line for other users without `Only` does not (S3.3)."""
    return is_theirs(line, holder) or is_reserved(line, holder)


def _is_shared(reserved: Line, lines: Sequence[Line], holder: Holder) -> bool:
    """Whether a line with the same days and hours opens reserved time to this driver too.

    Either one for everybody, or one that reserves it for users the driver is beside the others.
    """
    return any(
        is_theirs(line, holder)
        and (line.scope.user is None or line.scope.user.only)
        and line.outcome is not None
        and _times(line.scope) == _times(reserved.scope)
        for line in lines
    )


def _governs(line: Line) -> bool:
    """Whether a line takes part in deciding what a minute is (S3.6)."""
    if _is_beyond(line) or line.statement or line.conditions:
        return False
    is_event_rate = line.reason is not None and line.outcome is not Outcome.NO_PARKING
    is_limit_of_another_kind = line.outcome is None and line.limit_min is None
    return (line.term is None or line.term.kind in LADDER_TERMS) and not is_event_rate and not is_limit_of_another_kind


def _is_beyond(line: Line) -> bool:
    """Whether a line states what is read and printed, and not priced here: special days, bounds, offers, billing."""
    days, conditions = line.scope.days, line.conditions
    return bool(
        (days and (days.exceptions or not all(isinstance(each, DayRange) for each in days.ranges)))
        or (line.term and line.term.kind not in {*LADDER_TERMS, TermKind.MONTHLY})
        or (conditions and not conditions.validated)
        or (line.limits and line.limits.disc_min)
        or (line.statement and not isinstance(line.statement, Note))
    )


def is_active(scope: Scope, day: int) -> bool:
    """Whether a date is one of the scope's days; `day` counts from 1970-01-01."""
    if scope.season and year_day(day) not in season_days(scope.season):
        return False
    if scope.days is None:
        return True
    if weekday(day) not in scope.days.weekdays():
        return False
    return not scope.days.nth or any(nth in scope.days.nth for nth in nth_in_month(day))


def day_spans(scope: Scope) -> tuple[tuple[int, int], ...]:
    """The minutes a scope covers of each of its days, sorted, joined, half-open."""
    if not scope.hours:
        return ((0, DAY_MIN),)
    joined: list[tuple[int, int]] = []
    for start, end in sorted(span for window in scope.hours for span in window.spans()):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def share_of_year(scope: Scope) -> Fraction:
    """The nominal share of the year a scope covers: minutes of the week, season, nth weekdays as 12/52 each (S3.3)."""
    days = len(scope.days.weekdays()) if scope.days else 7
    share = Fraction(days * sum(end - start for start, end in day_spans(scope)), WEEK_MIN)
    if scope.season:
        share *= Fraction(len(season_days(scope.season)), 366)
    return share * len(set(scope.days.nth)) * Fraction(12, 52) if scope.days and scope.days.nth else share


def _times(scope: Scope) -> tuple[object, ...]:
    """Days and hours, however written: what makes two lines one tariff (S4.1)."""
    weekdays = scope.days.weekdays() if scope.days else frozenset(range(1, 8))
    nth = scope.days.nth if scope.days else ()
    occurrences = frozenset(each for each in _OCCURRENCES if not nth or any(one in nth for one in each))
    season = season_days(scope.season) if scope.season else ()
    return weekdays, occurrences, day_spans(scope), season if len(season) < 366 else ()


def _tariffs(lines: Sequence[Line]) -> dict[Line, Tariff]:
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        user = line.scope.user
        groups.setdefault((_times(line.scope), user and user.key), []).append(line)
    return {line: tariff for group in groups.values() for tariff in [_tariff(group)] for line in group}


def _tariff(lines: Sequence[Line]) -> Tariff:
    priced = [line for line in lines if line.outcome not in (None, Outcome.NO_PARKING)]
    return Tariff(tuple(lines), ladder_of(priced or lines))


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last is None:
            last = span
        elif last.goes_on_in(span):
            last = Span(last.start, span.end, last.tariff, last.closed_by, last.limits)
        else:
            yield last
            last = span
    if last is not None:
        yield last
