"""Spans of a stay -> the instant beyond which it may not go on, and what says so (S5.1)."""

from collections.abc import Iterable
from enum import Enum
from functools import cached_property
from typing import NamedTuple

from ratecards.clocks import Clock, Days
from ratecards.instants import local_min
from ratecards.model import Line
from ratecards.timeline import Limit, Span

# Parking discs are set to the next half hour.
_DISC_STEP_MIN = 30


class Reason(Enum):
    """Why a stay may not be made, or not go on."""

    CLOSED = "closed"
    RESERVED = "reserved"
    LIMIT = "limit"


class Refusal(NamedTuple):
    """The instant that no stay may go beyond, the line that says so, and how."""

    at: int
    line: Line
    reason: Reason


def refusal_of(spans: Iterable[Span], start: int, end: int, clocks: "LimitClocks") -> Refusal | None:
    """What first forbids a stay from `start` until `end`: a line that closes a minute, or a limit."""
    for span in spans:
        if span.start >= end:
            return None
        closed_by = span.state.closed_by
        if closed_by:
            reason = Reason.CLOSED if closed_by.is_ban else Reason.RESERVED
            return Refusal(max(span.start, start), closed_by.line, reason)
        exceeded = clocks.run(span.state.limits, max(span.start, start), min(span.end, end))
        if exceeded:
            return exceeded
    return None


class LimitClocks:
    """The clocks of all limits met on a stay; adjoining tariffs with one limit share theirs.

    `overs_min` says of each limit that ran last by how many minutes it was exceeded at the end, below 0 what was left.
    """

    def __init__(self, entry: int, zone: str, days: Days) -> None:
        self._entry, self._zone, self._days = entry, zone, days
        self._clocks: dict[tuple[int, int, bool], Clock] = {}
        self._running: dict[tuple[int, bool], Clock] = {}
        self.overs_min: list[int] = []

    def run(self, limits: tuple[Limit, ...], start: int, end: int) -> Refusal | None:
        """Let the clocks of some limits run from start to end; where the first of them is exceeded."""
        before, self._running = self._running, {}
        self.overs_min = []
        if not limits:
            return None
        for limit in limits:
            self._meet(limit, before, start)
        for (_, is_disc), clock in self._running.items():
            clock.minutes += max(end - max(start, self._disc_from), 0) if is_disc else end - start
            clock.stopped_at = end
        first: Refusal | None = None
        for limit in limits:
            over_min = self._running[limit.minutes, limit.is_disc].minutes - limit.minutes
            self.overs_min.append(over_min)
            if over_min > 0 and (first is None or max(end - over_min, start) < first.at):
                first = Refusal(max(end - over_min, start), limit.line, Reason.LIMIT)
        return first

    @cached_property
    def _disc_from(self) -> int:
        """A disc counts from the next half hour of the wall clock."""
        return self._entry + -local_min(self._entry, self._zone) % _DISC_STEP_MIN

    def _meet(self, limit: Limit, before: dict[tuple[int, bool], Clock], at: int) -> None:
        """Join the clock of a limit with those of the same limit that run here or ran until now."""
        key, length = (limit.group, limit.minutes, limit.is_disc), (limit.minutes, limit.is_disc)
        own = self._clocks.get(key)
        if own is not None and not own.resumes(at, self._days):
            own = None
        shared = self._running.get(length) or before.get(length)
        if shared and own and own is not shared:
            # Both have run today and now meet: what each counted binds from here on, for all that share them.
            shared.minutes += own.minutes
            self._clocks = {each: shared if clock is own else clock for each, clock in self._clocks.items()}
        self._clocks[key] = self._running[length] = shared or own or Clock()
