"""The R-tree: rectangles in, integers out. Packed at once from arrays, never changed."""

from collections.abc import Iterable
from typing import Any

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

    Levels from the top, each n x 4 x 64: west, south, -east and -north of what is in n nodes, which a box touches where
    all four are at most its east, north, -west and -south; and n x 64: the nodes of the next level, or rows.
    """

    def __init__(self, bounds: Floats) -> None:
        self._west, self._east = bounds[:, 0].min(initial=np.inf), bounds[:, 2].max(initial=-np.inf)
        members = _tiled(bounds)
        corners = np.concatenate([bounds[:, :2], -bounds[:, 2:]], axis=1)[members].T
        self._levels: list[tuple[Floats, Rows]] = []
        while corners.shape[1] > _TOP:
            nodes = _nodes(corners, np.inf)
            self._levels.insert(0, (nodes, _nodes(members[None], -1)[:, 0]))
            corners, members = nodes.min(axis=2).T, np.arange(len(nodes))
        self._top, self._of_top = np.ascontiguousarray(corners), members

    def candidates(self, boxes: Iterable[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising; raises TooManyBlocksError."""
        found = [np.empty(0, dtype=np.int64)]
        for box in boxes:
            # The images of a box one turn away are most often where no line is.
            if box.west <= self._east and box.east >= self._west:
                rows = self._touching(box)
                if is_large(box):
                    refuse_too_many(len(rows))
                rows.sort()
                found.append(rows)
        return found[1] if len(found) == 2 else np.unique(np.concatenate(found))

    def _touching(self, box: GeoBox) -> Rows:
        most = np.array([[box.east], [box.north], [-box.west], [-box.south]])
        found = self._of_top[(self._top <= most).all(axis=0)]
        for nodes, members in self._levels:
            found = members[found][(nodes[found] <= most).all(axis=1)]
        return found


def _tiled(bounds: Floats) -> Rows:
    """Rows so that neighbours are behind each other: in strips from west to east, and from south to north in each.

    Leutenegger, Lopez and Edgington: STR, a simple and efficient algorithm for R-tree packing (1997).
    """
    lons, lats = (bounds[:, :2] + bounds[:, 2:]).T
    strip = np.empty(len(bounds), dtype=np.int64)
    size = _NODE * max(1, round((len(bounds) / _NODE) ** 0.5))
    strip[np.argsort(lons, kind="stable")] = np.arange(len(bounds)) // size
    return np.lexsort((lats, strip))


def _nodes(values: NDArray[Any], nothing: float) -> NDArray[Any]:
    """Values, k x n, by nodes of 64, as n / 64 x k x 64; the last one is filled up with nothing."""
    kinds, number = values.shape
    padded = np.full((kinds, -(-number // _NODE) * _NODE), nothing, dtype=values.dtype)
    padded[:, :number] = values
    return np.ascontiguousarray(padded.reshape(kinds, -1, _NODE).transpose(1, 0, 2))
