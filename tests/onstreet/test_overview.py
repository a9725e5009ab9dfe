"""The order of blocks along the curve of the map, and what tiles take of it."""

import numpy as np
import pytest
import shapely

from onstreet.geometry import decode, decode_all, encode_all
from onstreet.overview import BUFFER, EXTENT, Overview, Tile, thinned

POINTS = np.random.default_rng(1).uniform((-180, -85), (180, 85), (5000, 2))
OVERVIEW = Overview(np.arange(5000), POINTS)

# A point, a zoom, and the tile it is in, by the published formula of the web map.
KNOWN = [
    ((-118.4879, 34.0194), 14, (2799, 6543)),
    ((-0.1276, 51.5072), 10, (511, 340)),
    ((151.2093, -33.8688), 12, (3768, 2457)),
    ((0.0, 0.0), 1, (1, 1)),
]


@pytest.mark.parametrize("point, z, numbers", KNOWN)
def test_a_point_lies_in_its_tile(point, z, numbers):
    [local] = Tile(z, *numbers).local(np.array([point]))
    assert (local >= 0).all()
    assert (local <= EXTENT).all()


@pytest.mark.parametrize("tile", [Tile(0, 0, 0), Tile(1, 1, 0), Tile(3, 7, 2), Tile(5, 0, 16), Tile(7, 64, 40)])
def test_blocks_near_a_tile_are_those_whose_middles_are(tile):
    local = tile.local(POINTS)
    inside = ((local >= 0) & (local < EXTENT)).all(axis=1)
    around = ((local >= -EXTENT / 8 - 1e-6) & (local <= EXTENT * 9 / 8 + 1e-6)).all(axis=1)
    found = set(OVERVIEW.near(tile, 10_000).tolist())
    assert set(np.flatnonzero(inside)) <= found <= set(np.flatnonzero(around))
    assert len(found) == OVERVIEW.near(tile, 10_000).size


def test_cells_count_every_block_once():
    codes, middles = Tile(0, 0, 0).cells()
    counts = np.diff(OVERVIEW.counts_before(codes))
    assert counts.sum() == 5000
    local = Tile(0, 0, 0).local(POINTS)
    for cell in (0, 77, 500, 1023):
        assert counts[cell] == (np.abs(local - middles[cell]) <= EXTENT / 64).all(axis=1).sum()


def test_what_a_tile_leaves_out_no_lower_zoom_shows():
    low = set(OVERVIEW.near(Tile(1, 0, 0), 200).tolist())
    assert 50 < len(low) <= 200
    inner = Tile(2, 1, 1)
    local = inner.local(POINTS)
    shown = set(OVERVIEW.near(inner, 200).tolist())
    assert {row for row in low if ((local[row] >= 0) & (local[row] < EXTENT)).all()} <= shown


def test_thinned_numbers_are_multiples():
    assert thinned(np.arange(10), 10).tolist() == [*range(10)]
    assert thinned(np.arange(10), 5).tolist() == [0, 2, 4, 6, 8]
    assert thinned(np.array([1, 3, 6, 7, 12]), 1).tolist() == [12]


def test_the_box_of_a_tile_holds_its_buffer():
    tile = Tile(14, 2799, 6543)
    box = tile.box()
    corners = tile.local(np.array([[box.west, box.north], [box.east, box.south]]))
    assert np.allclose(corners, [[-BUFFER, -BUFFER], [EXTENT + BUFFER, EXTENT + BUFFER]], atol=1e-3)
    assert Tile(3, 0, 3).box().west > Tile(3, 0, 3).box().east


def test_polylines_are_read_together_as_one_by_one():
    rng = np.random.default_rng(2)
    lines = np.array([shapely.LineString(rng.uniform(-80, 80, (n, 2))) for n in (2, 5, 3, 2)], dtype=object)
    texts = encode_all(lines, 6)
    for line, text in zip(decode_all(texts, 6), texts, strict=True):
        assert np.allclose(shapely.get_coordinates(line), shapely.get_coordinates(decode(text, 6)), atol=1e-9)
    assert decode_all([]).size == 0
