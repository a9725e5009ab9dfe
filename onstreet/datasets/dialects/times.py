"""The transformer beside times.lark: times and days as American meters write them."""

import re
from itertools import pairwise

from lark import Token, Transformer, v_args

from onstreet.datasets.dialects.dialect import Paid
from onstreet.datasets.dialects.stretches import EVERY_DAY, day_range
from ratecards.model import Window
from ratecards.transformer import RefusalError
from ratecards.words import LONG_WEEKDAYS

_TIME = re.compile(r"(1[0-2]|[1-9]):?([0-5][0-9])? ?([ap])m?", re.IGNORECASE)


@v_args(inline=True)
class Times(Transformer[Token, list[str]]):
    """Builds windows and days; made with what is paid where a text does not say."""

    def __init__(self, paid: Paid) -> None:
        super().__init__()
        self._paid = paid

    def window(self, start: Token, end: Token) -> Window:
        """Hours of the 12-hour clock."""
        return Window(minute(start), minute(end), 12)

    def days(self, *ranges: frozenset[int]) -> frozenset[int]:
        """ISO weekdays."""
        return frozenset[int]().union(*ranges)

    def day_range(self, *names: Token) -> frozenset[int]:
        """ISO weekdays of `MON-SAT`, `Daily`, or of days in a row, `Thu-Fri-Sat`; raises RefusalError."""
        if names[0].type == "DAILY":
            return EVERY_DAY
        days = [weekday(name) for name in names]
        if len(days) > 2 and any(later != day % 7 + 1 for day, later in pairwise(days)):
            raise RefusalError((names[0].start_pos or 0, names[-1].end_pos or 0), "days in a row, or two of them")
        return day_range(days[0], days[-1])


def minute(time: Token) -> int:
    """The minute of the day of `8a`, `330P`, `10:30am`."""
    match = _TIME.fullmatch(time)
    assert match, time
    return (int(match[1]) % 12 + 12 * (match[3] in "pP")) * 60 + int(match[2] or 0)


def minutes(duration: Token) -> int:
    """The minutes of `2 hr`, `40 min`, `3hrs`, `15 minutes`."""
    return int(re.sub(r"\D", "", duration)) * (60 if "h" in duration.lower() else 1)


def weekday(name: Token) -> int:
    """The ISO weekday of any spelling that begins a day's name; `T` is Tuesday."""
    return next(i for i, day in enumerate(LONG_WEEKDAYS, 1) if day.lower().startswith(name.lower()))
