"""The tables of blocks in PostgreSQL with PostGIS, and connections to them.

What a data set states stands in plain columns, for anybody who knows SQL; `fields` and `field_at` are what is served
of it, encoded when it was loaded, as in a snapshot. A row is never changed: loading a data set anew replaces all of its
rows by others with other numbers, so that who holds numbers of rows that are gone finds nothing, and never new data.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from geoalchemy2 import Geometry
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Double,
    Engine,
    Executable,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    SmallInteger,
    Table,
    Text,
    create_engine,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from onstreet.stores.database import Database, DatabaseError

FORMAT = 2
SCHEMA = "onstreet"
# Not under a data set's lock: who creates the tables.
_CREATING = 0x6F6E737472656574

_BLOCK_BITS, _GENERATION_BITS = 28, 20

_metadata = MetaData(schema=SCHEMA)


def _of_data_set() -> Column[int]:
    return Column("data_set", SmallInteger, ForeignKey("data_set.number", ondelete="CASCADE"), nullable=False)


# Which fields are encoded, and how.
form = Table(
    "form",
    _metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("block_fields", ARRAY(Text), nullable=False),
    Column("segment_fields", ARRAY(Text), nullable=False),
)
data_set = Table(
    "data_set",
    _metadata,
    Column("number", SmallInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("generation", Integer, nullable=False),  # how often it was loaded
    Column("blocks", Integer, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
place = Table(
    "place",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _of_data_set(),
    Column("stated", JSON, nullable=False),
)
profile = Table(
    "profile",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _of_data_set(),
    Column("hours", ARRAY(SmallInteger), nullable=False),
)
card = Table(
    "card",
    _metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _of_data_set(),
    Column("lines", ARRAY(Text), nullable=False),
)
block = Table(
    "block",
    _metadata,
    Column("row", BigInteger, primary_key=True, autoincrement=False),
    _of_data_set(),
    Column("block_id", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("pmt_types", ARRAY(Text), nullable=False),
    Column("photo_thumbs", ARRAY(Text), nullable=False),
    Column("polyline", Text),
    Column("place", BigInteger, nullable=False),
    Column("profile", BigInteger),
    Column("segments", Integer, nullable=False),
    Column("fields", LargeBinary, nullable=False),
    Column("field_at", LargeBinary, nullable=False),  # where each field begins, and the end, 4 bytes each
    Column("line", Geometry("LINESTRING", srid=4326, spatial_index=True), nullable=False),
    Index("block_alias", "source_id", "source"),
)
segment = Table(
    "segment",
    _metadata,
    Column("block", BigInteger, ForeignKey("block.row", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("segment_id", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("start_m", Double, nullable=False),
    Column("end_m", Double, nullable=False),
    Column("spaces_total", Integer),
    Column("payment_ids", ARRAY(Text), nullable=False),
    Column("polyline", Text),
    Column("polyline6", Text),
    Column("card", BigInteger, nullable=False),
    Column("amenities", SmallInteger, nullable=False),  # a bit for each
    Column("fields", LargeBinary, nullable=False),
    Column("field_at", LargeBinary, nullable=False),
    Column("kerb", Geometry("LINESTRING", srid=4326, spatial_index=False), nullable=False),
)
# What a sign says and where, for people.
_KERBS = f"""
CREATE VIEW {SCHEMA}.kerb AS
SELECT d.name AS data_set, b.block_id, b.name, b.address, b.operator, s.segment_id, s.side, s.start_m, s.end_m,
       s.spaces_total, c.lines AS rate_cards, s.kerb AS line
FROM {SCHEMA}.segment s JOIN {SCHEMA}.block b ON b.row = s.block JOIN {SCHEMA}.card c ON c.id = s.card
     JOIN {SCHEMA}.data_set d ON d.number = b.data_set
"""


def first_row(number: int, generation: int) -> int:
    """The first of the row numbers that a load of a data set has for itself, in the order of the data sets."""
    return (number << _GENERATION_BITS | generation % (1 << _GENERATION_BITS)) << _BLOCK_BITS


def engine_of(database: Database, **options: object) -> Engine:
    """Connections to a database, opened when they are needed; raises DatabaseError where its URL is none."""
    try:
        stated = conninfo_to_dict(database.url)
    except psycopg.Error:
        # What is wrong would be said with the whole of it.
        raise DatabaseError(f"{database}: not the URL of a database: postgresql://user@host:5432/name") from None
    params: dict[str, Any] = {"connect_timeout": 5, "application_name": "onstreet", **stated, "client_encoding": "utf8"}

    def connect() -> psycopg.Connection:
        return psycopg.connect(**params)

    return create_engine("postgresql+psycopg://", creator=connect, hide_parameters=True, **options)


def read(engine: Engine, database: Database, statement: Executable, **params: object) -> Sequence[Row[Any]]:
    """All rows of a statement, once more where a connection was found to be closed; raises DatabaseError."""
    with readable_errors(database):
        try:
            return _read(engine, statement, params)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return _read(engine, statement, params)


def _read(engine: Engine, statement: Executable, params: Mapping[str, object]) -> Sequence[Row[Any]]:
    with engine.connect() as connection:
        return connection.execute(statement, params).all()


@contextmanager
def readable_errors(database: Database) -> Iterator[None]:
    """Raises DatabaseError, without statements, values and passwords, for whatever goes wrong in the database."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        try:
            password = conninfo_to_dict(database.url).get("password")
        except psycopg.Error:
            password = None
        if password:
            said = said.replace(str(password), "***")
        raise DatabaseError(f"{database}: {said}") from None


def require_tables(connection: Connection, database: Database) -> tuple[list[str], list[str]]:
    """The names of the encoded fields of blocks and of segments; raises DatabaseError where no such tables are."""
    if connection.scalar(select(func.to_regclass(str(form)))) is None:
        raise DatabaseError(f"{database}: there are no blocks here; onstreet publish DATA --to URL brings some")
    version, block_fields, segment_fields = connection.execute(select(form)).one()
    if version != FORMAT:
        raise DatabaseError(f"{database}: the tables have form {version}, and {FORMAT} is expected: load the data anew")
    return block_fields, segment_fields


def create_tables(
    engine: Engine, database: Database, block_fields: Sequence[str], segment_fields: Sequence[str]
) -> None:
    """Create what is missing of extension and tables; raises DatabaseError for tables of another form than this."""
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
        if not inspect(connection).has_table(form.name, SCHEMA):
            if connection.scalar(text("SHOW server_encoding")) != "UTF8":
                raise DatabaseError(f"{database}: the encoding of the database must be UTF8")
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            _metadata.create_all(connection)
            connection.execute(text(_KERBS))
            values = {"version": FORMAT, "block_fields": [*block_fields], "segment_fields": [*segment_fields]}
            connection.execute(form.insert(), values)
        found = connection.execute(select(form)).one()
    if found != (FORMAT, [*block_fields], [*segment_fields]):
        raise DatabaseError(f"{database}: schema {SCHEMA} is of another version: drop it and load anew")
