"""Card -> structuredRates, in the published shape with its oddities, which live here and nowhere else (S6.1)."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from ratecards.model import (
    DAY_MIN,
    Card,
    Conditions,
    DayRange,
    Days,
    Line,
    Outcome,
    SpecialDay,
    TermKind,
    User,
    Window,
)
from ratecards.money import Money, MoneyRange

_BOUNDS = (TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX, TermKind.MIN, TermKind.PLUS)
MONTH_MIN = 31 * DAY_MIN

Rate = dict[str, int | float | str | bool | list[int]]


def structured_rates(card: Card) -> list[Rate]:
    """The structuredRates of a card, one object for each day range and window of a line that states an outcome.

    A line with several day ranges yields its first in place; the rest is read after all other lines, and so on.
    """
    queue = deque((line, _has_bar(line)) for line in card.lines if is_rate(line))
    rates: list[Rate] = []
    while queue:
        line, barred = queue.popleft()
        days = line.scope.days
        if days and len(days.ranges) > 1:
            queue.append((_with_ranges(line, days, days.ranges[1:]), barred))
            line = _with_ranges(line, days, days.ranges[:1])
            days = line.scope.days
        # The published keys cannot say which dates a calendar names.
        if not (days and isinstance(days.ranges[0], SpecialDay)):
            rates += [_ordered(_rate(card, line, window, barred)) for window in line.scope.hours or (None,)]
    return rates


def restriction(user: User) -> str:
    """R for permit holders, C for commercial vehicles and loading; other users by the name `permits=` knows."""
    if user.name.endswith((" Permit", " Label")):
        return "R"
    return "C" if user.name in ("Commercial Vehicle", "Loading") else user.key


def rate_of(line: Line) -> int | float:
    """The `rate` of a line: its price, 0 where it is free, -1 where it is a ban."""
    if isinstance(line.outcome, Money):
        amount = line.outcome.amount
        return int(amount) if amount == int(amount) else float(amount)
    return -1 if line.outcome is Outcome.NO_PARKING else 0


def is_rate(line: Line) -> bool:
    """Whether a line has structured rates: bounds, surcharges, event rates, notes and See Meter have none."""
    if line.outcome is None:
        return line.limits is not None and line.limits.stay_min is not None
    is_known = line.outcome is not Outcome.SEE_METER and not isinstance(line.outcome, MoneyRange)
    is_bound = line.term is not None and line.term.kind in _BOUNDS
    is_event_rate = line.reason is not None and line.outcome is not Outcome.NO_PARKING
    is_stamped = line.conditions is not None and line.conditions.validated
    return is_known and not (is_bound or is_event_rate or is_stamped)


def _has_bar(line: Line) -> bool:
    return line.scope.days is not None and len(line.scope.days.ranges) > 1


def _with_ranges(line: Line, days: Days, ranges: tuple[DayRange | SpecialDay, ...]) -> Line:
    return replace(line, scope=replace(line.scope, days=replace(days, ranges=ranges)))


def _rate(card: Card, line: Line, window: Window | None, barred: bool) -> Rate:
    rate: Rate = {"rate": rate_of(line)}
    rate |= dict(_when(line, window))
    if line.scope.user:
        rate["restriction"] = restriction(line.scope.user)
    if barred and line.limit_min is not None:
        rate |= {"increment": line.limit_min, "repeats": True}
    else:
        rate |= dict(_duration(line, window))
        if line.limit_min is not None:
            rate["max"] = line.limit_min
    if line.term and line.term.kind is TermKind.ADDED:
        rate |= dict(_added_between(card, line))
    return rate


def _when(line: Line, window: Window | None) -> Iterator[tuple[str, int | str | list[int]]]:
    days = line.scope.days
    if days and isinstance(days.ranges[0], DayRange):
        yield "dow_start", days.ranges[0].first
        yield "dow_end", days.ranges[0].last
        if days.nth:
            yield "alternates", list(days.nth)
    if window:
        yield "time_in", _frame(window.start_min, window.end_min)
    yield from _entry_and_exit(line.conditions or Conditions())


def _entry_and_exit(conditions: Conditions) -> Iterator[tuple[str, str]]:
    if conditions.in_window:
        yield "time_in", _frame(conditions.in_window.start_min, conditions.in_window.end_min)
    if conditions.in_after:
        yield "time_in", _frame(conditions.in_after.minute, 0)
    if conditions.out_by:
        yield "time_out", _frame(0, conditions.out_by.minute)


def _duration(line: Line, window: Window | None) -> Iterator[tuple[str, int | bool]]:
    if not line.term:
        if window is None or line.scope.user:
            yield "repeats", True
            yield "increment", window.length_min if window else DAY_MIN
        return
    kind, minutes = line.term.kind, line.term.minutes
    if kind in (TermKind.EACH, TermKind.ADDED, TermKind.EACH_DAY, TermKind.MONTHLY):
        yield "repeats", True
    if kind is TermKind.NTH_HOUR:
        yield "increment", 60
        if minutes > 60:
            yield "additional", minutes - 60
    elif kind is TermKind.EACH_DAY:
        yield "increment", DAY_MIN
    elif kind is TermKind.MONTHLY:
        yield "increment", MONTH_MIN
    elif minutes and not (kind is TermKind.TIER and minutes == DAY_MIN):
        yield "increment", minutes


def _added_between(card: Card, added: Line) -> Iterator[tuple[str, int]]:
    """The tiers of the same scope around an add-on: it goes on from the one before it to the next longer one."""
    same = [line for line in card.lines if line.scope == added.scope and line.term]
    tiers = sorted(line.term.minutes for line in same if line.term and line.term.kind is TermKind.TIER)
    before = [line.term.minutes for line, later in pairwise(same) if later is added and line.term]
    for start in before:
        yield "additional", start
        yield from (("max", longer) for longer in [tier for tier in tiers if tier > start][:1])


def _frame(start_min: int, end_min: int) -> str:
    return f"{_clock(start_min)}-{_clock(end_min)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _ordered(rate: Rate) -> Rate:
    """Keys in the published order: shorter names first, then by the alphabet."""
    return {name: rate[name] for name in sorted(rate, key=lambda name: (len(name), name))}
