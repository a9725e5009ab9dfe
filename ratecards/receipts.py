"""A visit -> its receipt: the spans of the stay, the line that priced each, and how it adds up (S4.5, S4.7)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from ratecards.bills import Stretch
from ratecards.instants import local_datetime
from ratecards.ladders import Price
from ratecards.model import Line
from ratecards.money import rounded
from ratecards.precedence import Rule
from ratecards.visits import Visit


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a receipt: from start to end the card's `line` charged `amount`, `units` of it where it sells units.

    `total` is what the stay has come to, rounded; amounts are its differences. Both are None where the price is not
    known or the stay is refused; `line` is None where no line speaks. `capped_by` is the cap that cut the amount.
    """

    start: datetime
    end: datetime
    line: Line | None
    minutes: int
    units: int | None = None
    amount: Decimal | None = None
    total: Decimal | None = None
    capped_by: Line | None = None


class _Entry(NamedTuple):
    """An item before it is written: instants and ticks; an amount of None is unknown."""

    start: int
    end: int
    line: Line | None
    amount: Price | None
    units: int | None = None
    capped_by: Line | None = None
    joins: bool = True


def receipt(visit: Visit, end: int) -> tuple[Item, ...]:
    """The items of a stay until an instant; those of a refused one end with what refuses it."""
    refusal = visit.refusal
    stop = min(end, refusal.at) if refusal else end
    entries = list(_paid(visit, stop)) if stop > visit.start else []
    if refusal and end > refusal.at:
        entries.append(_Entry(refusal.at, end, refusal.line, None))
    return tuple(_written(visit, _joined(entries)))


def _paid(visit: Visit, end: int) -> Iterator[_Entry]:
    """What is paid until an instant, by the way that is cheapest."""
    known_until = min(at for at in (visit.unsure_at, visit.bill.unknown_at, end) if at is not None)
    is_known = visit.ticks(end) is not None
    offers = [pair for pair in visit.offered(end) if is_known and not pair[0].is_doubtful]
    by_ladder = visit.ladder_ticks(end)
    offer, cost = min(offers, key=lambda pair: pair[1], default=(None, 0))
    if offer and (by_ladder is None or cost < by_ladder):
        amount = offer.cost(end) or 0
        yield _Entry(visit.start, end, offer.line, amount, offer.units(end))
        yield from _fees(visit, amount, end, visit.spans[0].state.fees)
        return
    if not visit.is_in_currency:
        known_until = visit.start
    for stretch in visit.bill.stretches:
        if stretch.start < known_until:
            yield from _charged(stretch, min(stretch.end, known_until))
    if known_until < end:
        yield from _unknown(visit, known_until, end)
    else:
        yield from _fees(visit, visit.bill.total(end) or 0, end, visit.bill.fees(end))


def _charged(stretch: Stretch, end: int) -> Iterator[_Entry]:
    """What a stretch charges until an instant, cut to what its cap leaves."""
    left = stretch.room
    for entry in _stated(stretch, end):
        if left is None or not entry.amount:
            yield entry
            continue
        paid = min(entry.amount, left)
        left -= paid
        yield entry if paid == entry.amount else entry._replace(amount=paid, capped_by=stretch.cap)


def _stated(stretch: Stretch, end: int) -> Iterator[_Entry]:
    """What the ladder and the lump of a stretch charge until an instant, caps aside."""
    start, ladder, lump = stretch.start, stretch.ladder, stretch.lump
    if ladder:
        clock = stretch.clock
        stop = end if lump is None else min(end, lump.at)
        for line, first, last, units, amount in ladder.bought(clock, clock + stop - start):
            yield _Entry(start + first - clock, start + last - clock, line, amount, units)
    if lump and end > lump.at:
        for number, (line, amount) in enumerate(lump.shares):
            # What other tariffs have in a unit stands behind it; their own minutes join when they come.
            yield _Entry(end if number else lump.at, end, line, amount, lump.units, joins=False)
    elif not ladder:
        tariff = stretch.state.tariff
        is_free = tariff and tariff.ladder and tariff.ladder.is_free
        yield _Entry(start, end, tariff.lines[0] if tariff and is_free else None, 0)


def _unknown(visit: Visit, start: int, end: int) -> Iterator[_Entry]:
    """The lines that govern where nobody knows the price."""
    for span in visit.spans:
        if span.start < end and span.end > start:
            line = span.state.tariff.lines[0] if span.state.tariff else None
            yield _Entry(max(span.start, start), min(span.end, end), line, None)


def _fees(visit: Visit, amount: Price, end: int, due: Iterable[Rule]) -> Iterator[_Entry]:
    for line, fee in visit.fees(amount, due):
        yield _Entry(end, end, line, fee, joins=False)


def _joined(entries: Iterable[_Entry]) -> Iterator[_Entry]:
    """Neighbours of one line as one; what is paid already belongs to what paid it."""
    last: _Entry | None = None
    for entry in entries:
        joined = _join(last, entry) if last else None
        if last and joined is None:
            yield last
        last = joined or entry
    if last is not None:
        yield last


def _join(last: _Entry, entry: _Entry) -> _Entry | None:
    if last.end != entry.start or last.amount is None or entry.amount is None or not entry.joins:
        return None
    if entry.line is None:
        return last._replace(end=entry.end)
    if not last.joins or (entry.line, entry.capped_by) != (last.line, last.capped_by):
        return None
    units = None if entry.units is None or last.units is None else last.units + entry.units
    return last._replace(end=entry.end, units=units, amount=last.amount + entry.amount)


def _written(visit: Visit, entries: Iterable[_Entry]) -> Iterator[Item]:
    exact: Price = 0
    total = Decimal(0)
    zone, ticks, currency = visit.place.zone, visit.timeline.ticks, visit.place.currency
    is_known = True
    for start, end, line, paid, units, capped_by, _ in entries:
        is_known = is_known and paid is not None
        exact += paid or 0
        before, total = total, rounded(exact, currency, ticks)
        yield Item(
            local_datetime(start, zone),
            local_datetime(end, zone),
            line,
            end - start,
            units,
            total - before if is_known else None,
            total if is_known else None,
            capped_by,
        )
