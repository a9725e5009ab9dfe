"""Lines in flat metres: the kerbs beside blocks, lines moved sideways, and what lies near what."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString

from onstreet.geometry import Floats, Lines, LonLat, degrees_m, line_of

KERB_OFFSET_M = 4.0
CORNER_GAP_M = 1.0


def line_beside(outline: Sequence[LonLat], bearing: float | None = None) -> LineString:
    """The line that has an oblong outline 4 m to its right: parallel to the longer sides of the smallest box around it.

    With a bearing, degrees from north, the outline lies to that side of the line. Raises ValueError for no area.
    """
    plane = Plane(LonLat(*np.mean(np.array(outline, dtype=np.float64), axis=0)))
    local = shapely.MultiPoint(plane.to_metres(np.array(outline, dtype=np.float64)))
    box = shapely.minimum_rotated_rectangle(local)
    if box.geom_type != "Polygon" or not box.area > 0:
        raise ValueError("it has no area")
    corners = shapely.get_coordinates(box)[:4]
    if np.hypot(*(corners[1] - corners[0])) < np.hypot(*(corners[2] - corners[1])):
        corners = np.roll(corners, -1, axis=0)
    # The longer sides are 0-1 and 2-3 now.
    first, last = (corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2
    ahead = (last - first) / np.hypot(*(last - first))
    right = np.array([ahead[1], -ahead[0]])
    if bearing is not None and right @ (np.sin(np.radians(bearing)), np.cos(np.radians(bearing))) < 0:
        first, last, right = last, first, -right
    ends = plane.to_degrees(np.array([first, last]) - KERB_OFFSET_M * right)
    return line_of([LonLat(*end) for end in ends.tolist()])


def kerb_lines(
    lines: Lines, rows: NDArray[np.int64], starts_m: Floats, ends_m: Floats, is_left: NDArray[np.bool_]
) -> Lines:
    """The kerb of each segment: its part of line `rows[i]`, cut back 1 m at each end, moved 4 m to its side (S6.3).

    A start must lie on its line and before its end; an end beyond the line is the line's.
    """
    flat = FlatLines.of(lines)
    lengths_m = flat.lengths_m[rows]
    starts_m, ends_m = np.minimum(starts_m, lengths_m), np.minimum(ends_m, lengths_m)
    # A segment too short to lose a metre at both ends loses a quarter of itself.
    gaps_m = np.minimum(CORNER_GAP_M, (ends_m - starts_m) / 4)
    parts = _cut(flat.lines, rows, starts_m + gaps_m, ends_m - gaps_m)
    sides_m = np.where(is_left, KERB_OFFSET_M, -KERB_OFFSET_M)
    kerbs = shapely.offset_curve(shapely.simplify(parts, 0.05), sides_m, quad_segs=16)
    is_whole = (shapely.get_type_id(kerbs) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(kerbs)
    for row in np.flatnonzero(~is_whole):
        # Around a bend sharper than the offset the curve falls apart; its longest piece stands for it.
        pieces = shapely.get_parts(shapely.line_merge(kerbs[row]))
        kerbs[row] = max(pieces[~shapely.is_empty(pieces)], key=shapely.length, default=parts[row])
    coordinates, owner = shapely.get_coordinates(kerbs, return_index=True)
    return np.asarray(shapely.linestrings(flat.to_degrees(rows[owner], coordinates), indices=owner))


def parts_between(lines: Lines, rows: NDArray[np.int64], starts_m: Floats, ends_m: Floats) -> Lines:
    """The part of line `rows[i]` from one distance along it to another; an end beyond the line is the line's."""
    flat = FlatLines.of(lines)
    lengths_m = flat.lengths_m[rows]
    parts = _cut(flat.lines, rows, np.minimum(starts_m, lengths_m), np.minimum(ends_m, lengths_m))
    coordinates, owner = shapely.get_coordinates(parts, return_index=True)
    return np.asarray(shapely.linestrings(flat.to_degrees(rows[owner], coordinates), indices=owner))


