"""Lines where a city gives no centreline: one for all the points with one key, such as a street's hundred block.

With points on both sides the line runs half way between them; else, and where the two sides are less than 4 m apart,
beside the points, so that the kerb derived from it lies on them: they are then to its right. Sides more than 40 m
apart are two faces. A line runs the way house numbers rise, or where they do not tell, eastward (due north if neither).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import get_coordinates, linestrings

from onstreet.datasets.fitting import strokes
from onstreet.datasets.fitting.places import LEFT, RIGHT, UNKNOWN, Ints, Sides
from onstreet.geometry import Floats, Lines
from onstreet.kerbs import KERB_OFFSET_M, Plane

APART_M = 60.0
LONGEST_M = 300.0
LEAST_WIDTH_M, MOST_WIDTH_M = 4.0, 40.0


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Lines in degrees, and of each point given the line it is of and its side of it.

    How far along the line it stands is `fit`'s to say; a point without a face is not to be asked for there, where -1
    means the nearest.

    A point without a face (-1) is no place, or an outlier: more than 60 m from all other spots of its key. Spots of a
    key that are all so far apart are a face if 300 m hold them, else all are outliers.
    """

    lines: Lines
    face_of: Ints
    side: Sides


def by_key(points: Floats, keys: Ints, halves: Ints, numbers: Floats | None = None) -> Faces:
    """The faces of points, n x 2 degrees, of each key from 0 up (-1 for none), in the order of the keys.

    `halves` tells the two sides of a key apart (0 and 1, -1 for not known), `numbers` are house numbers or NaN.
    """
    order = np.lexsort((halves, *points.T, keys))
    order = order[np.isfinite(points[order]).all(axis=1) & (keys[order] >= 0)]
    plane = middle_plane(points[order])
    metres, key = plane.to_metres(points[order]), np.unique(keys[order], return_inverse=True)[1]
    is_used = ~strokes.is_astray(metres, key, APART_M, LONGEST_M)
    order, metres = order[is_used], metres[is_used]
    group = np.unique(_divided(metres, key[is_used], halves[order]), return_inverse=True)[1]
    number = np.full(len(order), np.nan) if numbers is None else numbers[order]
    return placed(_drawn(plane, metres, group, halves[order], number), order, len(points))


def placed(found: Faces, order: Ints, count: int) -> Faces:
    """The faces of some of so many points, of which they are those of these numbers."""
    face_of = np.full(count, -1)
    side = np.full(count, UNKNOWN, dtype=np.int8)
    face_of[order], side[order] = found.face_of, found.side
    return Faces(found.lines, face_of, side)


def middle_plane(points: Floats) -> Plane:
    """The plane around the middle of points, n x 2 degrees."""
    return Plane((points.min(axis=0) + points.max(axis=0)) / 2 if len(points) else np.zeros(2))


def beside(plane: Plane, metres: Floats, group: Ints) -> Faces:
    """One face for each group, with all its points on the right."""
    return _drawn(plane, metres, group, np.full(len(group), -1), np.full(len(group), np.nan))


def _axes(metres: Floats, group: Ints, halves: Ints) -> Floats:
    count = int(group.max(initial=-1)) + 1
    return strokes.of_neighbours(metres, group, strokes.axes(metres, group, count, 3 * group + halves + 1))


def _divided(metres: Floats, group: Ints, halves: Ints) -> Ints:
    """New groups: the sides of a group that lie too far apart for one street are two."""
    frame = strokes.Frame.of(metres, group, _axes(metres, group, halves))
    is_wide = np.abs(_width_m(frame, group, halves)) > MOST_WIDTH_M
    return np.asarray(2 * group + (is_wide[group] & (halves == 1)))


def _width_m(frame: strokes.Frame, group: Ints, halves: Ints) -> Floats:
    """How far left of half 1 half 0 lies, for each group, NaN where one of them is not there."""
    count = len(frame.axis)
    at_m = []
    for half in (0, 1):
        is_half = halves == half
        is_there = np.bincount(group[is_half], minlength=count) > 0
        at_m.append(np.where(is_there, strokes.means(group[is_half], count, frame.left_m[is_half]), np.nan))
    return np.asarray(at_m[0] - at_m[1])


def _drawn(plane: Plane, metres: Floats, group: Ints, halves: Ints, numbers: Floats) -> Faces:
    axis = _axes(metres, group, halves)
    frame = strokes.Frame.of(metres, group, axis)
    axis = np.where(_falls(frame, group, numbers)[:, None], -axis, axis)
    frame = strokes.Frame.of(metres, group, axis)
    width_m = _width_m(frame, group, halves)
    is_pair = np.abs(np.nan_to_num(width_m)) >= LEAST_WIDTH_M
    left_half = np.where(width_m > 0, 0, 1)
    side = np.where(halves == left_half[group], LEFT, RIGHT)
    side = np.where(is_pair[group], np.where(halves >= 0, side, UNKNOWN), RIGHT).astype(np.int8)
    by_m = np.where(is_pair, np.abs(width_m) / 2, KERB_OFFSET_M)[group]
    knows = side != UNKNOWN
    known = frame._replace(along_m=frame.along_m[knows], left_m=frame.left_m[knows])
    lines = strokes.lines_through(known, group[knows], (frame.left_m - side * by_m)[knows])
    return Faces(_in_degrees(plane, lines), group, side)


def _falls(frame: strokes.Frame, group: Ints, numbers: Floats) -> NDArray[np.bool_]:
    """In which groups house numbers fall along the axis."""
    count, knows = len(frame.axis), np.isfinite(numbers)
    group, numbers, along_m = group[knows], numbers[knows], frame.along_m[knows]
    rest = numbers - strokes.means(group, count, numbers)[group]
    return np.asarray(strokes.sums(group, count, rest * along_m) < 0)


def _in_degrees(plane: Plane, lines: Lines) -> Lines:
    coordinates, owner = get_coordinates(lines, return_index=True)
    return np.asarray(linestrings(plane.to_degrees(coordinates), indices=owner))
