"""Fees of consecutive periods -> what the lines of a card charge (S4.2)."""

from decimal import Decimal
from itertools import accumulate

from onstreet.datasets.regulations import FREE, Charges
from ratecards.model import Outcome, Term, TermKind
from ratecards.money import Money, symbol

MOST_MIN = 44_640
MOST_TIERS = 48


def ladder(steps: list[tuple[int, Decimal]], currency: str) -> Charges:
    """Minutes and prices of consecutive periods, the last of which repeats, as lines of a card."""
    if not any(amount for _, amount in steps):
        return FREE
    ends = list(accumulate(minutes for minutes, _ in steps))
    sums = list(accumulate(amount for _, amount in steps))
    tiers = [(Term(TermKind.TIER, end), _money(amount, currency)) for end, amount in zip(ends, sums, strict=True)]
    minutes, amount = steps[-1]
    kind = TermKind.EACH if len(steps) == 1 else TermKind.ADDED
    return (*tiers[:-1], (Term(kind, minutes), _money(amount, currency)))


def _money(amount: Decimal, currency: str) -> Money | Outcome:
    return Money(amount.normalize() + 0, symbol(currency)) if amount else Outcome.FREE


def is_amount(fee: object, digits: int) -> bool:
    """Whether it is an amount of money with so many decimals."""
    if isinstance(fee, bool) or not isinstance(fee, int | float) or not 0 <= fee < 1_000_000:
        return False
    return Decimal(str(fee)) == round(Decimal(str(fee)), digits)


def is_duration(value: object) -> bool:
    """Whether it is a number of whole minutes, at most a month."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 < value <= MOST_MIN and value == int(value)  # type: ignore[operator, call-overload]
