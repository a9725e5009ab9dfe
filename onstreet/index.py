"""The R-tree: rectangles in, integers out. Built in bulk from arrays, never changed."""

from collections.abc import Iterable
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rtree.index import Index

from onstreet.geometry import Floats, GeoBox

Rows = NDArray[np.int64]


# What one question may look through: the work of a second or so.
MOST_CANDIDATES = 100_000
# Boxes with so many square degrees, a large city's, are counted before they are looked through.
_LARGE = 0.01


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
    """Which rows' bounding boxes touch a box; rows count from 0 in the order of the bounds."""

    def __init__(self, bounds: Floats) -> None:
        # libspatialindex queries keep state and ctypes lets other threads run meanwhile.
        self._lock = Lock()
        rows = np.arange(len(bounds), dtype=np.int64)
        # rtree cannot bulk-load nothing.
        self._west, self._east = bounds[:, 0].min(initial=np.inf), bounds[:, 2].max(initial=-np.inf)
        self._tree = Index((rows, bounds[:, :2].copy(), bounds[:, 2:].copy())) if len(bounds) else Index()

    def candidates(self, boxes: Iterable[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising; raises TooManyBlocksError."""
        found: list[int] = []
        with self._lock:
            for box in boxes:
                # The images of a box one turn away are most often where no line is.
                if box.west <= self._east and box.east >= self._west:
                    bounds = (box.west, box.south, box.east, box.north)
                    if is_large(box):
                        refuse_too_many(self._tree.count(bounds))
                    found += self._tree.intersection(bounds)
        return np.array(sorted(set(found)), dtype=np.int64)
