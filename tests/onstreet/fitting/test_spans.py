"""Lines to lines: stretches one can see, and copies of parts that are found again."""

import numpy as np
import pytest
import shapely
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import streets

from onstreet.datasets.fitting.places import LEFT, RIGHT, UNKNOWN
from onstreet.datasets.fitting.spans import along

# Main Street runs 100 m east, High Street from its end 100 m north, Bend Street turns left on its way.
TOWN = streets([(0, 0), (100, 0)], [(100, 0), (100, 100)], [(0, 200), (100, 200), (100, 300)])
NAN = float("nan")

SPANS = [
    # span, wanted, line, start, end, side, forward, covered
    ([(10, -4), (60, -4)], -1, 0, 10, 60, RIGHT, True, 1),
    ([(60, 4), (10, 4)], -1, 0, 10, 60, LEFT, False, 1),
    ([(10, 0), (60, 0)], -1, 0, 10, 60, UNKNOWN, True, 1),
    ([(96, 20), (96, 90)], -1, 1, 20, 90, LEFT, True, 1),
    # Near Main Street's end, but along High Street.
    ([(98, 1), (98, 15)], -1, 1, 1, 15, LEFT, True, 1),
    # What lies beyond the line is not covered.
    ([(-50, 4), (90, 4)], -1, 0, 0, 90, LEFT, True, 9 / 14),
    # Around the bend.
    ([(10, 204), (96, 204), (96, 290)], -1, 2, 10, 190, LEFT, True, 1),
    # A little askew, too much so, and across.
    ([(10, -4), (60, -14)], -1, 0, 10, 60, RIGHT, True, 0.98),
    ([(10, -4), (30, -14)], -1, -1, NAN, NAN, UNKNOWN, False, NAN),
    ([(50, -10), (50, 10)], -1, -1, NAN, NAN, UNKNOWN, False, NAN),
    # Too far, chosen or not, and not along the one that was chosen.
    ([(10, -40), (60, -40)], -1, -1, NAN, NAN, UNKNOWN, False, NAN),
    ([(10, -40), (60, -40)], 0, -1, NAN, NAN, UNKNOWN, False, NAN),
    ([(98, 1), (98, 15)], 0, -1, NAN, NAN, UNKNOWN, False, NAN),
    ([(98, 1), (98, 15)], 1, 1, 1, 15, LEFT, True, 1),
    ([(98, 1), (98, 15)], 99, -1, NAN, NAN, UNKNOWN, False, NAN),
]


@pytest.mark.parametrize("span, wanted, line, start_m, end_m, side, is_forward, covered", SPANS)
def test_spans_run_where_one_sees_them(span, wanted, line, start_m, end_m, side, is_forward, covered):
    found = along(TOWN, streets(span), np.array([wanted]), 15)
    assert (found.line[0], found.side[0], found.is_forward[0]) == (line, side, is_forward)
    ends_m = [found.start_m[0], found.end_m[0]]
    assert ends_m == pytest.approx([start_m, end_m], abs=0.05, nan_ok=True)
    assert found.covered[0] == pytest.approx(covered, abs=0.01, nan_ok=True)


def test_what_is_no_line_runs_nowhere():
    spans = np.array([None, shapely.Point(0, 0), shapely.LineString(), *streets([(10, 4), (60, 4)])], dtype=object)
    assert along(TOWN, spans, None, 15).line.tolist() == [-1, -1, -1, 0]
    assert along(np.array([None, TOWN[0]]), spans, None, 15).line.tolist() == [-1, -1, -1, 1]
    assert along(TOWN[:0], spans, None, 15).line.tolist() == [-1] * 4
    assert along(TOWN, spans[:0], None, 15).line.size == 0


def test_of_two_lines_alongside_the_nearer_one_is_taken():
    dual = streets([(0, 0), (100, 0)], [(100, 20), (0, 20)])
    found = along(dual, streets([(10, 8), (60, 8)], [(10, 12), (60, 12)]), None, 15)
    assert found.line.tolist() == [0, 1]
    assert found.side.tolist() == [LEFT, LEFT]
    assert found.is_forward.tolist() == [True, False]


cuts = st.tuples(st.integers(0, 60), st.integers(10, 40), st.sampled_from([-8, -3, 3, 8]))


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(0, 359), cuts)
def test_a_copy_of_a_part_is_found_again_whichever_way_the_line_runs(angle, cut):
    first, length, aside = cut
    turn = np.exp(1j * np.radians(angle))
    ends = [(point * turn) for point in (0, 110, first + aside * 1j, first + length + aside * 1j)]
    points = [(end.real, end.imag) for end in ends]
    lines, spans = streets(points[:2]), streets(points[2:])
    there, back = along(lines, spans, None, 15), along(shapely.reverse(lines), spans, None, 15)
    assert [there.start_m[0], there.end_m[0]] == pytest.approx([first, first + length], abs=0.05)
    assert [back.start_m[0], back.end_m[0]] == pytest.approx([110 - first - length, 110 - first], abs=0.05)
    assert there.distance_m[0] == pytest.approx(abs(aside), abs=0.01)
    assert (there.side[0], there.is_forward[0]) == (np.sign(aside), True)
    assert (back.side[0], back.is_forward[0]) == (-np.sign(aside), False)
