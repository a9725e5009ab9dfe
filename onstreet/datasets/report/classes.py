"""Prices -> a few classes that a map can colour."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

MOST = 5


class PriceClass(NamedTuple):
    """Prices from a lowest to a highest, both included, in one colour."""

    low: Decimal
    high: Decimal


def price_classes(costs: Iterable[tuple[Decimal, float]]) -> list[PriceClass]:
    """At most five classes of about the same weight out of prices with theirs, rising; so few prices have one each."""
    weight_of: dict[Decimal, float] = defaultdict(float)
    for cost, weight in costs:
        weight_of[cost] += weight
    prices = sorted(weight_of)
    if len(prices) <= MOST:
        return [PriceClass(price, price) for price in prices]
    groups: dict[int, list[Decimal]] = defaultdict(list)
    before, total = 0.0, sum(weight_of.values())
    for price in prices:
        groups[min(int(MOST * before / total), MOST - 1)].append(price)
        before += weight_of[price]
    return [PriceClass(group[0], group[-1]) for group in groups.values()]
