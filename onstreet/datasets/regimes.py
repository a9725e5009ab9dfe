"""Which rules govern which minutes of which kinds of days, and what a card must say there.

Of the rules in force the one with the lowest rank overrides the others. A rule for some users alone closes the kerb to
everybody else, lower rules notwithstanding, unless a rule of the same rank is for everybody; a ban on some users leaves
the others to the next rank. Among rules of one rank the stricter is heard, so a ban beats what it contradicts; two that
ask different prices of the same driver leave the price unknown, and the shorter limit holds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import groupby, pairwise, product

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.regulations import UNKNOWN, YEAR, Charges, Effect, Rule, When, YearDays
from ratecards.model import DAY_MIN, LAST, Limits, Line, Outcome, Scope, SpecialDay, User

# Weekday x occurrence in the month x part of the year x which special days it is x minutes of the day.
Mask = NDArray[np.bool_]
# The lines a card has of some minutes, with users but without times.
Regime = tuple[Line, ...]

OCCURRENCES = ((1,), (2,), (3,), (4,), (4, LAST), (5, LAST))
BAN = Line(outcome=Outcome.NO_PARKING)


class Grid:
    """The kinds of days and the minutes that some rules tell apart."""

    def __init__(self, whens: Sequence[When]) -> None:
        self.nths = OCCURRENCES if any(when.nth for when in whens) else ((),)
        seasons = list(dict.fromkeys(when.dates for when in whens if when.dates is not None))
        parts: dict[tuple[bool, ...], list[tuple[int, int]]] = {}
        for day in YEAR:
            parts.setdefault(tuple(day in season for season in seasons), []).append(day)
        self.parts: list[YearDays] = [frozenset(days) for days in parts.values()]
        named = {word for when in whens for word in (when.only, *when.excepts)}
        self.words = [word for word in SpecialDay if word in named]
        self.kinds = list(product((False, True), repeat=len(self.words)))
        edges = sorted({0, DAY_MIN} | {edge for when in whens for span in when.minutes for edge in span})
        self.slots = list(pairwise(edges))
        self.shape = (7, len(self.nths), len(self.parts), len(self.kinds), len(self.slots))

    def mask(self, when: When) -> Mask:
        """Where a time holds."""
        axes = (
            [weekday in when.weekdays for weekday in range(1, 8)],
            [not when.nth or not when.nth.isdisjoint(nth) for nth in self.nths],
            [when.dates is None or part <= when.dates for part in self.parts],
            [self._is(kind, when) for kind in self.kinds],
            [any(first <= start < last for first, last in when.minutes) for start, _ in self.slots],
        )
        # ix_ would take truth values for indices.
        return reduce(np.logical_and, np.ix_(*(np.array(axis, dtype=np.int8) for axis in axes)))

    def _is(self, kind: tuple[bool, ...], when: When) -> bool:
        special = {word for word, is_it in zip(self.words, kind, strict=True) if is_it}
        return (when.only is None or when.only in special) and special.isdisjoint(when.excepts)


def regimes(grid: Grid, rules: Sequence[Rule]) -> dict[Regime, tuple[Mask, tuple[Rule, ...]]]:
    """What governs where, and the rules that make it so; minutes of which no rule speaks are in none."""
    masks = [reduce(np.logical_or, map(grid.mask, rule.whens)) for rule in rules]
    codes = np.zeros(grid.shape, dtype=object)
    for number, mask in enumerate(masks):
        codes |= mask.astype(object) * (1 << number)
    found: dict[Regime, tuple[Mask, tuple[Rule, ...]]] = {}
    for code in sorted(set(codes.ravel())):
        there = [rule for number, rule in enumerate(rules) if code >> number & 1]
        regime = regime_of(there)
        if regime:
            mask, known = found.get(regime, (np.zeros(grid.shape, dtype=np.bool_), ()))
            found[regime] = mask | (codes == code), tuple(dict.fromkeys((*known, *there)))
    return found


def is_closed(regime: Regime) -> bool:
    """Whether nobody may park."""
    return any(line.outcome is Outcome.NO_PARKING and line.scope.user is None for line in regime)


def regime_of(rules: Iterable[Rule]) -> Regime:
    """What a card must say where these rules are in force together."""
    banned: list[Line] = []
    for _, group in groupby(sorted(rules, key=lambda rule: rule.rank), key=lambda rule: rule.rank):
        peers = list(group)
        mine = [rule for rule in peers if rule.users is not None]
        bans = [rule for rule in mine if rule.effect is Effect.FORBIDS]
        banned += [_ban(rule, user) for rule in bans for user in rule.users or ()]
        mine = [rule for rule in mine if rule.effect is not Effect.FORBIDS]
        general = heard([rule for rule in peers if rule.users is None])
        if mine or general:
            out = {line.scope.user.name for line in banned if line.scope.user}
            users = [
                name for name in dict.fromkeys(name for rule in mine for name in rule.users or ()) if name not in out
            ]
            theirs = {name: heard([rule for rule in mine if name in (rule.users or ())]) for name in users}
            return (*dict.fromkeys(banned), *_open(theirs, general))
    return tuple(dict.fromkeys(banned))


def heard(rules: Sequence[Rule]) -> Rule | None:
    """Of rules of one rank for the same users the one that holds; where they disagree a price nobody knows."""
    if not rules:
        return None
    first = min(rules, key=_strictness)
    peers = [rule for rule in rules if _strictness(rule) == _strictness(first)]
    if first.effect is Effect.FORBIDS or len({(rule.charges, rule.limits) for rule in peers}) == 1:
        return first
    charges = first.charges if len({rule.charges for rule in peers}) == 1 else UNKNOWN
    return replace(first, charges=charges, limits=_shortest([rule.limits for rule in peers if rule.limits]))


def _strictness(rule: Rule) -> tuple[Effect, bool]:
    return rule.effect, rule.is_fallback


def _shortest(limits: Sequence[Limits]) -> Limits | None:
    stays = [each.stay_min for each in limits if each.stay_min]
    waits = [each.no_return_min for each in limits if each.no_return_min]
    return Limits(min(stays, default=None), None, max(waits, default=None)) if limits else None


def _open(theirs: dict[str, Rule | None], general: Rule | None) -> Iterator[Line]:
    """Lines for users by name and for everybody."""
    loading = User("Loading", only=True)
    if general is not None and general.effect is Effect.PARKS:
        for name, rule in theirs.items():
            yield from _lines(rule, User(name))
        yield from _lines(general, None)
        return
    for name, rule in theirs.items():
        yield from _lines(rule, User(name, only=True))
    if general is not None and general.effect is Effect.LOADS:
        yield from _lines(general, loading) if loading.name not in theirs else ()
    elif not theirs:
        yield replace(BAN, reason=general.reason if general else None)


def _lines(rule: Rule | None, user: User | None) -> Iterator[Line]:
    charges: Charges = rule.charges if rule else ()
    for number, (term, outcome) in enumerate(charges):
        limits = rule.limits if rule and number == 0 else None
        yield Line(Scope(user=user), outcome, term, limits=limits)


def _ban(rule: Rule, user: str) -> Line:
    return replace(BAN, scope=Scope(user=User(user)), reason=rule.reason)
