"""The tree finds what a scan of all rectangles finds."""

import numpy as np
import pytest

from onstreet.geometry import GeoBox, meeting
from onstreet.index import BlockIndex, TooManyBlocksError


def rectangles(count: int) -> np.ndarray:
    """Rectangles of a city and a few as large as a country, and many in one place."""
    draw = np.random.default_rng(count)
    corners = draw.uniform((-10, 40), (-9, 41), (count, 2))
    corners[::7] = corners[:1]
    sizes = draw.uniform(0, 0.002, (count, 2))
    sizes[::1000] *= 1000
    return np.concatenate([corners, corners + sizes], axis=1)


# One node, a few, a level more than that, and two more.
@pytest.mark.parametrize("count", [0, 1, 64, 2048, 2049, 5000, 140_000])
def test_rows_are_those_of_a_scan(count):
    bounds = rectangles(count)
    west, south, east, north = bounds.T
    index = BlockIndex(bounds)
    draw = np.random.default_rng(1)
    for size in (0, 0.001, 0.01, 0.09, 0):
        lon, lat = bounds[draw.integers(count), :2].tolist() if count else (0, 0)
        boxes = [GeoBox(lon, lat, lon + size, lat + size), GeoBox(lon - size, lat, lon, lat)]
        expected = [(west <= b.east) & (east >= b.west) & (south <= b.north) & (north >= b.south) for b in boxes]
        assert index.candidates(boxes[:1])[0].tolist() == np.flatnonzero(expected[0]).tolist()
        rows, surely = index.candidates(boxes)
        assert rows.tolist() == np.flatnonzero(expected[0] | expected[1]).tolist()
        assert surely.tolist() == meeting(bounds[rows], boxes)[1].tolist()


def test_more_than_one_question_may_look_through_is_counted():
    with pytest.raises(TooManyBlocksError, match="there are 140,000 blocks"):
        BlockIndex(rectangles(140_000)).candidates([GeoBox(-180, -90, 180, 90)])
