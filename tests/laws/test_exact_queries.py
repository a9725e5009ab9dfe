"""The index answers as a full scan does, by geodesics on the ellipsoid and plain degrees (S7.2).

`ONSTREET_EXAMPLES=10000` asks 10,000 queries, spread over the places.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import law_lines
import numpy as np
import pytest
import shapely
from conftest import examples
from hypothesis import given, note, settings
from hypothesis import strategies as st

from onstreet.geometry import Circle, GeoBox, LonLat, Paths, distances_m, line_of
from onstreet.records import BlockRecord
from onstreet.snapshot import SnapshotWriter, open_snapshot
from onstreet.stores.memory import MemoryStore

PLACES = [law_lines.synthetic_city, law_lines.awkward_corners, law_lines.san_francisco]
LAW = settings(max_examples=examples(300) // len(PLACES), deadline=None)


@dataclass(frozen=True)
class Town:
    store: MemoryStore
    truth: law_lines.Truth


@cache
def town_of(place) -> Town:
    lines = place()
    records = []
    for row, line in enumerate(lines):
        ours = shapely.get_coordinates(line_of(LonLat(*point) for point in line.tolist()))
        records.append(BlockRecord(str(row), f"law|{row}", 0, -1, ours, [], []))
    with TemporaryDirectory() as folder:
        with SnapshotWriter(Path(folder)) as writer:
            writer.add(records)
            written = writer.publish(
                {"places": [], "profiles": [], "cards": [], "blockFields": [], "segmentFields": []}
            )
        return Town(MemoryStore(open_snapshot(written), []), law_lines.Truth(lines))


def wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180


def somewhere(draw: Random, truth: law_lines.Truth) -> LonLat:
    """A vertex, a point up to 30 km from one, or now and then any point of the globe."""
    if draw.random() < 0.05:
        return LonLat(draw.uniform(-180, 180), draw.uniform(-90, 90))
    lon, lat = draw.choice(truth.points).tolist()
    if draw.random() < 0.8:
        bearing = draw.choice([0, 90, 180, 270, *[draw.uniform(0, 360)] * 4])
        lon, lat, _ = law_lines.GEOD.fwd(lon, lat, bearing, 10 ** draw.uniform(-1, 4.5))
    return LonLat(wrapped(lon), lat)


def circle(draw: Random, truth: law_lines.Truth) -> Circle:
    """Of any size, or just reaching or missing one of its lines."""
    centre = somewhere(draw, truth)
    _, most_m = truth.between_m(*centre)
    at = draw.choice(np.flatnonzero(most_m < 50_000).tolist() or [None])
    if at is None or draw.random() < 0.4:
        return Circle(centre, 10 ** draw.uniform(-1, 4.7))
    [nearest_m] = truth.nearest_m(*centre, np.array([at]))
    return Circle(centre, max(0.1, nearest_m + draw.choice([-1, 1]) * max(0.6, 0.0015 * nearest_m)))


def box(draw: Random, truth: law_lines.Truth) -> GeoBox:
    """Between any two points, the other way round the world too, or of any size around one."""
    one = somewhere(draw, truth)
    if draw.random() < 0.5:
        other = somewhere(draw, truth)
        return GeoBox(one.lon, min(one.lat, other.lat), other.lon, max(one.lat, other.lat))
    width, height = (draw.choice([0, *[10 ** draw.uniform(-6, 0.5)] * 4]) for _ in range(2))
    west, south = one.lon - draw.choice([0, draw.random(), 1]) * width, one.lat - draw.random() * height
    return GeoBox(wrapped(west), max(south, -90), wrapped(west + width), min(south + height, 90))


def check_box(town: Town, asked: GeoBox) -> None:
    is_found = np.isin(np.arange(len(town.store)), town.store.in_region(asked)[0])
    expected, is_clear = town.truth.in_box(asked.west, asked.south, asked.east, asked.north)
    assert np.flatnonzero((is_found != expected) & is_clear).tolist() == []


def check_circle(town: Town, asked: Circle) -> None:
    found, metres = town.store.in_region(asked)
    is_found = np.isin(np.arange(len(town.store)), found)
    rim_m = max(0.5, 0.001 * asked.radius_m)
    least_m, most_m = town.truth.between_m(*asked.centre)
    unclear = np.flatnonzero((least_m < asked.radius_m + rim_m) & (most_m > asked.radius_m - rim_m))
    least_m[unclear] = most_m[unclear] = town.truth.nearest_m(*asked.centre, unclear)
    assert not is_found[least_m > asked.radius_m + rim_m].any()
    assert is_found[most_m < asked.radius_m - rim_m].all()
    some = slice(None, None, max(1, len(found) // 50))
    assert metres[some] == pytest.approx(town.truth.nearest_m(*asked.centre, found[some]), rel=0.001, abs=0.5)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@LAW
@given(draw=st.randoms(use_true_random=True))
def test_an_answer_is_that_of_a_full_scan(place, draw):
    town = town_of(place)
    asked = draw.choice([box, circle])(draw, town.truth)
    note(asked)
    if isinstance(asked, GeoBox):
        check_box(town, asked)
    else:
        check_circle(town, asked)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
@LAW
@given(draw=st.randoms(use_true_random=True))
def test_a_distance_is_that_of_the_nearest_point(place, draw):
    town, point = town_of(place), somewhere(draw, town_of(place).truth)
    rows = np.array(draw.sample(range(len(town.store)), 20))
    metres = distances_m(Paths.of(town.store.lines(rows)), point)
    assert metres == pytest.approx(town.truth.nearest_m(*point, rows), rel=0.001, abs=0.5)
