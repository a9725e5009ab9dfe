"""Who a rule is for: the user classes of CurbLR and CDS -> the users that cards name (S2).

A class is one of our users where whoever claims to be that user is of the class; trucks count as Commercial Vehicle. A
permit goes by its own name. Any other class gets a name too, so that drivers see whom the kerb is for, but what it pays
is unknown: no feed says what its jurisdiction understands by it. Some have no name a card can print.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from onstreet.datasets.regulations import UNKNOWN, Effect, Problem, Rule
from ratecards import RateCardError
from ratecards.parser import read_line

_USERS = {
    "ada": "Disabled", "disabled": "Disabled", "handicap": "Disabled", "handicapped": "Disabled",
    "handicap accessible": "Disabled", "bicycle": "Bicycle", "bike": "Bicycle", "bus": "Bus", "transit": "Bus",
    "car share": "Car Share", "carshare": "Car Share", "carpool": "Carpool", "commercial": "Commercial Vehicle",
    "commercial vehicle": "Commercial Vehicle", "truck": "Commercial Vehicle", "loading": "Loading",
    "electric": "EV Charging", "ev": "EV Charging", "motorcycle": "Motorcycle", "official": "Government",
    "government": "Government", "passenger": "Passenger Loading",
    "press": "Press", "resident": "Residential Permit", "resident permit": "Residential Permit",
    "residential permit": "Residential Permit", "taxi": "Taxi", "valet": "Valet",
}  # fmt: skip
# The class that is written for a user.
_CLASSES = {name: user_class for user_class, name in reversed(_USERS.items())} | {
    "Disabled": "handicap", "Bus": "bus", "Commercial Vehicle": "commercial", "EV Charging": "electric",
    "Residential Permit": "resident",
}  # fmt: skip
# Users that are only a part of the class: they do not say who is banned with it.
_PARTS = {"electric", "ev", "transit"}
_PERMITS = {"permit", "resident", "resident permit", "residential permit"}


# A class and a subclass or "" of it; None is somebody no card can name.
Member = tuple[str, str] | None


class Party(NamedTuple):
    """A user as a card prints it, and whether that is surely who the feed means."""

    name: str
    is_known: bool


def party(user_class: str, subclass: str = "") -> Party | None:
    """Who a class, or a subclass of it, is to us; None for somebody whom no card can name."""
    known, plain = _plain(user_class), _plain(subclass)
    if not plain:
        if known in _USERS:
            return Party(_USERS[known], True)
        name = None if known in _PERMITS else permit_name(user_class)
        return Party(name, False) if name else None
    if known in _PERMITS:
        name = permit_name(subclass) or permit_name(f"Zone {subclass}")
        return Party(name, True) if name else None
    if plain in _USERS and _USERS[plain] == _USERS.get(known):
        return Party(_USERS[plain], True)
    name = permit_name(subclass)
    return Party(name, False) if name else None


def class_of(name: str) -> Member:
    """The class and subclass that are read as a user of this name; None where there is none."""
    if name.endswith(" Permit") and name not in _CLASSES:
        return "permit", name.removesuffix(" Permit")
    found = _CLASSES.get(name)
    return (found, "") if found else None


def banned(user_class: str, subclass: str = "") -> str | None:
    """The name of a user whom a ban on a class bans, all of them; None where a card has no such name."""
    found = None if _plain(user_class) in _PARTS else party(user_class, subclass)
    return found.name if found and found.is_known else None


def for_users(rule: Rule, members: Sequence[Member] | None, problems: list[Problem]) -> Iterator[Rule]:
    """The rule for those it is meant for: users we know, and users we only have a name for; None is everybody."""
    if members is None:
        yield rule
        return
    if rule.effect is Effect.FORBIDS:
        names = [banned(*member) if member else None for member in members]
        if None in names:
            problems.append(_stranger(members, "the ban is for everybody"))
            yield rule
        else:
            yield replace(rule, users=tuple(dict.fromkeys(name for name in names if name)))
        return
    parties = [party(*member) if member else None for member in members]
    known = tuple(dict.fromkeys(each.name for each in parties if each and each.is_known))
    named = tuple(dict.fromkeys(each.name for each in parties if each and not each.is_known))
    if named or None in parties:
        problems.append(_stranger(members, f"price unknown for {', '.join(named)}" if named else "closed to them, too"))
    if known or not named:
        yield replace(rule, users=known)
    if named:
        yield replace(rule, users=named, charges=UNKNOWN)


def _stranger(members: Sequence[Member], hint: str) -> Problem:
    said = ", ".join(" ".join(filter(None, member)) for member in members if member)
    return Problem("userClasses", said, "not a user that cards know", hint)


def permit_name(text: str) -> str | None:
    """`Zone 4 Permit` of `zone 4`; None where that would read as something else."""
    said = [word if word.isupper() else word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", text)]
    name = " ".join([*said[:-1], *(last for last in said[-1:] if last != "Permit"), "Permit"])
    try:
        line, notices = read_line(f"{name}: See Meter")
    except RateCardError:
        return None
    return name if line.scope.user and line.scope.user.name == name and not notices else None


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())
