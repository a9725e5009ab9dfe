"""Boston's pay policies, `08:00AM-08:00PM MON-SAT $0.25 120`: hours, days, a coin, the longest stay in minutes.

What a coin buys the text does not say: without a price from the recipe such time is `See Meter`. Midnight is written
00:00AM where hours begin and 24:00AM where they end. 12:00AM is noon where a morning ends at it and an afternoon of
the same days begins at it, as the free hours of such meters confirm; elsewhere nobody can tell, and it is refused.
"""

from typing import NamedTuple

from lark import Token, v_args

from onstreet.datasets.dialects.dialect import Dialect
from onstreet.datasets.dialects.stretches import Rule, Stretch, lines
from onstreet.datasets.dialects.times import Times
from ratecards.model import DAY_MIN, Window
from ratecards.transformer import RefusalError


class _Policy(NamedTuple):
    start: Token
    end: Token
    days: frozenset[int]
    stay_min: int


@v_args(inline=True)
class Policies(Times):
    """Builds the lines of a card; raises RefusalError for hours that nobody can tell."""

    def start(self, *policies: _Policy) -> list[str]:
        """One line a policy."""
        return lines(Rule(_stretch(each, policies), self._paid, each.stay_min) for each in policies)

    def policy(self, start: Token, end: Token, days: frozenset[int], minutes: Token) -> _Policy:
        """Hours, days and the longest stay."""
        return _Policy(start, end, days, int(minutes))


def _stretch(policy: _Policy, among: tuple[_Policy, ...]) -> Stretch:
    same_days = [each for each in among if each.days == policy.days]
    noons = {each.end for each in same_days} & {each.start for each in same_days}
    start, end = (_minute(time, noons) for time in (policy.start, policy.end))
    if start >= end:
        span = (policy.start.start_pos or 0, policy.end.end_pos or 0)
        raise RefusalError(span, "hours of a day end after they begin")
    return Stretch(policy.days, (Window(start, end % DAY_MIN, 12),))


def _minute(time: Token, noons: set[Token]) -> int:
    """The minute of the day, 1440 for 24:00AM; 12:00AM is noon where it stands among those."""
    hour, minute, half = int(time[:2]), int(time[3:5]), time[5:].upper()
    if (hour, half) == (0, "PM") or ((hour, half) == (12, "AM") and time not in noons):
        raise RefusalError((time.start_pos or 0, time.end_pos or 0), "noon is 12:00PM, midnight 00:00AM or 24:00AM")
    return (hour + (12 if half == "PM" and hour < 12 else 0)) * 60 + minute


DIALECT = Dialect("boston", Policies, {})
