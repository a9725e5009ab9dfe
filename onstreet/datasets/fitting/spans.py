"""Lines to lines: the stretch of a block that a regulated span, such as a route of street sweeping, runs along.

A span is a parallel copy of a line or of a part of it. It belongs to the line nearest to its middle among those that
run within 25 degrees of it, there or from end to end, whichever way; both its ends are projected onto that line. What
of it lies beyond the line's ends is not on it: `covered` tells how much of the span found its place, so that nothing
is lost unseen.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onstreet.datasets.fitting.places import (
    ON_LINE_M,
    SHORTEST_LINE_M,
    UNKNOWN,
    Ints,
    Sides,
    across_m,
    headings,
    usable_lines,
)
from onstreet.geometry import FlatLines, Floats, Lines, pairs_within

TURN_DEGREES = 25.0

_LEAST = np.cos(np.radians(TURN_DEGREES))


@dataclass(frozen=True, slots=True, eq=False)
class Along:
    """Where spans run: line (-1 for none), metres along it, metres away and side of their middles, and their share.

    `is_forward` tells which run the way of their line, `covered` the length found on it as a share of the span's own,
    at most 1. What is not known is NaN, and false.
    """

    line: Ints
    start_m: Floats
    end_m: Floats
    distance_m: Floats
    side: Sides
    is_forward: NDArray[np.bool_]
    covered: Floats


def along(lines: Lines, spans: Lines, wanted: Ints | None, within_m: float) -> Along:
    """The stretches of lines that spans run along; `wanted` is the line a key chose for each, -1 for the nearest.

    A line too far away, across or without a metre of the span is none, chosen or not.
    """
    number, span_number = usable_lines(lines), usable_lines(spans)
    flat, own = FlatLines.of(lines[number]), FlatLines.of(spans[span_number])
    wanted = np.full(len(spans), -1) if wanted is None else wanted
    pairs = pairs_within(lines[number], own.middles, within_m)
    chosen = wanted[span_number[pairs[0]]]
    is_open = (chosen == -1) | (chosen == number[pairs[1]])
    span, line = pairs[0][is_open], pairs[1][is_open]
    found = _stretches(flat, line, own, span)
    fits = (found.distance_m <= within_m) & (found.end_m - found.start_m >= SHORTEST_LINE_M) & ~np.isnan(found.covered)
    order = np.flatnonzero(fits)[np.lexsort((line[fits], found.distance_m[fits], span[fits]))]
    rows, firsts = np.unique(span[order], return_index=True)
    return _spread(found, order[firsts], span_number[rows], number, len(spans))


def _stretches(flat: FlatLines, line: Ints, own: FlatLines, span: Ints) -> Along:
    """Each span on the line paired with it; `covered` is NaN where they run across each other."""
    middles = flat.to_metres(line, own.middles[span])
    at_m = shapely.line_locate_point(flat.lines[line], shapely.points(middles))
    away_m = shapely.distance(flat.lines[line], shapely.points(middles))
    spans_m = own.lengths_m[span]
    here = (headings(own, span, spans_m / 2) * headings(flat, line, at_m)).sum(axis=1)
    aside_m = across_m(flat, line, at_m, middles)
    ends = [flat.to_metres(line, each) for each in _ends(own, span)]
    ends_m = [shapely.line_locate_point(flat.lines[line], shapely.points(each)) for each in ends]
    start_m, end_m = np.minimum(*ends_m), np.maximum(*ends_m)
    feet = [shapely.get_coordinates(shapely.line_interpolate_point(flat.lines[line], each)) for each in ends_m]
    # With its middle in a bend, a span runs as it does from end to end.
    straight = np.where(np.abs(here) < _LEAST, _likeness(ends[1] - ends[0], feet[1] - feet[0]), here)
    share = np.minimum((end_m - start_m) / spans_m, 1)
    side = np.where(np.abs(aside_m) < ON_LINE_M, UNKNOWN, np.sign(aside_m)).astype(np.int8)
    covered = np.where(np.abs(straight) < _LEAST, np.nan, share)
    return Along(line, start_m, end_m, away_m, side, ends_m[1] > ends_m[0], covered)


def _likeness(first: Floats, second: Floats) -> Floats:
    """The cosine of the angle between directions, n x 2, 0 where one of them is none."""
    lengths = np.hypot(*first.T) * np.hypot(*second.T)
    return np.asarray((first * second).sum(axis=1) / np.where(lengths > 0, lengths, 1))


def _ends(own: FlatLines, span: Ints) -> tuple[Floats, Floats]:
    """The first and the last points of spans in degrees."""
    first, last = (own.to_degrees(np.arange(len(own.lines)), shapely.get_coordinates(shapely.get_point(own.lines, i)))
                   for i in (0, -1))  # fmt: skip
    return first[span], last[span]


def _spread(found: Along, best: Ints, rows: Ints, number: Ints, count: int) -> Along:
    """The best stretches as those of so many spans, of which they are the ones of these rows."""
    line = np.full(count, -1)
    start_m, end_m, distance_m, covered = np.full((4, count), np.nan)
    side, is_forward = np.full(count, UNKNOWN, dtype=np.int8), np.zeros(count, dtype=bool)
    line[rows], side[rows], is_forward[rows] = number[found.line[best]], found.side[best], found.is_forward[best]
    start_m[rows], end_m[rows] = found.start_m[best], found.end_m[best]
    distance_m[rows], covered[rows] = found.distance_m[best], found.covered[best]
    return Along(line, start_m, end_m, distance_m, side, is_forward, covered)
