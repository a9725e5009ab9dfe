"""Overlay: spans of several layers (meters, sweeping, permits) on the same kerbs -> pieces without overlaps.

Every rule holds where a span of it lies: in a piece all the rules of its spans hold together, also two of one layer
that overlap. Offsets are whole metres within the line; a span that rounds to nothing is widened to one metre, so that
no rule disappears. A piece shorter than 3 m goes to the neighbour it shares most with (then the one of more rules)
if all its rules go on in the pieces it touches, else it stays. Neighbours with the same rules are joined, also over
breaks of less than 25 m.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.fitting.places import Ints
from onstreet.datasets.fitting.runs import BREAK_M, Bools
from onstreet.geometry import Floats

SHORT_M = 3

# A layer's number and a rule's number in it.
Rule = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Spans on the sides of lines, each with the number of its rule; one without a line (-1) or an end (NaN) is none.

    A span of no length, or off its line, holds at the metre next to it.
    """

    line: Ints
    is_left: Bools
    start_m: Floats
    end_m: Floats
    rule: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Pieces by line, side (right first) and offset in whole metres, each with the number of its rules in `sets`."""

    line: Ints
    is_left: Bools
    start_m: Ints
    end_m: Ints
    set_of: Ints
    sets: tuple[tuple[Rule, ...], ...]

    def at(self, line: Ints, is_left: Bools, offset_m: Floats) -> Ints:
        """The nearest piece to each spot, at most 3 m away, of two that meet there the later one, or -1 for none."""
        if not len(self.line):
            return np.full(len(line), -1)
        is_there = (line >= 0) & np.isfinite(offset_m)
        sides, side = 2 * self.line + self.is_left, np.where(is_there, 2 * line + is_left, -1)
        # Wider than any line, so that one number tells side and offset.
        wide_m = self.end_m.max() + SHORT_M + 2
        offset_m = np.clip(np.where(is_there, offset_m, 0), 0, wide_m - 1)
        later = np.searchsorted(sides * wide_m + self.start_m, side * wide_m + offset_m, side="right")
        after, before = np.minimum(later, len(sides) - 1), np.maximum(later - 1, 0)
        past_m = np.where((later > 0) & (sides[before] == side), np.maximum(offset_m - self.end_m[before], 0), np.inf)
        ahead_m = np.where(sides[after] == side, np.abs(self.start_m[after] - offset_m), np.inf)
        nearest = np.where(past_m <= ahead_m, before, after)
        return np.where(np.minimum(past_m, ahead_m) <= SHORT_M, nearest, -1)


class _Parts(NamedTuple):
    """Pieces in the making."""

    side: Ints
    start_m: Ints
    end_m: Ints
    set_of: Ints

    def only(self, wanted: Bools) -> "_Parts":
        return _Parts(*(column[wanted] for column in self))

    def touches_next(self) -> Bools:
        """Whether each but the last ends where the next of its side starts."""
        return np.asarray((self.side[1:] == self.side[:-1]) & (self.start_m[1:] == self.end_m[:-1]))

    def joined(self, break_m: float) -> "_Parts":
        """The same with neighbours of one set made one where less than a break, or none, lies between."""
        is_same = (self.side[1:] == self.side[:-1]) & (self.set_of[1:] == self.set_of[:-1])
        gaps_m = self.start_m[1:] - self.end_m[:-1]
        is_new = ~(is_same & ((gaps_m == 0) | (gaps_m < break_m)))
        firsts, lasts = np.insert(is_new, 0, True), np.append(is_new, True)
        if not len(self.side):
            return self
        return self.only(firsts)._replace(end_m=self.end_m[lasts])


def overlay(lengths_m: Floats, layers: Sequence[Layer]) -> Pieces:
    """The pieces of all the layers on lines of those lengths."""
    side, start_m, end_m, rule = _spans(lengths_m, layers)
    known, code = np.unique(rule, axis=0, return_inverse=True)
    parts, sets = _cut(side, start_m, end_m, code, len(known))
    parts = parts.joined(0)
    while (goes := _goes(parts, sets)).any():
        parts = _gone(parts, goes)
    parts = parts.joined(BREAK_M)
    used, set_of = np.unique(parts.set_of, return_inverse=True)
    names = [tuple(pair) for pair in known.tolist()]
    rules = tuple(tuple(names[each] for each in np.flatnonzero(sets[row]).tolist()) for row in used)
    return Pieces(parts.side // 2, parts.side % 2 == 1, parts.start_m, parts.end_m, set_of, rules)


def _spans(lengths_m: Floats, layers: Sequence[Layer]) -> tuple[Ints, Ints, Ints, NDArray[np.int64]]:
    """All spans in whole metres on their lines, with the layer and the rule of each, n x 2."""
    line, start_m, end_m, rule = (
        np.concatenate([np.empty(0), *(getattr(layer, name) for layer in layers)])
        for name in ("line", "start_m", "end_m", "rule")
    )
    is_left = np.concatenate([np.empty(0, dtype=bool), *(layer.is_left for layer in layers)])
    number = np.repeat(np.arange(len(layers)), [len(layer.line) for layer in layers])
    is_there = (line >= 0) & np.isfinite(start_m) & np.isfinite(end_m)
    line = line[is_there].astype(np.int64)
    # A line shorter than a metre has one.
    most_m = np.maximum(np.floor(lengths_m[line]), 1)
    ends_m = [np.floor(np.clip(each[is_there], 0, most_m) + 0.5) for each in (start_m, end_m)]
    low_m = np.minimum(np.minimum(*ends_m), most_m - 1)
    high_m = np.maximum(np.maximum(*ends_m), low_m + 1)
    rules = np.column_stack([number, rule])[is_there].astype(np.int64)
    return 2 * line + is_left[is_there], low_m.astype(np.int64), high_m.astype(np.int64), rules


def _cut(side: Ints, start_m: Ints, end_m: Ints, code: Ints, count: int) -> tuple[_Parts, Bools]:
    """The parts between any two ends on a side that some span covers, and the rules of each set, n x count."""
    ends = np.unique(np.column_stack([np.tile(side, 2), np.concatenate([start_m, end_m])]), axis=0)
    wide_m = end_m.max(initial=0) + 1
    places = ends @ np.array([wide_m, 1])
    first, last = (np.searchsorted(places, side * wide_m + each) for each in (start_m, end_m))
    spans = np.repeat(np.arange(len(side)), last - first)
    within = np.arange(len(spans)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    held = np.unique(np.column_stack([first[spans] + within, code[spans]]), axis=0)
    starts, set_of, sets = _sets(held, count)
    return _Parts(ends[starts, 0], ends[starts, 1], ends[starts + 1, 1], set_of), sets


def _sets(held: NDArray[np.int64], count: int) -> tuple[Ints, Ints, Bools]:
    """Of sorted pairs of place and rule the places, the set each place holds, and the rules of each set, n x count."""
    places, firsts, of_place, sizes = np.unique(held[:, 0], return_index=True, return_inverse=True, return_counts=True)
    padded = np.full((len(places), sizes.max(initial=0)), count)
    padded[of_place, np.arange(len(held)) - firsts[of_place]] = held[:, 1]
    different, set_of = np.unique(padded, axis=0, return_inverse=True)
    sets = np.zeros((len(different), count + 1), dtype=bool)
    sets[np.arange(len(different))[:, None], different] = True
    return places, set_of, sets[:, :count]


def _goes(parts: _Parts, sets: Bools) -> NDArray[np.int8]:
    """Which short parts go now, -1 to the part before and 1 to the one after: the shortest among those that touch."""
    length_m = parts.end_m - parts.start_m
    goes = np.zeros(len(length_m), dtype=np.int8)
    # A set that is in no part stands for what is not there.
    sets = np.vstack([sets, np.zeros(sets.shape[1], dtype=bool)])
    touches = parts.touches_next()
    rows = np.flatnonzero(length_m < SHORT_M)
    before = np.insert(np.where(touches, parts.set_of[:-1], -1), 0, -1)[rows]
    after = np.append(np.where(touches, parts.set_of[1:], -1), -1)[rows]
    own = sets[parts.set_of[rows]]
    is_kept = ~(own & ~sets[before] & ~sets[after]).any(axis=1)
    # Shares most, then has most rules, then the lower number: whichever way the line runs.
    keys = [
        (own & sets[each]).sum(axis=1) * 10_000 * len(sets) + sets[each].sum(axis=1) * len(sets) - each
        for each in (before, after)
    ]
    goes[rows[is_kept]] = np.where(after < 0, -1, np.where(before < 0, 1, np.where(keys[0] >= keys[1], -1, 1)))[is_kept]
    return np.where(_is_first_to_go(goes != 0, touches, length_m * len(sets) + parts.set_of), goes, 0).astype(np.int8)


def _is_first_to_go(may_go: Bools, touches: Bools, rank: Ints) -> Bools:
    """Those of the ones that may go which have no neighbour that may and ranks lower."""
    rank = np.where(may_go, rank, np.iinfo(np.int64).max)
    later = np.zeros(len(rank), dtype=bool)
    later[1:] |= touches & (rank[:-1] < rank[1:])
    later[:-1] |= touches & (rank[1:] < rank[:-1])
    return may_go & ~later


def _gone(parts: _Parts, goes: NDArray[np.int8]) -> _Parts:
    """The parts without those that go, whose metres their neighbours take."""
    start_m, end_m = parts.start_m.copy(), parts.end_m.copy()
    back, on = np.flatnonzero(goes < 0), np.flatnonzero(goes > 0)
    end_m[back - 1] = parts.end_m[back]
    start_m[on + 1] = parts.start_m[on]
    return parts._replace(start_m=start_m, end_m=end_m).only(goes == 0).joined(0)
