"""The R-tree: rectangles in, integers out. Built in bulk from arrays, never changed."""

from collections.abc import Sequence
from ctypes import byref, c_int64
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rtree import core
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
        # libspatialindex queries keep state, and so do the places they read from and write to; ctypes lets other
        # threads run meanwhile.
        self._lock = Lock()
        rows = np.arange(len(bounds), dtype=np.int64)
        # rtree cannot bulk-load nothing.
        self._tree = Index((rows, bounds[:, :2].copy(), bounds[:, 2:].copy())) if len(bounds) else Index()
        self._west, self._east = float(bounds[:, 0].min(initial=np.inf)), float(bounds[:, 2].max(initial=-np.inf))
        self._corners, self._count = np.empty(4), np.empty(1, np.uint64)
        self._make_room(1024)

    def pieces(self, box: GeoBox) -> list[GeoBox]:
        """A box as it lies among the rows."""
        return box.pieces(self._west, self._east)

    def candidates(self, boxes: Sequence[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising; raises TooManyBlocksError."""
        with self._lock:
            found = [self._rows(box) for box in boxes]
        if len(found) == 1:
            found[0].sort()
            return found[0]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))

    def _rows(self, box: GeoBox) -> Rows:
        corners = (box.west, box.south, box.east, box.north)
        if is_large(box):
            refuse_too_many(self._tree.count(corners))
        self._corners[:] = corners
        answered = c_int64()
        while True:
            # What rtree's own `intersection` does around this call takes longer than the search.
            core.rt.Index_Intersects_id_v(self._tree.handle, 1, 2, *self._addresses, byref(answered))
            count = int(self._count[0])
            if answered.value == 1:
                return self._found[:count].copy()
            self._make_room(2 * count)

    def _make_room(self, rows: int) -> None:
        """For the rows of an answer; the call takes how many fit, the strides of a corner, and where everything is."""
        self._found = np.empty(rows, np.int64)
        low = self._corners.ctypes.data
        high = low + 2 * self._corners.itemsize
        self._addresses = (rows, 2, 1, low, high, self._found.ctypes.data, self._count.ctypes.data)
