"""Kerbs -> the paths of a map in SVG, small enough for a page: whole units of a grid, one path for all of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from onstreet.datasets.report.kerbs import Ints
from onstreet.geometry import Lines, LonLat
from onstreet.kerbs import Plane

# The longer side of a map has so many units, unless one would be finer than half a metre.
_UNITS = 8000
_FINEST_M = 0.5
# Room around the kerbs, and the least width of a map, in parts of its longer side.
_MARGIN, _NARROWEST = 0.03, 0.2
_SCALES_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class Path:
    """The kerbs of one class as the data of an SVG path."""

    name: str
    data: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map: width and height in units, what is drawn, and a scale bar of so many metres and units."""

    width: int
    height: int
    paths: tuple[Path, ...]
    scale_m: int
    scale_units: float


def draw(lines: Lines, classes: Ints, names: list[str]) -> Drawing:
    """A map of lines, each of the class of a number, north up; classes are drawn in the order of their names."""
    degrees, owner = shapely.get_coordinates(lines, return_index=True)
    # Lines across the antimeridian run on past 180: all lie beside the first one.
    degrees[:, 0] -= 360 * np.round((degrees[:, 0] - degrees[0, 0]) / 360)
    middle = (degrees.min(axis=0) + degrees.max(axis=0)) / 2
    metres = Plane(LonLat(*middle.tolist())).to_metres(degrees) * [1, -1]
    low, high = metres.min(axis=0), metres.max(axis=0)
    longer_m = float((high - low).max())
    unit_m = max(longer_m / _UNITS, _FINEST_M)
    size_m = np.maximum(high - low, _NARROWEST * longer_m) + 2 * _MARGIN * longer_m
    points = (metres - (low + high) / 2 + size_m / 2) / unit_m
    flat = shapely.simplify(shapely.linestrings(points, indices=owner), 0.75)
    paths = tuple(
        Path(name, "".join(_steps(flat[classes == number])))
        for number, name in enumerate(names)
        if (classes == number).any()
    )
    width, height = np.ceil(size_m / unit_m).astype(int).tolist()
    scale_m = max(each for each in _SCALES_M if each <= max(width * unit_m / 4, _SCALES_M[0]))
    return Drawing(width, height, paths, scale_m, round(scale_m / unit_m, 1))


def _steps(lines: Lines) -> Iterator[str]:
    """Each line as a move and the steps from point to point; one that is a single point is a dot."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(coordinates).astype(int)
    firsts = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
    for first, last in zip(firsts, [*firsts[1:], len(whole)], strict=True):
        x, y = whole[first].tolist()
        steps = [(dx, dy) for dx, dy in np.diff(whole[first:last], axis=0).tolist() if dx or dy]
        yield (
            f"M{x} {y}l" + "".join(_pair(dx, dy, is_first=not i) for i, (dx, dy) in enumerate(steps))
            if steps
            else f"M{x} {y}h0"
        )


def _pair(dx: int, dy: int, *, is_first: bool) -> str:
    """A step without the blanks that a minus sign makes needless."""
    front = "" if is_first or dx < 0 else " "
    return f"{front}{dx}{'' if dy < 0 else ' '}{dy}"
