"""Rows of bays without a key: faces one sees on the map, and laws of all of them."""

from itertools import chain

import numpy as np
import pytest
import shapely
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import PLANE, degrees

from onstreet.datasets.fitting.chains import chained
from onstreet.datasets.fitting.faces import Faces
from onstreet.datasets.fitting.places import RIGHT, UNKNOWN
from onstreet.kerbs import FlatLines

Spot = tuple[float, float]


def row(count: int, step: float = 6, east: float = 0, north: float = 0, degrees_up: float = 0) -> list[Spot]:
    """So many spots in a row that starts there."""
    turn = np.exp(1j * np.radians(degrees_up))
    return [(east + spot.real, north + spot.imag) for spot in (np.arange(count) * step * turn).tolist()]


def sizes(*rows: list[Spot]) -> list[list[int]]:
    """Of each row how many of its spots are in each of its faces, no face having any of another."""
    spots = [*chain(*rows)]
    face_of = chained(degrees(*spots)).face_of
    parts = np.split(face_of, np.cumsum([len(each) for each in rows])[:-1])
    assert len(np.unique(face_of)) == sum(len(np.unique(part)) for part in parts)
    return [sorted(np.unique(part, return_counts=True)[1].tolist(), reverse=True) for part in parts]


ROWS = [
    ([row(8)], [[8]]),
    # Two kerbs and bays in the middle of the road; angled bays at one kerb.
    ([row(8), row(8, north=6), row(8, east=3, north=11)], [[8], [8], [8]]),
    ([row(8), row(18, step=2.6, north=12)], [[8], [18]]),
    ([row(3), row(3, north=8)], [[3], [3]]),
    # Around a corner, and a crossing.
    ([row(6), row(6, east=36, north=4, degrees_up=90)], [[6], [6]]),
    ([row(6), row(6, east=37, north=3, degrees_up=45)], [[6], [6]]),
    ([row(5, degrees_up=20), row(5, east=60, north=-20, degrees_up=110)], [[5], [5]]),
    # A driveway divides nothing, a longer break does.
    ([row(4) + row(4, east=29)], [[8]]),
    ([row(4), row(4, east=31)], [[4], [4]]),
    # At most 300 m.
    ([row(60)], [[30, 30]]),
    ([row(1), row(1, east=100)], [[1], [1]]),
]


@pytest.mark.parametrize("rows, expected", ROWS)
@pytest.mark.parametrize("turned", [0, 33, 90, 145])
def test_rows_are_those_one_sees(rows, expected, turned):
    turn = np.exp(1j * np.radians(turned))
    turned_rows = [[complex(*spot) * turn for spot in each] for each in rows]
    assert sizes(*([(spot.real, spot.imag) for spot in each] for each in turned_rows)) == expected


def test_a_curve_is_divided_into_faces_that_follow_it():
    angles = np.radians(np.arange(0, 91, 5))
    spots = [(60 * np.sin(angle), 60 * np.cos(angle)) for angle in angles.tolist()]
    found = chained(degrees(*spots))
    assert 2 <= len(found.lines) <= 6
    for number, spot in enumerate(spots):
        line = PLANE.to_metres(shapely.get_coordinates(found.lines[found.face_of[number]]))
        assert shapely.distance(shapely.LineString(line), shapely.Point(spot)) == pytest.approx(4, abs=2)


def test_lines_run_beside_their_bays_and_lone_bays_follow_their_neighbour():
    found = chained(degrees(*row(5, step=10, degrees_up=45), (60, 40), (500, 0), (np.nan, 0)))
    assert found.face_of.tolist() == [0, 0, 0, 0, 0, 1, 2, -1]
    assert found.side.tolist() == [RIGHT] * 7 + [UNKNOWN]
    assert FlatLines.of(found.lines).lengths_m == pytest.approx([48, 8, 8], abs=0.1)
    drawn = [PLANE.to_metres(shapely.get_coordinates(line)) for line in found.lines]
    half = 0.5**0.5
    assert drawn[0][0] == pytest.approx([-8 * half, 0], abs=0.1)
    assert drawn[1][1] - drawn[1][0] == pytest.approx([8 * half, 8 * half], abs=0.1)
    assert drawn[2] == pytest.approx(np.array([(496, 4), (504, 4)]), abs=0.1)


spots = st.tuples(st.integers(0, 80), st.integers(0, 80))
drawn_rows = st.builds(
    lambda first, count, step, angle: row(count, step, *first, angle),
    spots, st.integers(1, 10), st.sampled_from([2.6, 6, 8]), st.integers(0, 179),
)  # fmt: skip
LAW = settings(max_examples=examples(100), deadline=None)


def chained_rows(rows: list[list[Spot]]) -> Faces:
    return chained(degrees(*chain(*rows)))


@LAW
@given(st.lists(drawn_rows, min_size=1, max_size=6))
def test_every_bay_is_on_a_face_and_beside_it(rows):
    found = chained_rows(rows)
    flat = FlatLines.of(found.lines)
    assert set(found.face_of.tolist()) == set(range(len(found.lines)))
    assert (flat.lengths_m > 7.9).all()
    assert (flat.lengths_m < 310).all()
    points = shapely.points(flat.to_metres(found.face_of, degrees(*chain(*rows))))
    assert (shapely.distance(flat.lines[found.face_of], points) < 4 + 5).all()


@LAW
@given(st.lists(drawn_rows, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_bays_makes_no_difference(rows, random):
    points = degrees(*chain(*rows))
    order = random.sample(range(len(points)), len(points))
    straight, shuffled = chained(points), chained(points[order])
    assert shapely.to_wkb(straight.lines).tolist() == shapely.to_wkb(shuffled.lines).tolist()
    assert shuffled.face_of.tolist() == straight.face_of[order].tolist()


def test_keys_keep_rows_apart_and_let_them_have_wider_steps():
    # Two posts of one street, two of the next that go on from them, and one of a third across the road.
    points = degrees((0, 0), (30, 0), (60, 0), (90, 0), (30, 8))
    assert chained(points, np.array([7, 7, 8, 8, 9]), 35).face_of.tolist() == [0, 0, 1, 1, 2]
    assert chained(points, np.array([7, 7, 7, 7, 9]), 35).face_of.tolist() == [0, 0, 0, 0, 1]
    assert chained(points, np.array([7, 7, 7, 7, 9])).face_of.tolist() == [0, 1, 2, 3, 4]
    # One spot, two streets.
    assert chained(points[[0, 0]], np.array([1, 2])).face_of.tolist() == [0, 1]
