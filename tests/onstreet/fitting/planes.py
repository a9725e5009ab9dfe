"""What tests of fitting share: streets and points drawn in metres around a corner, in degrees."""

import numpy as np

from onstreet.geometry import LonLat, line_of
from onstreet.kerbs import Plane

CORNER = LonLat(-122.42, 37.78)
PLANE = Plane(CORNER)


def degrees(*points: tuple[float, float]) -> np.ndarray:
    return PLANE.to_degrees(np.array(points, dtype=float).reshape(-1, 2))


def streets(*each: list[tuple[float, float]]) -> np.ndarray:
    return np.array([line_of(LonLat(*point) for point in degrees(*points).tolist()) for points in each], dtype=object)
