"""Lines moved sideways."""

import numpy as np
import pytest
import shapely

from onstreet.geometry import LonLat, line_of
from onstreet.kerbs import Plane, beside

PLANE = Plane(LonLat(-122.35, 47.61))

# Straight streets whose points are rounded to a centimetre.
ROUNDED = [(0, 0.01), (5, 0.01), (10, 0.02), (17, 0), (22, 0.01)]
LONGER = [(0, 0), (7, -0.01), (9, 0.03), (12, 0), (18, 0), (25, -0.01), (39, -0.01), (41, 0), (47, 0.01), (58, 0)]
HALF = 4 / np.sqrt(2)

# The first and the last point, metres to the left, where they are then.
MOVED = [
    ([(0, 0), (50, 0)], 4, [(0, 4), (50, 4)]),
    ([(0, 0), (50, 0)], -4, [(0, -4), (50, -4)]),
    ([(0, 0), (50, 0)], 0, [(0, 0), (50, 0)]),
    ([(0, 0), (30, 0), (50, 20)], -4, [(0, -4), (50 + HALF, 20 - HALF)]),
    (ROUNDED, 4, [(0, 4), (22, 4)]),
    (ROUNDED, -4, [(0, -4), (22, -4)]),
    (LONGER, 4, [(0, 4), (58, 4)]),
    (LONGER, -4, [(0, -4), (58, -4)]),
]  # fmt: skip


@pytest.mark.parametrize("points, metres, ends", MOVED)
def test_lines_are_moved_to_their_side_whole(points, metres, ends):
    line = line_of([LonLat(*point) for point in PLANE.to_degrees(np.array(points, dtype=float)).tolist()])
    moved = shapely.get_coordinates(beside(np.array([line]), np.array([float(metres)])))
    assert PLANE.to_metres(moved[[0, -1]]) == pytest.approx(np.array(ends), abs=0.05)
