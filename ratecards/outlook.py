"""What a driver asks besides the price: until when, when is it free, when is it cheapest, what does more time cost."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from ratecards.bills import Stretch
from ratecards.calendars import Place, day_number
from ratecards.instants import at_wall, instant, local_datetime
from ratecards.legality import Reason
from ratecards.model import DAY_MIN, Card, Line
from ratecards.money import rounded
from ratecards.precedence import Holder, holder_of
from ratecards.pricing import Quote, quote
from ratecards.steady import steady
from ratecards.timeline import State, Timeline, compile_card
from ratecards.visits import Asked, Visit

# How far `until` looks ahead (S7.3b).
HORIZON_MIN = 14 * DAY_MIN
NOBODY: Holder = frozenset()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies ahead of an entry, at most 14 days: datetimes of the place's zone (S5.5).

    `until` is the latest departure known to be legal, None if not even a minute is. `until_line` ends the stay there
    and `until_reason` says how; both are None where nothing does within 14 days, or nobody knows. `free_until` is the
    latest departure that costs nothing; `becomes_free_at` when a place that is not free starts to be.
    """

    until: datetime | None = None
    until_line: Line | None = None
    until_reason: Reason | None = None
    free_until: datetime | None = None
    becomes_free_at: datetime | None = None


class Step(NamedTuple):
    """From a stay of so many minutes on, up to the next step, a stay has this quote."""

    stay_min: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class WeekSpan:
    """Hours of a week of one kind: `free`, `paid`, `closed`, `reserved` or `unknown`.

    `hour_price` is what the first hour of its tariff costs, caps, minima, fees and offers aside; None where that is not
    known or nobody may stay.
    """

    start: datetime
    end: datetime
    kind: str
    hour_price: Decimal | None
    line: Line | None


def outlook(card: Card, entry: datetime, place: Place, holder: Holder = NOBODY) -> Outlook:
    """What lies ahead of an entry."""
    visit = Visit(Asked(card, entry, place, holder), HORIZON_MIN)
    start, refusal = visit.start, visit.refusal
    known_until = visit.end if visit.doubtful_at is None else visit.doubtful_at
    ends = refusal is not None and refusal.at <= known_until
    until = refusal.at if refusal and ends else known_until
    sure_until = until if visit.unsure_at is None else visit.unsure_at
    free_until = min(_free_until(visit), until, sure_until)

    def shown(at: int | None) -> datetime | None:
        return None if at is None or at == start else local_datetime(at, place.zone)

    return Outlook(
        shown(until),
        refusal.line if refusal and ends else None,
        refusal.reason if refusal and ends else None,
        shown(free_until),
        shown(_becomes_free_at(visit)),
    )


def cheapest_start(
    card: Card, stay_min: int, first: datetime, last: datetime, place: Place, holder: Holder = NOBODY
) -> tuple[datetime, Quote] | None:
    """The earliest of the entries from first to last, both included, at which a stay costs least, and its quote.

    None where no stay in between is legal at a known price. Raises ValueError for a window beyond 14 days.
    """
    begin, end = instant(first, place.zone), instant(last, place.zone)
    if not 0 <= end - begin <= HORIZON_MIN:
        raise ValueError("the last entry is no earlier than the first, and at most 14 days later")
    best: tuple[int, Quote] | None = None
    at = begin
    while at <= end:
        visit = Visit(Asked(card, local_datetime(at, place.zone), place, holder), stay_min)
        there = quote(visit, visit.end)
        if there.cost is not None and (best is None or best[1].cost is None or there.cost < best[1].cost):
            best = at, there
            if not there.cost:
                break
        # The entries up to there cost the same.
        _, at = steady(visit, [stay_min])
    return (local_datetime(best[0], place.zone), best[1]) if best else None


def cost_curve(
    card: Card, entry: datetime, max_stay_min: int, place: Place, holder: Holder = NOBODY
) -> tuple[Step, ...]:
    """The price against the length of the stay, exact: a step wherever its cost or its legality changes."""
    visit = Visit(Asked(card, entry, place, holder), max_stay_min)
    steps: list[Step] = []
    for end in sorted(end for end in set(_turns(visit)) if visit.start < end <= visit.end):
        step = Step(end - visit.start, quote(visit, end))
        if not steps or steps[-1].quote != step.quote:
            steps.append(step)
    return tuple(steps)


