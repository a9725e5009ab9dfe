"""Which line governs a minute, and which lines apply there besides (S3.3, S3.6, S4.3, S4.4)."""

from collections.abc import Collection, Container, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from functools import cached_property, lru_cache

from ratecards.model import Card, Line, Outcome, Scope, TermKind, User
from ratecards.money import Money
from ratecards.scopes import Reach, share_of_year, times

Holder = frozenset[str]

CAPS = (TermKind.MAX, TermKind.DAILY_MAX, TermKind.PERIOD_MAX)
_NAMED_OFFERS = (TermKind.EVENING, TermKind.EARLY_BIRD)
_OFFERED = (None, TermKind.TIER, TermKind.EACH, *_NAMED_OFFERS, *CAPS)


class Part(Enum):
    """What a line has to do with a stay."""

    GOVERNS = "governs"
    CAP = "cap"
    FIRST = "first"
    FEE = "fee"
    OFFER = "offer"
    KEPT = "kept and shown"
    UNWEIGHED = "not to be weighed"


_PARTS = {
    **dict.fromkeys(CAPS, Part.CAP),
    TermKind.FIRST: Part.FIRST,
    TermKind.MIN: Part.FEE,
    TermKind.PLUS: Part.FEE,
}


class Rule:
    """A line of a card as one driver meets it."""

    __slots__ = ("__dict__", "is_theirs", "key", "line", "number", "part", "reach")

    def __init__(self, line: Line, number: int, holder: Holder) -> None:
        self.line, self.number = line, number
        self.part = part_of(line)
        self.key = line.scope.user.key if line.scope.user else None
        self.is_theirs = self.key is None or self.key in holder
        self.reach = Reach.of(line.scope)

    @property
    def is_for_users(self) -> bool:
        """Whether it is for some users, not for everybody."""
        return self.key is not None

    @cached_property
    def is_ban(self) -> bool:
        """Whether it forbids parking."""
        return self.line.outcome is Outcome.NO_PARKING

    @cached_property
    def is_only(self) -> bool:
        """Whether it reserves its time for its users."""
        return self.line.scope.user is not None and self.line.scope.user.only

    @property
    def is_reserved(self) -> bool:
        """Whether it reserves its time for users the driver is not."""
        return self.is_only and not self.is_theirs

    @property
    def speaks(self) -> bool:
        """Whether it says anything to the driver: of lines for other users only those that can reserve (S3.3)."""
        return self.is_theirs or (self.is_only and self.line.kind not in _PARTS)

    @cached_property
    def is_scoped(self) -> bool:
        """Whether it is for some days, hours, dates or users only."""
        return self.line.scope != Scope()

    @cached_property
    def share(self) -> Fraction:
        """The nominal share of the year it covers (S3.3)."""
        return share_of_year(self.line.scope)

    @cached_property
    def times(self) -> tuple[object, ...]:
        """Its days and hours, however written (S4.1)."""
        return times(self.line.scope)


def holder_of(names: Collection[str]) -> Holder:
    """The keys of permits by their names on signs, with or without Permit, Label or Vehicle (S5.3)."""
    if isinstance(names, str):
        raise TypeError(f"permits are a collection of names, not the text {names!r}")
    return _keys_of(frozenset(names))


@lru_cache(maxsize=4096)
def _keys_of(names: frozenset[str]) -> Holder:
    return frozenset(User(name).key for name in names)


def rules_of(card: Card, holder: Holder = frozenset()) -> list[Rule]:
    """The lines of a card in their order, as a driver with these permits meets them."""
    return [Rule(line, number, holder) for number, line in enumerate(card.lines)]


def governing(rules: Iterable[Rule], special: Container[Rule] = ()) -> tuple[Rule | None, bool]:
    """Of governing rules in card order the one that rules a minute all of them cover, and whether it closes it (S3.3).

    No Parking beats everything; a time reserved for others is closed; a line for users the driver is beats one for
    everybody; one that names the date as `special` beats one that does not; then the smallest share of the year; then
    the earlier line. A bare limit governs where nothing else does.
    """
    heard = [rule for rule in rules if rule.speaks]
    closing = [rule for rule in heard if rule.is_ban] or [
        rule for rule in heard if rule.is_reserved and not is_shared(rule, heard)
    ]
    if closing:
        return min(closing, key=lambda rule: (rule not in special, rule.share)), True
    theirs = [rule for rule in heard if rule.is_theirs]
    if len(theirs) < 2:
        return (theirs[0] if theirs else None), False

    def rank(rule: Rule) -> tuple[bool, bool, bool, Fraction]:
        return rule.line.outcome is None, not rule.is_for_users, rule not in special, rule.share

    return min(theirs, key=rank), False


def is_shared(reserved: Rule, rules: Sequence[Rule]) -> bool:
    """Whether a line with the same days and hours opens reserved time to this driver too.

    Either one for everybody, or one that reserves it for users the driver is beside the others.
    """
    return any(
        rule.is_theirs
        and rule.part is Part.GOVERNS
        and (rule.is_only or not rule.is_for_users)
        and rule.line.outcome is not None
        and rule.times == reserved.times
        for rule in rules
    )


def part_of(line: Line) -> Part:
    """What a line has to do with a stay; event rates, monthly prices, stamps and notes are kept and shown (S4.4)."""
    kind = line.kind
    is_event_rate = line.reason is not None and line.outcome is not Outcome.NO_PARKING
    if line.statement or kind is TermKind.MONTHLY or is_event_rate:
        return Part.KEPT
    if line.conditions or kind in _NAMED_OFFERS:
        return _conditional(line, kind)
    if kind in _PARTS:
        return _PARTS[kind]
    says_nothing = line.outcome is None and not (line.limits and (line.limits.stay_min or line.limits.disc_min))
    return Part.KEPT if says_nothing else Part.GOVERNS


def _conditional(line: Line, kind: TermKind | None) -> Part:
    """A line with conditions on entry and exit is an offer, or else nobody can weigh it (S4.3)."""
    conditions = line.conditions
    is_price = isinstance(line.outcome, Money) or line.outcome is Outcome.FREE
    if conditions and conditions.validated:
        return Part.KEPT if is_price else Part.UNWEIGHED
    if conditions is None:
        return Part.OFFER if line.scope.hours else Part.KEPT
    return Part.OFFER if is_price and kind in _OFFERED else Part.UNWEIGHED
