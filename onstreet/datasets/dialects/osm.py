"""OpenStreetMap's tags of street parking, each as `tag=value`: `maxstay:conditional=2 hours @ (Mo-Fr 08:00-18:00)`.

Read are maxstay, restriction, fee, charge and access, for one side of a street or without it, plain or conditional. A
value says only what it says: a fee costs what the recipe says, else `See Meter`; what residents, customers, loading and
charging vehicles pay is `See Meter` too. Readings where a value leaves two:

- Of several conditions the last one rules that holds. A card has no such order: conditions of one tag that overlap are
  refused unless they say the same, or the later ones are of holidays and about money, or lift the earlier ones there.
- A value that only lifts what another tag says (`maxstay:conditional=no @ (Su)`) is refused.
- A charge a day, or without a unit, does not say which day or for how long, and is refused.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from lark import Token, v_args

from onstreet.datasets.dialects.dialect import SEE_METER, Dialect, Paid, limit, line
from onstreet.datasets.dialects.opening_hours import Hours, Off, OpeningHours, except_holidays, together
from onstreet.datasets.dialects.parts import refuse
from onstreet.datasets.dialects.stretches import NO_PARKING
from ratecards.formatter import duration
from ratecards.money import Money, minor_digits

SILENT: Mapping[str, str] = {
    r"(parking:(left|right|both):)?(maxstay=(no|none|unlimited)|restriction=(no|none)|access=yes)": "no restriction",
}

FOR_MONEY = ("fee", "charge")


class Says(NamedTuple):
    """What a value puts on a line: what is paid for how long, and for whom it is reserved."""

    paid: Paid
    user: str = ""


class Value(NamedTuple):
    """A value of a tag: a word, or minutes and what they cost."""

    token: Token
    minutes: int = 0
    price: str = ""


class Clause(NamedTuple):
    """A value of a tag and when it holds; a value that says nothing lifts what others say."""

    says: Says | None
    hours: list[Hours]
    token: Token


@v_args(inline=True)
class Tags(OpeningHours):
    """The parse tree of a tag -> the lines of a card; a method is its grammar rule."""

    def plain(self, key: Token, value: Value) -> list[str]:
        """A value that always holds."""
        says = self._says(key, value)
        if says is None:
            refuse(value.token, "lifts what another tag says")
        return [line(says.paid.unit, says.user, outcome=says.paid.amount)]

    def conditional(self, key: Token, *clauses: tuple[Value, list[Hours]]) -> list[str]:
        """Values and when they hold, the later ones in place of the earlier."""
        read = [Clause(self._says(key, value), hours, value.token) for value, hours in clauses]
        return _lines(key, read)

    def clause(self, value: Value, hours: list[Hours] | Off) -> tuple[Value, list[Hours]]:
        """A value and the hours in which it holds."""
        return value, together([hours])

    def span(self, number: Token, unit: Token) -> Value:
        """`2 hours`."""
        return Value(number, _minutes(number, unit))

    def rate(self, amount: Token, currency: Token, number: Token | None, unit: Token) -> Value:
        """`1.50 EUR/30 minutes`."""
        decimals, digits = len(amount.partition(".")[2]), minor_digits(currency)
        if decimals > digits:
            refuse(amount, f"{currency} has {digits or 'no'} decimals")
        return Value(amount, _minutes(number or "1", unit), str(Money(Decimal(amount), currency)))

    def word(self, token: Token) -> Value:
        """`no_parking`, `yes`."""
        return Value(token)

    def _says(self, key: Token, value: Value) -> Says | None:
        """What a value of a tag puts on a line, nothing for one that lifts; raises RefusalError for any other."""
        word = "" if value.minutes else str(value.token)
        if key == "maxstay" and value.minutes and not value.price:
            return Says(Paid(limit(value.minutes).replace("Max", "Parking"), ""))
        if key == "charge" and value.price:
            return Says(Paid(f"Each {duration(value.minutes)}", value.price))
        known = _WORDS[str(key)] | ({"yes": Says(self._paid)} if key == "fee" else {})
        if word not in known:
            refuse(value.token, f"{key} says no such thing")
        return known[word]


_WORDS: Mapping[str, dict[str, Says | None]] = {
    "maxstay": dict.fromkeys(("no", "none", "unlimited")),
    "restriction": dict.fromkeys(("no", "none"))
    | dict.fromkeys(("no_parking", "no_standing", "no_stopping"), Says(NO_PARKING))
    | {"loading_only": Says(SEE_METER, "Loading Only"), "charging_only": Says(SEE_METER, "EV Charging Only")},
    "fee": {"no": Says(Paid("", "Free"))},
    "charge": {},
    "access": {
        "yes": None,
        "no": Says(NO_PARKING),
        "residents": Says(SEE_METER, "Residential Permit Only"),
        "customers": Says(SEE_METER, "Customers Only"),
    },
}


def _lines(key: str, clauses: list[Clause]) -> list[str]:
    """The lines of all clauses, the later ones in place of the earlier."""
    kept: list[Clause] = []
    for clause in clauses:
        if clause.says is None:
            kept = [_lifted(each, clause) for each in kept]
            continue
        for earlier in kept:
            if earlier.says != clause.says:
                _check_apart(key, earlier, clause)
        kept.append(clause)
    if not kept:
        refuse(clauses[0].token, "lifts what another tag says")
    return [text for clause in kept for text in _stated(clause)]


def _stated(clause: Clause) -> Iterator[str]:
    assert clause.says is not None
    for hours in clause.hours:
        for clauses in hours.clauses():
            yield line(clause.says.paid.unit, *clauses, clause.says.user, outcome=clause.says.paid.amount)


def _lifted(earlier: Clause, later: Clause) -> Clause:
    """What a value that lifts leaves of an earlier one; raises RefusalError where that cannot be said."""
    for lifting in later.hours:
        if any(lifting.minutes() & each.minutes() for each in earlier.hours):
            refuse(later.token, "lifts some of the hours before: leave them out there")
        if lifting.days.holidays:
            left = [except_holidays(each) for each in earlier.hours]
            if lifting.windows or lifting.season or None in left:
                refuse(later.token, "lifts some hours of holidays, which a card cannot say")
            earlier = earlier._replace(hours=[each for each in left if each])
    return earlier


def _check_apart(key: str, earlier: Clause, later: Clause) -> None:
    """Raises RefusalError for clauses that say different things of the same time."""
    for first, second in product(earlier.hours, later.hours):
        if first.minutes() & second.minutes():
            refuse(later.token, "the same hours say something else before")
        if first.days.holidays or (second.days.holidays and key not in FOR_MONEY):
            refuse(later.token, "holidays on which something else holds")


def _minutes(number: Token | str, unit: Token) -> int:
    """Whole minutes; raises RefusalError for none, and parts of one."""
    found = Decimal(number) * (60 if unit[0] == "h" else 1)
    if found != int(found) or not found:
        refuse(unit, "not whole minutes")
    return int(found)


DIALECT = Dialect("osm", Tags, SILENT)
