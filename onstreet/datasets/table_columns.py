"""What the columns of our own tables are: `blocks` and `segments` hold the same in every form they are written in.

Lists are lists where a form has them and else JSON texts; both are read, as are numbers in a text and whole numbers
with a point, which other programs make of them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from onstreet.geometry import Lines
from onstreet.model import BlockRow, SegmentRow

BLOCK_COLUMNS = (
    "blockID", "source", "sourceID", "name", "address", "operator", "zone", "currency", "pmtTypes", "photoThumbs",
    "polyline", "profile",
)  # fmt: skip
SEGMENT_COLUMNS = (
    "segmentID", "blockID", "side", "start_m", "end_m", "spacesTotal", "paymentIDs", "polyline", "polyline6",
    "rateCards",
)  # fmt: skip
# Where each block and segment lies; of segments it is there to be looked at.
GEOMETRY = "geometry"
LISTS = ("pmtTypes", "photoThumbs", "profile", "paymentIDs", "rateCards")
NUMBERS = ("start_m", "end_m", "spacesTotal", "card")
_WHOLE = ("spacesTotal", "card")

Row = Mapping[str, Any]
# Blocks, and the kerb lines of all their segments.
Batches = Iterable[tuple[Sequence[BlockRow], Lines]]


def block_values(row: BlockRow) -> tuple[object, ...]:
    """What a block states, BLOCK_COLUMNS; None for nothing."""
    place = row.place
    return (
        row.block_id, *row.alias, row.name, row.address, row.operator, place.zone, place.currency, row.payment_types,
        row.photo_thumbs, row.polyline, row.profile,
    )  # fmt: skip


def segment_values(block_id: str, row: SegmentRow) -> tuple[object, ...]:
    """What a segment states, SEGMENT_COLUMNS; None for nothing."""
    return (
        row.segment_id, block_id, row.side.value, float(row.start_m), float(row.end_m), row.spaces_total,
        row.payment_ids, row.polyline, row.polyline6, row.rate_cards,
    )  # fmt: skip


def plain(stated: Row) -> dict[str, Any]:
    """A row with its lists and numbers as such; what is none is left as it stands."""
    row = dict(stated)
    for name in (*LISTS, *NUMBERS):
        if isinstance(row.get(name), str):
            row[name] = _from_json(row[name])
    for name in _WHOLE:
        value = row.get(name)
        if isinstance(value, float):
            # Not a number is how frames say that there is none.
            row[name] = None if math.isnan(value) else int(value) if value.is_integer() else value
    return row


# Few cards and profiles are written many times; nobody changes what is read.
@lru_cache(maxsize=65_536)
def _from_json(text: str) -> object:
    try:
        return orjson.loads(text) if text.strip() else None
    except orjson.JSONDecodeError:
        return text
