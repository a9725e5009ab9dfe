"""The R-tree: rectangles in, integers out. Packed at once from arrays, never changed."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from onstreet.geometry import Floats, GeoBox

Rows = NDArray[np.int64]


# What one question may look through: the work of a second or so.
MOST_CANDIDATES = 100_000
# Boxes with so many square degrees, a large city's, are counted before they are looked through.
_LARGE = 0.01
# Rectangles in a node, and how many the topmost may have: to compare a few hundred at once takes as long as one.
_NODE, _TOP = 64, 2048


class TooManyBlocksError(ValueError):
    """A region with more blocks than one question may look through."""


def is_large(box: GeoBox) -> bool:
    """Whether what lies in a box is counted before it is looked through."""
    return (box.east - box.west) * (box.north - box.south) > _LARGE


def refuse_too_many(count: int) -> None:
    """Raise TooManyBlocksError for more blocks than one question may look through."""
    if count > MOST_CANDIDATES:
        raise TooManyBlocksError(f"there are {count:,} blocks; ask about {MOST_CANDIDATES:,} at most at once")


class BlockIndex:
    """Which rows' bounding boxes touch a box; rows count from 0 in the order of the bounds.

    Levels from the top, each n x 4 x 64: the west, south, -east and -north of what is in n nodes. So boxes touch where
    all four are at most the other's east, north, -west and -south.
    """

    def __init__(self, bounds: Floats) -> None:
        self._west, self._east = bounds[:, 0].min(initial=np.inf), bounds[:, 2].max(initial=-np.inf)
        self._rows = _tiled(bounds)
        corners = np.concatenate([bounds[:, :2], -bounds[:, 2:]], axis=1)[self._rows].T
        self._levels: list[Floats] = []
        while corners.shape[1] > _TOP:
            nodes = _nodes(corners)
            self._levels.insert(0, nodes)
            corners = nodes.min(axis=2).T
        self._top = np.ascontiguousarray(corners)

    def candidates(self, boxes: Iterable[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising; raises TooManyBlocksError."""
        found = [np.empty(0, dtype=np.int64)]
        for box in boxes:
            # The images of a box one turn away are most often where no line is.
            if box.west <= self._east and box.east >= self._west:
                rows = self._touching(box)
                if is_large(box):
                    refuse_too_many(len(rows))
                found.append(rows)
        return np.sort(found[1]) if len(found) == 2 else np.unique(np.concatenate(found))

    def _touching(self, box: GeoBox) -> Rows:
        most = np.array([[box.east], [box.north], [-box.west], [-box.south]])
        at = np.flatnonzero((self._top <= most).all(axis=0))
        for nodes in self._levels:
            at = (at[:, None] * _NODE + np.arange(_NODE))[(nodes[at] <= most).all(axis=1)]
        return self._rows[at]


def _tiled(bounds: Floats) -> Rows:
    """Rows so that neighbours are behind each other: in strips from west to east, and from south to north in each.

    Leutenegger, Lopez and Edgington: STR, a simple and efficient algorithm for R-tree packing (1997).
    """
    lons, lats = (bounds[:, :2] + bounds[:, 2:]).T
    strip = np.empty(len(bounds), dtype=np.int64)
    size = _NODE * max(1, round((len(bounds) / _NODE) ** 0.5))
    strip[np.argsort(lons, kind="stable")] = np.arange(len(bounds)) // size
    return np.lexsort((lats, strip))


def _nodes(corners: Floats) -> Floats:
    """Rectangles, 4 x n, as nodes of 64; what is left of the last one is nowhere."""
    count = -(-corners.shape[1] // _NODE)
    padded = np.full((4, count * _NODE), np.inf)
    padded[:, : corners.shape[1]] = corners
    return np.ascontiguousarray(padded.reshape(4, count, _NODE).transpose(1, 0, 2))
