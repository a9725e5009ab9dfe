"""What is asked of the tables: one look at the data each, so that what a statement finds was there at one moment."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from onstreet.geometry import GeoBox
from onstreet.model import Amenity, bits_of
from onstreet.stores.postgis_tables import block, data_set, segment

WANTED = bindparam("wanted", type_=ARRAY(BigInteger))
_NAMES = bindparam("names", type_=ARRAY(Text))


def _of_rows(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(block.c.row, *columns).where(block.c.row == func.any(WANTED))


_LINE = func.ST_AsBinary(block.c.line).label("wkb")
IDS = _of_rows(block.c.block_id)
NAMES = _of_rows(block.c.name, block.c.address)
LINES = _of_rows(_LINE)
BLOCKS = _of_rows(block.c.place, block.c.profile, block.c.segments, block.c.fields, block.c.field_at)
SEGMENTS = (
    select(segment.c.block, segment.c.card, segment.c.amenities, segment.c.fields, segment.c.field_at)
    .where(segment.c.block == func.any(WANTED))
    .order_by(segment.c.block, segment.c.number)
)
_HAS = segment.c.amenities.op("&")(bindparam("bits")) == bindparam("bits")
HAVE_AMENITIES = (
    _of_rows(func.coalesce(func.bool_or(_HAS), False).label("has"))
    .select_from(block.outerjoin(segment, segment.c.block == block.c.row))
    .group_by(block.c.row)
)
AMENITY_COUNTS = (
    _of_rows(
        *(func.count().filter(segment.c.amenities.op("&")(bits_of([each])) != 0).label(each.name) for each in Amenity)
    )
    .select_from(block.outerjoin(segment, segment.c.block == block.c.row))
    .group_by(block.c.row)
)
FIRST = select(block.c.row).order_by(block.c.row).limit(bindparam("count"))
MIDDLES = select(
    block.c.row,
    ((func.ST_XMin(block.c.line) + func.ST_XMax(block.c.line)) / 2).label("lon"),
    ((func.ST_YMin(block.c.line) + func.ST_YMax(block.c.line)) / 2).label("lat"),
).order_by(block.c.row)
BY_IDS = select(block.c.block_id, block.c.row).where(block.c.block_id == func.any(_NAMES))
BY_ALIAS = (
    select(block.c.row)
    .where(and_(block.c.source_id == bindparam("source_id"), block.c.source == bindparam("source")))
    .order_by(block.c.row)
    .limit(1)
)
LOADS = select(
    data_set.c.number, data_set.c.generation, data_set.c.loaded_at, data_set.c.blocks, data_set.c.sources
).order_by(data_set.c.number)


@lru_cache(maxsize=4)
def candidates(pieces: int) -> Select[Any]:
    """The blocks whose line may touch one of so many boxes, with their lines, by the index; parameters w0, s0, ..."""
    return select(block.c.row, _LINE).where(or_(*map(_meets, range(pieces)))).order_by(block.c.row)


@lru_cache(maxsize=1)
def counted() -> Select[Any]:
    """How many blocks may touch one box."""
    return select(func.count()).select_from(block).where(_meets(0))


def _meets(piece: int) -> ColumnElement[bool]:
    box = func.ST_MakeEnvelope(*(bindparam(f"{corner}{piece}") for corner in "wsen"), 4326)
    return block.c.line.op("&&")(box)


def corners(pieces: Sequence[GeoBox]) -> dict[str, float]:
    """The parameters of these boxes."""
    return {
        f"{name}{number}": float(value)
        for number, box in enumerate(pieces)
        for name, value in zip("wsen", (box.west, box.south, box.east, box.north), strict=True)
    }
