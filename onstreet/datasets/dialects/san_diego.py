"""San Diego's meter configurations, `2 Hour Max $1.25 HR 8am-6pm Mon-Sat (Mobile Pay) (NFC)`.

Where a text leaves the price open it is `See Meter`: on the days of events at the ballpark, and where a sensor gives
arriving cars some time, which may be free, whatever a recipe says of prices. `No Parking` and `TOW AWAY` without days
hold every day, the reading in which nobody is towed; only between the hours of other days, `8am-4pm Mon-Fri 4pm-6pm
TOW AWAY 8am-6pm Sat`, they have the days before them.
"""

from typing import NamedTuple

from lark import Token, v_args

from onstreet.datasets.dialects.dialect import SEE_METER, Dialect, Paid, limit, line
from onstreet.datasets.dialects.stretches import NO_PARKING, Rule, Stretch, lines
from onstreet.datasets.dialects.times import Times, minutes
from ratecards.model import Window

EVENT_DAYS = line("", "Event Days", outcome="See Meter")


class _RushHour(NamedTuple):
    window: Window
    word: Token


@v_args(inline=True)
class Configuration(Times):
    """Builds the lines of a card."""

    def start(self, texts: list[str]) -> list[str]:
        """The lines of the only part there is."""
        return texts

    def tariff(self, limit_min: int, price: Paid | None, schedule: list[Rule], *rest: Rule | str) -> list[str]:
        """Hours that cost something, then what else holds."""
        may_be_free = any("courtesy" in part.lower() for part in rest if isinstance(part, str))
        outcome = price or (SEE_METER if may_be_free else self._paid)
        paid = [each if each.reason else each._replace(outcome=outcome, limit_min=limit_min) for each in schedule]
        return _card(paid, rest)

    def on_arrival(
        self,
        user: Token | None,
        duration: Token,
        granted: Token,
        days: frozenset[int],
        window: Window,
        *rest: Rule | str,
    ) -> list[str]:
        """A sensor grants a stay of that length; what it costs is not said."""
        rule = Rule(Stretch(days, (window,)), SEE_METER, minutes(duration), "Commercial Vehicle" if user else "")
        return _card([rule], (*rest, f"Note: {duration} {granted}"))

    def event_meters(self, duration: Token) -> list[str]:
        """Meters of which only the limit is said."""
        return [line("", limit(minutes(duration)), outcome="See Meter")]

    def limit(self, duration: Token) -> int:
        """Minutes."""
        return minutes(duration)

    def price(self, amount: Token) -> Paid:
        """A price an hour."""
        return Paid("Each Hour", str(amount))

    def schedule(self, *parts: Stretch | _RushHour) -> list[Rule]:
        """The stretches, to be priced, and the bans between and behind them."""
        rules: list[Rule] = []
        for number, part in enumerate(parts):
            if isinstance(part, Stretch):
                rules.append(Rule(part, SEE_METER))
            else:
                between = any(isinstance(later, Stretch) for later in parts[number:])
                days = rules[-1].stretch.days if between else frozenset[int]()
                rules.append(Rule(Stretch(days, (part.window,)), NO_PARKING, reason="Tow Away", word=part.word))
        return rules

    def dated(self, window: Window, days: frozenset[int]) -> Stretch:
        """Hours and their days."""
        return Stretch(days, (window,))

    def days_first(self, days: frozenset[int], window: Window) -> Stretch:
        """Days and their hours."""
        return Stretch(days, (window,))

    def always(self, days: frozenset[int] = frozenset()) -> Stretch:
        """Whole days."""
        return Stretch(days, ())

    def rush_hour(self, window: Window, word: Token) -> _RushHour:
        """Hours in which cars are towed."""
        return _RushHour(window, word)

    def ban(self, word: Token, *when: frozenset[int] | Window) -> Rule:
        """No parking on days, in hours, or both."""
        days = next((part for part in when if isinstance(part, frozenset)), frozenset[int]())
        return Rule(Stretch(days, tuple(part for part in when if isinstance(part, Window))), NO_PARKING, word=word)

    def remark(self, said: Token) -> str:
        """Minutes of loading or of courtesy: what they cost and when they hold is not said."""
        return f"Note: {said.removeprefix('with ').strip('()')}"

    def event_days(self) -> str:
        """Events have prices of their own."""
        return EVENT_DAYS


def _card(rules: list[Rule], rest: tuple[Rule | str, ...]) -> list[str]:
    """The lines of the rules and bans, then what is said otherwise."""
    bans = [part for part in rest if isinstance(part, Rule)]
    return lines([*rules, *bans]) + [part for part in rest if isinstance(part, str)]


DIALECT = Dialect(
    "san_diego",
    Configuration,
    {
        "Sunday Mode": "how meters behave on Sundays, without hours or price",
        "San Diego Default": "the setting of a meter that has none yet",
        "(MSPM|Bankers Hill|Hillcrest) ?- ?PBP": "paying by phone, without hours or price",
        "MSPM Ballpark Special Event": "events at the ballpark, without hours or price",
    },
)
