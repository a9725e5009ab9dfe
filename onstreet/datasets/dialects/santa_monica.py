"""Santa Monica's meter configurations, `$1.25/hr 2 hr 9a-6p MON-SAT VLT TUE-SAT 6PM-11PM`.

Price, longest stay, hours and days, then the hours in which valets, taxis or tour buses have the space to themselves;
what these pay is not said. Hours without days hold every day: the reading in which nobody parks in a loading zone on a
Sunday that the text may have meant. Past midnight they belong to the day on which they begin.
"""

from itertools import chain

from lark import Token, v_args

from onstreet.datasets.dialects.dialect import SEE_METER, Dialect, Paid
from onstreet.datasets.dialects.stretches import Rule, Stretch, lines
from onstreet.datasets.dialects.times import Times, minutes
from ratecards.model import Window

USERS = {"VLT": "Valet", "TAXI": "Taxi", "TOUR BUS": "Bus", "TBUS": "Bus"}


@v_args(inline=True)
class Configuration(Times):
    """Builds the lines of a card."""

    def start(self, *parts: list[Rule] | str) -> list[str]:
        """The rules in the order of the text, then the notes."""
        rules = list(chain.from_iterable(part for part in parts if not isinstance(part, str)))
        notes = [part for part in parts if isinstance(part, str)]
        if any(rule.only == "Bus" for rule in rules):
            notes.append("Note: Tour buses only")
        return lines(rules) + notes

    def loading(self, word: Token, windows: tuple[Window, ...]) -> list[Rule]:
        """Hours in which commercial vehicles load."""
        return [Rule(self.undated(windows), SEE_METER, only="Commercial Vehicle", word=word)]

    def paid(self, price: Token, *limited: tuple[int, tuple[Stretch, ...]]) -> list[Rule]:
        """A price an hour, and the limits under which it holds."""
        hourly = Paid("Each Hour", f"${price.removeprefix('$')}")
        return [Rule(stretch, hourly, limit_min) for limit_min, stretches in limited for stretch in stretches]

    def limited(self, limit_min: int, *stretches: Stretch) -> tuple[int, tuple[Stretch, ...]]:
        """A limit and when it holds."""
        return limit_min, stretches

    def reserved(self, user: Token, *parts: Stretch | int) -> list[Rule]:
        """Whose the space is, when, and for how long."""
        limit_min = next((part for part in parts if isinstance(part, int)), 0)
        stretches = [part for part in parts if not isinstance(part, int)]
        return [Rule(each, SEE_METER, limit_min, USERS[user.upper()], word=user) for each in stretches]

    def undated(self, windows: tuple[Window, ...]) -> Stretch:
        """Hours of every day."""
        return Stretch(frozenset(), windows)

    def dated(self, windows: tuple[Window, ...], days: frozenset[int]) -> Stretch:
        """Hours and their days."""
        return Stretch(days, windows)

    def days_first(self, days: frozenset[int], windows: tuple[Window, ...]) -> Stretch:
        """Days and their hours."""
        return Stretch(days, windows)

    def windows(self, *windows: Window | Token) -> tuple[Window, ...]:
        """Windows of the day; none for all of it."""
        return tuple(each for each in windows if isinstance(each, Window))

    def limit(self, duration: Token) -> int:
        """Minutes."""
        return minutes(duration)

    def note(self, _: Token) -> str:
        """How one cannot pay."""
        return "Note: No pay by phone"


DIALECT = Dialect(
    "santa_monica",
    Configuration,
    {"ADA spaces in Structures": "spaces for the disabled in car parks, without hours or price"},
)
