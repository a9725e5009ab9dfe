"""Points in groups as strokes of a pen: what is near what, which way a group runs, and the line drawn through it.

Points are metres east and north in one plane, n x 2; groups are numbered from 0.
"""

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from onstreet.datasets.fitting.places import Ints
from onstreet.geometry import Floats, Lines

STEP_M = 15.0
TIP_M = 4.0
BEND_M = 0.5
NEIGHBOUR_M = 50.0

# What spreads over less is a dot.
DOT_M = 1.0


def pairs_near(metres: Floats, within_m: float) -> tuple[Ints, Ints]:
    """All pairs of points not farther apart, the lower number first."""
    spots = shapely.points(metres)
    first, second = shapely.STRtree(spots).query(spots, predicate="dwithin", distance=within_m)
    return first[first < second], second[first < second]


def components(count: int, first: Ints, second: Ints) -> Ints:
    """The group of each point when those linked are of one group, numbered in the order of their first points."""
    root = np.arange(count)
    while True:
        least = np.minimum(root[first], root[second])
        lower = root.copy()
        np.minimum.at(lower, root[first], least)
        np.minimum.at(lower, root[second], least)
        lower = lower[lower]
        if (lower == root).all():
            return np.unique(root, return_inverse=True)[1]
        root = lower


def sums(group: Ints, count: int, values: Floats) -> Floats:
    """The sum of the values, n or n x k, of each group."""
    if values.ndim == 1:
        return np.bincount(group, values, count).astype(np.float64)
    return np.column_stack([np.bincount(group, column, count) for column in values.T])


def means(group: Ints, count: int, values: Floats) -> Floats:
    """The mean of the values, n or n x k, of each group, 0 of none."""
    sizes = np.maximum(np.bincount(group, minlength=count), 1)
    return sums(group, count, values) / (sizes if values.ndim == 1 else sizes[:, None])


def axes(metres: Floats, group: Ints, count: int, subgroup: Ints) -> Floats:
    """The main direction of each group, of length 1 and eastward (due north if neither), 0, 0 for a dot.

    Only how points lie to others of their subgroup counts, so that two rows make the axis of one.
    """
    away = metres - means(subgroup, subgroup.max(initial=-1) + 1, metres)[subgroup]
    squares = sums(group, count, np.column_stack([away[:, 0] ** 2, away[:, 1] ** 2, away[:, 0] * away[:, 1]]))
    angle = np.arctan2(2 * squares[:, 2], squares[:, 0] - squares[:, 1]) / 2
    axis = np.column_stack([np.cos(angle), np.sin(angle)])
    axis[axis[:, 0] < 1e-9] = [0, 1]
    sizes = np.maximum(np.bincount(group, minlength=count), 1)
    is_dot = (squares[:, 0] + squares[:, 1]) / sizes < (DOT_M / 2) ** 2
    return np.where(is_dot[:, None], 0, axis)


def of_neighbours(metres: Floats, group: Ints, axis: Floats) -> Floats:
    """Axes where a dot has that of the group with the nearest point, at most 50 m away, else due east."""
    is_dot = (axis == 0).all(axis=1)
    full = np.where(is_dot[:, None], [1.0, 0.0], axis)
    dots, others = np.flatnonzero(is_dot[group]), np.flatnonzero(~is_dot[group])
    tree = shapely.STRtree(shapely.points(metres[others]))
    near, far_m = tree.query_nearest(
        shapely.points(metres[dots]), max_distance=NEIGHBOUR_M, return_distance=True, all_matches=True
    )
    there = axis[group[others[near[1]]]]
    # The nearest to any of its points, then the axis that sorts first: in whatever order they come.
    order = np.lexsort((there[:, 1], there[:, 0], far_m, group[dots[near[0]]]))
    rows, firsts = np.unique(group[dots[near[0]]][order], return_index=True)
    full[rows] = there[order[firsts]]
    return full


class Frame(NamedTuple):
    """How groups lie: their middles and axes, and where each point stands along its axis and to the left of it."""

    middle: Floats
    axis: Floats
    along_m: Floats
    left_m: Floats

    @classmethod
    def of(cls, metres: Floats, group: Ints, axis: Floats) -> "Frame":
        """The frame of points whose groups have those axes."""
        middle = means(group, len(axis), metres)
        away = metres - middle[group]
        east, north = axis[group].T
        return cls(middle, axis, away[:, 0] * east + away[:, 1] * north, away[:, 1] * east - away[:, 0] * north)

    def placed(self, group: Ints, along_m: Floats, left_m: Floats) -> Floats:
        """Where what stands there lies in the plane, n x 2."""
        axis = self.axis[group]
        left = np.column_stack([-axis[:, 1], axis[:, 0]])
        return np.asarray(self.middle[group] + along_m[:, None] * axis + left_m[:, None] * left)


