"""The index's answers are those of a full scan; filter, order and paging (S7)."""

from math import floor

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from served import served

from onstreet.geometry import Circle, GeoBox, LonLat
from onstreet.model import Amenity
from onstreet.query import ByAlias, ByIds, Query, UnknownBlockError, run
from onstreet.wire.blocks import ALL_FIELDS

# A little larger than the neighbourhood.
WEST, SOUTH, EAST, NORTH = -118.4955, 34.0135, -118.4785, 34.0255
CITY = GeoBox(WEST, SOUTH, EAST, NORTH)
QUERIES = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

lons = st.floats(WEST, EAST)
lats = st.floats(SOUTH, NORTH)
# Corners in any order: west beyond east is a box around the other side of the world.
boxes = st.builds(lambda w, e, s, n: GeoBox(w, min(s, n), e, max(s, n)), lons, lons, lats, lats) | st.builds(
    lambda lon, lat, size: GeoBox(lon, lat, lon + size, lat + size), lons, lats, st.floats(0, 1e-4)
)
circles = st.builds(lambda lon, lat, r: Circle(LonLat(lon, lat), r), lons, lats, st.floats(0.1, 1500))


@pytest.fixture(scope="session")
def store(each_store):
    return each_store


@pytest.fixture(scope="session")
def frame(store):
    """Every block's id and line, as geopandas sees them."""
    rows = store.first(len(store))
    return geopandas.GeoDataFrame({"block_id": store.ids(rows)}, geometry=store.lines(rows), crs=4326)


def ids(store, where, **rest) -> list[str]:
    return store.ids(run(store, Query(where, ALL_FIELDS, limit=5000, **rest)).rows)


@QUERIES
@given(box=boxes)
def test_box_equals_full_scan(store, frame, box):
    if box.west <= box.east:
        strips = [shapely.box(box.west, box.south, box.east, box.north)]
    else:
        # The other way round the world.
        strips = [shapely.box(-180, box.south, box.east, box.north), shapely.box(box.west, box.south, 180, box.north)]
    inside = np.any([frame.intersects(strip) for strip in strips], axis=0)
    assert ids(store, box) == frame.block_id[inside].tolist()


@QUERIES
@given(circle=circles)
def test_circle_equals_full_scan(store, frame, circle):
    plane = CRS.from_proj4(f"+proj=aeqd +lat_0={circle.centre.lat} +lon_0={circle.centre.lon} +ellps=WGS84")
    away_m = frame.to_crs(plane).distance(shapely.Point(0, 0))
    found = set(ids(store, circle))
    # The two routes may differ by a centimetre just at the rim.
    assert set(frame.block_id[away_m < circle.radius_m - 0.01]) <= found
    assert found <= set(frame.block_id[away_m < circle.radius_m + 0.01])


@QUERIES
@given(asked=st.lists(st.sampled_from(["46502752", *(str(900000001 + i) for i in range(75))]), min_size=1))
def test_ids_equal_full_scan(store, frame, asked):
    known = set(frame.block_id)
    expected = [block_id for block_id in dict.fromkeys(asked) if block_id in known]
    if expected:
        assert ids(store, ByIds(tuple(asked))) == expected
    else:
        with pytest.raises(UnknownBlockError):
            ids(store, ByIds(tuple(asked)))


REGIONS = [
    (CITY, 71),
    (GeoBox(-180, -90, 180, 90), 71),
    (GeoBox(-118.48792, 34.01968, -118.48792, 34.01968), 4),  # a corner where blocks meet
    (GeoBox(4.8, 52.3, 4.9, 52.4), 0),
    (GeoBox(EAST, SOUTH, WEST, NORTH), 0),
    (Circle(LonLat(-118.487155, 34.019035), 0.5), 1),
    (Circle(LonLat(4.9, 52.4), 50_000), 0),
]


@pytest.mark.parametrize("region, count", REGIONS)
def test_region_counts(store, region, count):
    assert len(ids(store, region)) == count


def test_alias_finds_the_block(store):
    assert ids(store, ByAlias("inrix", "46502752")) == ["46502752"]
    with pytest.raises(UnknownBlockError):
        ids(store, ByAlias("nobody", "46502752"))


def test_restrictions_keep_blocks_with_a_segment_that_has_them_all(store):
    wanted = frozenset({Amenity.FREE, Amenity.RESIDENTIAL})
    everything = served(store, run(store, Query(CITY, ALL_FIELDS, limit=5000)).rows)
    offered = [[{each["id"] for each in segment["amenities"]} for segment in block.segments] for block in everything]
    expected = [
        block.fields["blockID"]
        for block, segments in zip(everything, offered, strict=True)
        if any(wanted <= amenities for amenities in segments)
    ]
    assert ids(store, CITY, restrictions=wanted) == expected
    assert 0 < len(expected) < len(everything)


def test_sorted_by_whole_metres_then_id(store):
    page = run(store, Query(CITY, ALL_FIELDS, by_distance=True))
    keys = [
        (floor(metres + 0.5), block_id) for metres, block_id in zip(page.distances_m, store.ids(page.rows), strict=True)
    ]
    assert keys == sorted(keys)
    assert len(keys) == 71


@pytest.mark.parametrize("by_distance", [False, True])
def test_pages_neither_skip_nor_repeat(store, by_distance):
    query = Query(CITY, ALL_FIELDS, by_distance=by_distance)
    whole = store.ids(run(store, query).rows)
    paged = [
        block_id
        for offset in range(0, 80, 7)
        for block_id in store.ids(run(store, query._replace(limit=7, offset=offset)).rows)
    ]
    assert paged == whole
    assert run(store, query._replace(offset=500)).total == 71
