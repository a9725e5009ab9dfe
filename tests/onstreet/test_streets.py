"""Spans along a street: where they are cut, and the line that is put together from them."""

import pytest

from onstreet.datasets.streets import course, pieces, street_of
from onstreet.geometry import LonLat

PIECES = [
    ([(0, 10, "a")], [(0, 10, "a")]),
    ([(0, 10, "a"), (10, 20, "b")], [(0, 10, "a"), (10, 20, "b")]),
    ([(0, 10, "a"), (12, 20, "b")], [(0, 10, "a"), (12, 20, "b")]),
    ([(0, 20, "a"), (5, 10, "b")], [(0, 5, "a"), (5, 10, "ab"), (10, 20, "a")]),
    ([(0, 10, "a"), (5, 20, "b")], [(0, 5, "a"), (5, 10, "ab"), (10, 20, "b")]),
    ([(0, 10, "a"), (0.1, 10.2, "b")], [(0, 10, "ab")]),
    ([(0, 10.1, "a"), (10, 20, "b")], [(0, 10, "a"), (10, 20, "b")]),
    ([(0, 0.4, "a")], []),
]


@pytest.mark.parametrize("spans, expected", PIECES)
def test_pieces(spans, expected):
    assert [(start, end, "".join(there)) for start, end, there in pieces(spans)] == expected


def along(start: float, end: float, lat: float = 0, *, tens: int = 1):
    """A course on a parallel, a metre of street being 0.00001 degrees, with points at every tenth of it or so."""
    steps = [start + (end - start) * n / tens for n in range(tens + 1)]
    return course(start, end, [LonLat(step * 1e-5, lat) for step in steps])


LINES = [
    ([along(0, 10)], [0, 10], []),
    ([along(10, 20), along(0, 10)], [0, 10, 20], []),
    ([along(0, 10), along(15, 20)], [0, 10, 15, 20], []),
    ([along(0, 20), along(5, 10)], [0, 20], []),
    ([along(0, 10), along(5, 20, tens=3)], [0, 10, 15, 20], []),
    ([along(0, 10), along(10.2, 20)], [0, 10, 20], []),
    ([along(0, 10), along(10, 20, lat=0.001)], [0, 10], [1]),
]


@pytest.mark.parametrize("courses, lons, misfits", LINES)
def test_lines(courses, lons, misfits):
    street, found = street_of(courses)
    assert [round(lon * 1e5, 3) for lon, _ in street.line.coords] == lons
    assert found == misfits


def test_metres_of_the_street_become_metres_of_the_line():
    street, _ = street_of([along(100, 200), along(250, 300)])
    # A degree of longitude at the equator has 111.32 km, so its hundred-thousandth is 1.113 m.
    assert [street.place(at) for at in (0, 100, 150, 200, 225, 300, 400)] == [0, 0, 55.7, 111.3, 139.1, 222.6, 222.6]


def test_a_line_of_one_point_has_no_length():
    with pytest.raises(ValueError, match="no length"):
        course(0, 10, [LonLat(0, 0), LonLat(0, 0)])
