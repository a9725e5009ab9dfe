"""Points to lines: which line a meter or a sign stands on, how far along it and on which side.

A line that a key or a name chose is taken or, where it is farther away than the tolerance, none is: the nearest one
would be a guess. A side is known or not: a point within half a metre of its line, a house number that fits both sides
or none, and a compass direction along the street say nothing of it.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from onstreet.geometry import Floats, Lines
from onstreet.kerbs import FlatLines, pairs_within

Ints = NDArray[np.int64]
Sides = NDArray[np.int8]

# Sides seen along the line from its first point.
LEFT, UNKNOWN, RIGHT = 1, 0, -1

ON_LINE_M = 0.5
SHORTEST_LINE_M = 1.0
ALONG_DEGREES = 20.0

_COMPASS = {name: np.radians(45 * turn) for turn, name in enumerate(["N", "NE", "E", "SE", "S", "SW", "W", "NW"])}


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Where points stand: line (-1 for none), metres along it, metres away from it, and the side by geometry.

    A point whose chosen line is too far keeps that distance; otherwise what is not known is NaN.
    """

    line: Ints
    offset_m: Floats
    distance_m: Floats
    side: Sides

    @property
    def is_left(self) -> NDArray[np.bool_]:
        """Which points stand on the left; neither those on the right nor those of unknown side."""
        return np.asarray(self.side == LEFT)


def fit(lines: Lines, points: Floats, wanted: Ints | None, within_m: float) -> Fit:
    """Each point, n x 2 degrees, on its wanted line or, where that is None or -1, on the nearest, the first of equals.

    Lines shorter than a metre and what is no line at all are never taken.
    """
    usable = usable_lines(lines)
    found = _nearest(FlatLines.of(lines[usable]), *_pairs(lines, usable, points, wanted, within_m), points)
    is_near = found.distance_m <= within_m
    return Fit(
        np.where(is_near, np.append(usable, -1)[found.line], -1),
        np.where(is_near, found.offset_m, np.nan),
        np.where(is_near | _is_wanted(wanted, found), found.distance_m, np.nan),
        np.where(is_near, found.side, UNKNOWN).astype(np.int8),
    )


def usable_lines(lines: Lines) -> Ints:
    """The numbers of those that are lines of a metre at least."""
    is_line = (shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING) & (shapely.get_num_points(lines) > 1)
    usable = np.flatnonzero(is_line)
    return np.asarray(usable[FlatLines.of(lines[usable]).lengths_m >= SHORTEST_LINE_M])


def _is_wanted(wanted: Ints | None, found: Fit) -> NDArray[np.bool_]:
    return np.zeros(len(found.line), dtype=bool) if wanted is None else wanted >= 0


def _pairs(lines: Lines, usable: Ints, points: Floats, wanted: Ints | None, within_m: float) -> tuple[Ints, Ints]:
    """Points with the usable lines they may stand on, by their numbers."""
    is_there = np.isfinite(points).all(axis=1)
    wanted = np.full(len(points), -1) if wanted is None else wanted
    number = np.full(len(lines), -1)
    number[usable] = np.arange(len(usable))
    free = np.flatnonzero(is_there & (wanted == -1))
    point_rows, line_rows = pairs_within(lines[usable], points[free], within_m)
    bound = np.flatnonzero(is_there & (wanted >= 0) & (wanted < len(lines)))
    bound = bound[number[wanted[bound]] >= 0]
    return np.append(free[point_rows], bound), np.append(line_rows, number[wanted[bound]])


def _nearest(flat: FlatLines, point_rows: Ints, line_rows: Ints, points: Floats) -> Fit:
    """The nearest of the lines paired with each point, -1 where none is."""
    there = shapely.points(flat.to_metres(line_rows, points[point_rows]))
    apart_m = shapely.distance(flat.lines[line_rows], there)
    order = np.lexsort((line_rows, apart_m, point_rows))
    rows, firsts = np.unique(point_rows[order], return_index=True)
    best = order[firsts]
    line = np.full(len(points), -1)
    offset_m, distance_m = np.full((2, len(points)), np.nan)
    side = np.zeros(len(points), dtype=np.int8)
    line[rows], distance_m[rows] = line_rows[best], apart_m[best]
    offset_m[rows] = shapely.line_locate_point(flat.lines[line_rows[best]], there[best])
    side[rows] = _sides(flat, line_rows[best], offset_m[rows], shapely.get_coordinates(there[best]))
    return Fit(line, offset_m, distance_m, side)


