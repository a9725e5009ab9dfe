"""Which other entries have the same quotes: in the hours in which nothing that a stay depends on begins or ends.

A stay that begins some minutes later leaves its first span as late and enters every other as early as before, so of its
clocks only those change that ran in the first span or run in the last one. As long as no limit is met or missed by
that, and no ladder rises or falls by it, its quote is the same.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ratecards.legality import Refusal
from ratecards.timeline import Span, State
from ratecards.visits import Visit

# By how many minutes an entry may be moved, both included; FAR where nothing stands in the way.
Shift = tuple[int, int]
FAR = 1 << 60


def steady(visit: Visit, stays_min: Sequence[int]) -> tuple[int, int]:
    """Entries, that of the visit among them, for which each of these stays has the same quote: half-open instants.

    There may be more of them; where a price depends on the calendar day, a cap, an offer or the like there is just one.
    """
    start, first = visit.start, visit.spans[0]
    if first.state.closed_by:
        return first.start, first.end
    if visit.timeline.offers or not all(map(_is_plain, visit.spans)):
        return start, start + 1
    ends = [start + stay_min for stay_min in stays_min]
    refusal, shifts = _limits(visit, ends)
    priced = [end for end in ends if refusal is None or end <= refusal.at]
    # Units begun in the last minutes that are paid end in the spans that are looked at.
    reach = max(priced, default=start) + visit.timeline.longest_unit_min
    spans = [span for span in visit.spans if span.start < reach]
    if _may_share_units(spans):
        return start, start + 1
    shifts.append((first.start - start, min(first.end - 1 - start, spans[-1].end - reach)))
    shifts += [_within(visit.spans, end) for end in ends]
    shifts += _prices(visit, priced)
    earliest, latest = max(low for low, _ in shifts), min(high for _, high in shifts)
    return start + min(earliest, 0), start + max(latest, 0) + 1


def _is_plain(span: Span) -> bool:
    """Whether what a span charges follows from its own clock and nothing else."""
    state: State = span.state
    if state.caps or state.firsts or any(limit.is_disc for limit in state.limits):
        return False
    return state.ladder is None or (state.ladder.by_day is None and state.ladder.known_min is None)


def _may_share_units(spans: Sequence[Span]) -> bool:
    """Whether two tariffs of units adjoin: one minute more or less in the one changes what the unit between costs."""
    ladders = [span.state.ladder for span in spans]
    return any(a and b and a.unit and b.unit for a, b in pairwise(ladders))


def _within(spans: Sequence[Span], end: int) -> Shift:
    """The last minute of a stay stays in its span."""
    span = next(span for span in spans if end <= span.end)
    return span.start + 1 - end, span.end - end


def _limits(visit: Visit, ends: Sequence[int]) -> tuple[Refusal | None, list[Shift]]:
    """What ends a stay that goes on through all spans, and the shifts that leave it so and between the same stays."""
    clocks = visit.limit_clocks()
    shifts: list[Shift] = []
    for span in visit.spans:
        if span.state.closed_by:
            break
        refusal = clocks.run(span.state.limits, max(span.start, visit.start), span.end)
        # A clock that ran in the first span has run less in a later stay.
        shifts += ((over, FAR) if over <= 0 else (-FAR, over - 1) for over in clocks.overs_min)
        if refusal:
            if span is not visit.spans[0]:
                shifts += _refused_later(refusal.at, span, ends)
                if sum(over > 0 for over in clocks.overs_min) > 1:
                    shifts.append((0, 0))
            return refusal, shifts
    return visit.refusal, shifts


def _refused_later(at: int, span: Span, ends: Sequence[int]) -> Iterator[Shift]:
    """The same refusal whether the clock of its limit began with the entry, or in a span behind the first."""
    yield span.start - at, FAR
    for end in ends:
        yield (-FAR, at - end) if end <= at else (at + 1 - end, FAR)


def _prices(visit: Visit, ends: Sequence[int]) -> Iterator[Shift]:
    """The shifts by which no ladder rises or falls, for stays that are legal until these instants."""
    if not ends:
        return
    for stretch in visit.bill.stretches:
        ladder = stretch.ladder
        if ladder is None:
            continue
        offset = stretch.clock - stretch.start
        if stretch.state.tariff is visit.spans[0].state.tariff and max(ends) > stretch.end:
            reading = stretch.end + offset
            low, high = ladder.level(reading)
            yield reading - high, reading - low - 1
        if stretch.start > visit.start:
            for end in ends:
                if stretch.start < end <= stretch.end:
                    low, high = ladder.level(end + offset)
                    yield low + 1 - end - offset, high - end - offset