def lines_through(frame: Frame, group: Ints, left_m: Floats) -> Lines:
    """One line in the plane for each group through its points, moved to `left_m`, and 4 m beyond the outermost.

    It bends at the middle of the points of each step of 15 m, where it bends at all.
    """
    count = len(frame.axis)
    first_m, last_m = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(first_m, group, frame.along_m)
    np.maximum.at(last_m, group, frame.along_m)
    steps = np.maximum(np.round((last_m - first_m) / STEP_M), 1)
    share = (frame.along_m - first_m[group]) / np.maximum(last_m - first_m, DOT_M)[group]
    step = np.minimum(np.floor(share * steps[group]), steps[group] - 1).astype(np.int64)
    _, bin_of = np.unique(group * (int(steps.max(initial=0)) + 1) + step, return_inverse=True)
    size = bin_of.max(initial=-1) + 1
    owner = means(bin_of, size, group.astype(np.float64)).round().astype(np.int64)
    along_m, across_m = means(bin_of, size, frame.along_m), means(bin_of, size, left_m)
    starts, ends = np.searchsorted(owner, np.arange(count)), np.searchsorted(owner, np.arange(count), side="right") - 1
    tips = [
        (first_m - TIP_M, _gone_on(along_m, across_m, starts, np.minimum(starts + 1, ends), first_m - TIP_M)),
        (last_m + TIP_M, _gone_on(along_m, across_m, ends, np.maximum(ends - 1, starts), last_m + TIP_M)),
    ]
    owner = np.concatenate([np.arange(count), owner, np.arange(count)])
    along_m = np.concatenate([tips[0][0], along_m, tips[1][0]])
    across_m = np.concatenate([tips[0][1], across_m, tips[1][1]])
    order = np.lexsort((along_m, owner))
    points = frame.placed(owner[order], along_m[order], across_m[order])
    return np.asarray(shapely.simplify(shapely.linestrings(points, indices=owner[order]), BEND_M))


def _gone_on(along_m: Floats, across_m: Floats, end: Ints, before: Ints, to_m: Floats) -> Floats:
    """How far left a line is at `to_m` if it goes on as it came; from less than 10 m nobody can tell how it came."""
    run_m = along_m[end] - along_m[before]
    slope = np.where(np.abs(run_m) > 10, across_m[end] - across_m[before], 0) / np.where(np.abs(run_m) > 10, run_m, 1)
    return np.asarray(across_m[end] + slope * (to_m - along_m[end]))


def is_astray(metres: Floats, group: Ints, within_m: float, reach_m: float) -> NDArray[np.bool_]:
    """Which points have no other spot of their group within some metres, though it has other spots.

    Where none has, nothing tells which is astray: none of a group that spreads over `reach_m` at most, else all.
    """
    spots, spot_of = np.unique(np.column_stack([group, metres]), axis=0, return_inverse=True)
    owner, places = spots[:, 0].astype(np.int64), spots[:, 1:]
    # Groups far apart from each other never meet.
    wide_m = 3 * within_m + np.ptp(metres, axis=0).max(initial=0) if len(metres) else 0
    first, second = pairs_near(places + owner[:, None] * [wide_m, 0], within_m)
    is_alone = np.ones(len(spots), dtype=bool)
    is_alone[first] = is_alone[second] = False
    others = np.bincount(owner)[owner] - 1
    is_scattered = np.bincount(owner, is_alone)[owner] > others
    is_narrow = _reach_m(places, owner)[owner] <= reach_m
    return np.asarray((is_alone & (others > 0) & ~(is_scattered & is_narrow))[spot_of])


def _reach_m(metres: Floats, group: Ints) -> Floats:
    """How far apart the outermost points of each group are, at most: the diagonal of its box."""
    low, high = (np.full((group.max(initial=-1) + 1, 2), far) for far in (np.inf, -np.inf))
    np.minimum.at(low, group, metres)
    np.maximum.at(high, group, metres)
    return np.asarray(np.hypot(*(high - low).T))
