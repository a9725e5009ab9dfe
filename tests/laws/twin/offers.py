"""Offers for the whole stay, by entry and exit (S4.3)."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from ratecards.model import Line, TermKind
from twin.calendars import DAY
from twin.rules import Cover, Role, Rule, amount_of, ring
from twin.visit import Visit


def offered(visit: Visit, stay_min: int) -> Iterator[tuple[Fraction, bool]]:
    """What the offers cost that a stay satisfies or may satisfy, and whether it does for sure."""
    for rule in visit.lines:
        if rule.role is Role.OFFER and rule.mine and holds_at_entry(visit, rule) and holds(visit, rule, stay_min):
            units = ceil(Fraction(stay_min, rule.line.term.minutes)) if is_each(rule.line) else 1
            yield units * amount_of(rule), Cover.NO not in visit.covers(rule, *visit.wall(0))


def is_each(line: Line) -> bool:
    """Whether the price is for every started unit."""
    return line.term is not None and line.term.kind is TermKind.EACH


def holds_at_entry(visit: Visit, rule: Rule) -> bool:
    """Whether season and days may be, and the entry time is right."""
    day, of_day = visit.wall(0)
    if (day.month, day.day) not in rule.times.dates or visit.covers(rule, day, of_day) == {Cover.NO}:
        return False
    stated = rule.line.conditions
    if stated and stated.in_after and of_day < stated.in_after.minute:
        return False
    window = stated.in_window if stated else None
    return window is None or of_day in ring(DAY, window.start_min, window.end_min)


def holds(visit: Visit, rule: Rule, stay_min: int) -> bool:
    """Whether the stay is short enough, over in time, and within the hours."""
    if stay_min > longest(rule.line) or is_late(visit, rule.line, stay_min):
        return False
    return not rule.line.scope.hours or all(visit.wall(each)[1] in rule.times.minutes for each in range(stay_min))


def longest(line: Line) -> int:
    """The stay an offer is for: its duration, else 24 hours, and no longer than its limit."""
    timed = line.term is not None and line.term.kind in (TermKind.TIER, TermKind.PERIOD_MAX)
    length = line.term.minutes if timed and line.term else DAY
    return min(length, line.limit_min or length)


def is_late(visit: Visit, line: Line, stay_min: int) -> bool:
    """Whether the stay ends after the first minute after entry that shows the time to be out by (S3.5)."""
    if not line.conditions or not line.conditions.out_by:
        return False
    return stay_min > next(minute for minute in visit.each_day_at(line.conditions.out_by.minute) if minute > 0)
