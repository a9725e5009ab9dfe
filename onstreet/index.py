"""The R-tree: rectangles in, integers out. Built in bulk from arrays, never changed."""

from collections.abc import Sequence
from ctypes import byref, c_int64
from math import ceil, sqrt
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rtree import core
from rtree.index import Index, Property

from onstreet.geometry import Bools, Floats, GeoBox, meeting

Rows = NDArray[np.int64]


# What one question may look through: the work of a second or so.
MOST_CANDIDATES = 100_000
# Blocks that the tree finds at once: to compare the bounds of all of them takes less time than its way to each.
_GROUP = 32
# A node is read as a whole, so small ones are soon passed.
_NODES = Property(leaf_capacity=16, index_capacity=16, near_minimum_overlap_factor=15, fill_factor=0.9)


class TooManyBlocksError(ValueError):
    """A region with more blocks than one question may look through."""


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
        self._west, self._east = float(bounds[:, 0].min(initial=np.inf)), float(bounds[:, 2].max(initial=-np.inf))
        # The last group is filled up with bounds that no box meets.
        self._rows = _grouped(bounds)
        nowhere = np.array([[np.inf, np.inf, -np.inf, -np.inf]])
        self._bounds = np.concatenate([bounds, nowhere])[self._rows]
        low, high = self._bounds[:, :, :2].min(axis=1), self._bounds[:, :, 2:].max(axis=1)
        # rtree cannot bulk-load nothing.
        rectangles = ((np.arange(len(low)), low, high),) if len(low) else ()
        self._tree = Index(*rectangles, properties=_NODES)
        self._corners, self._count = np.empty(4), np.empty(1, np.uint64)
        self._make_room(256)

    def pieces(self, box: GeoBox) -> list[GeoBox]:
        """A box as it lies among the rows."""
        return box.pieces(self._west, self._east)

    def candidates(self, boxes: Sequence[GeoBox]) -> tuple[Rows, Bools]:
        """The rows whose bounds touch any of the boxes, each once, rising, and whether their lines surely touch one.

        Raises TooManyBlocksError.
        """
        with self._lock:
            found = [self._groups(box) for box in boxes]
        groups = found[0] if len(found) == 1 else np.unique(np.concatenate([np.empty(0, np.int64), *found]))
        near, surely = meeting(self._bounds.take(groups, axis=0).reshape(-1, 4), boxes)
        places = near.nonzero()[0]
        refuse_too_many(len(places))
        rows = self._rows.take(groups, axis=0).ravel()[places]
        order = rows.argsort()
        return rows[order], surely[places[order]]

    def _groups(self, box: GeoBox) -> Rows:
        self._corners[:] = box
        answered = c_int64()
        while True:
            # What rtree's own `intersection` does around this call takes longer than the search.
            core.rt.Index_Intersects_id_v(self._tree.handle, 1, 2, *self._addresses, byref(answered))
            count = int(self._count[0])
            if answered.value == 1:
                return self._found[:count].copy()
            self._make_room(2 * count)

    def _make_room(self, groups: int) -> None:
        """For the groups found; the call takes how many fit, the strides of a corner, and where everything is."""
        self._found = np.empty(groups, np.int64)
        low = self._corners.ctypes.data
        high = low + 2 * self._corners.itemsize
        self._addresses = (groups, 2, 1, low, high, self._found.ctypes.data, self._count.ctypes.data)


def _grouped(bounds: Floats) -> Rows:
    """The rows in groups of neighbours, as many in each, the last one filled up with one row too many.

    Sort-tile-recursive: cut into strips of equal numbers from west to east, each of them sorted from south to north.
    """
    count = len(bounds)
    groups = ceil(count / _GROUP)
    strip = _GROUP * ceil(sqrt(groups)) if count else 1
    lon, lat = ((bounds[:, each] + bounds[:, each + 2]) for each in (0, 1))
    place = np.empty(count, np.int64)
    place[lon.argsort()] = np.arange(count)
    rows = np.full(groups * _GROUP, count)
    rows[:count] = np.lexsort((lat, place // strip))
    return rows.reshape(groups, _GROUP)
