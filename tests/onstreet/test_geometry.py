"""Lines: encoding, kerbs, touching, distances - against the published lines and a second geodesic route."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely import LineString

from onstreet.geometry import (
    Circle,
    GeoBox,
    LonLat,
    Paths,
    decode,
    distances_m,
    encode_all,
    length_m,
    line_of,
    meeting,
    points_of,
    touching,
)
from onstreet.kerbs import kerb_lines

GEOD = Geod(ellps="WGS84")


def lines(*each: list[tuple[float, float]]) -> np.ndarray:
    return np.array([line_of(LonLat(*point) for point in points) for points in each], dtype=object)


def touched(each: np.ndarray, box: GeoBox) -> list[bool]:
    meets, surely = meeting(shapely.bounds(each), box.pieces())
    touches = touching(Paths.of(each), box, box.pieces(), surely)[0]
    assert not (touches & ~meets).any()
    return touches.tolist()


def kerb_line(line: LineString, start_m: float, end_m: float, *, is_left: bool) -> LineString:
    [kerb] = kerb_lines(np.array([line]), np.array([0]), *np.array([[start_m], [end_m]]), np.array([is_left]))
    return kerb


def in_metres(line: LineString, origin: LonLat) -> LineString:
    """The line in pyproj's azimuthal plane around a point: a route that ours does not take."""
    plane = Transformer.from_crs(4326, f"+proj=aeqd +lat_0={origin.lat} +lon_0={origin.lon}", always_xy=True)
    return LineString([plane.transform(*point) for point in points_of(line)])


def test_derived_kerbs_lie_within_a_metre_of_the_published_ones(published):
    line = line_of(LonLat(*point) for point in published["geojson"]["coordinates"])
    origin = points_of(line)[0]
    for segment in published["segments"]:
        ours = kerb_line(line, segment["start"], segment["end"], is_left=segment["side"] == "LEFT")
        theirs = decode(segment["polyline6"], 6)
        apart_m = shapely.hausdorff_distance(in_metres(ours, origin), in_metres(theirs, origin))
        assert apart_m < 0.3, segment["segmentID"]
        # Same direction, not only the same place.
        assert in_metres(theirs, origin).project(shapely.Point(in_metres(ours, origin).coords[0])) < 1


KERBS = [
    # Bends, and segments around them; start, end.
    ([(4.89, 52.37), (4.891, 52.37)], 10, 60),
    ([(4.89, 52.37), (4.8905, 52.37), (4.8905, 52.3705)], 5, 80),
    ([(4.89, 52.37), (4.8905, 52.37), (4.8901, 52.3701)], 5, 60),
    ([(4.89, 52.37), (4.8905, 52.37), (4.89001, 52.37)], 20, 50),
    ([(4.89, 52.37), (4.891, 52.37)], 10, 11),
    ([(179.9995, -16.5), (-179.9995, -16.5)], 10, 90),
    ([(20.0, 75.0), (20.004, 75.0)], 10, 90),
]


@pytest.mark.parametrize("points, start_m, end_m", KERBS)
@pytest.mark.parametrize("is_left", [True, False])
def test_kerb_stays_beside_its_part_of_the_line(points, start_m, end_m, is_left):
    line = line_of(LonLat(*point) for point in points)
    kerb = kerb_line(line, start_m, end_m, is_left=is_left)
    assert kerb.geom_type == "LineString"
    assert len(kerb.coords) >= 2
    origin = points_of(line)[0]
    off_m = [in_metres(line, origin).distance(shapely.Point(point)) for point in in_metres(kerb, origin).coords]
    assert max(off_m) < 8
    assert all(-180 <= lon <= 180 for lon, _ in points_of(kerb))


def test_left_and_right_are_seen_along_the_heading():
    eastward = line_of([LonLat(4.89, 52.37), LonLat(4.891, 52.37)])
    north, south = (kerb_line(eastward, 10, 60, is_left=side).centroid.y for side in (True, False))
    assert north > 52.37 > south


@given(
    st.lists(
        st.tuples(st.integers(-18_000_000, 17_999_999), st.integers(-9_000_000, 9_000_000)),
        min_size=2,
        max_size=20,
    )
)
def test_polyline_round_trip(units):
    points = [LonLat(lon / 100_000, lat / 100_000) for lon, lat in units]
    [text] = encode_all(lines(points))
    back = np.array(points_of(decode(text))) - points
    # 180 and -180 are one meridian.
    assert np.allclose((back[:, 0] + 180) % 360, 180, atol=1e-9)
    assert np.allclose(back[:, 1], 0, atol=1e-9)


@pytest.mark.parametrize("text", ["_", "~~~", "\x00"])
def test_what_is_no_polyline_is_refused(text):
    with pytest.raises(ValueError, match="not an encoded polyline"):
        decode(text)


def test_length_is_geodesic(published):
    line = line_of(LonLat(*point) for point in published["geojson"]["coordinates"])
    assert length_m(line) == pytest.approx(201.11, abs=0.01)


FIJI = [(179.9995, -16.5), (-179.9995, -16.5)]  # 107 m across the antimeridian
BOXES = [
    # West, south, east, north, touches the Fijian block.
    (179.99, -17, 180, -16, True),
    (-180, -17, -179.99, -16, True),
    (179.99, -17, 179.9999, -16, True),
    (-179.9999, -17, -179.99, -16, True),
    (179.99, -17, -179.99, -16, True),
    (-179.999, -17, 179.999, -16, False),
    (-179.99, -17, 179.99, -16, False),
    (-180, -17, 180, -16, True),
    (179.99, -16.4, -179.99, -16, False),
]


