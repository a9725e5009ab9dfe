"""Clocks that count the minutes of a stay, pause in a break, and start anew after one over the reset time (S4.1)."""

from dataclasses import dataclass
from functools import lru_cache

from ratecards.instants import at_wall, last_at, local_min, next_at
from ratecards.model import DAY_MIN


class Days:
    """Days that begin at one time of the wall clock: at midnight, or when the rates of a card reset."""

    __slots__ = ("_begins", "_ends", "_reset_min", "_zone")

    def __init__(self, zone: str, reset_min: int) -> None:
        self._zone, self._reset_min = zone, reset_min
        self._begins = self._ends = 0

    def of(self, at: int) -> tuple[int, int]:
        """The instants at which the day that has an instant begins and ends."""
        # Asked in running order, most often about the day that was asked about last.
        if not self._begins <= at < self._ends:
            day = (local_min(at, self._zone) - self._reset_min) // DAY_MIN
            self._begins, self._ends = _day(day, self._reset_min, self._zone)
            if not self._begins <= at < self._ends:
                # The clock was set back over the reset, and shows the day before once more.
                self._begins = last_at(at, self._reset_min, self._zone)
                self._ends = next_at(at, self._reset_min, self._zone)
        return self._begins, self._ends


@lru_cache(maxsize=65_536)
def _day(day: int, reset_min: int, zone: str) -> tuple[int, int]:
    begins, ends = (at_wall(each * DAY_MIN + reset_min, zone) for each in (day, day + 1))
    return begins, ends


@dataclass(slots=True)
class Clock:
    """Minutes counted so far, and the instant up to which it ran."""

    minutes: int = 0
    stopped_at: int | None = None

    def resumes(self, at: int, days: Days) -> bool:
        """Whether it goes on at an instant: it never ran, runs still, or no day began in its break or at its ends."""
        if self.stopped_at is None or self.stopped_at == at:
            return True
        return days.of(at)[0] < self.stopped_at
