"""Lines where no centreline is given: faces one can draw on paper, and laws of all of them."""

import numpy as np
import pytest
import shapely
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import PLANE, degrees

from onstreet.datasets.fitting.faces import Faces, by_key
from onstreet.datasets.fitting.places import LEFT, RIGHT, UNKNOWN, fit
from onstreet.kerbs import FlatLines, kerb_lines

NAN = float("nan")
Spot = tuple[float, float, int]


def faces(spots: list[Spot], numbers: list[float] | None = None, keys: list[int] | None = None) -> Faces:
    """The faces of spots: east, north, half; of one key unless stated."""
    east, north, halves = zip(*spots, strict=True)
    keys = [0] * len(spots) if keys is None else keys
    numbers = None if numbers is None else np.array(numbers, dtype=float)
    points = degrees(*zip(east, north, strict=True))
    return by_key(points, np.array(keys, dtype=int), np.array(halves, dtype=int), numbers)


def drawn(found: Faces) -> list[np.ndarray]:
    """The lines in metres."""
    return [PLANE.to_metres(shapely.get_coordinates(line)) for line in found.lines]


def close_to(*points: tuple[float, float]) -> object:
    return pytest.approx(np.array(points, dtype=float), abs=0.15)


def row(first: float, last: float, north: float, half: int, step: float = 10) -> list[Spot]:
    return [(east, north, half) for east in np.arange(first, last + 1, step).tolist()]


DRAWINGS = [
    # One side: beside the points, which are on its right.
    (row(0, 60, 0, 0), [(-4, 4), (64, 4)], {0: RIGHT}),
    (row(0, 60, 0, -1), [(-4, 4), (64, 4)], {-1: RIGHT}),
    # Both sides: half way between them.
    (row(0, 60, 0, 0) + row(0, 60, 12, 1), [(-4, 6), (64, 6)], {0: RIGHT, 1: LEFT}),
    (row(0, 60, 0, 1) + row(0, 60, 12, 0), [(-4, 6), (64, 6)], {1: RIGHT, 0: LEFT}),
    # One of them with a single post, or each with its own stretch.
    ([*row(0, 60, 0, 0), (50, 12, 1)], [(-4, 6), (64, 6)], {0: RIGHT, 1: LEFT}),
    (row(0, 30, 0, 0) + row(40, 60, 12, 1), [(-4, 6), (64, 6)], {0: RIGHT, 1: LEFT}),
    # Halves that do not lie apart are one side.
    (row(0, 60, 0, 0) + row(0, 60, 1, 1), [(-4, 4.5), (64, 4.5)], {0: RIGHT, 1: RIGHT}),
    (row(0, 60, 0, 0) + row(0, 60, 12, 1) + [(30, 11, -1)], [(-4, 6), (64, 6)], {0: RIGHT, 1: LEFT, -1: UNKNOWN}),
    # North where neither end is farther east; a lone post faces east.
    ([(0, 0, 0), (0, 20, 0), (0, 40, 0)], [(-4, -4), (-4, 44)], {0: RIGHT}),
    ([(7, 0, 0)], [(3, 4), (11, 4)], {0: RIGHT}),
    ([(7, 0, 0), (7, 0, 0)], [(3, 4), (11, 4)], {0: RIGHT}),
]


@pytest.mark.parametrize("spots, line, sides", DRAWINGS)
def test_faces_are_those_one_draws(spots, line, sides):
    found = faces(spots)
    assert drawn(found) == [close_to(*line)]
    assert found.side.tolist() == [sides[half] for *_, half in spots]


def test_lines_run_the_way_house_numbers_rise():
    spots = row(0, 60, 0, 0) + row(0, 60, 12, 1)
    falling = faces(spots, [200 - east for east, *_ in spots])
    assert drawn(falling)[0] == close_to((64, 6), (-4, 6))
    assert falling.side.tolist() == [LEFT] * 7 + [RIGHT] * 7
    for numbers in ([east for east, *_ in spots], [NAN] * 14, [100] * 14):
        assert drawn(faces(spots, numbers))[0] == close_to((-4, 6), (64, 6))


def test_sides_too_far_apart_for_a_street_are_two_faces():
    found = faces(row(0, 60, 0, 0) + row(0, 60, 45, 1))
    assert drawn(found) == [
        close_to((-4, 4), (64, 4)),
        close_to((-4, 49), (64, 49)),
    ]
    assert found.side.tolist() == [RIGHT] * 14


