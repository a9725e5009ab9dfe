"""A question about kerbs, and the main path that finds its blocks: select, filter, order, slice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from onstreet.geometry import Floats, Lines, Region
from onstreet.index import Rows
from onstreet.model import About, Amenity, Blocks, bits_of
from onstreet.stores.database import ReplacedError

T = TypeVar("T")

# How often a question is asked again because its blocks were loaded anew meanwhile.
_TRIES = 5


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


@dataclass(frozen=True)
class Fields:
    """The block and segment fields an answer carries (S7.3a)."""

    block: tuple[str, ...]
    segment: tuple[str, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """All of them."""
        return frozenset(self.block + self.segment)


class Query(NamedTuple):
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


class Page(NamedTuple):
    """The rows asked for, their distances in metres where the query has a point, and how many there are in all."""

    rows: Rows
    blocks: Blocks
    distances_m: Floats | None
    total: int


class UnknownBlockError(LookupError):
    """No block is known by what was asked for, an `id` or an `alias` (S7.3)."""

    def __init__(self, asked: str, message: str) -> None:
        super().__init__(message)
        self.asked, self.message = asked, message


class Store(Protocol):
    """What a query needs of a store of blocks; rows are integers."""

    @property
    def about(self) -> About:
        """Which data these are, and where they come from."""

    def __len__(self) -> int: ...

    def first(self, count: int) -> Rows:
        """The first rows in the order of the data."""

    def by_ids(self, block_ids: Iterable[str]) -> Rows:
        """The rows of the known ones among these ids, in the order asked, each once."""

    def by_alias(self, source: str, source_id: str) -> Rows:
        """The row of the block a source knows by this id, or none."""

    def in_region(self, region: Region) -> tuple[Rows, Floats]:
        """The rows whose line touches a region, rising, and metres from its centre to each line (S7.2)."""

    def have_amenities(self, rows: Rows, wanted: int) -> NDArray[np.bool_]:
        """Whether each of some rows has a segment with all these amenities, as bits (S6.2)."""

    def amenity_counts(self, rows: Rows) -> list[int]:
        """How many segments of these rows have each amenity, in the order of Amenity."""

    def ids(self, rows: Rows) -> list[str]:
        """The ids of these rows, in their order."""

    def names(self, rows: Rows) -> list[tuple[str, str]]:
        """The name and the address of each of these rows."""

    def lines(self, rows: Rows) -> Lines:
        """The lines of these rows, in their order."""

    def middles(self) -> tuple[Rows, Floats]:
        """All rows, rising, and the middle of each line's bounds, n x 2 degrees."""

    def blocks(self, rows: Rows, having: int = 0) -> Blocks:
        """What an answer needs of these rows, in their order, and of their segments with all these amenities (bits)."""


def run(store: Store, query: Query) -> Page:
    """Find the blocks of a query, all of them as they were at one moment; raises UnknownBlockError, ReplacedError."""
    return asked_again(lambda: _run(store, query))


def count_amenities(store: Store, region: Region) -> tuple[dict[Amenity, int], int]:
    """How many segments of the blocks in a region have each amenity, and how many blocks there are.

    Raises TooManyBlocksError, ReplacedError.
    """

    def counted() -> tuple[dict[Amenity, int], int]:
        rows, _ = store.in_region(region)
        return dict(zip(Amenity, store.amenity_counts(rows), strict=True)), len(rows)

    return asked_again(counted)


def asked_again(ask: Callable[[], T]) -> T:
    """What is asked of a store, asked again while blocks are loaded anew meanwhile; raises ReplacedError in the end."""
    for _ in range(_TRIES - 1):
        try:
            return ask()
        except ReplacedError:
            continue
    return ask()


def _run(store: Store, query: Query) -> Page:
    rows, distances_m = _select(store, query.where)
    wanted = bits_of(query.restrictions)
    if wanted:
        has = store.have_amenities(rows, wanted)
        rows, distances_m = rows[has], None if distances_m is None else distances_m[has]
    if query.by_distance and distances_m is not None:
        order = _by_distance(store, rows, distances_m)
        rows, distances_m = rows[order], distances_m[order]
    page = slice(query.offset, query.offset + query.limit)
    on_page = rows[page]
    blocks = store.blocks(on_page, wanted)
    return Page(on_page, blocks, None if distances_m is None else distances_m[page], len(rows))


def _select(store: Store, where: Where) -> tuple[Rows, Floats | None]:
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
    return rows, None


def _by_distance(store: Store, rows: Rows, distances_m: Floats) -> Rows:
    """Positions in order of whole metres, then id (S7.2)."""
    ids = np.array(store.ids(rows), dtype=str)
    order: Rows = np.lexsort((ids, np.round(distances_m)))
    return order
