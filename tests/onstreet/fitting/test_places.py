"""Points to lines: what stands where by eye, and the same as asking every line for every point."""

import numpy as np
import pytest
import shapely
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import degrees, streets
from pyproj import Transformer

from onstreet.datasets.fitting.places import LEFT, RIGHT, UNKNOWN, by_compass, by_parity, fit
from onstreet.geometry import LonLat, line_of

# Main Street runs 100 m east, High Street from its end 100 m north, Bend Street turns left on its way.
TOWN = streets([(0, 0), (100, 0)], [(100, 0), (100, 100)], [(0, 200), (100, 200), (100, 300)])
NAN = float("nan")

FITS = [
    # point, wanted, line, offset, distance, side
    ((30, 5), -1, 0, 30, 5, LEFT),
    ((30, -5), -1, 0, 30, 5, RIGHT),
    ((95, 50), -1, 1, 50, 5, LEFT),
    ((104, 50), -1, 1, 50, 4, RIGHT),
    ((103, 197), -1, 2, 100, 18**0.5, RIGHT),
    ((95, 203), -1, 2, 95, 3, LEFT),
    ((-3, 4), -1, 0, 0, 5, LEFT),
    ((30, 0.2), -1, 0, 30, 0.2, UNKNOWN),
    ((-5, 0), -1, 0, 0, 5, UNKNOWN),
    ((30, 50), -1, -1, NAN, NAN, UNKNOWN),
    ((30, 5), 1, -1, NAN, 70, UNKNOWN),
    ((90, 5), 1, 1, 5, 10, LEFT),
    ((90, 5), 99, -1, NAN, NAN, UNKNOWN),
]


@pytest.mark.parametrize("point, wanted, line, offset_m, distance_m, side", FITS)
def test_points_stand_where_one_sees_them(point, wanted, line, offset_m, distance_m, side):
    found = fit(TOWN, degrees(point), np.array([wanted]), 20)
    assert (found.line[0], found.side[0], found.is_left[0]) == (line, side, side == LEFT)
    assert found.offset_m[0] == pytest.approx(offset_m, abs=0.01, nan_ok=True)
    assert found.distance_m[0] == pytest.approx(distance_m, abs=0.01, nan_ok=True)


def test_what_is_no_point_or_no_line_is_not_fitted():
    points = np.concatenate([degrees((30, 5)), [[NAN, 37.78], [NAN, NAN], [np.inf, 0]]])
    assert fit(TOWN, points, None, 20).line.tolist() == [0, -1, -1, -1]
    assert fit(TOWN, points, np.zeros(4, dtype=int), 20).line.tolist() == [0, -1, -1, -1]
    dot, nothing = shapely.Point(0, 0), shapely.LineString()
    lines = np.array([None, dot, nothing, *streets([(30, 5), (30.5, 5)]), TOWN[0]], dtype=object)
    assert fit(lines, points, None, 20).line.tolist() == [4, -1, -1, -1]
    assert fit(lines[:3], points, None, 20).line.tolist() == [-1] * 4
    assert fit(lines[:0], points, None, 20).line.tolist() == [-1] * 4
    assert fit(TOWN, points[:0], None, 20).line.size == 0


def test_equally_near_lines_and_the_antimeridian():
    assert fit(TOWN[[0, 0]], degrees((30, 5)), None, 20).line.tolist() == [0]
    fiji = np.array([line_of([LonLat(179.9995, -16.5), LonLat(-179.9995, -16.5)])], dtype=object)
    found = fit(fiji, np.array([[-179.9999, -16.50003], [179.9999, -16.49997]]), None, 20)
    assert found.line.tolist() == [0, 0]
    assert found.side.tolist() == [RIGHT, LEFT]
    assert found.offset_m == pytest.approx([64.1, 42.7], abs=0.1)


PARITIES = [
    # number, left from, left to, right from, right to, side
    (13, 1, 99, 2, 98, LEFT),
    (14, 1, 99, 2, 98, RIGHT),
    (14, 98, 2, 99, 1, LEFT),
    (113, 1, 99, 2, 98, LEFT),
    (13, 1, 49, 51, 99, LEFT),
    (63, 1, 49, 51, 99, RIGHT),
    (163, 1, 49, 51, 99, UNKNOWN),
    (13, 1, 98, 2, 98, UNKNOWN),
    (14, 0, 0, 2, 98, RIGHT),
    (13, 0, 0, 2, 98, UNKNOWN),
    (14, NAN, NAN, 2, 98, RIGHT),
    (14, 2, 98, NAN, 98, LEFT),
    (NAN, 1, 99, 2, 98, UNKNOWN),
    (13.5, 1, 99, 2, 98, UNKNOWN),
]


