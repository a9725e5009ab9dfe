"""Spaces to spans: neighbours on one side of a line that have the same rule become one run.

A run reaches half a space beyond its first and its last space, or half their distance from the next space of the same
rule where that is less; two spaces at one spot (one post, two meters) reach a whole one. Where another rule follows
before another space would fit between, the two meet half way; a wider break belongs to neither. Breaks of less than
25 m do not divide a rule, longer ones do.

Spaces of different rules on one spot lie on top of each other in the source, though not in the street. The one whose
rule its neighbours have is taken to stand on their side, and they are moved apart so far that each has two metres:
no rule is lost, and no run overlaps another.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.fitting.places import Ints
from onstreet.geometry import Floats

SPACE_M = 6.2
BREAK_M = 25.0
ONE_SPOT_M = 1.0
LEAST_M = 2.0

# Sums of metres that differ by less are equal, whichever way the line runs.
_ROUNDING_M = 1e-6

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Spans of one rule each, by line, side (right first) and offset.

    `run_of` is the run of each space given or -1, `at_m` where in its run it stands or NaN.
    """

    line: Ints
    is_left: Bools
    start_m: Floats
    end_m: Floats
    rule: Ints
    spaces: Ints
    run_of: Ints
    at_m: Floats


class _Row(NamedTuple):
    """Spaces, or spots with several, in order along the sides of lines; `side` counts those sides."""

    side: Ints
    first_m: Floats
    last_m: Floats
    rule: Ints
    spaces: Ints
    end_of_line_m: Floats

    def next_gap_m(self) -> Floats:
        """Metres from each but the last to the next on its side, infinite at the end of a side."""
        is_neighbour = self.side[1:] == self.side[:-1]
        return np.where(is_neighbour, self.first_m[1:] - self.last_m[:-1], np.inf)

    def is_same_next(self) -> Bools:
        """Whether each but the last has a next one of its rule on its side."""
        return np.asarray((self.side[1:] == self.side[:-1]) & (self.rule[1:] == self.rule[:-1]))

    def reach_m(self, space_m: float) -> Floats:
        """Half of what the spaces of each spot take along the kerb."""
        gaps_m = np.where(self.is_same_next(), self.next_gap_m(), np.inf)
        nearest_m = np.minimum(np.append(gaps_m, np.inf), np.insert(gaps_m, 0, np.inf))
        return np.asarray(np.minimum(self.spaces * space_m, nearest_m) / 2)


def runs(lengths_m: Floats, line: Ints, is_left: Bools, offset_m: Floats, rule: Ints, space_m: float = SPACE_M) -> Runs:
    """The runs of spaces on lines of those lengths; a space without a line (-1) or an offset (NaN) is in none."""
    placed = np.flatnonzero((line >= 0) & np.isfinite(offset_m))
    side = 2 * line + is_left
    order = placed[_along(side[placed], offset_m[placed], rule[placed])]
    lengths_m = lengths_m[line[order]]
    at_m = _apart(side[order], np.clip(offset_m[order], 0, lengths_m), rule[order], lengths_m)
    each = _Row(side[order], at_m, at_m, rule[order], np.ones(len(order), dtype=np.int64), lengths_m)
    spots, spot_of = _joined(each, each.is_same_next() & (each.next_gap_m() < ONE_SPOT_M - _ROUNDING_M))
    start_m, end_m = _ends(spots, space_m)
    is_whole = spots.is_same_next() & (start_m[1:] - end_m[:-1] < BREAK_M - _ROUNDING_M)
    found, run_of_spot = _joined(spots._replace(first_m=start_m, last_m=end_m), is_whole)
    run_of = np.full(len(line), -1)
    run_of[order] = run_of_spot[spot_of]
    where_m = np.full(len(line), np.nan)
    where_m[order] = at_m
    is_left = found.side % 2 == 1
    return Runs(found.side // 2, is_left, found.first_m, found.last_m, found.rule, found.spaces, run_of, where_m)


def _along(side: Ints, offset_m: Floats, rule: Ints) -> Ints:
    """The order along sides; of rules on one spot first what the spot before has, and last what the next has."""
    _, spot = np.unique(np.column_stack([side, offset_m]), axis=0, return_inverse=True)
    _, rank = np.unique(rule, return_inverse=True)
    # A side's last spot and the next side's first are neighbours here, which matters to no order.
    count = len(np.unique(rank))
    there = spot * count + rank
    is_before, is_after = np.isin(there - count, there), np.isin(there + count, there)
    return np.lexsort((rank, is_after.astype(int) - is_before, spot))


def _apart(side: Ints, at_m: Floats, rule: Ints, lengths_m: Floats) -> Floats:
    """Offsets, moved as little as gives every change of rule its two metres, or what a short line has of them."""
    is_first = np.diff(side, prepend=-1) != 0
    group = np.cumsum(is_first) - 1
    changes = np.cumsum(~is_first & (np.diff(rule, prepend=0) != 0))
    changes -= changes[is_first][group]
    ends = np.append(np.flatnonzero(is_first)[1:], len(side)) - 1
    most = changes[ends[: group.max(initial=-1) + 1]][group]
    step_m = np.minimum(LEAST_M, lengths_m / (most + 1))
    # Far enough from each other a running maximum never reaches over to the next side.
    away_m = group * (2 * lengths_m.max(initial=0) + LEAST_M * (most.max(initial=0) + 1))
    steps_m = changes * step_m
    up_m = np.maximum.accumulate(at_m - steps_m + away_m)
    down_m = np.minimum.accumulate((at_m - steps_m + away_m)[::-1])[::-1]
    moved_m = (up_m + down_m) / 2 - away_m + steps_m
    # At the ends of a line, too, every rule keeps its metres.
    step_m = np.where(most > 0, step_m, 0)
    least_m = step_m / 2 + steps_m
    most_m = lengths_m - step_m / 2 - (most - changes) * step_m
    return np.asarray(np.clip(moved_m, least_m, np.maximum(least_m, most_m)))


def _joined(row: _Row, is_with_next: Bools) -> tuple[_Row, Ints]:
    """The row with neighbours made one, and which one each of it is now in."""
    is_first = np.insert(~is_with_next, 0, True)[: len(row.side)]
    firsts = np.flatnonzero(is_first)
    lasts = np.append(firsts[1:], len(row.side))[: len(firsts)] - 1
    number = np.cumsum(is_first) - 1
    one = _Row(
        row.side[firsts],
        row.first_m[firsts],
        row.last_m[lasts],
        row.rule[firsts],
        np.bincount(number, row.spaces, len(firsts)).astype(np.int64),
        row.end_of_line_m[firsts],
    )
    return one, number


def _ends(spots: _Row, space_m: float) -> tuple[Floats, Floats]:
    """Where the spaces of each spot begin and end."""
    reach_m = spots.reach_m(space_m)
    start_m = np.maximum(spots.first_m - reach_m, 0)
    end_m = np.minimum(spots.last_m + reach_m, spots.end_of_line_m)
    is_neighbour = spots.side[1:] == spots.side[:-1]
    meets = is_neighbour & ~spots.is_same_next() & (start_m[1:] - end_m[:-1] < space_m - _ROUNDING_M)
    half_way_m = (spots.last_m[:-1] + spots.first_m[1:]) / 2
    start_m[1:] = np.where(meets, half_way_m, start_m[1:])
    end_m[:-1] = np.where(meets, half_way_m, end_m[:-1])
    return start_m, end_m
