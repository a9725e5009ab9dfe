"""Lines on the earth: the only file that knows which of lat and lon comes first.

Everything inside is a shapely LineString of (lon, lat) degrees on WGS 84. A line across the antimeridian is kept
whole: its longitudes run on past 180, and regions are tried there too.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import cos, radians, sin, sqrt
from typing import NamedTuple

import numpy as np
import polyline
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import LineString
from shapely.geometry.base import BaseGeometry

FAR_M = 50_000
# Degrees within which a plane is as good as the ellipsoid, up to 3 km.
_NEAR = 0.02

_GEOD = Geod(ellps="WGS84")

Lines = NDArray[np.object_]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Complexes = NDArray[np.complex128]


class LonLat(NamedTuple):
    """A point in degrees on WGS 84."""

    lon: float
    lat: float


class GeoBox(NamedTuple):
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

    def pieces(self, west: float = -180, east: float = 360) -> list["GeoBox"]:
        """The box as it lies among lines between two longitudes, that may run past 180: itself or its images there."""
        own_east = self.east + 360 if self.west > self.east else self.east
        return [
            GeoBox(self.west + turn, self.south, own_east + turn, self.north)
            for turn in (-360, 0, 360)
            if own_east + turn >= west and self.west + turn <= east
        ]


class Circle(NamedTuple):
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
    """The line through two or more points, running on past 180 (never -180) where it crosses the antimeridian.

    Raises ValueError for fewer points.
    """
    points = list(points)
    if len(points) < 2:
        raise ValueError("a line has two points at least")
    coordinates = np.array(points, dtype=np.float64)
    if np.ptp(coordinates[:, 0]) > 180:
        lons = np.unwrap(coordinates[:, 0], period=360)
        coordinates[:, 0] = lons + 360 * (lons.min() < -180)
    return LineString(coordinates)


def points_of(line: LineString) -> list[LonLat]:
    """The points of a line with longitudes from -180 to 180."""
    return [LonLat(_wrapped(lon), lat) for lon, lat in shapely.get_coordinates(line).tolist()]


def encode_all(lines: Lines, digits: int = 5) -> list[str]:
    """The lines as encoded polylines with so many decimals of a degree."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    lons, lats = coordinates.T
    lons = np.where(np.abs(lons) <= 180, lons, (lons + 180) % 360 - 180)
    scaled = np.column_stack([lats, lons]) * 10**digits
    # Halves are rounded away from zero.
    units = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled).astype(np.int64)
    steps = np.diff(units, axis=0, prepend=0)
    firsts = np.flatnonzero(np.diff(owner, prepend=-1))
    steps[firsts] = units[firsts]
    letters, is_there = _letters(((steps << 1) ^ (steps >> 63)).ravel())
    of_point = is_there.sum(axis=1).reshape(-1, 2).sum(axis=1)
    ends = np.cumsum(np.bincount(owner, of_point, minlength=len(lines)).astype(np.int64))
    text = letters[is_there].tobytes().decode("ascii")
    return [text[start:end] for start, end in pairwise([0, *ends.tolist()])]