@pytest.mark.parametrize("number, left_from, left_to, right_from, right_to, side", PARITIES)
def test_house_numbers_know_their_side(number, left_from, left_to, right_from, right_to, side):
    ranges = np.array([[left_from, left_to]], float), np.array([[right_from, right_to]], float)
    assert by_parity(np.array([number], float), *ranges).tolist() == [side]


COMPASS = [
    (0, 50, "N", LEFT),
    (0, 50, "South", RIGHT),
    (0, 50, "NE", LEFT),
    (0, 50, "North-West", LEFT),
    (0, 50, "E", UNKNOWN),
    (0, 50, "up", UNKNOWN),
    (0, 50, "", UNKNOWN),
    (1, 50, "e", RIGHT),
    (1, 50, "NorthWest", LEFT),
    (2, 50, "NORTH", LEFT),
    (2, 150, "NORTH", UNKNOWN),
    (2, 150, "West", LEFT),
    (2, NAN, "West", UNKNOWN),
    (-1, 50, "N", UNKNOWN),
]


@pytest.mark.parametrize("line, offset_m, name, side", COMPASS)
def test_compass_names_know_their_side(line, offset_m, name, side):
    assert by_compass(TOWN, np.array([line]), np.array([offset_m], float), np.array([name])).tolist() == [side]


def test_a_compass_name_within_twenty_degrees_of_the_line_says_nothing():
    lines = streets([(0, 0), (95, 30)], [(0, 0), (93, 36)])
    assert by_compass(lines, np.array([0, 1]), np.array([50.0, 50.0]), np.array(["E", "E"])).tolist() == [0, RIGHT]


corners = st.tuples(st.integers(-200, 200), st.integers(-200, 200))
drawn_lines = st.lists(st.lists(corners, min_size=2, max_size=4, unique=True), min_size=1, max_size=6)


def apart_m(line: shapely.LineString, point: np.ndarray) -> float:
    """Metres between a line and a point in a plane around the point, a route that ours does not take."""
    plane = Transformer.from_crs(4326, f"+proj=aeqd +lon_0={point[0]} +lat_0={point[1]}", always_xy=True)
    return shapely.transform(line, plane.transform, interleaved=False).distance(shapely.Point(0, 0))


@settings(max_examples=examples(60), deadline=None)
@given(drawn_lines, st.lists(corners, min_size=1, max_size=5), st.sampled_from([5, 30, 200]))
def test_every_point_stands_on_the_line_a_scan_finds_nearest(paths, spots, within_m):
    lines, points = streets(*paths), degrees(*spots)
    found = fit(lines, points, None, within_m)
    for number, point in enumerate(points):
        scanned = [apart_m(line, point) for line in lines]
        if found.line[number] < 0:
            assert min(scanned) > within_m - 0.05
        else:
            assert min(scanned) == pytest.approx(scanned[found.line[number]], abs=0.05)
            assert found.distance_m[number] == pytest.approx(min(scanned), abs=0.05)


@settings(max_examples=examples(60), deadline=None)
@given(drawn_lines, st.lists(corners, min_size=1, max_size=5))
def test_a_reversed_line_swaps_sides_and_mirrors_offsets(paths, spots):
    lines, points = streets(*paths), degrees(*spots)
    there = fit(lines, points, None, 500)
    back = fit(shapely.reverse(lines), points, there.line, 500)
    lengths_m = np.array([fit(lines[[row]], shapely.get_coordinates(lines[row])[-1:], None, 1).offset_m[0]
                          for row in range(len(lines))])  # fmt: skip
    is_single = np.array([len(path) == 2 for path in paths])[there.line]
    assert (back.side == -there.side).all()
    mirrored = lengths_m[there.line] - back.offset_m
    assert mirrored[is_single] == pytest.approx(there.offset_m[is_single], abs=0.01)
