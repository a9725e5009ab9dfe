"""Which lines of a card rule which hours of the year, for every driver it names (S3.1-S3.4, S3.6).

Unlike the timeline, which prices, this knows every line that competes, priced yet or not, and keeps those that lose.
"""

from collections import defaultdict
from functools import cached_property

from ratecards.coverage import Cell, Coverage
from ratecards.model import Card, Line, Outcome, Scope, SpecialDay, TermKind
from ratecards.precedence import Holder, Rule, governing, rules_of
from ratecards.scopes import share_of_year, special_days, times

NOBODY: Holder = frozenset()

_COMPETING_TERMS = (TermKind.EACH, TermKind.TIER, TermKind.ADDED, TermKind.NTH_HOUR, TermKind.EACH_DAY)


class Governance:
    """The lines of a card by index, the patches of the year that they cover, and which of them rules a patch.

    The year is one of ordinary dates, or of the dates that one special calendar names.
    """

    def __init__(self, card: Card, special: SpecialDay | None = None) -> None:
        self.lines = card.lines
        self.coverage = Coverage([line.scope for line in card.lines], special)
        self.patches: dict[frozenset[int], list[Cell]] = self.coverage.patches
        keys = {line.scope.user.key for line in card.lines if line.scope.user}
        self.holders = [NOBODY, *(frozenset({key}) for key in sorted(keys))]
        self.shares = {line: share_of_year(line.scope) for line in card.lines}
        self._special = special
        self._rules_of: dict[Holder, list[Rule]] = {}
        self._rulings: dict[tuple[frozenset[int], Holder], tuple[int | None, bool]] = {}

    def heard(self, there: frozenset[int], holder: Holder = NOBODY) -> list[int]:
        """Those of some lines that compete and exist for this driver, in card order."""
        return [i for i in sorted(there) if competes(self.lines[i]) and exists_for(self.lines[i], holder)]

    def ruling(self, there: frozenset[int], holder: Holder = NOBODY) -> tuple[int | None, bool]:
        """The line that governs where these are, and whether it closes the time to this driver (S3.3)."""
        if (there, holder) not in self._rulings:
            rules = [self._rules(holder)[i] for i in self.heard(there, holder)]
            special = {rule for rule in rules if self._special in rule.reach.words or rule.reach.whole.special}
            rule, closes = governing(rules, special)
            self._rulings[there, holder] = rule.number if rule else None, closes
        return self._rulings[there, holder]

    @cached_property
    def tariffs(self) -> dict[int, tuple[int, ...]]:
        """For each competing line the lines of its tariff, itself among them, in card order (S4.1)."""
        groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for i, line in enumerate(self.lines):
            if competes(line):
                groups[times(line.scope), line.scope.user and line.scope.user.key].append(i)
        return {i: tuple(group) for group in groups.values() for i in group}

    @cached_property
    def _where(self) -> dict[int, set[int]]:
        where: dict[int, set[int]] = defaultdict(set)
        for number, there in enumerate(self.patches):
            for i in there:
                where[i].add(number)
        return where

    def _rules(self, holder: Holder) -> list[Rule]:
        if holder not in self._rules_of:
            self._rules_of[holder] = rules_of(Card(self.lines), holder)
        return self._rules_of[holder]

    def contains(self, outer: int, inner: int) -> bool:
        """Whether one line covers every minute that another covers."""
        return self._where[inner] <= self._where[outer]

    def says(self, tariff: tuple[int, ...]) -> tuple[object, ...]:
        """What a tariff offers, for comparison with another."""
        return tuple((self.lines[i].term, self.lines[i].outcome, self.lines[i].limits) for i in tariff)


Years = dict[SpecialDay | None, Governance]


def years_of(card: Card) -> Years:
    """The year of ordinary dates (None), and one for each special calendar that the card names."""
    named = special_days(line.scope for line in card.lines)
    return {None: Governance(card)} | {each: Governance(card, each) for each in named}


def competes(line: Line) -> bool:
    """Whether a line can decide what an hour is; bounds, offers, event rates and statements cannot (S3.6)."""
    if line.statement or line.conditions or (line.term and line.term.kind not in _COMPETING_TERMS):
        return False
    if line.outcome is None:
        return line.limits is not None and bool(line.limits.stay_min or line.limits.disc_min)
    return line.reason is None or line.outcome is Outcome.NO_PARKING


def is_theirs(line: Line, holder: Holder) -> bool:
    """Whether a line speaks to this driver: it is for everybody, or for users the driver is."""
    return line.scope.user is None or line.scope.user.key in holder


def exists_for(line: Line, holder: Holder) -> bool:
    """Whether a driver need heed a line: one for other users, not reserved for them, does not exist for him (S3.3)."""
    return is_theirs(line, holder) or (line.scope.user is not None and line.scope.user.only)


def names_special_days(scope: Scope) -> bool:
    """Whether a scope speaks of days that a calendar names."""
    return bool(
        scope.days and (scope.days.exceptions or any(isinstance(each, SpecialDay) for each in scope.days.ranges))
    )
