"""Fees of consecutive periods -> what the lines of a card charge, and back (S4.2)."""

from decimal import Decimal
from itertools import accumulate

from onstreet.datasets.regulations import FREE, Charges
from ratecards.model import Outcome, Term, TermKind
from ratecards.money import Money, minor_digits, symbol

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


def periods(charges: Charges, currency: str) -> list[tuple[int, Decimal]] | None:
    """What lines charge as minutes and prices of consecutive periods, the last of which repeats.

    None where such periods do not say it, or a feed in this currency would not be read. A ladder that ends with a tier
    starts again behind it, which no periods say: they hold where its clock never gets there.
    """
    stated = [(term.kind, term.minutes, _amount(outcome)) for term, outcome in charges if term]
    units = [each for each in stated if each[0] is TermKind.EACH]
    tail = units or [each for each in stated[-1:] if each[0] is TermKind.ADDED]
    steps = [each for each in stated if each not in tail]
    found = _between(steps)
    if len(stated) < len(charges) or len(tail) > 1 or found is None:
        return None
    for kind, minutes, amount in tail:
        if kind is TermKind.EACH and steps and not any(fee for _, fee in found):
            found.append(_from_zero(steps[-1][1], minutes, amount))
        found.append((minutes, amount))
    digits = minor_digits(currency)
    is_sayable = all(is_duration(length) and is_amount(float(fee), digits) for length, fee in found)
    return found if is_sayable and len(found) <= MOST_TIERS and any(fee for _, fee in found) else None


def _from_zero(free_min: int, minutes: int, amount: Decimal) -> tuple[int, Decimal]:
    """What follows free tiers alone until a unit ends: a longer stay pays each unit from its beginning."""
    units = free_min // minutes + 1
    return units * minutes - free_min, units * amount


def _between(steps: list[tuple[TermKind, int, Decimal]]) -> list[tuple[int, Decimal]] | None:
    """Tiers, or hours one after the other, as periods; None where they do not rise."""
    kinds = {kind for kind, _, _ in steps}
    if kinds - {TermKind.TIER} - {TermKind.NTH_HOUR} or len(kinds) > 1:
        return None
    ends = [minutes for _, minutes, _ in steps]
    if kinds == {TermKind.NTH_HOUR}:
        is_whole = ends == [60 * nth for nth in range(1, len(ends) + 1)]
        return [(60, amount) for _, _, amount in steps] if is_whole else None
    found: list[tuple[int, Decimal]] = []
    at, paid = 0, Decimal(0)
    for _, minutes, amount in steps:
        if minutes <= at or amount < paid:
            return None
        found.append((minutes - at, amount - paid))
        at, paid = minutes, amount
    return found


def _amount(outcome: Money | Outcome) -> Decimal:
    return outcome.amount if isinstance(outcome, Money) else Decimal(0)


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
