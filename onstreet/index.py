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
        self._west, self._east = bounds[:, 0].min(initial=np.inf), bounds[:, 2].max(initial=-np.inf)
        self._tree = Index((rows, bounds[:, :2].copy(), bounds[:, 2:].copy())) if len(bounds) else Index()

    def candidates(self, boxes: Iterable[GeoBox]) -> Rows:
        """The rows whose bounds touch any of the boxes, each once, rising."""
        found: list[int] = []
        with self._lock:
            for box in boxes:
                # The images of a box one turn away are most often where no line is.
                if box.west <= self._east and box.east >= self._west:
                    found += self._tree.intersection((box.west, box.south, box.east, box.north))
        return np.array(sorted(set(found)), dtype=np.int64)
