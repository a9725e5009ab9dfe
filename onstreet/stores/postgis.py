"""Blocks in PostgreSQL with PostGIS, answered as from a snapshot: the same rows for every question, the same bytes.

The GiST index of the lines selects, and what lies exactly in a region is decided as everywhere (S7.2). Every statement
is one look at the data; rows never change, so a question that needs several either meets the rows it began with, or
some of them are gone and it is asked again (ReplacedError). No answer mixes two loads of a data set. Whether a region
holds too many blocks is counted by the boxes of the index, which are single precision and a hair too large.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from itertools import accumulate
from threading import Lock
from time import monotonic
from typing import Any, Generic, TypeVar

import numpy as np
import shapely
from cachetools import LRUCache
from numpy.typing import NDArray
from sqlalchemy import Executable, Row, Table, func, select

from onstreet.geometry import Circle, Floats, GeoBox, Lines, Paths, Region, meeting, touching
from onstreet.index import Rows, refuse_too_many
from onstreet.model import About, Amenity, Blocks, Profile, Source
from onstreet.stores.database import Database, ReplacedError
from onstreet.stores.memory import Slices
from onstreet.stores.postgis_statements import (
    AMENITY_COUNTS,
    BLOCKS,
    BY_ALIAS,
    BY_IDS,
    FIRST,
    HAVE_AMENITIES,
    IDS,
    LINES,
    LOADS,
    MIDDLES,
    NAMES,
    SEGMENTS,
    WANTED,
    candidates,
    corners,
    counted,
)
from onstreet.stores.postgis_tables import card, engine_of, place, profile, read, readable_errors, require_tables
from ratecards import Card, Place
from ratecards import read as read_card

# Boxes with so many square degrees, a large city's, are counted before they are looked through.
_LARGE = 0.01
# Cards that are kept in memory.
_CARDS_KEPT = 131_072

T = TypeVar("T")
Read = Callable[..., Sequence[Row[Any]]]


class PostgisStore:
    """The blocks of a database as they are while none of its data sets is loaded anew; rows rise in their order."""

    def __init__(
        self, read: Read, known: "Known", names: tuple[Sequence[str], Sequence[str]], loads: Sequence[Row[Any]]
    ) -> None:
        self._read, self._known = read, known
        self.about = _about(loads)
        self._block_names, self._segment_names = (tuple(each) for each in names)

    def __len__(self) -> int:
        return int(sum(row.blocks for row in self._read(LOADS)))

    def first(self, count: int) -> Rows:
        """The first rows in the order of the data."""
        return _numbers(row.row for row in self._read(FIRST, count=count))

    def by_ids(self, block_ids: Iterable[str]) -> Rows:
        """The rows of the known ones among these ids, in the order asked, each once."""
        asked = [block_id for block_id in dict.fromkeys(block_ids) if "\0" not in block_id]
        known = dict(tuple(row) for row in self._read(BY_IDS, names=asked))
        return _numbers(known[block_id] for block_id in asked if block_id in known)

    def by_alias(self, source: str, source_id: str) -> Rows:
        """The row of the block a source knows by this id, or none."""
        # No text in PostgreSQL holds a NUL, not even to compare with.
        if "\0" in source + source_id:
            return _numbers([])
        return _numbers(row.row for row in self._read(BY_ALIAS, source=source, source_id=source_id))

    def in_region(self, region: Region) -> tuple[Rows, Floats]:
        """The rows whose line touches a region, and metres from its centre to each (S7.2).

        Raises TooManyBlocksError.
        """
        bounds = region.bounds() if isinstance(region, Circle) else region
        pieces = list(bounds.pieces())
        for piece in filter(_is_large, pieces):
            [[count]] = self._read(counted(), **corners([piece]))
            refuse_too_many(count)
        found = self._read(candidates(len(pieces)), **corners(pieces))
        rows, lines = _numbers(row.row for row in found), _lines([row.wkb for row in found])
        _, surely = meeting(shapely.bounds(lines).reshape(-1, 4), pieces)
        touches, metres = touching(Paths.of(lines), region, pieces, surely)
        return rows[touches], metres

    def have_amenities(self, rows: Rows, wanted: int) -> NDArray[np.bool_]:
        """Whether each of some rows has a segment with all these amenities, as bits (S6.2)."""
        return np.array([row.has for row in self._of(HAVE_AMENITIES, rows, bits=wanted)], dtype=np.bool_)

    def amenity_counts(self, rows: Rows) -> list[int]:
        """How many segments of these rows have each amenity, in the order of Amenity."""
        found = self._of(AMENITY_COUNTS, rows)
        return [sum(getattr(row, each.name) for row in found) for each in Amenity]

    def ids(self, rows: Rows) -> list[str]:
        """The ids of these rows."""
        return [row.block_id for row in self._of(IDS, rows)]

    def names(self, rows: Rows) -> list[tuple[str, str]]:
        """The name and the address of each of these rows."""
        return [(row.name, row.address) for row in self._of(NAMES, rows)]

    def lines(self, rows: Rows) -> Lines:
        """The lines of these rows, lon then lat."""
        return _lines([row.wkb for row in self._of(LINES, rows)])

    def middles(self) -> tuple[Rows, Floats]:
        """All rows, rising, and the middle of each line's bounds, n x 2 degrees."""
        found = self._read(MIDDLES)
        degrees = np.array([(row.lon, row.lat) for row in found], dtype=np.float64)
        return _numbers(row.row for row in found), degrees.reshape(-1, 2)

    def blocks(self, rows: Rows, having: int = 0) -> Blocks:
        """What an answer needs of these rows, in their order, and of their segments with all these amenities (bits)."""
        blocks = self._of(BLOCKS, rows)
        of_blocks = [[each for each in own if each.amenities & having == having] for own in self._segments(blocks)]
        segments = [each for own in of_blocks for each in own]
        book, card_of = self._known.numbered(row.card for row in segments)
        place_of = [row.place for row in blocks]
        profile_of = [-1 if row.profile is None else row.profile for row in blocks]
        known_cards = self._known.cards({row.card for row in segments})
        return Blocks(
            self._known.places(set(place_of)),
            place_of,
            {-1: None, **self._known.profiles(set(profile_of) - {-1})},
            profile_of,
            list(accumulate(map(len, of_blocks), initial=0)),
            book,
            {number: known_cards[row.card] for number, row in zip(card_of.tolist(), segments, strict=True)}.__getitem__,
            card_of,
            _slices(blocks, self._block_names),
            _slices(segments, self._segment_names),
        )

    def _segments(self, blocks: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
        """The segments of each of some blocks, in their order."""
        of_block: dict[int, list[Row[Any]]] = {row.row: [] for row in blocks}
        for row in self._read(SEGMENTS, wanted=list(of_block)) if of_block else ():
            of_block[row.block].append(row)
        if any(len(of_block[row.row]) != row.segments for row in blocks):
            raise ReplacedError("some of the segments are gone")
        return [of_block[row.row] for row in blocks]

    def _of(self, statement: Executable, rows: Rows, **params: object) -> list[Row[Any]]:
        """What a statement says of each of some rows; raises ReplacedError where one is gone."""
        wanted = rows.tolist()
        found = {row.row: row for row in self._read(statement, wanted=wanted, **params)} if wanted else {}
        if len(found) < len(set(wanted)):
            raise ReplacedError("some of the blocks are gone")
        return [found[row] for row in wanted]


class LivePostgis:
    """Gives the store of the moment: another one, at most a second later, when a data set was loaded."""

    def __init__(self, database: Database, place_of: Callable[[Any], Place], every_s: float = 1.0) -> None:
        self._engine = engine_of(database, isolation_level="AUTOCOMMIT")
        self._read: Read = partial(read, self._engine, database)
        self._known = Known(self._read, place_of)
        self._every_s, self._looked_at = every_s, monotonic()
        try:
            with readable_errors(database), self._engine.connect() as connection:
                self._names = require_tables(connection, database)
            self._store = self._opened()
        finally:
            # Connections stay with the process that opened them: each worker that is forked opens its own.
            self.close()

    def __call__(self) -> PostgisStore:
        """The store to answer one request from; raises DatabaseError."""
        if monotonic() - self._looked_at >= self._every_s:
            store = self._opened()
            # What was answered from the store before is answered from it still, while it is the same.
            if store.about.id != self._store.about.id:
                self._store = store
            self._looked_at = monotonic()
        return self._store

    def close(self) -> None:
        """Close the connections that nobody uses now; others are opened when they are needed."""
        self._engine.dispose()

    def _opened(self) -> PostgisStore:
        return PostgisStore(self._read, self._known, self._names, self._read(LOADS))


class Known:
    """The places, profiles and cards met before, by their numbers, which never mean another one."""

    def __init__(self, read: Read, place_of: Callable[[Any], Place]) -> None:
        self.places: _Cached[Place] = _Cached(read, place, place_of, 4096)
        self.profiles: _Cached[Profile] = _Cached(read, profile, tuple, 16_384)
        self.cards: _Cached[Card] = _Cached(read, card, lambda lines: read_card(tuple(lines)).card, _CARDS_KEPT)
        self._lock = Lock()
        self._book = _Book({})

    def numbered(self, cards: Iterable[int]) -> "tuple[_Book, Rows]":
        """Numbers for the ids of some cards, and the book that has them; a new one is begun where it grows too long."""
        with self._lock:
            if len(self._book.numbers) > _CARDS_KEPT:
                self._book = _Book({})
            numbers = self._book.numbers
            return self._book, _numbers(numbers.setdefault(each, len(numbers)) for each in cards)


@dataclass(frozen=True, eq=False)
class _Book:
    """The numbers of cards by their ids."""

    numbers: dict[int, int]


class _Cached(Generic[T]):
    """Values by the ids of their table, the least asked for dropped first."""

    def __init__(self, read: Read, table: Table, made: Callable[[Any], T], most: int) -> None:
        identity, _, value = table.c
        self._statement = select(identity, value.label("value")).where(identity == func.any(WANTED))
        self._read, self._made = read, made
        self._lock = Lock()
        self._values: LRUCache[int, T] = LRUCache(most)

    def __call__(self, wanted: Iterable[int]) -> dict[int, T]:
        """The values of some ids; raises ReplacedError where one is gone."""
        found: dict[int, T] = {}
        missing: list[int] = []
        with self._lock:
            for each in wanted:
                if each in self._values:
                    found[each] = self._values[each]
                else:
                    missing.append(each)
        if missing:
            new = {row.id: self._made(row.value) for row in self._read(self._statement, wanted=missing)}
            if len(new) < len(missing):
                raise ReplacedError("some of the cards are gone")
            with self._lock:
                self._values.update(new)
            found |= new
        return found


def _is_large(box: GeoBox) -> bool:
    return (box.east - box.west) * (box.north - box.south) > _LARGE


def _lines(lines: Sequence[bytes]) -> Lines:
    return np.asarray(shapely.from_wkb(np.array(lines, dtype=object)))


def _slices(rows: Sequence[Row[Any]], names: tuple[str, ...]) -> Slices:
    """The encoded fields of some rows, one run of bytes behind the other."""
    at = np.frombuffer(b"".join(row.field_at for row in rows), "<i4").reshape(-1, len(names) + 1).astype(np.int64)
    ends = np.cumsum(at[:, -1])
    view = memoryview(b"".join(row.fields for row in rows))
    return Slices(view, at + (ends - at[:, -1])[:, None], np.arange(len(rows)), names)


def _about(loads: Sequence[Row[Any]]) -> About:
    """What some loads of data sets are together: the same ones, and only these, have the same id."""
    told = repr([(row.number, row.generation, row.loaded_at.timestamp(), row.blocks) for row in loads])
    name = blake2b(told.encode(), digest_size=8).hexdigest()
    published = max((row.loaded_at for row in loads), default=datetime.fromtimestamp(0, UTC))
    return About(name, published.astimezone(UTC), tuple(Source(*each) for row in loads for each in row.sources))


def _numbers(numbers: Iterable[int]) -> Rows:
    return np.fromiter(numbers, dtype=np.int64)
