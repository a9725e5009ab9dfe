"""Data sets -> PostGIS and back: each load one transaction, seen whole or not at all.

A load replaces the data sets it brings, known by their names, and leaves all others alone; those who load other data
sets at the same time do not wait for each other, those who load the same one come one after the other. A block that
another data set has brought before stays that data set's, and is a finding here, as within one load; where it is being
brought at the same time, the later load fails and says so.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson
import psycopg
import shapely
from sqlalchemy import Connection, Row, SmallInteger, Table, Text, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.pool import NullPool

from onstreet.datasets.findings import Finding
from onstreet.datasets.parts import Counts, Names
from onstreet.datasets.places import place_from_json, place_to_json
from onstreet.datasets.postgis_rows import block_row, block_values, segment_row, segment_values, why_not_storable
from onstreet.datasets.publish import BATCH, Numbers, Usable, kerbs_of, records_of, usable
from onstreet.datasets.source import DataSet, Loaded, SourceError, Stated
from onstreet.model import BlockRow, SegmentRow, Source
from onstreet.records import hash_of
from onstreet.stores.database import Database
from onstreet.stores.postgis_tables import (
    block,
    card,
    create_tables,
    data_set,
    engine_of,
    first_row,
    place,
    profile,
    readable_errors,
    require_tables,
    segment,
)
from onstreet.wire.blocks import STATIC_BLOCK, STATIC_SEGMENT

_READ_AT_ONCE = 1024
Progress = Callable[[Counts], object]
T = TypeVar("T")

_NAMES = bindparam("names", type_=ARRAY(Text))
_OTHERS = block.c.data_set != func.all(bindparam("own", type_=ARRAY(SmallInteger)))
_TAKEN = (
    select(block.c.block_id, data_set.c.name)
    .join(data_set, data_set.c.number == block.c.data_set)
    .where(block.c.block_id == func.any(_NAMES), _OTHERS)
)
_ALIASES = select(block.c.source, block.c.source_id).where(block.c.source_id == func.any(_NAMES), _OTHERS)


class _Load(NamedTuple):
    """A data set being loaded: its number, and the first of the numbers its rows get."""

    number: int
    first: int


def load_into(
    database: Database,
    data_sets: Iterable[DataSet | Loaded],
    findings: list[Finding],
    progress: Progress = lambda counts: None,
    finished: Callable[[DataSet | Loaded], object] = lambda data_set: None,
    approve: Callable[[], object] = lambda: None,
) -> None:
    """Put some data sets in the place of those of their names; raises SourceError, DatabaseError.

    Findings are added to the list; `progress` is told how much is written, `finished` of each data set that is.
    `approve` has the last word: where it raises, the database stays as it was.
    """
    brought = list(data_sets)
    names = [each.name for each in brought]
    for name in names:
        if names.count(name) > 1 or "\0" in name:
            raise SourceError(f"{name!r}: each data set of a database has a name of its own")
    engine = engine_of(database, poolclass=NullPool)
    with readable_errors(database):
        create_tables(engine, database, STATIC_BLOCK, STATIC_SEGMENT)
        with engine.begin() as connection:
            _lock(connection, names)
            loads = [_begun(connection, each) for each in brought]
            load = _Writing(connection, [each.number for each in loads], findings, progress)
            taken = Names()
            for each, begun in zip(brought, loads, strict=True):
                load.write(begun, usable(each, taken, findings))
                finished(each)
            approve()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # Plans are made by what is known of the tables.
            connection.execute(text(f"ANALYZE {', '.join(map(str, (card, block, segment)))}"))


def _lock(connection: Connection, names: Iterable[str]) -> None:
    """Wait until nobody else loads one of these data sets."""
    for key in sorted(hash_of(f"onstreet {name}") - (1 << 63) for name in names):
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def _begun(connection: Connection, brought: DataSet | Loaded) -> _Load:
    """A data set without rows, those of its last load taken away."""
    name, sources = brought.name, [list(each) for each in brought.sources]
    number, generation = data_set.c.number, data_set.c.generation
    values = {"generation": generation + 1, "blocks": 0, "loaded_at": func.now(), "sources": sources}
    again = update(data_set).where(data_set.c.name == name).values(values).returning(number, generation)
    found = connection.execute(again).first()
    if found is None:
        first = data_set.insert().values(name=name, generation=1, blocks=0, sources=sources)
        found = connection.execute(first.returning(number, generation)).one()
    for table, key in ((segment, segment.c.block), (block, block.c.row)):
        own = key.between(first_row(found.number, 0), first_row(found.number + 1, 0) - 1)
        connection.execute(table.delete().where(own))
    for table in (place, profile, card):
        connection.execute(table.delete().where(table.c.data_set == found.number))
    return _Load(found.number, first_row(found.number, found.generation))


class _Writing:
    """Writes data sets in one transaction; `own` are the numbers of all that it replaces."""

    def __init__(self, connection: Connection, own: list[int], findings: list[Finding], progress: Progress) -> None:
        self._connection, self._own, self._findings, self._progress = connection, own, findings, progress
        self._counts = Counts()
        self._cards: set[tuple[str, ...]] = set()

    def write(self, load: _Load, rows: Iterator[Usable]) -> None:
        """Write the blocks of a data set, and then what they share."""
        shared, first, owner = Numbers(), load.first, load.number
        number = first
        while batch := list(islice(rows, BATCH)):
            blocks = self._storable(batch)
            kerbs = kerbs_of(blocks)
            records = list(records_of(blocks, kerbs, shared))
            numbers = range(number, number := number + len(blocks))
            self._copy(block, block_values(first, owner, numbers, blocks, records))
            self._copy(segment, segment_values(first, numbers, blocks, records, kerbs))
            self._count(blocks)
        places = (orjson.dumps(place_to_json(each)).decode() for each in shared.places)
        for table, values in ((place, places), (profile, map(list, shared.profiles)), (card, map(list, shared.cards))):
            self._copy(table, ((first + at, owner, value) for at, value in enumerate(values)))
        count = update(data_set).where(data_set.c.number == owner).values(blocks=number - first)
        self._connection.execute(count)

    def _count(self, blocks: Sequence[BlockRow]) -> None:
        segments = [segment for block in blocks for segment in block.segments]
        self._cards.update(segment.rate_cards for segment in segments)
        spaces = sum(segment.spaces_total or 0 for segment in segments)
        before = self._counts
        self._counts = Counts(
            before.blocks + len(blocks), before.segments + len(segments), before.spaces + spaces, len(self._cards)
        )
        self._progress(self._counts)

    def _storable(self, batch: Sequence[Usable]) -> list[BlockRow]:
        """The blocks among some that no other data set has and PostgreSQL can hold; what is wrong is a finding."""
        kept: list[BlockRow] = []
        refused = {each.row.block_id: why_not_storable(each.row) for each in batch}
        taken, aliases = self._others([each.row for each in batch if not refused[each.row.block_id]])
        for label, number, row in batch:
            if reason := refused[row.block_id]:
                self._findings.append(Finding(label, number, "blockID", row.block_id, reason))
            elif row.block_id in taken:
                reason = f"this block is there already, in the data set {taken[row.block_id]!r}"
                self._findings.append(Finding(label, number, "blockID", row.block_id, reason))
            else:
                if row.alias in aliases:
                    reason = "a block of another data set has this alias too, and the first of them answers to it"
                    self._findings.append(Finding(label, number, "alias", row.alias[1], reason))
                kept.append(row)
        return kept

    def _others(self, rows: Sequence[BlockRow]) -> tuple[dict[str, str], set[tuple[str, str]]]:
        """Which ids of some blocks a data set has that stays, and which one; which of their aliases."""
        ids, aliases = [row.block_id for row in rows], [row.alias[1] for row in rows]
        taken = self._connection.execute(_TAKEN, {"names": ids, "own": self._own})
        known = self._connection.execute(_ALIASES, {"names": aliases, "own": self._own})
        return {row.block_id: row.name for row in taken}, {(row.source, row.source_id) for row in known}

    def _copy(self, table: Table, rows: Iterable[tuple[Any, ...]]) -> None:
        """Copy rows with the values of all columns into a table."""
        names = ", ".join(f'"{column.name}"' for column in table.c)
        connection: psycopg.Connection = self._connection.connection.driver_connection  # type: ignore[assignment]
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def stored(database: Database) -> Iterator[list[Loaded]]:
    """All data sets of a database as they are at one moment, read while they are asked for; raises DatabaseError."""
    engine = engine_of(database, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with readable_errors(database), engine.begin() as connection:
        require_tables(connection, database)
        found = connection.execute(select(data_set).order_by(data_set.c.number)).all()
        yield [
            Loaded(each.name, _stated(connection, each), each.blocks, tuple(Source(*of) for of in each.sources))
            for each in found
        ]


def _stated(connection: Connection, found: Row[Any]) -> Iterator[Stated]:
    """The blocks of a data set, numbered from 1."""
    own = first_row(found.number, found.generation)
    places = _shared(connection, place, found.number, place_from_json)
    profiles = _shared(connection, profile, found.number, tuple)
    cards = _shared(connection, card, found.number, tuple)
    for first in range(own, own + found.blocks, _READ_AT_ONCE):
        last = first + _READ_AT_ONCE - 1
        segments: dict[int, list[SegmentRow]] = {}
        of_blocks = select(segment).where(segment.c.block.between(first, last))
        for each in connection.execute(of_blocks.order_by(segment.c.block, segment.c.number)):
            segments.setdefault(each.block, []).append(segment_row(each, cards))
        blocks = select(block, func.ST_AsBinary(block.c.line).label("wkb")).where(block.c.row.between(first, last))
        for each in connection.execute(blocks.order_by(block.c.row)):
            line = shapely.from_wkb(each.wkb)
            row = block_row(each, line, segments.get(each.row, ()), places, profiles)
            yield Stated(found.name, each.row - own + 1, row)


def _shared(connection: Connection, table: Table, number: int, made: Callable[[Any], T]) -> dict[int, T]:
    """What the rows of a data set share, by its numbers."""
    identity, owner, value = table.c
    found = connection.execute(select(identity, value).where(owner == number))
    return {each: made(stated) for each, stated in found}
