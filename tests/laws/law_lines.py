"""Lines of cities and of the earth's awkward corners, and which of them a region holds by geodesics and plain degrees.

Nothing here is computed with onstreet.geometry: distances are pyproj's to points found by golden section, boxes are
shapely's.
"""

import importlib.util
from itertools import islice
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod

ROOT = Path(__file__).parents[2]
STREETS = ROOT.parent / "shared" / "data" / "san-francisco-us" / "sf_streets_joined.parquet"
GEOD = Geod(ellps="WGS84")
GOLDEN = (5**0.5 - 1) / 2


def _image(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """A box as an area, or as the line or point that it is without one."""
    corners = [(west, south), (east, north)]
    if corners[0] == corners[1]:
        return shapely.Point(corners[0])
    return shapely.LineString(corners) if west == east or south == north else shapely.box(west, south, east, north)


class Truth:
    """Which lines a region touches and how far they are, by scanning all of them; each line is n x 2 lon, lat."""

    def __init__(self, lines: list[np.ndarray]) -> None:
        self.points = np.concatenate([_unwrapped(line) for line in lines])
        self.owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
        self.edges = np.flatnonzero(self.owner[:-1] == self.owner[1:])
        self.edge_m = GEOD.inv(*self.points[self.edges].T, *self.points[self.edges + 1].T)[2]
        self.firsts = np.searchsorted(self.owner, np.arange(len(lines)))
        self.lines = shapely.linestrings(self.points, indices=self.owner)
        self.is_crossing = np.array([np.ptp(line[:, 0]) > 180 for line in lines])

    def in_box(self, west: float, south: float, east: float, north: float) -> tuple[np.ndarray, np.ndarray]:
        """Whether each line touches a box, crossing the antimeridian if west is greater than east; and if it is clear.

        It is not where a line that itself crosses the antimeridian only just touches, or just not.
        """
        east = east if west <= east else east + 360
        images = [_image(west + turn, south, east + turn, north) for turn in (-720, -360, 0, 360, 720)]
        touches = np.any([shapely.intersects(self.lines, image) for image in images], axis=0)
        is_close = np.any(
            [shapely.dwithin(self.lines, image if image.area == 0 else image.boundary, 1e-9) for image in images],
            axis=0,
        )
        return touches, ~(self.is_crossing & is_close)

    def between_m(self, lon: float, lat: float) -> tuple[np.ndarray, np.ndarray]:
        """Metres that each line is at least away from a point, and at most."""
        vertex_m = _metres(lon, lat, self.points)
        # No point of an edge is further from its nearer end than half its length.
        edge_m = np.minimum(vertex_m[self.edges], vertex_m[self.edges + 1]) - 0.505 * self.edge_m
        least_m = np.full(len(self.lines), np.inf)
        np.minimum.at(least_m, self.owner[self.edges], edge_m)
        return least_m, np.minimum.reduceat(vertex_m, self.firsts)

    def nearest_m(self, lon: float, lat: float, rows: np.ndarray) -> np.ndarray:
        """Metres from a point to the nearest point of each of these lines."""
        wanted = np.isin(self.owner[self.edges], rows)
        starts, ends = self.points[self.edges[wanted]], self.points[self.edges[wanted] + 1]
        low, high = np.zeros((len(starts), 1)), np.ones((len(starts), 1))
        for _ in range(28):
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            is_left = np.less(*(_metres(lon, lat, starts + at * (ends - starts)) for at in (left, right)))[:, None]
            low, high = np.where(is_left, low, left), np.where(is_left, right, high)
        # Where the distance only falls or rises along an edge, an end is the nearest.
        edge_m = np.min([_metres(lon, lat, starts + at * (ends - starts)) for at in (0, (low + high) / 2, 1)], axis=0)
        nearest = np.full(len(self.lines), np.inf)
        np.minimum.at(nearest, self.owner[self.edges[wanted]], edge_m)
        return nearest[rows]


def _unwrapped(line: np.ndarray) -> np.ndarray:
    """The line with each step the shorter way round the globe."""
    steps = np.diff(line[:, 0])
    turns = np.concatenate([[0], np.cumsum(np.round(steps / 360))])
    return np.column_stack([line[:, 0] - 360 * turns, line[:, 1]])


def _metres(lon: float, lat: float, points: np.ndarray) -> np.ndarray:
    here = np.full(len(points), lon), np.full(len(points), lat)
    return GEOD.inv(*here, points[:, 0], points[:, 1])[2]


def synthetic_city() -> list[np.ndarray]:
    """The lines of 3,000 synthetic blocks."""
    spec = importlib.util.spec_from_file_location("synth_city", ROOT / "scripts" / "synth_city.py")
    synth_city = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(synth_city)
    return [np.array(block["geojson"]["coordinates"]) for block in islice(synth_city.city(8, 3000), 3000)]


def awkward_corners() -> list[np.ndarray]:
    """Lines of five metres to some kilometres, up to latitude 75, half of them around the antimeridian."""
    draw = np.random.default_rng(8)
    corners = [(lon, lat) for lon in (180.0, -0.001) for lat in (-75.0, -60.0, -16.5, 0.0, 52.4, 74.9)]
    lines = []
    for lon, lat in corners * 100:
        away_m, heading, step_m = draw.uniform(0, 6000), draw.uniform(0, 360), 10 ** draw.uniform(0.7, 3.3)
        at = GEOD.fwd(lon, lat, draw.uniform(0, 360), away_m)[:2]
        points = [at]
        for _ in range(draw.integers(1, 6)):
            heading += draw.normal(0, 30)
            at = GEOD.fwd(*at, heading, step_m)[:2]
            points.append(at)
        lines.append(np.array(points))
    return lines


def san_francisco() -> list[np.ndarray]:
    """The centre lines of San Francisco's streets."""
    if not STREETS.exists():
        pytest.skip("shared/data is not there")
    pytest.importorskip("pyarrow", reason="install pyarrow to read GeoParquet")
    streets = geopandas.read_parquet(STREETS)
    return [shapely.get_coordinates(line) for line in streets.geometry]
