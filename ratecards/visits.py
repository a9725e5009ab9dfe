"""One driver, one card, one entry: what ends the stay, what it costs until any instant, and which offers hold."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from ratecards.bills import Bill
from ratecards.calendars import Place
from ratecards.clocks import Days
from ratecards.instants import instant
from ratecards.ladders import Price
from ratecards.legality import LimitClocks, refusal_of
from ratecards.model import Card, Line, TermKind
from ratecards.offers import Offer, offers_at
from ratecards.precedence import Holder, Rule, holder_of
from ratecards.timeline import compile_card


class Asked(NamedTuple):
    """A card, an entry that is wall-clock time at the place unless it carries a zone, a place, and permits held."""

    card: Card
    entry: datetime
    place: Place
    holder: Holder


class Visit:
    """Stays of one driver on one card from one entry, up to a longest one.

    `refusal` ends every stay that would go on beyond it. From `unsure_at` on nobody knows the price, from `doubtful_at`
    on nobody knows whether one may stay.
    """

    def __init__(self, asked: Asked, longest_min: int) -> None:
        self.asked = asked
        card, entry, place, holder = asked
        if longest_min < 1:
            raise ValueError(f"a stay is at least 1 minute, not {longest_min}")
        timeline = self.timeline = compile_card(card, holder_of(holder) & card.user_keys if holder else holder)
        self.place = place
        self.start = start = instant(entry, place.zone)
        self.end = end = start + longest_min
        # A unit begun before the end may reach beyond it, and its price depends on what governs there.
        self.spans = list(timeline.spans(place, start, end + timeline.longest_unit_min))
        self._days = Days(place.zone, timeline.reset_min)
        self.refusal = refusal_of(self.spans, start, end, self.limit_clocks())
        self.unsure_at = next((max(span.start, start) for span in self.spans if span.state.is_unsure), None)
        self.doubtful_at = next((max(span.start, start) for span in self.spans if span.state.may_refuse), None)
        self.is_in_currency = card.is_in(place.currency)

    @cached_property
    def bill(self) -> Bill:
        """What the ladders of the card charge, as far as a stay may go."""
        end = self.refusal.at if self.refusal else self.end
        return Bill(self.timeline, self.place, self._days, self.spans, self.start, end)

    @cached_property
    def offers(self) -> list[Offer]:
        """The offers that the entry satisfies."""
        return offers_at(self.timeline, self.place, self.start)

    def limit_clocks(self) -> LimitClocks:
        """Clocks of limits that begin with the entry."""
        return LimitClocks(self.start, self.place.zone, self._days)

    def is_unsure(self, end: int) -> bool:
        """Whether a line that nobody can weigh may change the price of a stay until an instant."""
        return self.unsure_at is not None and end > self.unsure_at

    def is_doubtful(self, end: int) -> bool:
        """Whether a line that nobody can weigh may forbid a stay until an instant."""
        return self.doubtful_at is not None and end > self.doubtful_at

    def ticks(self, end: int) -> Price | None:
        """The exact cost of a legal stay until an instant, by the cheapest way to pay it; None where it is unknown."""
        if not self.is_in_currency or self.is_unsure(end):
            return None
        if not self.offers:
            return self.ladder_ticks(end)
        offered = self.offered(end)
        costs: list[Price | None] = [
            self.ladder_ticks(end),
            *(cost for offer, cost in offered if not offer.is_doubtful),
        ]
        best = min((cost for cost in costs if cost is not None), default=None)
        in_doubt = min((cost for offer, cost in offered if offer.is_doubtful), default=None)
        # An offer that may hold and would be cheaper leaves the price open.
        return best if best is None or in_doubt is None or best <= in_doubt else None

    def ladder_ticks(self, end: int) -> Price | None:
        """What a stay until an instant pays without an offer, fees included; None where it is unknown."""
        total = self.bill.total(end)
        if not total or not self.timeline.has_fees:
            return total
        return total + sum(amount for _, amount in self.fees(total, self.bill.fees(end)))

    def offered(self, end: int) -> list[tuple[Offer, Price]]:
        """The offers that hold for a stay until an instant, and what each makes it cost, fees included."""
        at_entry = self.spans[0].state.fees
        costs = ((offer, offer.cost(end)) for offer in self.offers)
        return [
            (offer, cost + sum(amount for _, amount in self.fees(cost, at_entry)))
            for offer, cost in costs
            if cost is not None
        ]

    def fees(self, paid: Price, due: Iterable[Rule]) -> list[tuple[Line, Price]]:
        """What is lacking to the minimum and the surcharges, on top of what a stay pays that pays anything (S4.2)."""
        if not paid:
            return []
        amounts = [(fee.line, self.timeline.amounts[fee.number], fee.line.kind) for fee in due]
        lacking: list[tuple[Line, Price]] = [
            (line, amount - paid) for line, amount, kind in amounts if kind is TermKind.MIN and amount > paid
        ]
        return [
            *sorted(lacking, key=lambda pair: pair[1])[-1:],
            *((line, amount) for line, amount, kind in amounts if kind is TermKind.PLUS),
        ]