def week(card: Card, first: date, place: Place, holder: Holder = NOBODY) -> tuple[WeekSpan, ...]:
    """Seven days from a date on as spans of one kind, for pictures."""
    timeline = compile_card(card, holder_of(holder) & card.user_keys)
    start, end = (at_wall((day_number(first) + days) * DAY_MIN, place.zone) for days in (0, 7))
    spans: list[WeekSpan] = []
    for span in timeline.spans(place, start, end):
        begin, stop = (local_datetime(at, place.zone) for at in (max(span.start, start), min(span.end, end)))
        kind, line = _kind(span.state)
        is_known = kind in ("free", "paid") and card.is_in(place.currency)
        hour_price = _hour_price(timeline, span.state, place) if is_known else None
        if spans and (spans[-1].kind, spans[-1].hour_price, spans[-1].line) == (kind, hour_price, line):
            begin = spans.pop().start
        spans.append(WeekSpan(begin, stop, kind, hour_price, line))
    return tuple(spans)


def _free_until(visit: Visit) -> int:
    """The latest end of a stay that costs nothing; the start where there is none."""
    if not visit.is_in_currency:
        return visit.start
    free_offers = [offer.latest for offer in visit.offers if not offer.amount and not offer.is_doubtful]
    return max([*free_offers, _charged_from(visit)])


def _charged_from(visit: Visit) -> int:
    """The first instant that the ladders of the card charge, or whose price nobody knows."""
    for stretch in visit.bill.stretches:
        if stretch.charge(stretch.end) > 0:
            return _first_charge(stretch)
    return visit.end if visit.bill.unknown_at is None else visit.bill.unknown_at


def _first_charge(stretch: Stretch) -> int:
    """The instant at which a stretch begins to charge: what it charges never falls, so halving finds it."""
    free, charged = stretch.start, stretch.end
    while charged - free > 1:
        middle = (free + charged) // 2
        free, charged = (free, middle) if stretch.charge(middle) > 0 else (middle, charged)
    return free


def _becomes_free_at(visit: Visit) -> int | None:
    """The start of the next hours that are free to this driver, unless these are."""
    if _kind(visit.spans[0].state)[0] == "free":
        return None
    later = (span for span in visit.spans[1:] if span.start < visit.end)
    return next((span.start for span in later if _kind(span.state)[0] == "free"), None)


def _turns(visit: Visit) -> Iterator[int]:
    """Every end of a stay at which its quote may differ from that of a minute before."""
    yield visit.start + 1
    for at in (visit.refusal and visit.refusal.at, visit.unsure_at, visit.doubtful_at, visit.bill.unknown_at):
        if at is not None:
            yield at + 1
    for offer in visit.offers:
        yield offer.latest + 1
        yield from range(offer.start + 1, offer.latest + 1, offer.unit_min or HORIZON_MIN)
    for stretch in visit.bill.stretches:
        yield stretch.start + 1
        if stretch.lump:
            yield stretch.lump.at + 1
        if stretch.ladder:
            clock = stretch.clock
            rises = stretch.ladder.rises(clock, clock + stretch.end - stretch.start)
            yield from (stretch.start + minute - clock + 1 for minute in rises)


def _kind(state: State) -> tuple[str, Line | None]:
    """What a driver finds there, and the line that says it."""
    if state.closed_by:
        return ("closed" if state.closed_by.is_ban else "reserved"), state.closed_by.line
    line = state.tariff.lines[0] if state.tariff else None
    if state.is_unsure or state.ladder is None:
        return "unknown", line
    return ("free" if state.ladder.is_free else "paid"), line


def _hour_price(timeline: Timeline, state: State, place: Place) -> Decimal | None:
    ladder = state.ladder
    if ladder is None or (ladder.known_min is not None and ladder.known_min < 60):
        return None
    ticks = ladder.by_day.price if ladder.by_day else ladder.total(60)
    return rounded(ticks, place.currency, timeline.ticks)


def monday_of(day: datetime) -> date:
    """The Monday of a day's week."""
    return day.date() - timedelta(days=day.isoweekday() - 1)
