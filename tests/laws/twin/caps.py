"""Caps on what accrues: accounts of what is left (S4.2)."""

from dataclasses import dataclass, field
from fractions import Fraction

from ratecards.model import Scope, TermKind
from twin.rules import CAPS, Rule, amount_of
from twin.visit import Visit

AccountKey = tuple[Rule, int, int]


@dataclass(eq=False)
class Caps:
    """The accounts of all caps of one stay, asked minute by minute."""

    visit: Visit
    runs: dict[Rule, tuple[int, int]] = field(default_factory=dict)
    counted: dict[AccountKey, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.any = any(rule.kind in CAPS for rule in self.visit.rules)

    def cut(self, minute: int, amount: Fraction) -> Fraction:
        """What accrues in a minute when each account in force has let through what it has left."""
        if not self.any:
            return amount
        covering = [rule for rule in self.visit.covering(minute) if rule.kind in CAPS and rule.mine]
        accounts = [(rule, self.account(rule, minute)) for rule in covering]
        in_force = [(rule, account) for rule, account in accounts if is_in_force(rule, covering)]
        for rule, account in in_force:
            amount = min(amount, amount_of(rule) - self.counted.get(account, Fraction(0)))
        for _, account in in_force:
            self.counted[account] = self.counted.get(account, Fraction(0)) + amount
        return amount

    def account(self, rule: Rule, minute: int) -> AccountKey:
        """The account of a cap at a minute it covers: of its day, its run, or its run's period."""
        start, last = self.runs.get(rule, (minute, minute))
        start = start if minute <= last + 1 else minute
        self.runs[rule] = start, minute
        if rule.kind is TermKind.DAILY_MAX:
            return rule, self.visit.days_begun(minute), 0
        if rule.kind is TermKind.PERIOD_MAX and rule.line.term:
            return rule, start, (minute - start) // rule.line.term.minutes
        return rule, start, 0


def is_in_force(rule: Rule, covering: list[Rule]) -> bool:
    """Whether no scoped cap of its kind covers the minute beside an unscoped one."""
    beside = [each for each in covering if each.kind is rule.kind and each.line.scope != Scope()]
    return not beside or rule in beside
