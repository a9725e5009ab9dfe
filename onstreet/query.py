"""A question about kerbs, and the main path that finds its blocks: select, filter, order, slice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from onstreet.geometry import Floats, LonLat, Region
from onstreet.index import Rows
from onstreet.model import Amenity, Block


@dataclass(frozen=True, slots=True)
class ByIds:
    """Blocks by their ids."""

    block_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByAlias:
    """The block that a source knows by its own id."""

    source: str
    source_id: str


Where = ByIds | ByAlias | Region


@dataclass(frozen=True, slots=True)
class Fields:
    """The block and segment fields an answer carries (S7.3a)."""

    block: tuple[str, ...]
    segment: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """One question to `/blocks`; a naive `entry` is wall-clock time at each block, None is now (S5.4).

    `locale` is a supported one that cards are printed in; None answers them as stored.
    """

    where: Where
    fields: Fields
    entry: datetime | None = None
    durations_min: tuple[int, ...] = (60,)
    permits: frozenset[str] = frozenset()
    restrictions: frozenset[Amenity] = frozenset()
    by_distance: bool = False
    limit: int = 1000
    offset: int = 0
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks asked for, their distances in metres where the query has a point, and how many there are in all."""

    blocks: tuple[Block, ...]
    distances_m: Floats | None
    total: int


class UnknownBlockError(LookupError):
    """No block is known by what was asked for, an `id` or an `alias` (S7.3)."""

    def __init__(self, asked: str, message: str) -> None:
        super().__init__(message)
        self.asked, self.message = asked, message


class Store(Protocol):
    """What a query needs of a store of blocks; rows are integers."""

    def __len__(self) -> int: ...

    def by_ids(self, block_ids: Iterable[str]) -> Rows:
        """The rows of the known ones among these ids, in the order asked, each once."""

    def by_alias(self, source: str, source_id: str) -> Rows:
        """The row of the block a source knows by this id, or none."""

    def in_region(self, region: Region) -> Rows:
        """The rows whose line touches a region, rising (S7.2)."""

    def distances_m(self, rows: Rows, point: LonLat) -> Floats:
        """Metres from a point to the line of each row (S7.2)."""

    def rows(self, rows: Rows) -> list[Block]:
        """The blocks of these rows, in their order."""


def run(store: Store, query: Query) -> Page:
    """Find the blocks of a query; raises UnknownBlockError."""
    rows = _select(store, query.where)
    rows = _filter(store, rows, query.restrictions)
    order = np.arange(len(rows))
    distances_m = None
    if isinstance(query.where, Region):
        distances_m = store.distances_m(rows, query.where.centre)
        if query.by_distance:
            order = _by_distance(store, rows, distances_m)
    page = order[query.offset : query.offset + query.limit]
    return Page(tuple(store.rows(rows[page])), None if distances_m is None else distances_m[page], len(rows))


def _select(store: Store, where: Where) -> Rows:
    if isinstance(where, Region):
        return store.in_region(where)
    if isinstance(where, ByAlias):
        rows = store.by_alias(where.source, where.source_id)
        unknown = UnknownBlockError("alias", "no block of this data source has this id")
    else:
        rows = store.by_ids(where.block_ids)
        unknown = UnknownBlockError("id", "no block has any of the ids asked for")
    if not rows.size:
        raise unknown
    return rows


def _filter(store: Store, rows: Rows, restrictions: frozenset[Amenity]) -> Rows:
    """The rows with a segment that has all the amenities asked for (S6.2)."""
    if not restrictions:
        return rows
    keep = [any(restrictions <= set(each.amenities) for each in block.segments) for block in store.rows(rows)]
    kept: Rows = rows[np.array(keep, dtype=bool)]
    return kept


def _by_distance(store: Store, rows: Rows, distances_m: Floats) -> Rows:
    """Positions in order of whole metres, then id (S7.2)."""
    ids = np.array([block.block_id for block in store.rows(rows)], dtype=str)
    order: Rows = np.lexsort((ids, np.round(distances_m)))
    return order
