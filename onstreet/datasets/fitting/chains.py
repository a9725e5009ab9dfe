"""Faces of points that have no key at all, such as parking bays: rows of them that one sees on the map.

Two points are of one row if at most 12 m apart, one ahead of the other as the row around both of them runs. A row is
divided where it bends by more than 35 degrees, is wider than 5 m or longer than 300 m; what remains of it is a face,
and so is a lone point, 8 m long and in the direction of the nearest face. All points are to the right of their line.
"""

import numpy as np
from numpy.typing import NDArray

from onstreet.datasets.fitting import strokes
from onstreet.datasets.fitting.faces import LONGEST_M, Faces, beside, middle_plane, placed
from onstreet.datasets.fitting.places import Ints
from onstreet.geometry import Floats

LINK_M = 12.0
WIDE_M = 5.0
BEND_DEGREES = 35.0

# What tells which way a row runs: its nearest points in sight, in line with each other.
SIGHT_M = 20.0
NEIGHBOURS = 12
IN_LINE_M = 1.5

# How far aside of the row the next point may stand: less than the row behind it.
ASIDE_M = 2.5


def chained(points: Floats, keys: Ints | None = None, link_m: float = LINK_M) -> Faces:
    """The faces of points, n x 2 degrees, the same in whatever order they come; none of a point that is NaN.

    Points of different keys, such as streets and their sides, are never of one face; with keys, and posts farther
    apart than bays, rows may be linked over more metres.
    """
    there = np.flatnonzero(np.isfinite(points).all(axis=1))
    keys = np.zeros(len(there), dtype=np.int64) if keys is None else keys[there]
    # What stands on one spot is of one face.
    spots, spot_of = np.unique(np.column_stack([keys, points[there]]), axis=0, return_inverse=True)
    plane = middle_plane(spots[:, 1:])
    metres = plane.to_metres(spots[:, 1:])
    group = strokes.components(len(metres), *_links(_apart_by(metres, spots[:, 0], link_m), link_m))
    while (is_over := _is_over(metres, group)).any():
        group = _halved(metres, group, is_over)
    group = np.unique(group, return_inverse=True)[1]
    found = beside(plane, metres, group)
    return placed(Faces(found.lines, found.face_of[spot_of], found.side[spot_of]), there, len(points))


def _apart_by(metres: Floats, keys: Floats, link_m: float) -> Floats:
    """The points of each key moved to a place so far from those of others that they are out of sight."""
    wide_m = np.ptp(metres, axis=0).max(initial=0) if len(metres) else 0
    rank = np.unique(keys, return_inverse=True)[1]
    return np.asarray(metres + rank[:, None] * [wide_m + 4 * _sight_m(link_m), 0])


def _sight_m(link_m: float) -> float:
    return max(SIGHT_M, 1.5 * link_m)


def _links(metres: Floats, link_m: float) -> tuple[Ints, Ints]:
    """The pairs of points that are neighbours in a row."""
    first, second = strokes.pairs_near(metres, link_m)
    east, north = _axes_around(metres, _sight_m(link_m))
    step = metres[second] - metres[first]
    most_m = np.minimum(ASIDE_M * link_m / LINK_M, np.sin(np.radians(BEND_DEGREES)) * np.hypot(*step.T) + strokes.DOT_M)
    is_link = np.ones(len(first), dtype=bool)
    for end in (first, second):
        is_link &= np.abs(step[:, 1] * east[end] - step[:, 0] * north[end]) <= most_m
    return first[is_link], second[is_link]


def _axes_around(metres: Floats, sight_m: float) -> tuple[Floats, Floats]:
    """East and north of the way the row around each point runs, 0 and 0 for one alone.

    That is the direction to the neighbour with which most others are in line: the other kerb may well be nearer than
    the next space.
    """
    away = _around(metres, sight_m)
    apart_m = np.hypot(away[..., 0], away[..., 1])
    east, north = np.moveaxis(away / np.where(apart_m > 0, apart_m, np.nan)[..., None], 2, 0)
    aside_m = np.abs(east[:, :, None] * away[:, None, :, 1] - north[:, :, None] * away[:, None, :, 0])
    is_in_line = aside_m <= IN_LINE_M
    # Of as many in line the nearest counts.
    votes = np.where(np.isnan(east), -1, is_in_line.sum(axis=2) - np.nan_to_num(apart_m) / (2 * sight_m))
    best = votes.argmax(axis=1)
    point, there = np.nonzero(is_in_line[np.arange(len(metres)), best])
    itself = np.arange(len(metres))
    around = np.concatenate([itself, point])
    row = np.concatenate([np.zeros_like(metres), away[point, there]])
    axis = strokes.axes(row, around, len(metres), around)
    return axis[:, 0], axis[:, 1]


def _around(metres: Floats, sight_m: float) -> Floats:
    """How far east and north of each point its nearest neighbours in sight are, n x 12 x 2, NaN for none."""
    first, second = strokes.pairs_near(metres, sight_m)
    point, there = np.concatenate([first, second]), np.concatenate([second, first])
    away = metres[there] - metres[point]
    order = np.lexsort((there, np.hypot(*away.T), point))
    rank = np.arange(len(point)) - np.searchsorted(point[order], point[order])
    found = np.full((len(metres), NEIGHBOURS, 2), np.nan)
    is_near = rank < NEIGHBOURS
    found[point[order[is_near]], rank[is_near]] = away[order[is_near]]
    return found


def _frame(metres: Floats, group: Ints) -> strokes.Frame:
    return strokes.Frame.of(metres, group, strokes.axes(metres, group, int(group.max(initial=-1)) + 1, group))


def _is_over(metres: Floats, group: Ints) -> NDArray[np.bool_]:
    """Which groups are too long, too wide or bend too much."""
    frame = _frame(metres, group)
    count = len(frame.axis)
    spread_m = []
    for each in (frame.along_m, frame.left_m):
        low, high = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(low, group, each)
        np.maximum.at(high, group, each)
        spread_m.append(high - low)
    is_large = (spread_m[0] > LONGEST_M) | (spread_m[1] > WIDE_M)
    return np.asarray(is_large | _bends(metres, group, frame))


def _bends(metres: Floats, group: Ints, frame: strokes.Frame) -> NDArray[np.bool_]:
    """Which groups of four points or more have halves that run in different directions."""
    count = len(frame.axis)
    half = 2 * group + _is_later(frame, group)
    east, north = strokes.axes(metres, half, 2 * count, half).T
    turn = np.abs(east[::2] * north[1::2] - north[::2] * east[1::2])
    return np.asarray((turn > np.sin(np.radians(BEND_DEGREES))) & (np.bincount(group) >= 4))


def _is_later(frame: strokes.Frame, group: Ints) -> NDArray[np.bool_]:
    """Which points are of the later half of their group along its axis."""
    order = np.lexsort((frame.along_m, group))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return np.asarray(rank >= (np.bincount(group) // 2)[group])


def _halved(metres: Floats, group: Ints, is_over: NDArray[np.bool_]) -> Ints:
    """Groups, those marked divided at their middle point along."""
    later = is_over[group] & _is_later(_frame(metres, group), group)
    return np.unique(2 * group + later, return_inverse=True)[1]
