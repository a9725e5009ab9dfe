"""A slow twin of `ratecards.price`: every minute of a stay is looked up and charged by itself (S4.6).

It shares nothing with the engine but the parsed card and the rounding of money. Times are minutes since entry, prices
Fractions, None unknown. `rules` says what a line is and when it holds, `visit` which line governs a minute, `legality`
whether a stay may be made, `ladders`, `charges`, `caps` and `offers` what it costs.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ratecards.model import Card, Line, TermKind
from ratecards.money import rounded
from twin.calendars import Diary, Place
from twin.charges import Account, charge
from twin.legality import refusal
from twin.offers import offered
from twin.rules import amount_of
from twin.visit import Visit

__all__ = ["Diary", "Place", "Verdict", "price"]


class Verdict(NamedTuple):
    """What the twin says of a stay; the fields are those of `ratecards.Quote`."""

    legal: bool | None
    cost: Decimal | None = None
    refused_by: Line | None = None


def price(card: Card, entry: datetime, stays: Sequence[int], place: Place, holder: frozenset[str]) -> list[Verdict]:
    """Judge and price stays from one entry minute by minute."""
    visit = Visit(card, entry, place, holder)
    legal_min, refuser = refusal(visit, max(stays))
    refused = Verdict(False, None, refuser and refuser.line)
    open_min = visit.surely_open_minutes(legal_min)
    sure_min = visit.sure_minutes(legal_min)
    account = charge(visit, sure_min)
    verdicts = []
    for stay_min in stays:
        if stay_min > legal_min:
            verdicts.append(refused)
            continue
        is_known = stay_min <= sure_min and card.is_in(place.currency)
        cost = cheapest(visit, account, stay_min) if is_known else None
        legal = True if stay_min <= open_min else None
        verdicts.append(Verdict(legal, None if cost is None else rounded(cost, place.currency)))
    return verdicts


def cheapest(visit: Visit, account: Account, stay_min: int) -> Fraction | None:
    """The cheapest known alternative for a stay, the ladder or an offer; None if none is known (S4.3)."""
    paid = [minute for minute, _ in account.accrued if minute < stay_min]
    ladder = account.total(stay_min)
    alternatives = [with_extras(visit, ladder, paid)] if ladder is not None else []
    offers = [(with_extras(visit, cost, [0]), is_sure) for cost, is_sure in offered(visit, stay_min)]
    best = min([*alternatives, *(cost for cost, is_sure in offers if is_sure)], default=None)
    # An offer that may hold and would be cheaper leaves the price open.
    return None if best is not None and any(cost < best for cost, is_sure in offers if not is_sure) else best


def with_extras(visit: Visit, cost: Fraction, minutes: list[int]) -> Fraction:
    """A cost with every Min and Plus whose scope covers one of the minutes; nothing is added to nothing (S4.2)."""
    applying = {rule for minute in minutes for rule in visit.covering(minute)}
    least = [amount_of(rule) for rule in applying if rule.kind is TermKind.MIN and rule.mine]
    more = [amount_of(rule) for rule in applying if rule.kind is TermKind.PLUS and rule.mine]
    return max([cost, *least]) + sum(more) if cost else cost
