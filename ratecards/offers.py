"""Offers for the whole stay, by the times of entry and exit: Evening, Early Bird, In After, Out By (S4.3)."""

from collections.abc import Iterator
from typing import NamedTuple

from ratecards.calendars import WHOLE_DAY, Minutes, Place
from ratecards.instants import local_min, next_at, wall_spans
from ratecards.model import DAY_MIN, Line, TermKind
from ratecards.precedence import Rule
from ratecards.scopes import day_spans, is_in
from ratecards.timeline import Timeline


class Offer(NamedTuple):
    """An offer that an entry satisfies: for stays up to an instant, at a price in ticks for each of its units.

    With `is_doubtful` only a calendar that nobody knows could tell.
    """

    line: Line
    start: int
    latest: int
    unit_min: int | None
    amount: int
    is_doubtful: bool = False

    def cost(self, end: int) -> int | None:
        """What a stay until an instant costs; None where it is too long."""
        if end > self.latest:
            return None
        return self.amount * (self.units(end) or 1)

    def units(self, end: int) -> int | None:
        """How many units a stay until an instant begins, where it is sold by the unit."""
        return -((self.start - end) // self.unit_min) if self.unit_min else None


def offers_at(timeline: Timeline, place: Place, start: int) -> list[Offer]:
    """The offers of a card whose conditions an entry meets, or may meet."""
    if not timeline.offers:
        return []
    day, minute = divmod(local_min(start, place.zone), DAY_MIN)
    offers: list[Offer] = []
    for rule in timeline.offers:
        cover = rule.reach.on(day, place)
        is_doubtful = not is_in(minute, cover.surely)
        if _lets_in(rule.line, minute) and (not is_doubtful or is_in(minute, cover.unsure)):
            latest, amount = _latest(rule, place, start), timeline.amounts[rule.number]
            offers.append(Offer(rule.line, start, latest, _unit_min(rule.line), amount, is_doubtful))
    return offers


def _lets_in(line: Line, minute: int) -> bool:
    conditions = line.conditions
    if conditions is None:
        return True
    if conditions.in_after and minute < conditions.in_after.minute:
        return False
    return conditions.in_window is None or any(a <= minute < b for a, b in conditions.in_window.spans())


def _latest(rule: Rule, place: Place, start: int) -> int:
    """The latest exit: by its duration or a day, its own limit, its exit time, the end of its hours."""
    line = rule.line
    lasts_min = line.term.minutes if line.term and line.kind in (TermKind.TIER, TermKind.PERIOD_MAX) else DAY_MIN
    latest = start + min(lasts_min, line.limit_min or lasts_min)
    if line.conditions and line.conditions.out_by:
        latest = min(latest, next_at(start, line.conditions.out_by.minute, place.zone))
    hours = day_spans(line.scope)
    return latest if hours == WHOLE_DAY else min(latest, next(_closing(hours, place.zone, start, latest), latest))


def _closing(hours: Minutes, zone: str, start: int, end: int) -> Iterator[int]:
    """The instants at which a stay in these hours leaves them, whatever the days."""
    for wall in wall_spans(zone, start, end):
        at = wall.start
        for first, last in hours:
            if first <= at - wall.midnight < last:
                at = min(wall.midnight + last, wall.end)
        if at < wall.end:
            yield at


def _unit_min(line: Line) -> int | None:
    return line.term.minutes if line.term and line.kind is TermKind.EACH else None
