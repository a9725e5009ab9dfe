"""Melbourne's sign plates as its bay table abbreviates them, `2P MTR M-SAT 7:30-18:30`.

What the abbreviations mean the city's own decoded columns show, bay by bay: `MTR`, `TKT` and the M of `1PM` are paid
for, `RPA` and `RPE` except residents with a permit from the limit, `S-S` is Saturday and Sunday, `MD` midday, `NO DAYS`
every day; 722 and 621 are the offences of a loading zone and of No Parking. A plate that asks for no payment is free to
those it is for. One without days or hours holds always.

Readings where a plate leaves two; those of its hours are in plate_hours.py:

- `P/10 - No Park` is a crossed P with time to set down passengers: No Parking. Without the words it is refused.
- `AOT`, at other times, is read where the plate says which hours these are; alone, or with the whole day, only the
  other plates of the post could tell.
- Whether a permit saves paying at a meter the plate does not say: for its holders that is `See Meter`.
"""

import re
from collections.abc import Mapping

from lark import Token, Transformer, v_args
from lark.tree import Meta

from onstreet.datasets.dialects.dialect import Dialect, Paid, limit, line
from onstreet.datasets.dialects.parts import Part, Parts, refuse
from onstreet.datasets.dialects.plate_hours import hours, moment
from onstreet.datasets.dialects.stretches import day_names, day_range
from ratecards.transformer import RefusalError
from ratecards.words import weekday

SILENT: Mapping[str, str] = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00": "a time that slipped in from another column",
    r"Temp Sign Plate\b.*": "a temporary plate, not what it says",
}

ANY = ("kind", "days", "hours", "other times")


@v_args(inline=True)
class Plates(Transformer[Token, list[str]]):
    """The parse tree of a plate -> the lines of a card; a method is its grammar rule."""

    def __init__(self, paid: Paid) -> None:
        super().__init__()
        self.paid = paid

    @v_args(meta=True, inline=True)
    def start(self, text: Meta, *stated: list[Part]) -> list[str]:
        """The lines of a plate, what holds for everybody first."""
        plate = Parts.of(part for parts in stated for part in parts)
        if not {"kind", "disabled", "crossed P"} & plate.keys():
            raise RefusalError((text.start_pos, text.end_pos), "no P, LZ, CW or No Parking on the plate")
        return _lines(plate, self.paid)

    def hours_p(self, token: Token) -> list[Part]:
        """`2P`, `1/4P`."""
        number = token[: token.upper().index("P")].strip()
        minutes = 60 // int(number[-1]) if "/" in number else int(number) * 60
        return [Part("kind", "parking", token), Part("limit", limit(minutes), token)]

    def metered_p(self, token: Token) -> list[Part]:
        """`1PM`, one hour at a meter."""
        return [*self.hours_p(token), Part("payment", "meter", token)]

    def minutes_p(self, token: Token) -> list[Part]:
        """`P10`, `P 05MINS`, `15MINS P`."""
        return [Part("kind", "parking", token), Part("limit", limit(_number(token)), token)]

    def parking(self, token: Token) -> list[Part]:
        """A bare `P`."""
        return [Part("kind", "parking", token)]

    def crossed_p(self, token: Token) -> list[Part]:
        """`P/10`, the symbol of No Parking and how long one may stop to set down."""
        return [Part("crossed P", "", token)]

    def ban(self, token: Token) -> list[Part]:
        """`No Parking`, `S/ No Stop`, 621."""
        return [Part("kind", "ban", token)]

    def clearway(self, token: Token) -> list[Part]:
        """`CW TOW`."""
        return [Part("kind", "clearway", token)]

    def loading(self, token: Token, span: Token | None) -> list[Part]:
        """`LZ 30M`."""
        minutes = _number(span) * (60 if span.upper().endswith("HR") else 1) if span else 0
        return [Part("kind", "loading", token), *([Part("limit", limit(minutes), span)] if span else [])]

    def payment(self, token: Token) -> list[Part]:
        """`MTR`, `TKT A`, `FREE`."""
        return [Part("payment", "free" if token.upper() == "FREE" else "meter", token)]

    def permit(self, token: Token) -> list[Part]:
        """`RPA 1B`, `A RPE`."""
        area = token.split()[-1].upper()
        return [Part("permit", f"Area {area} Permit" if area[0].isdigit() else "Residential Permit", token)]

    def disabled(self, token: Token) -> list[Part]:
        """`DIS`, the same as `DIS ONLY`."""
        return [Part("disabled", "", token)]

    def other_times(self, token: Token) -> list[Part]:
        """`AOT`."""
        return [Part("other times", "", token)]

    def said(self, _token: Token) -> list[Part]:
        """Arrows, offences, the area, that there are no days: nothing that a card says."""
        return []

    def weekend(self, token: Token) -> list[Part]:
        """`S-S`."""
        return [Part("days", "Sat-Sun", token)]

    def one_day(self, day: Token) -> list[Part]:
        """`Tuesday`."""
        return [Part("days", day_names(frozenset([weekday(day)])), day)]

    def days(self, first: Token, last: Token) -> list[Part]:
        """`M-SAT`."""
        return [Part("days", day_names(day_range(weekday(first), weekday(last))), first)]

    def two_days(self, first: Token, second: Token) -> list[Part]:
        """`SAT & SUN`."""
        return [Part("days", day_names(frozenset([weekday(first), weekday(second)])), first)]

    def hours(self, start: Token, end: Token) -> list[Part]:
        """`7:30-18:30`."""
        try:
            return [Part("hours", hours(moment(start), moment(end)), start)]
        except ValueError as doubt:
            refuse(start, str(doubt), end)


