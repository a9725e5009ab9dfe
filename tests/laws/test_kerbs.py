"""Kerbs and polylines of many lines are those of one line at a time, by shapely's own cut and polyline (S6.3)."""

import importlib.util
from itertools import islice
from pathlib import Path

import numpy as np
import polyline
import pytest
import shapely
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import LineString
from shapely.ops import substring

from onstreet.geometry import LonLat, encode_all, length_m, line_of, points_of
from onstreet.kerbs import Plane, kerb_lines

ROOT = Path(__file__).parents[2]
GEOD = Geod(ellps="WGS84")
LAW = settings(max_examples=examples(200), deadline=None)
Segment = tuple[int, float, float, bool]


def kerb_of_one(line: LineString, start_m: float, end_m: float, is_left: bool) -> LineString:
    plane = Plane(LonLat(*line.interpolate(0.5, normalized=True).coords[0]))
    local = shapely.transform(line, plane.to_metres)
    start_m, end_m = min(start_m, local.length), min(end_m, local.length)
    gap_m = min(1.0, (end_m - start_m) / 4)
    part = substring(local, start_m + gap_m, end_m - gap_m)
    if part.geom_type == "Point":
        part = local
    kerb = shapely.line_merge(part.simplify(0.05).offset_curve(4.0 if is_left else -4.0))
    pieces = [piece for piece in getattr(kerb, "geoms", [kerb]) if not piece.is_empty]
    return shapely.transform(max(pieces, key=lambda piece: piece.length, default=part), plane.to_degrees)


def encode_one(line: LineString, digits: int) -> str:
    return polyline.encode([(lat, lon) for lon, lat in points_of(line)], digits)


def kerbs_of_all(lines: list[LineString], segments: list[Segment]) -> np.ndarray:
    rows, starts_m, ends_m, is_left = zip(*segments, strict=True)
    offsets = np.array([starts_m, ends_m], dtype=float)
    return kerb_lines(np.array(lines), np.array(rows), *offsets, np.array(is_left))


def assert_same_kerbs(lines: list[LineString], segments: list[Segment]) -> None:
    kerbs = kerbs_of_all(lines, segments)
    for kerb, (row, *segment) in zip(kerbs, segments, strict=True):
        expected = shapely.get_coordinates(kerb_of_one(lines[row], *segment))
        assert shapely.get_coordinates(kerb) == pytest.approx(expected, rel=0, abs=1e-9)


@st.composite
def streets(draw: st.DrawFn) -> tuple[list[LineString], list[Segment]]:
    """Lines that bend, turn back, stand still and cross the antimeridian, with segments down to a centimetre."""
    lines: list[LineString] = []
    segments: list[Segment] = []
    for row in range(draw(st.integers(1, 4))):
        lon, lat = draw(st.sampled_from([179.9995, -180.0]) | st.floats(-180, 180)), draw(st.floats(-75, 75))
        points = [LonLat(lon, lat)]
        heading = draw(st.floats(0, 360))
        for _ in range(draw(st.integers(1, 6))):
            heading += draw(st.sampled_from([0.0, 90.0, 180.0]) | st.floats(-180, 180))
            lon, lat, _ = GEOD.fwd(lon, lat, heading, draw(st.sampled_from([0.0, 2.0]) | st.floats(0.01, 150)))
            points.append(LonLat(lon, lat))
        line = line_of(points)
        length = length_m(line)
        if length < 0.02:
            line = line_of([points[0], LonLat(points[0].lon, points[0].lat + 1e-4)])
            length = length_m(line)
        lines.append(line)
        for _ in range(draw(st.integers(0, 4))):
            # On the ellipsoid a line may be a little longer than in the plane, and a segment lie just beyond that.
            start_m = draw(st.floats(0, length - 0.01) | st.just(length + 1))
            segments.append((row, start_m, draw(st.floats(start_m + 0.01, length + 2)), draw(st.booleans())))
    return lines, segments or [(0, 0.0, 1.0, True)]


@LAW
@given(streets())
def test_many_kerbs_are_those_of_one_segment_at_a_time(case):
    assert_same_kerbs(*case)


points = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(lambda point: LonLat(*point))
nearby = st.tuples(points, st.lists(st.tuples(*[st.integers(-300, 300)] * 2), min_size=1, max_size=8)).map(
    lambda case: [case[0], *(LonLat(case[0].lon + x / 2e5, case[0].lat + y / 2e5) for x, y in case[1])]
)


@LAW
@given(st.lists(st.lists(points, min_size=2, max_size=8) | nearby, max_size=5), st.integers(0, 7))
def test_many_polylines_are_those_of_one_line_at_a_time(each, digits):
    lines = [line_of(points) for points in each]
    assert encode_all(np.array(lines, dtype=object), digits) == [encode_one(line, digits) for line in lines]


def test_no_segments_have_no_kerbs():
    nothing = np.empty(0)
    lines = np.array([line_of([LonLat(0, 0), LonLat(0, 1e-3)])])
    assert kerb_lines(lines, nothing.astype(int), nothing, nothing, nothing.astype(bool)).size == 0


def test_a_synthetic_city_is_published_alike_one_by_one():
    spec = importlib.util.spec_from_file_location("synth_city", ROOT / "scripts" / "synth_city.py")
    synth_city = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(synth_city)
    blocks = list(islice(synth_city.city(8, 2000), 2000))
    lines = [line_of(LonLat(*point) for point in block["geojson"]["coordinates"]) for block in blocks]
    segments = [
        (row, part["start"], part["end"], part["side"] == "LEFT")
        for row, block in enumerate(blocks)
        for part in block["segments"]
    ]
    assert len(segments) > 7000
    kerbs = kerbs_of_all(lines, segments)
    alone = [kerb_of_one(lines[row], *segment) for row, *segment in segments]
    for digits in (5, 6):
        assert encode_all(kerbs, digits) == [encode_one(kerb, digits) for kerb in alone]
    assert encode_all(np.array(lines)) == [encode_one(line, 5) for line in lines]
