"""Stretches of the week as signs state them, and what holds in them: days, and hours of the day on which they begin.

A card's hours are those of the calendar day (S3.1), so `8a-2a THU-TUE` is two lines there: 8am-12am from Thursday to
Tuesday, and 12am-2am from Friday to Wednesday. Hours of every day mean the same in both readings and stay whole.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from lark import Token

from onstreet.datasets.dialects.dialect import Paid, limit, line
from ratecards.formatter import window
from ratecards.model import DAY_MIN, Window
from ratecards.transformer import RefusalError
from ratecards.words import WEEKDAYS

EVERY_DAY = frozenset(range(1, 8))
NO_PARKING = Paid("", "No Parking")


class Stretch(NamedTuple):
    """Minutes of the week: ISO weekdays, none where a text names no day, and the windows that begin on them.

    Without windows it is whole days.
    """

    days: frozenset[int]
    windows: tuple[Window, ...]

    @property
    def minutes(self) -> tuple[frozenset[int], frozenset[Window]]:
        """The same for stretches of the same minutes, however written."""
        return self.days or EVERY_DAY, frozenset(self.windows)

    @property
    def passes_midnight(self) -> bool:
        """Whether some of its windows end on the day after the one on which they begin."""
        return any(map(_passes_midnight, self.windows))

    def clauses(self) -> Iterator[tuple[str, str]]:
        """The days and the hours of the lines that say the same of calendar days; empty ones restrict nothing."""
        if self.days in (EVERY_DAY, frozenset()):
            yield day_names(self.days), _hours(self.windows)
            return
        yield day_names(self.days), _hours(_until_midnight(each) for each in self.windows)
        mornings = [Window(0, each.end_min, each.clock) for each in self.windows if _passes_midnight(each)]
        if mornings:
            yield day_names(frozenset(day % 7 + 1 for day in self.days)), _hours(mornings)


class Rule(NamedTuple):
    """What holds in a stretch of the week: a price or a ban, a limit, for whom only, and why.

    `word` is what in the text says so.
    """

    stretch: Stretch
    outcome: Paid
    limit_min: int = 0
    only: str = ""
    reason: str = ""
    word: Token | None = None

    @property
    def closes(self) -> bool:
        """Whether it keeps anybody from parking."""
        return bool(self.only) or self.outcome == NO_PARKING

    def lines(self) -> Iterator[str]:
        """The lines of a card that say so."""
        only = f"{self.only} Only" if self.only else ""
        for clauses in self.stretch.clauses():
            yield line(
                self.outcome.unit, *clauses, limit(self.limit_min), only, self.reason, outcome=self.outcome.amount
            )


def lines(rules: Iterable[Rule]) -> list[str]:
    """The lines of a card that say the same as the rules.

    Raises RefusalError where a text closes just the hours in which it lets anybody park: a card would have to choose.
    """
    stated = list(rules)
    open_to_all = {rule.stretch.minutes for rule in stated if not rule.closes}
    for rule in stated:
        if rule.word is not None and rule.closes and rule.stretch.minutes in open_to_all:
            span = (rule.word.start_pos or 0, rule.word.end_pos or 0)
            raise RefusalError(span, "the same hours are open to everybody: which holds?")
    return [text for rule in stated for text in rule.lines()]


def day_names(days: frozenset[int]) -> str:
    """ISO weekdays as a card writes them, `Mon-Fri | Sun`; nothing for none."""
    if days == EVERY_DAY:
        return "Mon-Sun"
    firsts = [day for day in sorted(days) if _before(day) not in days]
    return " | ".join(_run(first, days) for first in firsts)


def day_range(first: int, last: int) -> frozenset[int]:
    """The ISO weekdays from first to last, wrapping over Sunday."""
    return frozenset((first - 1 + i) % 7 + 1 for i in range((last - first) % 7 + 1))


def _run(first: int, days: frozenset[int]) -> str:
    last = first
    while last % 7 + 1 in days:
        last = last % 7 + 1
    names = [WEEKDAYS[day - 1] for day in (first, last)]
    return "-".join(names if first != last else names[:1])


def _before(day: int) -> int:
    return (day - 2) % 7 + 1


def _passes_midnight(hours: Window) -> bool:
    return hours.end_min != 0 and hours.end_min <= hours.start_min


def _until_midnight(hours: Window) -> Window:
    return Window(hours.start_min, 0, hours.clock) if _passes_midnight(hours) else hours


def _hours(windows: Iterable[Window]) -> str:
    """`9am-4pm & 6pm-8pm`; nothing where one of them is the whole day."""
    stated = list(windows)
    return "" if any(each.length_min == DAY_MIN for each in stated) else " & ".join(map(window, stated))