def _sides(flat: FlatLines, rows: Ints, offset_m: Floats, there: Floats) -> Sides:
    """The sides of points of the planes of their lines, by what lies across the line at their offsets."""
    aside_m = across_m(flat, rows, offset_m, there)
    return np.where(np.abs(aside_m) < ON_LINE_M, UNKNOWN, np.sign(aside_m)).astype(np.int8)


def across_m(flat: FlatLines, rows: Ints, offset_m: Floats, there: Floats) -> Floats:
    """How far to the left of their lines points of their planes are, n x 2, seen along the line at their offsets."""
    feet = shapely.get_coordinates(shapely.line_interpolate_point(flat.lines[rows], offset_m))
    east, north = headings(flat, rows, offset_m).T
    away = there - feet
    return np.asarray(east * away[:, 1] - north * away[:, 0])


def headings(flat: FlatLines, rows: Ints, offset_m: Floats) -> Floats:
    """Which way lines run around offsets, half a metre to either side: n x 2, east and north, of length 1."""
    ends = [shapely.line_interpolate_point(flat.lines[rows], np.maximum(offset_m + by, 0)) for by in (-0.5, 0.5)]
    steps = np.subtract(*map(shapely.get_coordinates, reversed(ends)))
    lengths = np.hypot(*steps.T)[:, None]
    return np.asarray(steps / np.where(lengths > 0, lengths, 1))


def by_parity(numbers: Floats, left_ranges: Floats, right_ranges: Floats) -> Sides:
    """Sides by house numbers and the address ranges, n x 2, of the two sides of the line that each point stands on.

    A range is odd, even or, with ends of both kinds, NaN or 0 to 0, nothing. Where both sides are of the number's
    kind the one that holds it is its side.
    """
    is_left, is_right = _agrees(numbers, left_ranges), _agrees(numbers, right_ranges)
    is_both = is_left & is_right
    is_left &= ~is_both | _holds(left_ranges, numbers)
    is_right &= ~is_both | _holds(right_ranges, numbers)
    return (is_left.astype(np.int8) - is_right.astype(np.int8)).astype(np.int8)


def _agrees(numbers: Floats, ranges: Floats) -> NDArray[np.bool_]:
    is_range = (ranges != 0).any(axis=1) & (ranges[:, 0] % 2 == ranges[:, 1] % 2)
    return np.asarray(is_range & (numbers % 2 == ranges[:, 0] % 2) & (numbers % 1 == 0))


def _holds(ranges: Floats, numbers: Floats) -> NDArray[np.bool_]:
    return np.asarray((ranges.min(axis=1) <= numbers) & (numbers <= ranges.max(axis=1)))


def by_compass(lines: Lines, line_of: Ints, offset_m: Floats, names: NDArray[np.str_]) -> Sides:
    """Sides by compass names (N, NE, north east): the side of line `line_of[i]` at that offset that lies that way.

    A direction within 20 degrees of the way the line runs there says nothing, nor does a name that is none.
    """
    angles = _angles(names)
    rows = np.flatnonzero((line_of >= 0) & np.isfinite(offset_m) & np.isfinite(angles))
    used, row_of = np.unique(line_of[rows], return_inverse=True)
    east, north = headings(FlatLines.of(lines[used]), row_of, offset_m[rows]).T
    across = east * np.cos(angles[rows]) - north * np.sin(angles[rows])
    sides = np.zeros(len(line_of), dtype=np.int8)
    sides[rows] = np.where(np.abs(across) < np.sin(np.radians(ALONG_DEGREES)), UNKNOWN, np.sign(across))
    return sides


def _angles(names: NDArray[np.str_]) -> Floats:
    """Clockwise from north in radians, NaN for a name that is no direction."""
    known, number = np.unique(names.astype(np.str_), return_inverse=True)
    return np.array([_COMPASS.get(_initials(name), np.nan) for name in known.tolist()], dtype=np.float64)[number]


def _initials(name: str) -> str:
    """NE of North-East, Northeast and ne; the name itself of anything else."""
    letters = "".join(filter(str.isalpha, name.upper()))
    for word in ("NORTH", "EAST", "SOUTH", "WEST"):
        letters = letters.replace(word, word[0])
    return letters
