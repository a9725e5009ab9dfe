"""Card x entry x stay -> Quote: is the stay legal, what does it cost, and why (S4, S5)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ratecards.calendars import Place
from ratecards.instants import instant
from ratecards.legality import Reason
from ratecards.model import Card, Line
from ratecards.money import rounded
from ratecards.precedence import Holder
from ratecards.receipts import Item, receipt
from ratecards.visits import Asked, Visit


@dataclass(frozen=True, slots=True)
class Quote:
    """What a stay costs and whether it may be made.

    `legal` is None where a line that was not understood might forbid it; `cost` is None where the price is unknown or
    the stay is not legal; `refused_by` is the line that forbids the stay, and `reason` says how.
    """

    legal: bool | None
    cost: Decimal | None = None
    currency: str = ""
    refused_by: Line | None = None
    reason: Reason | None = None
    _asked: Asked | None = field(default=None, repr=False, compare=False)
    _stay_min: int = field(default=0, repr=False, compare=False)

    @property
    def explanation(self) -> tuple[Item, ...]:
        """The receipt, worked out when asked for: its amounts add up to the cost (S4.7)."""
        if self._asked is None:
            return ()
        visit = Visit(self._asked, self._stay_min)
        return receipt(visit, visit.end)


def price(card: Card, entry: datetime, stay_min: int, place: Place, holder: Holder = frozenset()) -> Quote:
    """Price a stay of whole minutes on a card.

    `entry` is wall-clock time at the place unless it carries a zone; `holder` has the names of the permits held
    (S5.3). Raises ValueError for a stay below one minute, and for a country whose holidays nobody lists.
    """
    return price_stays(card, entry, [stay_min], place, holder)[0]


def price_stays(
    card: Card, entry: datetime, stays_min: Sequence[int], place: Place, holder: Holder = frozenset()
) -> list[Quote]:
    """Price several stays from one entry, in their order; the longest is followed once and the others read off it."""
    if not stays_min:
        return []
    visit = Visit(Asked(card, entry, place, holder), max(stays_min))
    return [quote(visit, visit.start + stay_min) for stay_min in stays_min]


def quote(visit: Visit, end: int) -> Quote:
    """Judge and price the stay of a visit until an instant, one that the visit looks ahead to."""
    currency, refusal = visit.place.currency, visit.refusal
    if end <= visit.start:
        raise ValueError(f"a stay is at least 1 minute, not {end - visit.start}")
    if refusal and end > refusal.at:
        return Quote(False, None, currency, refusal.line, refusal.reason, visit.asked, end - visit.start)
    if visit.is_doubtful(end):
        return Quote(None, None, currency, None, None, visit.asked, end - visit.start)
    ticks = visit.ticks(end)
    cost = None if ticks is None else rounded(ticks, currency, visit.timeline.ticks)
    return Quote(True, cost, currency, None, None, visit.asked, end - visit.start)


def price_many(
    cards: Sequence[Card],
    entries: Sequence[datetime],
    stays_min: Sequence[int],
    place: Place,
    holder: Holder = frozenset(),
) -> list[list[list[Quote]]]:
    """Price all stays from all entries on all cards, each combination once: quotes by card, entry and stay."""
    known: dict[tuple[Card, int], list[Quote]] = {}
    starts = [instant(entry, place.zone) for entry in entries]
    for card in cards:
        for entry, start in zip(entries, starts, strict=True):
            if (card, start) not in known:
                known[card, start] = price_stays(card, entry, stays_min, place, holder)
    return [[known[card, start] for start in starts] for card in cards]
