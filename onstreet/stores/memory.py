"""Blocks held in this process: looked up by id, alias and region."""

from collections.abc import Iterable, Sequence

import numpy as np

from onstreet.geometry import Circle, Floats, LonLat, Region, bounds_of, distances_m, touches
from onstreet.index import BlockIndex, Rows
from onstreet.model import Block


class MemoryStore:
    """An immutable set of blocks; every lookup answers with row numbers, rising in the order of the data."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = tuple(blocks)
        self._row_of_id = {block.block_id: row for row, block in enumerate(blocks)}
        # Of two blocks with one alias the first answers to it.
        self._row_of_alias = {block.alias: row for row, block in reversed(list(enumerate(blocks)))}
        self._lines = np.array([block.line for block in blocks], dtype=object)
        self._index = BlockIndex(bounds_of(self._lines))

    def __len__(self) -> int:
        return len(self._blocks)

    def by_ids(self, block_ids: Iterable[str]) -> Rows:
        """The rows of the known ones among these ids, in the order asked, each once."""
        known = (self._row_of_id.get(block_id) for block_id in dict.fromkeys(block_ids))
        return np.array([row for row in known if row is not None], dtype=np.int64)

    def by_alias(self, source: str, source_id: str) -> Rows:
        """The row of the block a source knows by this id, or none."""
        row = self._row_of_alias.get((source, source_id))
        return np.array([] if row is None else [row], dtype=np.int64)

    def in_region(self, region: Region) -> Rows:
        """The rows whose line touches a region (S7.2)."""
        bounds = region.bounds() if isinstance(region, Circle) else region
        rows = self._index.candidates(bounds.pieces())
        return rows[touches(self._lines[rows], region)] if rows.size else rows

    def distances_m(self, rows: Rows, point: LonLat) -> Floats:
        """Metres from a point to the line of each row (S7.2)."""
        return distances_m(self._lines[rows], point) if rows.size else np.empty(0)

    def rows(self, rows: Rows) -> list[Block]:
        """The blocks of these rows, in their order."""
        return [self._blocks[row] for row in rows]
