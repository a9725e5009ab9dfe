"""Boston's pay policies, `08:00AM-08:00PM MON-SAT $0.25 120`: hours, days, a coin, the longest stay in minutes.

What a coin buys the text does not say: without a price from the recipe such time is `See Meter`. Midnight is written
00:00AM where hours begin and 24:00AM where they end. 12:00AM is noon where a morning ends at it and an afternoon of
the same days begins at it, as the free hours of such meters confirm; elsewhere nobody can tell, and it is refused.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lark import Token, Transformer, v_args

from onstreet.datasets.dialects.dialect import Dialect, Paid, limit, line
from onstreet.datasets.dialects.stretches import Stretch, day_range
from ratecards.model import DAY_MIN, Window
from ratecards.transformer import RefusalError
from ratecards.words import WEEKDAYS


class _Policy(NamedTuple):
    start: Token
    end: Token
    days: frozenset[int]
    stay_min: int


@v_args(inline=True)
class Policies(Transformer[Token, list[str]]):
    """Builds the lines of a card; raises RefusalError for hours that nobody can tell."""

    def __init__(self, paid: Paid) -> None:
        super().__init__()
        self._paid = paid

    def start(self, *policies: _Policy) -> list[str]:
        """One line a policy."""
        return [text for each in policies for text in self._lines(each, policies)]

    def policy(self, start: Token, end: Token, days: frozenset[int], minutes: Token) -> _Policy:
        """Hours, days and the longest stay."""
        return _Policy(start, end, days, int(minutes))

    def days(self, first: Token, last: Token | None = None) -> frozenset[int]:
        """ISO weekdays."""
        return day_range(*(WEEKDAYS.index(each.title()) + 1 for each in (first, last or first)))

    def _lines(self, policy: _Policy, among: tuple[_Policy, ...]) -> Iterator[str]:
        noons = {each.end for each in among if each.days == policy.days} & {
            each.start for each in among if each.days == policy.days
        }
        start, end = (_minute(time, noons) for time in (policy.start, policy.end))
        if start >= end:
            span = (policy.start.start_pos or 0, policy.end.end_pos or 0)
            raise RefusalError(span, "hours of a day end after they begin")
        for clauses in Stretch(policy.days, (Window(start, end % DAY_MIN, 12),)).clauses():
            yield line(self._paid.unit, *clauses, limit(policy.stay_min), outcome=self._paid.amount)


def _minute(time: Token, noons: set[Token]) -> int:
    """The minute of the day, 1440 for 24:00AM; 12:00AM is noon where it stands among those."""
    hour, minute, half = int(time[:2]), int(time[3:5]), time[5:].upper()
    if (hour, half) == (0, "PM") or ((hour, half) == (12, "AM") and time not in noons):
        raise RefusalError((time.start_pos or 0, time.end_pos or 0), "noon is 12:00PM, midnight 00:00AM or 24:00AM")
    return (hour + (12 if half == "PM" and hour < 12 else 0)) * 60 + minute


DIALECT = Dialect("boston", Policies, {})
