"""Tiles of the web map, and all blocks of a store in an order in which every tile is one run of them.

The order is that of a Z-shaped curve through the squares of zoom 24 (Morton order): the blocks of a tile at any zoom
stand together, and every second, fourth or eighth of them is spread over it evenly.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from onstreet.geometry import Floats, GeoBox
from onstreet.index import Rows

MAX_ZOOM = 20
# Units along the side of a tile, and how far beyond it lines are drawn.
EXTENT = 4096
BUFFER = 128

_CURVE_ZOOM = 24
_CELL_LEVELS = 5
# The web map ends where it is as high as it is wide.
_MAX_LAT = 85.0511287798066

Codes = NDArray[np.uint64]


class Tile(NamedTuple):
    """A square of the web map: zoom, and its numbers from the west and from the north."""

    z: int
    x: int
    y: int

    def box(self) -> GeoBox:
        """The square with its buffer, in degrees."""
        edge = BUFFER / EXTENT
        west, east = (_wrapped((self.x + at) / 2**self.z * 360 - 180) for at in (-edge, 1 + edge))
        south, north = (_lat((self.y + at) / 2**self.z) for at in (1 + edge, -edge))
        return GeoBox(-180, south, 180, north) if self.z == 0 else GeoBox(west, south, east, north)

    def local(self, degrees: Floats) -> Floats:
        """Points, n x 2 degrees, in units of the square, x to the east and y to the south."""
        squares = _on_map(degrees) * 2**self.z - (self.x, self.y)
        # The shorter way round the globe.
        squares[:, 0] -= np.round((squares[:, 0] - 0.5) / 2**self.z) * 2**self.z
        return np.asarray(squares * EXTENT)

    def cells(self) -> "tuple[Codes, Floats]":
        """The squares it is divided into: where each begins on the curve and the last ends; their middles, local."""
        side = 1 << _CELL_LEVELS
        at = np.arange(side)
        grid = np.stack(np.meshgrid(at, at, indexing="xy"), axis=-1).reshape(-1, 2)
        codes = _interleaved(grid + np.array([self.x, self.y]) * side)
        order = np.argsort(codes)
        ends = np.append(codes[order], codes.max() + np.uint64(1)) << _shift(self.z + _CELL_LEVELS)
        return ends, (grid[order] + 0.5) * EXTENT / side

    def surroundings(self) -> "tuple[Codes, Codes]":
        """Where on the curve the square and those of an eighth of its side around it begin and end."""
        side = 8
        at = np.arange(-1, side + 1)
        grid = np.stack(np.meshgrid(at, at, indexing="xy"), axis=-1).reshape(-1, 2)
        grid = grid[((grid < 0) | (grid >= side)).any(axis=1)] + np.array([self.x, self.y]) * side
        most = side << self.z
        ring = grid[(grid[:, 1] >= 0) & (grid[:, 1] < most)] % (most, most)
        own, around = _interleaved(np.array([[self.x, self.y]])), np.unique(_interleaved(ring))
        shifts = np.repeat([_shift(self.z), _shift(self.z + 3)], [1, len(around)])
        codes = np.concatenate([own, around])
        return codes << shifts, (codes + np.uint64(1)) << shifts


class Overview:
    """All blocks of a store along the curve, by the middles of their lines."""

    def __init__(self, rows: Rows, middles: Floats) -> None:
        squares = np.clip(_on_map(middles) * 2**_CURVE_ZOOM, 0, 2**_CURVE_ZOOM - 1).astype(np.int64)
        codes = _interleaved(squares)
        order = np.argsort(codes, kind="stable")
        self.rows, self._codes = rows[order], codes[order]
        self._bounds = [*middles.min(axis=0, initial=np.inf), *middles.max(axis=0, initial=-np.inf)]
        # The block halfway along the curve is where many are.
        self._centre = middles[order[len(order) // 2]].tolist() if len(order) else [0.0, 0.0]

    def counts_before(self, codes: Codes) -> NDArray[np.int64]:
        """How many blocks stand before each of some places on the curve."""
        return np.searchsorted(self._codes, codes).astype(np.int64)

    def extent(self) -> tuple[list[float], list[float]]:
        """West, south, east and north of all blocks in degrees, and lon and lat of a place where many of them are."""
        return self._bounds if len(self.rows) else [-180.0, -_MAX_LAT, 180.0, _MAX_LAT], self._centre

    def near(self, tile: Tile, most: int) -> Rows:
        """The rows whose middle is in a tile or a little beyond it.

        Of more than `most` every second, fourth, eighth... along the curve: what is left out of a tile is so at all
        lower zooms.
        """
        firsts, lasts = (self.counts_before(codes) for codes in tile.surroundings())
        positions = np.concatenate([np.arange(*pair) for pair in zip(firsts, lasts, strict=True)])
        # Around the globe a tile is beside itself.
        return self.rows[thinned(np.unique(positions), most)]


def thinned(numbers: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Those of some numbers, each there once, that the least power of two divides which leaves at most so many."""
    step = 1
    while len(numbers) > most:
        step *= 2
        numbers = numbers[numbers % step == 0]
    return numbers


def _on_map(degrees: Floats) -> Floats:
    """Points, n x 2 degrees, on the web map, which is 1 wide and 1 high, y to the south."""
    lats = np.radians(np.clip(degrees[:, 1], -_MAX_LAT, _MAX_LAT))
    return np.column_stack([(degrees[:, 0] / 360 + 0.5) % 1, 0.5 - np.arcsinh(np.tan(lats)) / (2 * np.pi)])


def _shift(zoom: int) -> np.uint64:
    """By how many bits the squares of a zoom are larger than those of the curve."""
    return np.uint64(2 * (_CURVE_ZOOM - zoom))


def _lat(y: float) -> float:
    return float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * y)))))


def _wrapped(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180


def _interleaved(squares: NDArray[np.int64]) -> Codes:
    """Where squares, n x 2 numbers below 2 ** 32, lie on the curve: the bits of x and y in turn."""
    spread = squares.astype(np.uint64)
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        spread = (spread | spread << np.uint64(shift)) & np.uint64(mask)
    codes: Codes = spread[:, 0] | spread[:, 1] << np.uint64(1)
    return codes