@pytest.mark.parametrize("west, south, east, north, expected", BOXES)
def test_boxes_across_the_antimeridian(west, south, east, north, expected):
    both_ways = lines(FIJI, FIJI[::-1])
    assert touched(both_ways, GeoBox(west, south, east, north)) == [expected, expected]


def test_a_box_is_touched_by_the_line_and_not_by_its_bounds():
    diagonal = lines([(0, 0), (1, 1)])
    assert touched(diagonal, GeoBox(0.6, 0.1, 0.9, 0.4)) == [False]
    assert touched(diagonal, GeoBox(0.6, 0.1, 0.9, 0.61)) == [True]


@pytest.mark.parametrize("east, north", [(0.5, 0.5), (0.5, 0.75), (0.75, 0.5)])
def test_a_box_without_an_area_is_touched_too(east, north):
    diagonal = lines([(0, 0), (1, 1)], [(0, 0.4), (1, 0.4)], [(0, 1), (0.5, 0.5)])
    assert touched(diagonal, GeoBox(0.5, 0.5, east, north)) == [True, False, True]


# On a coarse grid lines run through corners, along sides and back on themselves.
tenths = st.integers(0, 9).map(lambda each: each / 10)
grid_lines = st.lists(st.tuples(tenths, tenths), min_size=2, max_size=5)


@given(st.lists(grid_lines, min_size=1, max_size=8), tenths, tenths, tenths, tenths)
def test_what_touches_a_box_is_what_shapely_says(each, lon, lat, lon_there, lat_there):
    box = GeoBox(min(lon, lon_there), min(lat, lat_there), max(lon, lon_there), max(lat, lat_there))
    area = shapely.convex_hull(shapely.multipoints([(x, y) for x in box[::2] for y in box[1::2]]))
    drawn = lines(*each)
    assert touched(drawn, box) == shapely.intersects(drawn, area).tolist()


@pytest.mark.parametrize("lat", [0, 34, -52, 69.9])
def test_near_distances_are_geodesic_to_a_tenth_of_a_millimetre(lat):
    draw = np.random.default_rng(1)
    ends = np.array([7, lat]) + draw.uniform(-0.0199, 0.0199, (2000, 2))
    # Lines of no length, so that their nearest point is known.
    metres = distances_m(Paths.of(lines(*([end, end] for end in ends.tolist()))), LonLat(7, lat))
    expected = GEOD.inv(np.full(2000, 7.0), np.full(2000, lat), *ends.T)[2]
    assert np.abs(metres - expected).max() < 1e-4


def test_distance_across_the_antimeridian():
    [metres] = distances_m(Paths.of(lines(FIJI)), LonLat(-179.999, -16.5))
    assert metres == pytest.approx(GEOD.inv(-179.999, -16.5, -179.9995, -16.5)[2], abs=0.01)


@given(
    st.floats(-180, 180),
    st.floats(-75, 75),
    st.floats(0, 360),
    st.floats(0, 50_000),
    st.floats(0, 360),
    st.floats(5, 3000),
)
def test_distance_is_that_of_the_nearest_point(lon, lat, bearing, away_m, heading, length):
    start_lon, start_lat, _ = GEOD.fwd(lon, lat, bearing, away_m)
    end_lon, end_lat, _ = GEOD.fwd(start_lon, start_lat, heading, length)
    [line] = lines([(start_lon, start_lat), (end_lon, end_lat)])
    [metres] = distances_m(Paths.of(np.array([line], dtype=object)), LonLat(lon, lat))
    samples = np.linspace(*np.asarray(line.coords), 3001)
    _, _, truth = GEOD.inv(np.full(3001, lon), np.full(3001, lat), samples[:, 0], samples[:, 1])
    # Samples lie up to a metre apart, so the nearest of them may be half a metre off.
    assert metres == pytest.approx(truth.min(), rel=0.001, abs=0.6)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180), st.floats(-85, 85), st.floats(0, 360))
def test_distance_is_true_across_the_globe(lon, lat, far_lon, far_lat, heading):
    end_lon, end_lat, _ = GEOD.fwd(far_lon, far_lat, heading, 200)
    [line] = lines([(far_lon, far_lat), (end_lon, end_lat)])
    [metres] = distances_m(Paths.of(np.array([line], dtype=object)), LonLat(lon, lat))
    samples = np.linspace(*np.asarray(line.coords), 401)
    _, _, truth = GEOD.inv(np.full(401, lon), np.full(401, lat), samples[:, 0], samples[:, 1])
    assert metres == pytest.approx(truth.min(), rel=0.001, abs=0.6)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0.1, 50_000), st.floats(0, 360))
def test_bounds_hold_the_circle(lon, lat, radius_m, bearing):
    rim_lon, rim_lat, _ = GEOD.fwd(lon, lat, bearing, radius_m)
    box = Circle(LonLat(lon, lat), radius_m).bounds()
    assert box.south - 1e-9 <= rim_lat <= box.north + 1e-9
    assert any(
        piece.west - 1e-9 <= rim_lon + turn <= piece.east + 1e-9 for piece in box.pieces() for turn in (0, 360, -360)
    )


def test_centre_of_a_box():
    assert GeoBox(10, 0, 20, 4).centre == (15, 2)
    assert GeoBox(170, 0, -160, 4).centre == (-175, 2)