def _letters(numbers: NDArray[np.int64]) -> tuple[NDArray[np.uint8], Bools]:
    """The letters of numbers from 0 up, five bits each from the lowest, n x k, and which of them are there."""
    most = max(1, -(-int(numbers.max(initial=0)).bit_length() // 5))
    letters = np.empty((len(numbers), most), dtype=np.uint8)
    is_there = np.empty(letters.shape, dtype=np.bool_)
    for place in range(most):
        rest = numbers >> 5 * place
        # A letter says whether another follows.
        letters[:, place] = (rest & 31) + 32 * (rest > 31) + 63
        is_there[:, place] = (rest > 0) | (place == 0)
    return letters, is_there


def decode(text: str, digits: int = 5) -> LineString:
    """The line of an encoded polyline; raises ValueError where the text is none."""
    try:
        points = [LonLat(lon, lat) for lat, lon in polyline.decode(text, digits)]
        return line_of(points)
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(f"not an encoded polyline: {text!r}") from error


def decode_all(texts: Sequence[str], digits: int = 5) -> Lines:
    """The lines of encoded polylines, each of them a valid one, as they are written."""
    letters = np.frombuffer("".join(texts).encode("ascii"), np.uint8).astype(np.int64) - 63
    is_last = letters < 32
    ends = np.flatnonzero(is_last) + 1
    firsts = np.concatenate([np.zeros(1, np.int64), ends])[:-1]
    places = np.arange(len(letters)) - firsts.repeat(ends - firsts)
    numbers = np.add.reduceat((letters & 31) << 5 * places, firsts)
    steps = ((numbers >> 1) ^ -(numbers & 1)).reshape(-1, 2)
    text_ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    point_ends = np.searchsorted(ends, text_ends, "right") // 2
    counts = np.diff(point_ends, prepend=0)
    # Steps add up from the first point of each line, not from the first of all.
    sums = np.concatenate([np.zeros((1, 2), np.int64), steps.cumsum(axis=0)])
    units = sums[1:] - sums[point_ends - counts].repeat(counts, axis=0)
    lines: Lines = shapely.linestrings(units[:, ::-1] / 10**digits, indices=np.arange(len(counts)).repeat(counts))
    return lines


def length_m(line: LineString) -> float:
    """Geodesic metres along a line."""
    lons, lats = shapely.get_coordinates(line).T
    return float(_GEOD.line_length(lons, lats))


def along_m(points: Sequence[LonLat]) -> Floats:
    """Geodesic metres from the first of some points to each of them, along the line through them."""
    lons, lats = np.array(points, dtype=np.float64).reshape(-1, 2).T
    steps = _GEOD.line_lengths(lons, lats) if len(lons) > 1 else []
    return np.concatenate([[0.0], np.cumsum(np.asarray(steps, dtype=np.float64))])


class Paths(NamedTuple):
    """Many lines as one array: the n x 2 degrees of their points, one line after the other, and how many each has.

    `starts` say where each line begins.
    """

    degrees: Floats
    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lines: Lines) -> "Paths":
        """The same of shapely's lines."""
        counts = shapely.get_num_coordinates(lines).astype(np.int64)
        starts = counts.cumsum() - counts
        return cls(shapely.get_coordinates(lines), starts, counts)

    def lines(self) -> Lines:
        """The same as shapely's lines."""
        lines: Lines = shapely.linestrings(self.degrees, indices=np.arange(len(self.counts)).repeat(self.counts))
        return lines

    def only(self, wanted: Bools) -> "Paths":
        """Some of the lines."""
        counts = self.counts[wanted]
        return Paths(self.degrees[wanted.repeat(self.counts)], counts.cumsum() - counts, counts)


def meeting(bounds: Floats, boxes: Sequence[GeoBox]) -> tuple[Bools, Bools]:
    """Which lines may touch one of some boxes and which surely do, by their bounds: n x 4, west, south, east, north."""
    if len(boxes) == 1:
        return _meeting(bounds, boxes[0])
    found = np.zeros((2, len(bounds)), dtype=np.bool_)
    for box in boxes:
        found |= _meeting(bounds, box)
    return found[0], found[1]


def _meeting(bounds: Floats, box: GeoBox) -> tuple[Bools, Bools]:
    west, south, east, north = box
    from_low = bounds >= np.array((west, south, west, south))
    to_high = bounds <= np.array((east, north, east, north))
    meets = to_high[:, 0] & to_high[:, 1] & from_low[:, 2] & from_low[:, 3]
    # A line that keeps between two opposite sides of a box and reaches as far as it touches it.
    is_between = from_low[:, 0] & to_high[:, 2] | from_low[:, 1] & to_high[:, 3]
    return meets, meets & is_between


def touching(paths: Paths, region: Region, pieces: Iterable[GeoBox], surely: Bools) -> tuple[Bools, Floats]:
    """Which lines touch a region, exactly and not by their bounding boxes, and metres from its centre to each of them.

    Geodesic metres to the nearest point of the line (S7.2). A box comes with its pieces among the lines, and with what
    is known by the bounds of these.
    """
    metres = distances_m(paths, region.centre)
    if isinstance(region, Circle):
        touches: Bools = metres <= region.radius_m
    else:
        touches = surely.copy()
        unsure = (~surely).nonzero()[0]
        spans = zip(unsure.tolist(), paths.starts[unsure].tolist(), paths.counts[unsure].tolist(), strict=True)
        for number, start, count in spans:
            points = paths.degrees[start : start + count].tolist()
            for piece in pieces:
                touches[number] |= _is_met(piece, points)
    return touches, metres[touches]


def _is_met(box: GeoBox, points: Sequence[Sequence[float]]) -> bool:
    """Whether the line through some points touches a box."""
    box_west, box_south, box_east, box_north = box
    for lon, lat in points:
        if box_west <= lon <= box_east and box_south <= lat <= box_north:
            return True
    for (lon, lat), (lon_there, lat_there) in pairwise(points):
        if max(lon, lon_there) < box_west or min(lon, lon_there) > box_east:
            continue
        if max(lat, lat_there) < box_south or min(lat, lat_there) > box_north:
            continue
        # A leg whose bounds meet the box misses it where all corners of the box lie on one side of the leg.
        east, north = lon_there - lon, lat_there - lat
        west_side, east_side = (box_west - lon) * north, (box_east - lon) * north
        south_side, north_side = (box_south - lat) * east, (box_north - lat) * east
        sides = south_side - west_side, south_side - east_side, north_side - west_side, north_side - east_side
        # By as much they may have been rounded.
        unsure = 1e-15 * (abs(west_side) + abs(east_side) + abs(south_side) + abs(north_side))
        if min(sides) > unsure or max(sides) < -unsure:
            continue
        is_crossed = min(sides) < -unsure and max(sides) > unsure
        return is_crossed or bool(shapely.intersects(LineString(points), _area(box)))
    return False


def _area(box: GeoBox) -> BaseGeometry:
    area = shapely.box(box.west, box.south, box.east, box.north)
    # The hull of a box without an area is a line or a point, whose predicates hold.
    return area if area.area else shapely.convex_hull(area)


def distances_m(paths: Paths, point: LonLat) -> Floats:
    """Geodesic metres from a point to the nearest point of each line (S7.2), right to a tenth of a millimetre."""
    starts = paths.starts
    if not starts.size:
        return np.empty(0)
    away = paths.degrees - np.array(point)
    reach = np.maximum.reduce(np.abs(away), axis=None)
    if reach > 180:
        # Each line as a whole the shorter way round the globe.
        away[:, 0] -= 360 * np.round(away[starts, 0] / 360).repeat(paths.counts)
    scale = degree_m(point.lat)
    feet = _feet(away * np.array(scale))
    if reach < _NEAR and abs(point.lat) < 70:
        return _least(_near_m(feet, point.lat, scale), starts)
    metres = _geodesic_m(point, _nearest(feet, starts) / scale + point)
    far = (metres > FAR_M) | (abs(point.lat) > 80)
    return np.minimum(metres, _vertex_distances_m(paths, point, far)) if far.any() else metres


def _feet(away: Floats) -> Complexes:
    """The point of each leg nearest to the origin of a plane as east + north i, of lines as n x 2 east and north.

    From the end of a line to the start of the next there is one too, of no leg.
    """
    points = away.view(np.complex128)[:, 0]
    starts = points[:-1]
    legs = points[1:] - starts
    # One number over another has the share of the one along the other. A leg of no length gets a nanometre.
    legs[legs == 0] = 1e-9
    along = -(starts / legs).real
    return np.asarray(starts + legs * np.minimum(np.maximum(along, 0), 1))


def _near_m(feet: Complexes, lat: float, scale: tuple[float, float]) -> Floats:
    """Metres from the origin to points no further than _NEAR, in the plane at the latitude half-way to each.

    They are given in that of the origin's latitude, where a degree has `scale` metres.
    """
    # By how much either scale grows with every metre that a point lies further north.
    east_grows, north_grows = (
        (there / here - 1) / (2 * _NEAR * scale[1]) for here, there in zip(scale, degree_m(lat + _NEAR), strict=True)
    )
    x, y = feet.real, feet.imag
    return np.hypot(x + east_grows * (x * y), y + north_grows * (y * y))


def _nearest(feet: Complexes, starts: NDArray[np.int64]) -> Floats:
    """Of the nearest points of legs the nearest of each line, n x 2 metres."""
    metres = np.abs(feet)
    least = _least(metres, starts)
    line = np.arange(len(starts)).repeat(np.diff(starts, append=len(feet) + 1))[:-1]
    nearest = np.flatnonzero(metres == least[line])
    found = feet[nearest[np.searchsorted(line[nearest], np.arange(len(starts)))]]
    return np.column_stack([found.real, found.imag])


def _least(metres: Floats, starts: NDArray[np.int64]) -> Floats:
    """The least of the legs of each line; what lies between two lines is made infinite."""
    metres[starts[1:] - 1] = np.inf
    return np.asarray(np.minimum.reduceat(metres, starts))


def _vertex_distances_m(paths: Paths, point: LonLat, wanted: Bools) -> Floats:
    """Metres to the nearest vertex of the lines wanted, infinite for the others.

    Far away the plane no longer tells which point of a line is nearest, and the nearest vertex is as near as makes
    no difference: of a line of length l at distance d no point is nearer by more than l^2 / 8d.
    """
    nearest = np.full(len(paths.counts), np.inf)
    chosen = paths.only(wanted)
    nearest[wanted] = np.minimum.reduceat(_geodesic_m(point, chosen.degrees), chosen.starts)
    return nearest


def _geodesic_m(point: LonLat, there: Floats) -> Floats:
    """Metres on the ellipsoid from a point to others, n x 2 degrees."""
    count = len(there)
    _, _, metres = _GEOD.inv(np.full(count, point.lon), np.full(count, point.lat), there[:, 0], there[:, 1])
    return np.asarray(metres)


def degree_m(lat: float) -> tuple[float, float]:
    """Metres in a degree of longitude and of latitude, by the ellipsoid's radii of curvature."""
    squash = 1 - _GEOD.es * sin(radians(lat)) ** 2
    across = _GEOD.a / sqrt(squash)
    # At a pole a degree of longitude has no length; it must still divide.
    return radians(max(across * cos(radians(lat)), 1e-6)), radians(across * (1 - _GEOD.es) / squash)


def degrees_m(lat: Floats) -> Floats:
    """The same at many latitudes, n x 2."""
    squash = 1 - _GEOD.es * np.sin(np.radians(lat)) ** 2
    across = _GEOD.a / np.sqrt(squash)
    east = np.maximum(across * np.cos(np.radians(lat)), 1e-6)
    return np.asarray(np.radians(np.column_stack([east, across * (1 - _GEOD.es) / squash])))


def _wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180