def _cut(lines: Lines, rows: NDArray[np.int64], starts_m: Floats, ends_m: Floats) -> Lines:
    """Line `rows[i]` of a plane from one distance along it to another, or all of it where nothing lies between."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    firsts = np.searchsorted(owner, np.arange(len(lines) + 1))
    along_m = _along(coordinates, owner, firsts)
    counts = np.diff(firsts)[rows]
    part = np.repeat(np.arange(len(rows)), counts)
    vertex = np.arange(len(part)) + np.repeat(firsts[rows] - (np.cumsum(counts) - counts), counts)
    is_inside = (starts_m[part] < along_m[vertex]) & (along_m[vertex] < ends_m[part])
    start_points, end_points = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines[rows], at_m)) for at_m in (starts_m, ends_m)
    )
    points = np.concatenate([start_points, coordinates[vertex[is_inside]], end_points])
    owner = np.concatenate([np.arange(len(rows)), part[is_inside], np.arange(len(rows))])
    order = np.argsort(owner, kind="stable")
    parts = shapely.linestrings(points[order], indices=owner[order])
    return np.where(starts_m < ends_m, parts, lines[rows])


def _along(coordinates: Floats, owner: NDArray[np.int64], firsts: NDArray[np.int64]) -> Floats:
    """Metres along its own line of each of their points; the same whatever lines stand before it."""
    legs_m = np.hypot(*np.diff(coordinates, axis=0, prepend=coordinates[:1]).T)
    rank = np.arange(len(owner)) - firsts[owner]
    table = np.zeros((len(firsts) - 1, rank.max(initial=0) + 1))
    table[owner, rank] = np.where(rank > 0, legs_m, 0)
    return np.asarray(table.cumsum(axis=1)[owner, rank])


def beside(lines: Lines, metres: Floats) -> Lines:
    """Each line moved sideways in its plane: so many metres to its left, or below 0 to its right."""
    flat = FlatLines.of(lines)
    # Curves of lines with many points come in parts that follow each other.
    moved = shapely.line_merge(shapely.offset_curve(flat.lines, metres), directed=True)
    # Around a bend sharper than the distance a curve falls apart; such a line stays where it is.
    is_line = (shapely.get_type_id(moved) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(moved)
    moved = np.where(is_line, moved, flat.lines)
    coordinates, owner = shapely.get_coordinates(moved, return_index=True)
    return np.asarray(shapely.linestrings(flat.to_degrees(owner, coordinates), indices=owner))


class FlatLines(NamedTuple):
    """Lines in metres east and north, each in a plane of its own around the middle of the line."""

    lines: Lines
    middles: Floats

    @classmethod
    def of(cls, lines: Lines) -> "FlatLines":
        """The same of lines in degrees, none of them empty."""
        middles = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
        coordinates, owner = shapely.get_coordinates(lines, return_index=True)
        return cls(shapely.linestrings(Plane(middles[owner]).to_metres(coordinates), indices=owner), middles)

    @property
    def lengths_m(self) -> Floats:
        """How long each line is, as its segments' offsets count."""
        return np.asarray(shapely.length(self.lines))

    def to_metres(self, rows: NDArray[np.int64], degrees: Floats) -> Floats:
        """Points, n x 2 degrees, in the planes of the lines of those numbers, the shorter way round the globe."""
        turns = np.round((degrees[:, 0] - self.middles[rows, 0]) / 360)
        return Plane(self.middles[rows]).to_metres(degrees - 360 * np.column_stack([turns, np.zeros(len(turns))]))

    def to_degrees(self, rows: NDArray[np.int64], metres: Floats) -> Floats:
        """Points of the planes of the lines of those numbers, n x 2, in degrees."""
        return Plane(self.middles[rows]).to_degrees(metres)


def pairs_within(lines: Lines, points: Floats, within_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every point, n x 2 degrees, with each line whose bounding box is not farther: numbers of points and of lines.

    For some kilometres at most; what is a little farther may be among them.
    """
    tree = shapely.STRtree(lines)
    reach = 1.01 * within_m / degrees_m(points[:, 1])
    found = []
    for turn in ([0, 0], [360, 0]):
        # Lines across the antimeridian run on past 180.
        low, high = points + turn - reach, points + turn + reach
        found.append(tree.query(shapely.box(*low.T, *high.T)))
    point_rows, line_rows = np.concatenate(found, axis=1)
    return point_rows, line_rows


class Plane:
    """Metres east and north of a point, by the length of a degree halfway between (middle latitude).

    Good to a centimetre within a block and to a hundred-thousandth over 50 km at latitude 75. The origin is one point,
    or one for each coordinate, n x 2.
    """

    def __init__(self, origin: LonLat | Floats) -> None:
        self._origin = np.asarray(origin, dtype=np.float64)

    def to_metres(self, degrees: Floats) -> Floats:
        """Points, n x 2 degrees, as metres east and north."""
        away = degrees - self._origin
        return np.asarray(away * degrees_m(self._origin[..., 1] + away[:, 1] / 2))

    def to_degrees(self, metres: Floats) -> Floats:
        """Points, n x 2 metres east and north, as degrees."""
        away = metres / degrees_m(np.broadcast_to(self._origin[..., 1], len(metres)))
        # The halfway latitude is known once the far one nearly is.
        away = metres / degrees_m(self._origin[..., 1] + away[:, 1] / 2)
        return np.asarray(away + self._origin)
