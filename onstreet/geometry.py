"""Lines on the earth: the only file that knows which of lat and lon comes first.

Everything inside is a shapely LineString of (lon, lat) degrees on WGS 84. A line across the antimeridian is kept
whole: its longitudes run on past 180, and regions are tried there too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polyline
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import LineString
from shapely.ops import substring

KERB_OFFSET_M = 4.0
CORNER_GAP_M = 1.0
FAR_M = 50_000

_GEOD = Geod(ellps="WGS84")

Lines = NDArray[np.object_]
Floats = NDArray[np.float64]


class LonLat(NamedTuple):
    """A point in degrees on WGS 84."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class GeoBox:
    """A box in degrees; `west` greater than `east` means that it crosses the antimeridian (S7.1)."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> LonLat:
        """The point that distances of a box query are measured from (S7.2)."""
        width = (self.east - self.west) % 360 if self.west > self.east else self.east - self.west
        return LonLat(_wrapped(self.west + width / 2), (self.south + self.north) / 2)

    def pieces(self) -> Iterator["GeoBox"]:
        """The box as it lies among lines that may run past 180: itself and its images one turn away."""
        east = self.east + 360 if self.west > self.east else self.east
        for turn in (-360, 0, 360):
            if east + turn >= -180 and self.west + turn <= 360:
                yield GeoBox(self.west + turn, self.south, east + turn, self.north)


@dataclass(frozen=True, slots=True)
class Circle:
    """All points within `radius_m` geodesic metres of a point."""

    centre: LonLat
    radius_m: float

    def bounds(self) -> GeoBox:
        """A box that surely holds the circle."""
        # No degree of latitude is shorter than 110,574 m, and a hundredth is added for the ellipsoid's sake.
        reach_lat = 1.01 * self.radius_m / 110_574
        south, north = self.centre.lat - reach_lat, self.centre.lat + reach_lat
        shortest = np.cos(np.radians(max(abs(south), abs(north))))
        if max(abs(south), abs(north)) >= 90 or reach_lat >= 179 * shortest:
            return GeoBox(-180, max(south, -90), 180, min(north, 90))
        reach_lon = reach_lat / shortest
        return GeoBox(_wrapped(self.centre.lon - reach_lon), south, _wrapped(self.centre.lon + reach_lon), north)


Region = GeoBox | Circle


def line_of(points: Iterable[LonLat]) -> LineString:
    """The line through two or more points, running on past 180 where it crosses the antimeridian.

    Raises ValueError for fewer points.
    """
    points = list(points)
    if len(points) < 2:
        raise ValueError("a line has two points at least")
    lons, lats = zip(*points, strict=True)
    return LineString(np.column_stack([np.unwrap(lons, period=360), lats]))


def points_of(line: LineString) -> list[LonLat]:
    """The points of a line with longitudes from -180 to 180."""
    return [LonLat(_wrapped(lon), lat) for lon, lat in shapely.get_coordinates(line).tolist()]


def encode(line: LineString, digits: int = 5) -> str:
    """The line as an encoded polyline with so many decimals of a degree."""
    return str(polyline.encode([(lat, lon) for lon, lat in points_of(line)], digits))


def decode(text: str, digits: int = 5) -> LineString:
    """The line of an encoded polyline; raises ValueError where the text is none."""
    try:
        points = [LonLat(lon, lat) for lat, lon in polyline.decode(text, digits)]
        return line_of(points)
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(f"not an encoded polyline: {text!r}") from error


def length_m(line: LineString) -> float:
    """Geodesic metres along a line."""
    lons, lats = shapely.get_coordinates(line).T
    return float(_GEOD.line_length(lons, lats))


def kerb_line(line: LineString, start_m: float, end_m: float, *, is_left: bool) -> LineString:
    """The kerb of a segment: its part of the block line, cut back 1 m at each end, moved 4 m to its side (S6.3).

    `start_m` must lie on the line; an end beyond it is the line's.
    """
    middle = LonLat(*shapely.get_coordinates(line.interpolate(0.5, normalized=True))[0])
    plane = _Plane(middle)
    local = shapely.transform(line, plane.to_metres)
    start_m, end_m = min(start_m, local.length), min(end_m, local.length)
    # A segment too short to lose a metre at both ends loses a quarter of itself.
    gap_m = min(CORNER_GAP_M, (end_m - start_m) / 4)
    part = substring(local, start_m + gap_m, end_m - gap_m)
    if part.geom_type != "LineString":
        part = local
    kerb = shapely.line_merge(part.simplify(0.05).offset_curve(KERB_OFFSET_M if is_left else -KERB_OFFSET_M))
    if kerb.geom_type != "LineString" or kerb.is_empty:
        # Around a bend sharper than the offset the curve falls apart; its longest piece stands for it.
        kerb = max(getattr(kerb, "geoms", [part]), key=lambda piece: piece.length)
    return shapely.transform(kerb, plane.to_degrees)


def touches(lines: Lines, region: Region) -> NDArray[np.bool_]:
    """Which lines touch a region: exactly, not by their bounding boxes (S7.2)."""
    if isinstance(region, Circle):
        return distances_m(lines, region.centre) <= region.radius_m
    boxes = [shapely.box(piece.west, piece.south, piece.east, piece.north) for piece in region.pieces()]
    return np.asarray(np.any([shapely.intersects(lines, box) for box in boxes], axis=0))


def distances_m(lines: Lines, point: LonLat) -> Floats:
    """Geodesic metres from a point to the nearest point of each line (S7.2)."""
    plane = _Plane(point)
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    # Each line as a whole the shorter way round the globe.
    first = coordinates[np.searchsorted(owner, np.arange(len(lines))), 0]
    coordinates[:, 0] -= 360 * np.round((first - point.lon) / 360)[owner]
    local = shapely.linestrings(plane.to_metres(coordinates), indices=owner)
    nearest = shapely.line_interpolate_point(local, shapely.line_locate_point(local, shapely.Point(0, 0)))
    there = plane.to_degrees(shapely.get_coordinates(nearest))
    here = np.broadcast_to(np.asarray(point, dtype=float), there.shape)
    _, _, metres = _GEOD.inv(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    far = (metres > FAR_M) | (abs(point.lat) > 80)
    return np.asarray(np.minimum(metres, _vertex_distances_m(lines, point, far)))


def _vertex_distances_m(lines: Lines, point: LonLat, wanted: NDArray[np.bool_]) -> Floats:
    """Metres to the nearest vertex of the lines wanted, infinite for the others.

    Far away the plane no longer tells which point of a line is nearest, and the nearest vertex is as near as makes
    no difference: of a line of length l at distance d no point is nearer by more than l^2 / 8d.
    """
    nearest = np.full(len(lines), np.inf)
    if wanted.any():
        coordinates, owner = shapely.get_coordinates(lines[wanted], return_index=True)
        here = np.broadcast_to(np.asarray(point, dtype=float), coordinates.shape)
        _, _, metres = _GEOD.inv(here[:, 0], here[:, 1], coordinates[:, 0], coordinates[:, 1])
        of_wanted = np.full(int(wanted.sum()), np.inf)
        np.minimum.at(of_wanted, owner, metres)
        nearest[wanted] = of_wanted
    return nearest


def bounds_of(lines: Lines) -> Floats:
    """West, south, east, north of each line, n x 4; east may exceed 180."""
    return np.asarray(shapely.bounds(lines), dtype=np.float64).reshape(-1, 4)


class _Plane:
    """Metres east and north of a point, by the length of a degree halfway between (middle latitude).

    Good to a centimetre within a block and to a hundred-thousandth over 50 km at latitude 75.
    """

    def __init__(self, origin: LonLat) -> None:
        self._origin = np.asarray(origin, dtype=np.float64)

    def to_metres(self, degrees: Floats) -> Floats:
        away = degrees - self._origin
        return np.asarray(away * _degree_m(self._origin[1] + away[:, 1] / 2))

    def to_degrees(self, metres: Floats) -> Floats:
        away = metres / _degree_m(np.broadcast_to(self._origin[1], len(metres)))
        # The halfway latitude is known once the far one nearly is.
        away = metres / _degree_m(self._origin[1] + away[:, 1] / 2)
        return np.asarray(away + self._origin)


def _degree_m(lat: Floats) -> Floats:
    """Metres in a degree of longitude and of latitude, n x 2, by the ellipsoid's radii of curvature."""
    squash = 1 - _GEOD.es * np.sin(np.radians(lat)) ** 2
    across = _GEOD.a / np.sqrt(squash)
    # At a pole a degree of longitude has no length; it must still divide.
    east = np.maximum(across * np.cos(np.radians(lat)), 1e-6)
    return np.asarray(np.radians(np.column_stack([east, across * (1 - _GEOD.es) / squash])))


def _wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180
