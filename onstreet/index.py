"""The R-tree: rectangles in, integers out. Built in bulk from arrays, never changed."""

from collections.abc import Iterable
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rtree.index import Index

from onstreet.geometry import Floats, GeoBox

Rows = NDArray[np.int64]


class BlockIndex:
    """Which rows' bounding boxes touch a box; rows count from 0 in the order of the bounds."""

    def __init__(self, bounds: Floats) -> None:
        # libspatialindex queries keep state and ctypes lets other threads run meanwhile.
        self._lock = Lock()
        rows = np.arange(len(bounds), dtype=np.int64)
        # rtree cannot bulk-load nothing.
        self._tree = Index((rows, bounds[:, :2].copy(), bounds[:, 2:].copy())) if len(bounds) else Index()

    def candidates(self, boxes: Iterable[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising."""
        found: list[int] = []
        with self._lock:
            for box in boxes:
                found += self._tree.intersection((box.west, box.south, box.east, box.north))
        return np.unique(np.asarray(found, dtype=np.int64))
