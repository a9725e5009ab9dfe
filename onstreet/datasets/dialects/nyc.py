"""New York City's sign texts, `NO PARKING (SANITATION BROOM SYMBOL) 11AM TO 12:30PM MON & THURS <->`.

No Parking, No Standing and No Stopping are all No Parking to who wants to park. Arrows, the numbers of superseded signs
and pictures say nothing about the rule. Readings where a text leaves two:

- Hours past midnight end on the morning after the days that are named.
- A start without AM or PM has that of the end, where it comes before it (`8-9:30AM`), else the other (`11-12:30PM`).
- A ban that excepts school buses or hotel loading, which no driver can show, is one for everybody.
- What trucks pay while they load, and taxis at their stand, no text says: See Meter, whatever the meters cost.
- `METERS ARE NOT IN EFFECT ABOVE TIMES` speaks of the sign above it and is refused.
"""

import re
from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

from lark import Token, Transformer, v_args
from lark.tree import Meta

from onstreet.datasets.dialects.dialect import SEE_METER, Dialect, Paid, limit, line
from onstreet.datasets.dialects.parts import Part, Parts, refuse
from onstreet.datasets.dialects.stretches import EVERY_DAY, NO_PARKING, Stretch, day_range
from ratecards.model import Window
from ratecards.transformer import RefusalError
from ratecards.words import weekday

SILENT: Mapping[str, str] = {
    r"DEPARTMENT OF EDUCATION \(DOE\)": "the name of an authority",
    r"LOCAL MTA BUS ROUTE PANEL\b.*": "a panel of bus routes",
    r".*\(TYPICAL BUS ROUTE/DESTINATION PANEL\)": "a panel of bus routes",
    r".*\(BOTTOM LOCATION PANEL\).*": "the name of a bus stop",
    r"DAY - DAY XYY-XYY\b.*": "a template without days and hours",
    r"PAY-BY-CELL LOCATOR NUMBER": "the number of a place to pay for",
}

NOON = 12 * 60
ANY = ("kind", "anytime", "school days")


class _When(NamedTuple):
    """A part that says on which days, or in which hours."""

    days: frozenset[int] | None
    hours: Window | None
    token: Token


@v_args(inline=True)
class Signs(Transformer[Token, list[str]]):
    """The parse tree of a sign's text -> the lines of a card; a method is its grammar rule."""

    def __init__(self, paid: Paid) -> None:
        super().__init__()
        self.paid = paid

    @v_args(meta=True, inline=True)
    def start(self, text: Meta, *stated: Part | _When) -> list[str]:
        """One line, two where the hours of some days pass midnight."""
        parts = Parts.of(part for part in stated if isinstance(part, Part))
        if not {"ban", "kind"} & parts.keys():
            raise RefusalError((text.start_pos, text.end_pos), "neither a ban nor metered parking")
        when = [each for each in stated if isinstance(each, _When)]
        return [_line(parts, clauses, self.paid) for clauses in _clauses(parts, when)]

    def ban(self, token: Token) -> Part:
        """`NO STANDING`."""
        return Part("ban", "", token)

    def metered(self, token: Token) -> Part:
        """`2 HMP`, two hours of metered parking."""
        return Part("kind", limit(int(token[0]) * 60), token)

    def trucks(self, token: Token) -> Part:
        """`TRUCK LOADING ONLY`, and a ban that excepts it."""
        return Part("kind", "Loading Only", token)

    def taxis(self, token: Token) -> Part:
        """`TAXI STAND`."""
        return Part("kind", "Taxi Only", token)

    def broom(self, token: Token) -> Part:
        """The symbol of street cleaning."""
        return Part("reason", "Street Cleaning", token)

    def bus_stop(self, token: Token) -> Part:
        """`BUS STOP SIGN`."""
        return Part("reason", "Bus Stop", token)

    def commercial(self, token: Token) -> Part:
        """`COMMERCIAL VEHICLES ONLY`."""
        return Part("user", "Commercial Vehicle Only", token)

    def excepted(self, token: Token) -> Part:
        """School buses and hotel loading."""
        return Part("excepted", "", token)

    def anytime(self, token: Token) -> Part:
        """`ANYTIME`."""
        return Part("anytime", "", token)

    def school_days(self, token: Token) -> Part:
        """`SCHOOL DAYS`."""
        return Part("school days", "School Days", token)

    def all_days(self, token: Token) -> _When:
        """`ALL DAYS`."""
        return _When(EVERY_DAY, None, token)

    def day_range(self, first: Token, last: Token | None) -> _When:
        """`MONDAY`, `MONDAY-FRIDAY`."""
        return _When(day_range(weekday(first), weekday(last or first)), None, first)

    def all_but(self, *ranges: _When) -> _When:
        """`EXCEPT SUNDAY`."""
        return _When(EVERY_DAY.difference(*(each.days or () for each in ranges)), None, ranges[0].token)

    def window(self, start: Token, end: Token) -> _When:
        """`8AM-9:30AM`."""
        if end[-1].isdigit() or (start[-1].isdigit() and not end[0].isdigit()):
            refuse(start, "am or pm?", end)
        opening, closing = _minute(start, end[-2:]), _minute(end, "")
        if start[-1].isdigit() and opening > (closing or 2 * NOON):
            opening = (opening + NOON) % (2 * NOON)
        if opening == closing:
            refuse(start, "hours that end where they begin", end)
        return _When(None, Window(opening, closing, 12), start)


def _clauses(parts: Parts, when: list[_When]) -> list[tuple[str, str]]:
    """The days and hours of each line."""
    spans = [list(group) for _, group in groupby(when, lambda each: each.hours is None)]
    if len(spans) > 2:
        refuse(spans[2][0].token, "which hours belong to which days?")
    days = frozenset[int]()
    for each in when:
        if days & (each.days or frozenset()):
            refuse(each.token, "a day that is named before")
        days |= each.days or frozenset()
    windows = tuple(each.hours for each in when if each.hours)
    if "anytime" in parts and when:
        refuse(parts["anytime"].token, "any time, or these?")
    if "school days" not in parts:
        return list(Stretch(days, windows).clauses())
    if days or Stretch(days, windows).passes_midnight:
        refuse(parts["school days"].token, "school days have no other days, nor nights")
    return [("School Days", hours) for _, hours in Stretch(days, windows).clauses()]


def _line(parts: Parts, clauses: tuple[str, str], paid: Paid) -> str:
    """The line of a sign for these days and hours."""
    said = parts.text("kind")
    if not said:
        parts.only(*ANY, "ban", "reason", "excepted")
        return line("", *clauses, parts.text("reason"), outcome=NO_PARKING.amount)
    if said.endswith("Only"):
        parts.only(*ANY, "ban")
        return line("", *clauses, said, outcome=SEE_METER.amount)
    parts.only(*ANY, "user")
    return line(paid.unit, *clauses, said, parts.text("user"), outcome=paid.amount)


def _minute(time: Token, half: str) -> int:
    """The minute of the day of `8AM`, `MIDNIGHT`, or of `8` in that half of the day."""
    named = {"NOON": NOON, "MIDNIGHT": 0}.get(time.upper())
    if named is not None:
        return named
    hour, minute, own = re.fullmatch(r"(\d+):?(\d\d)? ?([AP]M)?", time.upper()).groups("")  # type: ignore[union-attr]
    return (int(hour) % 12) * 60 + int(minute or 0) + NOON * ((own or half.upper()) == "PM")


DIALECT = Dialect("nyc", Signs, SILENT)