def _lines(plate: Parts, paid: Paid) -> list[str]:
    if "crossed P" in plate and plate.text("kind") != "ban":
        refuse(plate["crossed P"].token, "No Parking, or parking for that time?")
    if "disabled" in plate:
        plate.setdefault("kind", Part("kind", "parking", plate["disabled"].token))
    if "other times" in plate and not plate.text("hours"):
        refuse(plate["other times"].token, "which times these are the other plates say")
    return _KINDS[plate.text("kind")](plate, paid)


def _ban(plate: Parts, _paid: Paid) -> list[str]:
    plate.only(*ANY, "crossed P")
    return [_line(plate, "", outcome="No Parking")]


def _clearway(plate: Parts, _paid: Paid) -> list[str]:
    plate.only(*ANY)
    return [_line(plate, "", "Tow Away", outcome="No Parking")]


def _loading(plate: Parts, _paid: Paid) -> list[str]:
    plate.only(*ANY, "limit")
    return [_line(plate, "", plate.text("limit"), "Loading Only", outcome="Free")]


def _parking(plate: Parts, paid: Paid) -> list[str]:
    longest, is_paid = plate.text("limit"), plate.text("payment") == "meter"
    if "disabled" in plate:
        plate.only(*ANY, "disabled", "limit")
        return [_line(plate, "", longest, "Disabled Only", outcome="Free")]
    if not longest and ("permit" in plate or not is_paid):
        refuse(plate["kind"].token, "parking for how long, or for whom?")
    if is_paid:
        general = _line(plate, paid.unit, longest, outcome=paid.amount)
    else:
        general = _line(plate, longest.replace("Max", "Parking"), outcome="")
    holders = _line(plate, "", plate.text("permit"), outcome="See Meter" if is_paid else "Free")
    return [general, holders] if "permit" in plate else [general]


def _line(plate: Parts, head: str, *clauses: str, outcome: str) -> str:
    return line(head, plate.text("days"), plate.text("hours"), *clauses, outcome=outcome)


_KINDS = {"ban": _ban, "clearway": _clearway, "loading": _loading, "parking": _parking}


def _number(token: Token) -> int:
    return int("".join(re.findall(r"\d", token)))


DIALECT = Dialect("melbourne", Plates, SILENT)
