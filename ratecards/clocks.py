"""Clocks that count the minutes of a stay, pause in a break, and start anew after one over the reset time (S4.1)."""

from dataclasses import dataclass

from ratecards.instants import last_at


@dataclass(slots=True)
class Clock:
    """Minutes counted so far, and the instant up to which it ran."""

    minutes: int = 0
    stopped_at: int | None = None

    def resumes(self, at: int, zone: str, reset_min: int) -> bool:
        """Whether it goes on at an instant: it never ran, runs still, or its break holds no reset time of the zone."""
        if self.stopped_at is None or self.stopped_at == at:
            return True
        return last_at(at, reset_min, zone) < self.stopped_at
