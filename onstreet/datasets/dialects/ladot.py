"""Policies of Los Angeles' meters, `TANS 7A-9A, 4P-7P Mon-Fri | PKG 9A-4P Mon-Sat | PLO 7P-12A Daily`.

A code and when it holds: PKG paid parking (also where no code stands), TANS tow away, no stopping, TANP tow away, no
parking, NP no parking, PLO passenger loading only, CLO commercial loading only, TAXI taxis only; what those pay who may
load is not said. Hours that pass midnight belong to the day on which they begin where the text says so, `Nightly`,
`Next Day`, or is of every day; `8A-5A Fri` may be a slip, and is refused. So is a code that closes the very hours of
another section in which everybody may park.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lark import Token, v_args
from lark.tree import Meta

from onstreet.datasets.dialects.dialect import SEE_METER, Dialect, Paid
from onstreet.datasets.dialects.stretches import EVERY_DAY, NO_PARKING, Rule, Stretch, lines
from onstreet.datasets.dialects.times import Times
from ratecards.model import Window
from ratecards.transformer import RefusalError

Days = frozenset[int]


class _Code(NamedTuple):
    outcome: Paid
    only: str = ""
    reason: str = ""


CODES = {
    "TANS": _Code(NO_PARKING, reason="Tow Away"),
    "TANP": _Code(NO_PARKING, reason="Tow Away"),
    "NP": _Code(NO_PARKING),
    "PLO": _Code(SEE_METER, "Passenger Loading"),
    "CLO": _Code(SEE_METER, "Commercial Vehicle"),
    "TAXI": _Code(SEE_METER, "Taxi"),
}


@v_args(inline=True)
class Policy(Times):
    """Builds the lines of a card."""

    def start(self, *sections: tuple[Rule, ...]) -> list[str]:
        """The rules of all sections."""
        return lines(rule for section in sections for rule in section)

    def section(self, word: Token | None, *stretches: Stretch) -> tuple[Rule, ...]:
        """A code and when it holds."""
        code = CODES.get(word.upper() if word else "PKG", _Code(self._paid))
        return tuple(Rule(each, code.outcome, only=code.only, reason=code.reason, word=word) for each in stretches)

    def undated(self, *windows: Window) -> Stretch:
        """Hours of every day."""
        return Stretch(frozenset(), windows)

    @v_args(meta=True, inline=True)
    def hours_first(self, meta: Meta, *parts: Window | Token | Days) -> Stretch:
        """Hours and their days or nights."""
        days = next((part for part in parts if isinstance(part, frozenset)), EVERY_DAY)
        nights = any(isinstance(part, Token) for part in parts)
        return _stretch(meta, days, (part for part in parts if isinstance(part, Window)), nights)

    @v_args(meta=True, inline=True)
    def days_first(self, meta: Meta, days: Days, window: Window) -> Stretch:
        """Days and their hours."""
        return _stretch(meta, days, iter((window,)), False)

    def whole_days(self, days: Days) -> Stretch:
        """Days from midnight to midnight."""
        return Stretch(days, ())


def _stretch(meta: Meta, days: Days, windows: Iterator[Window], nights: bool) -> Stretch:
    stretch = Stretch(days, tuple(windows))
    if stretch.passes_midnight and not (nights or days == EVERY_DAY):
        raise RefusalError((meta.start_pos, meta.end_pos), "hours that pass midnight say Nightly or Next Day")
    return stretch


DIALECT = Dialect("ladot", Policy, {})