def test_points_astray_are_told_and_not_used():
    spots = [*row(0, 60, 0, 0), (500, 500, 0), (500, 500, 0), (NAN, 0, 0), (30, 12, 1)]
    found = faces(spots, keys=[0] * 10 + [-1])
    assert found.face_of.tolist() == [0] * 7 + [-1] * 4
    assert found.side.tolist() == [RIGHT] * 7 + [UNKNOWN] * 4
    assert drawn(found) == [close_to((-4, 4), (64, 4))]
    # Where none is near another nothing tells which is astray.
    assert faces([(0, 0, 0), (80, 0, 0)]).face_of.tolist() == [0, 0]
    assert faces([(0, 0, 0), (800, 0, 0)]).face_of.tolist() == [-1, -1]
    assert len(faces([(0, 0, 0), (800, 0, 0)]).lines) == 0


def test_faces_come_in_the_order_of_their_keys_and_lone_posts_follow_their_neighbour():
    spots = [(0, 30, 0), (0, 0, 0), (30, 30, 0), (300, 0, 0)]
    found = faces(spots, keys=[7, 3, 7, 5])
    assert found.face_of.tolist() == [2, 0, 2, 1]
    along = faces([(0, 0, 0), (30, 30, 0), (60, 60, 0), (80, 60, 0)], keys=[0, 0, 0, 1])
    heading = np.diff(drawn(along)[1], axis=0)[0]
    assert heading == pytest.approx([5.66, 5.66], abs=0.15)


def arc(radius_m: float, half: int) -> list[Spot]:
    angles = np.radians(np.arange(0, 61, 5))
    return [(radius_m * np.sin(angle), radius_m * np.cos(angle), half) for angle in angles.tolist()]


def test_lines_bend_with_their_points():
    found = faces(arc(94, 0) + arc(106, 1))
    away_m = [np.hypot(*point) for point in drawn(found)[0]]
    assert len(away_m) > 3
    assert away_m == pytest.approx([100] * len(away_m), abs=4)
    assert found.side.tolist() == [RIGHT] * 13 + [LEFT] * 13


def test_derived_kerbs_lie_on_the_points_of_one_side():
    spots = arc(94, 0)
    found = faces(spots)
    kerb = kerb_lines(found.lines, np.array([0]), np.zeros(1), FlatLines.of(found.lines).lengths_m, np.array([False]))
    posts = fit(kerb, degrees(*(spot[:2] for spot in spots)), None, 20)
    assert posts.distance_m.max() < 2.2


LAW = settings(max_examples=examples(100), deadline=None)
many = st.lists(
    st.tuples(st.integers(-150, 150), st.integers(-150, 150), st.integers(-1, 1), st.integers(-1, 3)),
    min_size=1, max_size=25,
)  # fmt: skip


def all_faces(drawn_spots: list[tuple[int, int, int, int]]) -> Faces:
    return faces([spot[:3] for spot in drawn_spots], keys=[spot[3] for spot in drawn_spots])


@LAW
@given(many)
def test_each_point_is_astray_or_on_a_line_of_its_key(drawn_spots):
    found = all_faces(drawn_spots)
    assert shapely.is_valid(found.lines).all()
    assert (FlatLines.of(found.lines).lengths_m > 7.9).all()
    assert set(found.face_of.tolist()) - {-1} == set(range(len(found.lines)))
    keys = np.array([spot[3] for spot in drawn_spots])
    assert (found.face_of[keys < 0] == -1).all()
    assert all(len(set(keys[found.face_of == face])) == 1 for face in range(len(found.lines)))


@LAW
@given(many, st.randoms(use_true_random=False))
def test_the_order_of_the_points_makes_no_difference(drawn_spots, random):
    order = random.sample(range(len(drawn_spots)), len(drawn_spots))
    straight, shuffled = all_faces(drawn_spots), all_faces([drawn_spots[i] for i in order])
    assert shapely.to_wkb(straight.lines).tolist() == shapely.to_wkb(shuffled.lines).tolist()
    assert shuffled.face_of.tolist() == straight.face_of[order].tolist()
    assert shuffled.side.tolist() == straight.side[order].tolist()
